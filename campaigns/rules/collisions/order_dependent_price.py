"""What a product costs with two offers depends on something nobody said: which goes first, or what percentages are of.

Two offers of one class whose priorities do not tell them apart may go in either order. A percentage is of the initial or
of the discounted price when its offer does not say which, and when the two say different ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product as combined
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import Alike, alike, on_what, shared
from campaigns.rules.collisions.facts import Meeting, Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.words import cents, money
from campaigns.rules.combinability import combinable
from campaigns.rules.discounts import DISCOUNTED, INITIAL, ONE, ZERO
from campaigns.rules.prices import (
    CENT,
    Pricing,
    changes_price,
    common_channels,
    order_is_open,
    pricing,
    terms_on,
    till_order,
    unknown,
)
from campaigns.rules.severity import weigh

CODE = "order_dependent_price"
NAME = gettext_lazy("Price depends on the order")
SUMMARY = gettext_lazy("Two offers lead to different prices, depending on an order or a base that nobody set.")
BASE = 25
OPTIONS = (
    Option(
        "tolerance",
        gettext_lazy("Difference that does not count, in percent of the list price"),
        Decimal("0.5"),
        Decimal(0),
        Decimal(20),
        "%",
    ),
)
LEVERS = ("set_priority", "align_terms", "declare_exclusive")
# A spread of a tenth of the list price is the full impact.
FULL_SPREAD = Fraction(1, 10)
_OF_A_BASE = {"percent", "bxgy"}


@dataclass(frozen=True)
class Way:
    """One way in which a till may take the two: in this order, with these bases; and what a product costs then."""

    offers: tuple[Offer, Offer]
    bases: tuple[str, str]
    price: Pricing

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(one.id for one in self.offers)


@dataclass(frozen=True)
class Spread:
    """The lowest and highest price of a product, over all ways on one channel."""

    product: Product
    lowest: Decimal
    highest: Decimal
    ways: Sequence[Way]

    @property
    def wide(self) -> Decimal:
        return self.highest - self.lowest

    @property
    def part(self) -> Decimal:
        """Of the list price."""
        return self.wide / self.product.price if self.product.price else ZERO


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        both = (meeting.a, meeting.b)
        if any(one.terms.mechanic and not changes_price(one) for one in both):
            continue
        if not may_meet(meeting) or not combinable(plan, *both):
            continue
        channels = common_channels(both)
        missing = [(one.id, what) for one in both for channel in channels if (what := unknown(plan, one, channel))]
        if gaps.add(unsaid(meeting) + missing):
            continue
        open_ones = {channel: ways for channel in channels if len(ways := _ways(plan, both, channel)) > 1}
        if not open_ones:
            continue
        groups, without_price = alike(plan, meeting.products)
        if without_price:
            gaps.add((one.id, "price") for one in both)
        widest = _widest(groups, open_ones, options["tolerance"] / 100)
        if widest:
            yield _finding(plan, meeting, widest, options)
    yield from gaps


def _ways(plan: Plan, both: tuple[Offer, Offer], channel: int | None) -> list[Way]:
    first, second = till_order(both, channel)
    bases = list(combined(_bases(first, second, channel), _bases(second, first, channel)))
    ways = [((first, second), pair) for pair in bases]
    if order_is_open(first, second, channel):
        # Percentages of one base commute, and a cap on one of them is all that could change that.
        same = _in_proportion(both, channel)
        ways += [((second, first), (two, one)) for one, two in bases if not (same and one == two)]
    priced = ((order, some, pricing(plan, order, channel=channel, bases=some)) for order, some in ways)
    return [Way(order, some, price) for order, some, price in priced if price]


def _bases(one: Offer, other: Offer, channel: int | None) -> tuple[str, ...]:
    """What the percentage of `one` may be of: what it says, unless `other` says something else."""
    if terms_on(one, channel).mechanic not in _OF_A_BASE:
        return ("",)
    said = {one.discount_base, other.discount_base} if terms_on(other, channel).mechanic in _OF_A_BASE else set()
    if not one.discount_base or said == {DISCOUNTED, INITIAL}:
        return (DISCOUNTED, INITIAL)
    return (one.discount_base,)


def _widest(
    groups: Sequence[Alike], open_ones: Mapping[int | None, Sequence[Way]], tolerance: Decimal
) -> Spread | None:
    """The widest spread in proportion to the list price, if it is more than the tolerance and a cent."""
    if groups and all(_in_proportion(ways[0].offers, channel) for channel, ways in open_ones.items()):
        groups = [max(groups, key=lambda one: one.listed)]
    spreads = (_spread(group.product, group.listed, ways) for group in groups for ways in open_ones.values())
    wide = [one for one in spreads if one.wide > CENT and one.part > tolerance]
    return max(wide, key=lambda one: (one.part, -one.product.id), default=None)


def _in_proportion(both: Sequence[Offer], channel: int | None) -> bool:
    """Whether the two change every price by the same part of it, so that one product says it for all."""
    terms = [terms_on(one, channel) for one in both]
    return all(one.mechanic in _OF_A_BASE and one.max_discount is None for one in terms)


def _spread(product: Product, listed: Decimal, ways: Sequence[Way]) -> Spread:
    prices = [way.price(listed) for way in ways]
    return Spread(product, min(prices), max(prices), ways)


def _why(spread: Spread) -> str:
    """Whether the order makes the whole difference with one base for both, or the bases in one order, or only both."""
    by_base: dict[frozenset[str], list[Decimal]] = {}
    by_order: dict[tuple[int, ...], list[Decimal]] = {}
    for way in spread.ways:
        price = way.price(spread.product.price or ZERO)
        by_base.setdefault(frozenset(way.bases) - {""}, []).append(price)
        by_order.setdefault(way.order, []).append(price)
    if any(max(some) - min(some) == spread.wide for bases, some in by_base.items() if len(bases) < 2):
        return "order"
    return "base" if any(max(some) - min(some) == spread.wide for some in by_order.values()) else "both"


def _finding(plan: Plan, meeting: Meeting, widest: Spread, options: Options) -> Finding:
    listed = widest.product.price or ONE
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=Fraction(widest.wide) / Fraction(listed) / FULL_SPREAD,
            parts=(Fraction(*meeting.time), Fraction(*meeting.product_part), Fraction(*meeting.audience_part)),
        ),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting)
        | {
            "product": widest.product.name or widest.product.code,
            "list": cents(listed),
            "lowest": cents(widest.lowest),
            "highest": cents(widest.highest),
            "why": _why(widest),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = on_what(numbers) | {
        "product": numbers["product"],
        "list": money(numbers["list"]),
        "lowest": money(numbers["lowest"]),
        "highest": money(numbers["highest"]),
    }
    match numbers["why"]:
        case "order":
            text = _(
                "%(product)s (list price %(list)s) costs %(lowest)s or %(highest)s, depending on whether the till applies"
                " %(a)s or %(b)s first."
            )
        case "base":
            text = _(
                "With %(a)s and %(b)s, %(product)s (list price %(list)s) costs %(lowest)s or %(highest)s, depending on"
                " whether percentages are of the initial or of the discounted price."
            )
        case _:
            text = _(
                "With %(a)s and %(b)s, %(product)s (list price %(list)s) costs from %(lowest)s to %(highest)s, depending"
                " on which is applied first and on whether percentages are of the initial or of the discounted price."
            )
    return text % words
