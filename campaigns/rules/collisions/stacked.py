"""What the rules on stacks say alike: how a price comes about, whom and what it concerns, and how it is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, reduce
from operator import and_
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.collisions.evidence import examples, listed
from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.collisions.findings import Option
from campaigns.rules.collisions.stacks import Crossing, Ids
from campaigns.rules.collisions.words import cents, last_day, money, named, who
from campaigns.rules.prices import price_in_order, till_order
from campaigns.rules.severity import ESTIMATED, EXACT

POINT_COST = Option(
    "point_cost",
    gettext_lazy("What a customer's ordinary points cost, in percent of the price"),
    Decimal(1),
    Decimal(0),
    Decimal(20),
    "%",
)


@dataclass(frozen=True)
class Stack:
    """The offers of a crossing, and what they have in common."""

    offers: tuple[Offer, ...]
    crossing: Crossing

    @property
    def ids(self) -> Ids:
        return tuple(one.id for one in self.offers)

    @property
    def starts_on(self) -> date:
        return max(one.starts_on for one in self.offers)

    @property
    def ends_before(self) -> date:
        return min(one.ends_before for one in self.offers)

    @cached_property
    def customers(self) -> int:
        return len(reduce(and_, (one.customers for one in self.offers)))

    def parts(self) -> tuple[Fraction, ...]:
        """Of the shortest period, the smallest audience and the smallest scope."""
        days = (self.ends_before - self.starts_on).days
        return (
            Fraction(days, min(one.days for one in self.offers)),
            Fraction(self.customers, min(len(one.customers) for one in self.offers)),
            Fraction(len(self.crossing.products), min(len(one.products) for one in self.offers)),
        )

    @property
    def certainty(self) -> str:
        """What points and gifts will cost is an estimate."""
        mechanics = {one.terms.mechanic for one in self.offers}
        return ESTIMATED if mechanics & {"points", "gift"} else EXACT


def stacks(plan: Plan, crossings: Iterable[Crossing]) -> list[Stack]:
    """In the order of the codes of their offers."""
    found = [Stack(tuple(plan.offers[one] for one in crossing.offers), crossing) for crossing in crossings]
    return sorted(found, key=lambda one: sorted(offer.code for offer in one.offers))


def numbers(plan: Plan, stack: Stack, point_cost: Decimal) -> dict[str, Any]:
    """What `told` needs, and how the worst price comes about: after each offer, in the order of the till."""
    crossing = stack.crossing
    product, channel = crossing.worst, crossing.channel
    order = till_order(stack.offers, channel)
    prices = [
        price_in_order(plan, product, order[:place], channel=channel, point_cost=point_cost)
        for place in range(1, len(order) + 1)
    ]
    alone = [price_in_order(plan, product, [one], channel=channel, point_cost=point_cost) for one in stack.offers]
    return {
        "offers": [named(one) | {"alone": _text(price)} for one, price in zip(stack.offers, alone, strict=True)],
        "steps": [
            {"offer": named(one)["name"], "price": _text(price)} for one, price in zip(order, prices, strict=True)
        ],
        "product": product.name or product.code,
        "list": _text(product.price),
        "worst": cents(crossing.price),
        "channel": "" if channel is None else plan.channel_names.get(channel, str(channel)),
        "products": len(crossing.products),
        "examples": examples(plan, frozenset(crossing.products)),
        "customers": stack.customers,
        "first_day": stack.starts_on.isoformat(),
        "last_day": last_day(stack.ends_before),
        "left_out": crossing.left_out,
        "untold": crossing.untold,
    }


def _text(price: Decimal | None) -> str:
    return "" if price is None else cents(price)


def told(numbers: Mapping[str, Any]) -> dict[str, str]:
    """The words for what `numbers` kept."""
    return {
        "offers": listed([who(one) for one in numbers["offers"]]),
        "product": numbers["product"],
        "list": money(numbers["list"]),
        "worst": money(numbers["worst"]),
    }


def remarks(numbers: Mapping[str, Any]) -> list[str]:
    """Sentences on where it is so, for how many products, and what was not looked at or is not told."""
    said = []
    if numbers["channel"]:
        said.append(_("That is so on %(channel)s.") % {"channel": numbers["channel"]})
    count = numbers["products"]
    said.append(
        ngettext("%(n)s product is affected.", "%(n)s products are affected.", count) % {"n": number_format(count)}
    )
    if left_out := numbers["left_out"]:
        said.append(
            ngettext(
                "%(n)s more offer with a smaller discount might join and was not looked at.",
                "%(n)s more offers with smaller discounts might join and were not looked at.",
                left_out,
            )
            % {"n": number_format(left_out)}
        )
    if untold := numbers["untold"]:
        said.append(
            ngettext(
                "%(n)s more combination of such offers goes as far and is not listed.",
                "%(n)s more combinations of such offers go as far and are not listed.",
                untold,
            )
            % {"n": number_format(untold)}
        )
    return said
