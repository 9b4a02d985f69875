"""What a product costs when offers apply to it, in the order of the till, and where the company's floor is.

Order: discounts on the item, then on the order, then shipping, points and messages; within a class by priority (none =
last), then by id. On a unit of list price L that costs p so far, per mechanic:

    percent      p(1 - v)                             amount off the item    p - v
    buy x get y  p(1 - y/(x+y))                       amount off the order   p - v·p/max(min_spend, L)
    fixed price  min(p, v)                            bundle                 min(p, v·L/list price of the bundle)
    points       p(1 - (multiplier - 1)·point_cost)   gift                   p - cost·p/max(min_spend, L)

Points and gifts leave the customer's price alone; they count in what is left to the company, when `point_cost` (what a
customer's ordinary points cost, in percent of the price) is given. An offer with the base "initial", and one that
declares no base, takes its percentage off L rather than p, which never gives the higher price. The discount of one order
is capped at the smallest basket that qualifies, where the cap does least. No price is below 0, and cents are rounded half
up once, at the end. `None` = cannot be known: see `unknown`.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from campaigns.rules.combinability import (
    CLASSES,
    MESSAGE,
    ORDER,
    POINTS,
    SHIPPING,
    cliques,
    combinable,
    discount_class,
)

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Offer, Plan, Product, Terms

CENT = Decimal("0.01")
ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
INITIAL, DISCOUNTED = "initial", "discounted"
# No margin makes a floor higher than this; at 100 % it would be infinite.
_HIGHEST_MARGIN = Decimal("99.99")
_LAST = 2**31
_NEEDS = {
    "percent": ("percent_off",),
    "amount_off": ("amount_off",),
    "fixed_price": ("fixed_price",),
    "bxgy": ("buy_quantity", "get_quantity"),
    "bundle": ("fixed_price",),
    "points": ("points_multiplier",),
}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def terms_on(offer: "Offer", channel: int | None) -> "Terms":
    """What the offer promises on a channel; `None` = on those for which it has no terms of their own."""
    return next((one.terms for one in offer.channel_terms if one.channel == channel), offer.terms)


def changes_price(offer: "Offer") -> bool:
    """Whether a customer pays less for a product because of it: no points, gifts, shipping or messages."""
    return bool(offer.terms.mechanic) and discount_class(offer.terms) not in {SHIPPING, POINTS, MESSAGE}


def costs_money(offer: "Offer") -> bool:
    """Whether less of a product's price is left because of it: what changes the price, points and gifts."""
    return changes_price(offer) or offer.terms.mechanic in {"points", "gift"}


def common_channels(offers: Sequence["Offer"]) -> list[int | None]:
    """Where all of these can be used together, one channel for each set of terms; `None` = without terms of its own.

    Empty when they name channels and have none in common.
    """
    named = [offer.channels for offer in offers if offer.channels]
    special = {one.channel for offer in offers for one in offer.channel_terms}
    if not named:
        return [None, *sorted(special)]
    common = frozenset.intersection(*named)
    ordinary: list[int | None] = [None] if common - special else []
    return ordinary + sorted(common & special)


def till_order(offers: Iterable["Offer"], channel: int | None = None) -> list["Offer"]:
    return sorted(offers, key=lambda one: (_place(terms_on(one, channel)), _priority(one), one.id))


def order_is_open(one: "Offer", other: "Offer", channel: int | None = None) -> bool:
    """Whether nothing but chance says which of the two goes first: one class, and no priority that tells them apart."""
    same_class = _place(terms_on(one, channel)) == _place(terms_on(other, channel))
    return same_class and (one.priority is None or other.priority is None or one.priority == other.priority)


def price_of(plan: "Plan", product: "Product", offer: "Offer", channel: int | None = None) -> Decimal | None:
    """What a customer pays for the product with this offer alone."""
    return price_after(plan, product, (offer,), channel=channel)


def price_after(
    plan: "Plan",
    product: "Product",
    offers: Iterable["Offer"],
    *,
    channel: int | None = None,
    point_cost: Decimal | None = None,
) -> Decimal | None:
    """The price with all of these offers, in the order of the till whatever the order given; kept in the plan.

    The customer's price, or what is left of it to the company when `point_cost` is given.
    """
    ordered = till_order(offers, channel)
    key = ("price", product.price, tuple(one.id for one in ordered), channel, point_cost)
    if key not in plan.kept:
        plan.kept[key] = price_in_order(plan, product, ordered, channel=channel, point_cost=point_cost)
    price: Decimal | None = plan.kept[key]
    return price


def price_in_order(
    plan: "Plan",
    product: "Product",
    offers: Sequence["Offer"],
    *,
    channel: int | None = None,
    point_cost: Decimal | None = None,
    bases: Sequence[str] = (),
) -> Decimal | None:
    """The price when the offers apply in exactly this order, with these bases in place of what they declare."""
    price = product.price
    for place, offer in enumerate(offers):
        if price is None or product.price is None:
            return None
        base = bases[place] if bases else offer.discount_base or INITIAL
        price = _after_one(plan, price, product.price, offer, terms_on(offer, channel), base, point_cost)
    return None if price is None else cents(price)


