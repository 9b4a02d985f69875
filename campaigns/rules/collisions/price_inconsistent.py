"""The same customers find a product at different prices on different channels, on the same days.

Customers take the better of the two offers on each channel, and these prices are compared: that of one offer where it
is cheapest with that of the other where it is dearest. Only offers on items are, as orders and points have no shelf price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import Alike, alike, on_what, shared
from campaigns.rules.collisions.facts import Meeting, Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.words import cents, money, per_cent, percent
from campaigns.rules.combinability import ITEM, discount_class
from campaigns.rules.prices import price_of, unknown
from campaigns.rules.severity import weigh

CODE = "price_inconsistent"
NAME = gettext_lazy("Different prices on different channels")
SUMMARY = gettext_lazy("The same customers find a product at different prices on different channels.")
BASE = 35
OPTIONS = (
    Option(
        "tolerance",
        gettext_lazy("Difference that does not count, in percent of the lower price"),
        Decimal(2),
        Decimal(0),
        Decimal(50),
        "%",
    ),
)
LEVERS = ("align_terms", "restrict_channel", "rewrite_message")
# A fifth more than the tolerance is the full impact.
FULL_DIFFERENCE = Fraction(1, 5)


@dataclass(frozen=True)
class Place:
    """A channel and which of the two offers run on it; `None` = every channel that neither of the two names."""

    channel: int | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Difference:
    """A product that costs less on one channel with one offer than on another channel with the other offer."""

    product: Product
    low: Decimal
    high: Decimal
    low_offer: Offer
    high_offer: Offer
    low_channel: int | None
    high_channel: int | None

    @property
    def part(self) -> Fraction:
        """Of the lower price; a product that is free somewhere differs by as much as there is."""
        return Fraction(self.high - self.low) / Fraction(self.low) if self.low else Fraction(1)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    tolerance = Fraction(options["tolerance"]) / 100
    for meeting in plan.meetings:
        both = (meeting.a, meeting.b)
        if any(one.terms.mechanic and discount_class(one.terms) != ITEM for one in both):
            continue
        places = _places(plan, both)
        if len(places) < 2 or not may_meet(meeting, channels=False):
            continue
        missing = [
            (one.id, what) for place in places for one in place.offers if (what := unknown(plan, one, place.channel))
        ]
        if gaps.add(unsaid(meeting) + missing):
            continue
        groups, without_price = alike(plan, meeting.products)
        if without_price:
            gaps.add((one.id, "price") for one in both)
        differences = [one for group in groups if (one := _difference(plan, group, places, tolerance))]
        if differences:
            yield _finding(plan, meeting, groups, differences, options)
    yield from gaps


def _places(plan: Plan, both: Sequence[Offer]) -> list[Place]:
    """The channels on which prices may differ: all that the two name, and the others if one of them runs everywhere."""
    named = {channel for one in both for channel in (*one.channels, *(other.channel for other in one.channel_terms))}
    places = [
        Place(channel, tuple(one for one in both if not one.channels or channel in one.channels))
        for channel in (None, *sorted(named))
    ]
    no_others = bool(plan.channel_names) and plan.channel_names.keys() <= named
    return [place for place in places if place.offers and not (place.channel is None and no_others)]


def _difference(plan: Plan, group: Alike, places: Sequence[Place], tolerance: Fraction) -> Difference | None:
    """The largest difference in the price of these products beyond the tolerance."""
    offered = [
        (price, one, place.channel)
        for place in places
        for price in [_lowest(plan, group.product, place)]
        for one in place.offers
        if price_of(plan, group.product, one, place.channel) == price
    ]
    found = [
        Difference(group.product, low, high, one, other, channel, elsewhere)
        for low, one, channel in offered
        if not _is_said_to_be_exclusive(one, channel)
        for high, other, elsewhere in offered
        if low < high and one is not other and channel != elsewhere
    ]
    widest = max(found, key=lambda one: one.part, default=None)
    return widest if widest and widest.part > tolerance else None


def _lowest(plan: Plan, product: Product, place: Place) -> Decimal:
    return min(price for one in place.offers if (price := price_of(plan, product, one, place.channel)) is not None)


def _is_said_to_be_exclusive(offer: Offer, channel: int | None) -> bool:
    return any(one.channel == channel and one.is_exclusive for one in offer.channel_terms)


def _finding(
    plan: Plan, meeting: Meeting, groups: Sequence[Alike], differences: Sequence[Difference], options: Options
) -> Finding:
    worst = max(differences, key=lambda one: (one.part, -one.product.id))
    counts = {group.product.id: group.count for group in groups}
    impact = (worst.part - Fraction(options["tolerance"]) / 100) / FULL_DIFFERENCE
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=impact,
            parts=(Fraction(*meeting.time), Fraction(*meeting.product_part), Fraction(*meeting.audience_part)),
        ),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting)
        | {
            "affected": sum(counts[one.product.id] for one in differences),
            "product": worst.product.name or worst.product.code,
            "list": cents(worst.product.price or Decimal(0)),
            "low": cents(worst.low),
            "high": cents(worst.high),
            "low_offer": "a" if worst.low_offer is meeting.a else "b",
            "low_channel": _channel(plan, worst.low_channel),
            "high_channel": _channel(plan, worst.high_channel),
            "difference": per_cent(worst.part),
            "tolerance": per_cent(Fraction(options["tolerance"]) / 100),
        },
        levers=LEVERS,
    )


def _channel(plan: Plan, channel: int | None) -> str:
    return "" if channel is None else plan.channel_names.get(channel, str(channel))


def tell(numbers: Mapping[str, Any]) -> str:
    words = on_what(numbers)
    cheaper, dearer = ("a", "b") if numbers["low_offer"] == "a" else ("b", "a")
    return _(
        "%(product)s is %(low)s on %(low_channel)s with %(low_offer)s and %(high)s on %(high_channel)s with"
        " %(high_offer)s, from %(first)s to %(last)s, for %(customers)s. The difference is %(difference)s; up to %(limit)s"
        " does not count."
    ) % {
        **words,
        "product": numbers["product"],
        "low": money(numbers["low"]),
        "high": money(numbers["high"]),
        "low_offer": words[cheaper],
        "high_offer": words[dearer],
        "low_channel": numbers["low_channel"] or _("every other channel"),
        "high_channel": numbers["high_channel"] or _("every other channel"),
        "difference": percent(numbers["difference"]),
        "limit": percent(numbers["tolerance"]),
    }
