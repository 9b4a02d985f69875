"""An offer that nobody can get: wherever it holds, one that it does not combine with takes its place.

The other one holds on all its days, for all its customers and on all its channels. It takes the place by a priority that
goes first at the till or, where priorities say nothing, by costing the customer less. Several may do it together, each on
some of the products.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.announced import PriceList, price_list
from campaigns.rules.collisions.evidence import alike
from campaigns.rules.collisions.facts import Meeting, Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.words import named, per_cent, percent, who
from campaigns.rules.combinability import combinable
from campaigns.rules.prices import changes_price, common_channels, unknown
from campaigns.rules.severity import weigh

CODE = "shadowed_offer"
NAME = gettext_lazy("Offer without a chance")
SUMMARY = gettext_lazy("An offer that no customer will get, as others always take its place.")
BASE = 25
OPTIONS = (
    Option(
        "least_share",
        gettext_lazy("Share of an offer's products from which it is without a chance"),
        Decimal(100),
        Decimal(1),
        Decimal(100),
        "%",
    ),
)
LEVERS = ("set_priority", "declare_combinable", "exclude_products", "shift_dates", "withdraw")


@dataclass(frozen=True)
class _Shadow:
    """`winner` takes the place of another offer on `products`."""

    winner: Offer
    products: frozenset[int]
    by_priority: bool


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    shadows: dict[int, list[_Shadow]] = defaultdict(list)
    for meeting in plan.meetings:
        for loser, winner in ((meeting.a, meeting.b), (meeting.b, meeting.a)):
            if not _may_shadow(plan, meeting, loser, winner):
                continue
            if not (loser.knows_products and winner.knows_products):
                gaps.add(unsaid(meeting))
                continue
            shadow = _shadow(plan, meeting, loser, winner, gaps)
            if shadow.products and not gaps.add(unsaid(meeting)):
                shadows[loser.id].append(shadow)
    for loser in sorted((plan.offers[one] for one in shadows), key=lambda one: one.code):
        least = len(loser.products) * Fraction(options["least_share"]) / 100
        for together in _enough(shadows[loser.id], least):
            yield _finding(loser, together, options)
    yield from gaps


def _may_shadow(plan: Plan, meeting: Meeting, loser: Offer, winner: Offer) -> bool:
    """Whether the winner holds wherever the loser does, as far as anybody knows, and the two exclude each other."""
    if not (winner.starts_on <= loser.starts_on and loser.ends_before <= winner.ends_before):
        return False
    if winner.channels and not (loser.channels and loser.channels <= winner.channels):
        return False
    if winner.knows_audience and meeting.customers < len(loser.customers):
        return False
    if _goes_first(winner, loser) is False or not may_meet(meeting):
        return False
    return not combinable(plan, loser, winner)


def _goes_first(one: Offer, other: Offer) -> bool | None:
    """What their priorities say; `None` = nothing."""
    if one.priority is None or other.priority is None or one.priority == other.priority:
        return None
    return one.priority < other.priority


def _shadow(plan: Plan, meeting: Meeting, loser: Offer, winner: Offer, gaps: Gaps) -> _Shadow:
    if _goes_first(winner, loser):
        return _Shadow(winner, frozenset(meeting.products), by_priority=True)
    nothing = _Shadow(winner, frozenset(), by_priority=False)
    sides = (loser, winner)
    if any(one.terms.mechanic and not changes_price(one) for one in sides):
        return nothing
    channels = common_channels(sides)
    if gaps.add((one.id, what) for one in sides for channel in channels if (what := unknown(plan, one, channel))):
        return nothing
    groups, unpriced = alike(plan, meeting.products)
    if unpriced:
        gaps.add((one.id, "price") for one in sides)
    lists = [(price_list(plan, winner, channel), price_list(plan, loser, channel)) for channel in channels]
    cheaper = {group.product.price for group in groups if _is_cheaper(group.product, lists)}
    known = (plan.products[number] for number in meeting.products if number in plan.products)
    return _Shadow(winner, frozenset(one.id for one in known if one.price in cheaper), by_priority=False)


def _is_cheaper(product: Product, lists: Sequence[tuple[PriceList, PriceList]]) -> bool:
    """Whether the customer pays less by the first list of each two; unknown is no."""
    for low, high in ((first.of(product), second.of(product)) for first, second in lists):
        if low is None or high is None or low >= high:
            return False
    return True


def _enough(shadows: Sequence[_Shadow], least: Fraction) -> Iterator[list[_Shadow]]:
    """Each that shadows `least` products alone; if none does, a set of them that does and needs all its members."""
    alone = [[one] for one in shadows if len(one.products) >= least]
    yield from alone
    if alone:
        return
    chosen: list[_Shadow] = []
    left = list(shadows)
    while left and _covered(chosen) < least:
        best = max(left, key=lambda one: _covered([*chosen, one]))
        chosen.append(best)
        left.remove(best)
    if _covered(chosen) < least:
        return
    for one in list(chosen):
        rest = [other for other in chosen if other is not one]
        if _covered(rest) >= least:
            chosen = rest
    yield chosen


def _covered(shadows: Sequence[_Shadow]) -> int:
    return len(frozenset[int]().union(*(one.products for one in shadows)))


def _finding(loser: Offer, shadows: Sequence[_Shadow], options: Options) -> Finding:
    share = Fraction(_covered(shadows), len(loser.products))
    return Finding(
        CODE,
        tuple(sorted([loser.id, *(one.winner.id for one in shadows)])),
        loser.starts_on,
        loser.ends_before,
        weigh(base=int(options["base"]), impact=share, parts=()),
        key=str(loser.id),
        products=_covered(shadows),
        customers=len(loser.customers),
        numbers={
            "loser": named(loser),
            "winners": [named(one.winner) | {"by_priority": one.by_priority} for one in shadows],
            "share": per_cent(share),
            "is_whole": share == 1,
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    loser = who(numbers["loser"])
    if numbers["is_whole"]:
        sentences = [_("No customer will ever get %(offer)s.") % {"offer": loser}]
    else:
        share = percent(numbers["share"])
        sentences = [
            _("No customer will get %(offer)s on %(share)s of its products.") % {"offer": loser, "share": share}
        ]
    for winner in numbers["winners"]:
        if winner["by_priority"]:
            why = _("%(offer)s does not combine with it and goes first at the till.")
        else:
            why = _("%(offer)s does not combine with it and costs the customer less.")
        sentences.append(why % {"offer": who(winner)})
    return " ".join(sentences)