def worst(
    plan: "Plan", product: "Product", offers: Sequence["Offer"], *, point_cost: Decimal | None = None
) -> Decimal | None:
    """The lowest price that these offers can lead to: over the stacks that combine, and over channels.

    The offers are taken to meet in time and people. The list price without offers; `None` when a price is not known.
    """
    by_id = {one.id: one for one in offers}
    stacks = cliques(sorted(by_id), lambda one, other: combinable(plan, by_id[one], by_id[other]))
    prices = [
        price_after(plan, product, stack, channel=channel, point_cost=point_cost)
        for ids in stacks
        for stack in [[by_id[one] for one in ids]]
        for channel in common_channels(stack)
    ]
    known = [price for price in prices if price is not None]
    if len(known) < len(prices) or product.price is None:
        return None
    return min(known, default=cents(product.price))


def margin_floor(offers: Iterable["Offer"], company: Decimal) -> Decimal:
    """The margin, in percent of the price, that must be left: the company's, or the strictest of the offers'."""
    floors = (one.margin_floor_pct for one in offers)
    return min(max([company, *(floor for floor in floors if floor is not None)]), _HIGHEST_MARGIN)


def floor_price(product: "Product", margin: Decimal) -> Decimal | None:
    """The lowest price that leaves `margin` (percent of the price), not rounded; `None` without a cost."""
    return None if product.cost is None else product.cost / (1 - margin / HUNDRED)


def unknown(plan: "Plan", offer: "Offer", channel: int | None = None) -> str:
    """What is missing of the offer for a price: "" = nothing, "terms", "price" (of a bundle) or "gift_cost"."""
    terms = terms_on(offer, channel)
    if not terms.mechanic or any(getattr(terms, name) is None for name in _NEEDS.get(terms.mechanic, ())):
        return "terms"
    if terms.mechanic == "bundle" and not _bundle_price(plan, offer):
        return "price"
    if terms.mechanic == "gift" and _gift_cost(plan, terms) is None:
        return "gift_cost"
    return ""


def _place(terms: "Terms") -> int:
    kind = discount_class(terms)
    return CLASSES.index(kind) if kind else len(CLASSES)


def _priority(offer: "Offer") -> int:
    return _LAST if offer.priority is None else offer.priority


def _after_one(
    plan: "Plan",
    price: Decimal,
    listed: Decimal,
    offer: "Offer",
    terms: "Terms",
    base: str,
    point_cost: Decimal | None,
) -> Decimal | None:
    off = _taken_off(plan, price, listed, offer, terms, base, point_cost)
    if off is None:
        return None
    if terms.max_discount is not None and listed:
        off = min(off, terms.max_discount * listed / _basket(terms, listed))
    return max(ZERO, price - off)


def _taken_off(
    plan: "Plan",
    price: Decimal,
    listed: Decimal,
    offer: "Offer",
    terms: "Terms",
    base: str,
    point_cost: Decimal | None,
) -> Decimal | None:
    """What the terms take off a unit, before any cap."""
    start = listed if base == INITIAL else price
    match terms.mechanic:
        case "percent" if terms.percent_off is not None:
            return start * terms.percent_off / HUNDRED
        case "amount_off" if terms.amount_off is not None:
            return _of_order(terms.amount_off, price, terms, listed) if _is_order(terms) else terms.amount_off
        case "fixed_price" if terms.fixed_price is not None:
            return max(ZERO, price - terms.fixed_price)
        case "bxgy" if terms.buy_quantity is not None and terms.get_quantity is not None:
            return start * terms.get_quantity / (terms.buy_quantity + terms.get_quantity)
        case "bundle" if terms.fixed_price is not None:
            whole = _bundle_price(plan, offer)
            return max(ZERO, price - terms.fixed_price * listed / whole) if whole else None
        case "points" if terms.points_multiplier is not None:
            return price * max(ZERO, terms.points_multiplier - 1) * (point_cost or ZERO) / HUNDRED
        case "gift":
            cost = ZERO if point_cost is None else _gift_cost(plan, terms)
            return None if cost is None else _of_order(cost, price, terms, listed)
        case "free_shipping" | "message":
            return ZERO
    return None


def _is_order(terms: "Terms") -> bool:
    return discount_class(terms) == ORDER


def _of_order(amount: Decimal, price: Decimal, terms: "Terms", listed: Decimal) -> Decimal:
    """A unit's part of an amount off the smallest order that qualifies."""
    basket = max(terms.min_spend or ZERO, listed)
    return amount * price / basket if basket else ZERO


def _basket(terms: "Terms", listed: Decimal) -> Decimal:
    """The list price of the smallest order that qualifies."""
    units = (terms.buy_quantity or 0) + (terms.get_quantity or 0) if terms.mechanic == "bxgy" else 1
    return max(terms.min_spend or ZERO, listed * units)


def _bundle_price(plan: "Plan", offer: "Offer") -> Decimal | None:
    """What the products of a bundle cost together without it; `None` when one of the prices is not known."""
    key = ("bundle", offer.id)
    if key not in plan.kept:
        products = [plan.products.get(number) for number in offer.products]
        prices = [one.price for one in products if one is not None and one.price is not None]
        plan.kept[key] = sum(prices, ZERO) if len(prices) == len(products) else None
    whole: Decimal | None = plan.kept[key]
    return whole


def _gift_cost(plan: "Plan", terms: "Terms") -> Decimal | None:
    if terms.gift_cost is not None:
        return terms.gift_cost
    gift = plan.products.get(terms.gift_product) if terms.gift_product is not None else None
    return gift.cost if gift else None
