"""What an offer promises, as `numbers` keep it and in a few words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns.rules.collisions.facts import Plan, Terms
from campaigns.rules.collisions.words import cents, money, percent, quantity


def figures(plan: Plan, terms: Terms) -> dict[str, Any]:
    """The mechanic and its figures, for `promised`."""
    gift = plan.products.get(terms.gift_product) if terms.gift_product is not None else None
    given = {
        "percent_off": None if terms.percent_off is None else cents(terms.percent_off),
        "amount_off": None if terms.amount_off is None else cents(terms.amount_off),
        "fixed_price": None if terms.fixed_price is None else cents(terms.fixed_price),
        "points_multiplier": None if terms.points_multiplier is None else cents(terms.points_multiplier),
        "buy_quantity": terms.buy_quantity,
        "get_quantity": terms.get_quantity,
        "gift": gift.name if gift else None,
    }
    return {"mechanic": terms.mechanic, "applies_to": terms.applies_to} | {
        name: value for name, value in given.items() if value is not None
    }


def promised(figures: Mapping[str, Any]) -> str:
    """“20 % off”, “2.00 off the order”, “buy 2, get 1 free”…"""
    on_order = figures["applies_to"] == "order"
    match figures["mechanic"]:
        case "percent":
            words = _("%(percent)s off the order") if on_order else _("%(percent)s off")
            return words % {"percent": percent(figures["percent_off"])}
        case "amount_off":
            words = _("%(amount)s off the order") if on_order else _("%(amount)s off")
            return words % {"amount": money(figures["amount_off"])}
        case "fixed_price":
            return _("for %(price)s") % {"price": money(figures["fixed_price"])}
        case "bundle":
            return _("bundle for %(price)s") % {"price": money(figures["fixed_price"])}
        case "bxgy":
            counts = {"buy": quantity(figures["buy_quantity"]), "get": quantity(figures["get_quantity"])}
            return _("buy %(buy)s, get %(get)s free") % counts
        case "points":
            return _("points × %(factor)s") % {"factor": quantity(figures["points_multiplier"])}
        case "gift":
            return _("gift: %(gift)s") % {"gift": figures["gift"]} if "gift" in figures else _("gift")
    return _("free shipping")
