"""The same customers find a product at different prices on different channels, on the same days.

Customers take the better of the two offers on each channel, and these prices are compared: that of one offer where it
is cheapest with that of the other where it is dearest. Only offers on items are, as orders and points have no shelf price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
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
from campaigns.rules.prices import CENT, Pricing, pricing, unknown
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
LEVERS = ("align_terms", "restrict_channel", "rewrite_message", "exclude_products", "shift_dates")
# A fifth more than the tolerance is the full impact.
FULL_DIFFERENCE = Fraction(1, 5)


@dataclass(frozen=True)
class Place:
    """A channel and which of the two offers run on it, with their prices; `None` = every channel that neither names."""

    channel: int | None
    offers: tuple[tuple[Offer, Pricing], ...]


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
        running = _running(plan, both)
        if len(running) < 2 or not may_meet(meeting, channels=False):
            continue
        missing = [
            (one.id, what)
            for channel, some in running.items()
            for one in some
            if (what := unknown(plan, one, channel))
        ]
        if gaps.add(unsaid(meeting) + missing):
            continue
        groups, without_price = alike(plan, meeting.products)
        if without_price:
            gaps.add((one.id, "price") for one in both)
        widest = _widest(groups, [_place(plan, channel, some) for channel, some in running.items()])
        if widest and widest.part > tolerance:
            yield _finding(plan, meeting, widest, options)
    yield from gaps


def _running(plan: Plan, both: Sequence[Offer]) -> dict[int | None, list[Offer]]:
    """Who runs where: on all channels that the two name, and on the others if one of them runs everywhere."""
    named = {channel for one in both for channel in (*one.channels, *(other.channel for other in one.channel_terms))}
    no_others = bool(plan.channel_names) and plan.channel_names.keys() <= named
    places = {
        channel: [one for one in both if not one.channels or channel in one.channels]
        for channel in (None, *sorted(named))
    }
    return {channel: some for channel, some in places.items() if some and not (channel is None and no_others)}


def _place(plan: Plan, channel: int | None, offers: Sequence[Offer]) -> Place:
    priced = ((one, pricing(plan, (one,), channel=channel)) for one in offers)
    return Place(channel, tuple((one, price) for one, price in priced if price))


def _widest(groups: Sequence[Alike], places: Sequence[Place]) -> Difference | None:
    """The largest difference in proportion to the lower price; the lowest product id of those where it is as large.

    No difference is larger than the one between the cheapest and the dearest of all prices of a product, so that few
    products have to be looked at closely.
    """
    prices = {price for place in places for _, price in place.offers}
    bounds = [(_bound([price(group.listed) for price in prices]), group.product) for group in groups]
    bounds.sort(key=lambda one: (-one[0], one[1].id))
    widest: Difference | None = None
    for bound, product in bounds:
        if bound == 0 or (widest and widest.part > Fraction(bound)):
            break
        found = _difference(product, places)
        if found and (widest is None or (found.part, -product.id) > (widest.part, -widest.product.id)):
            widest = found
    return widest


def _bound(prices: Sequence[Decimal]) -> Decimal:
    low, high = min(prices), max(prices)
    # Rounded up, as a bound has to be; what is free somewhere may cost a cent elsewhere.
    return ((high - low) / (low or CENT)).quantize(CENT**3, ROUND_UP)


def _difference(product: Product, places: Sequence[Place]) -> Difference | None:
    """The largest difference in the price of a product, taking the better offer on each channel."""
    listed = product.price or Decimal(0)
    prices = [[price(listed) for _, price in place.offers] for place in places]
    lowest = [min(some) for some in prices]
    if len(set(lowest)) == 1:
        return None
    offered = [
        (price, one, place.channel)
        for place, some, least in zip(places, prices, lowest, strict=True)
        for price, (one, _) in zip(some, place.offers, strict=True)
        if price == least
    ]
    found = [
        Difference(product, low, high, one, other, channel, elsewhere)
        for low, one, channel in offered
        if not _is_said_to_be_exclusive(one, channel)
        for high, other, elsewhere in offered
        if low < high and one is not other and channel != elsewhere
    ]
    return max(found, key=lambda one: one.part, default=None)


def _is_said_to_be_exclusive(offer: Offer, channel: int | None) -> bool:
    return any(one.channel == channel and one.is_exclusive for one in offer.channel_terms)


def _finding(plan: Plan, meeting: Meeting, worst: Difference, options: Options) -> Finding:
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
