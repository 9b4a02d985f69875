"""Stacks of offers that one customer may get together on one product, and the smallest of them that cross a line.

A stack is a set of offers that combine pairwise, with a day, a channel, a customer and a product common to all of them.
An offer more takes something off the price or nothing, so that whatever contains a stack beyond a line is beyond it, too:
stacks grow offer by offer, only where they are still harmless, and only while all that could join would cross a line.
Products that cost the same are one kind, and looked at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations, repeat
from typing import Protocol

from campaigns.rules.collisions.facts import Meeting, Numbers, Offer, Plan, Product
from campaigns.rules.collisions.gates import may_meet, unsaid
from campaigns.rules.combinability import combinable
from campaigns.rules.discounts import ZERO
from campaigns.rules.prices import Pricing, common_channels, costs_money, pricing, till_order, unknown

# Two offers and all that could join them are looked at up to this number: those that take most off.
MOST_OFFERS = 10
# Of the stacks of three or more that begin with one offer, the worst are told.
MOST_STACKS = 10

Ids = tuple[int, ...]


class Limit(Protocol):
    """What a price must not cross."""

    @property
    def needs(self) -> Sequence[str]:
        """Facts of a product without which there is no line."""

    def of(self, offers: Sequence[Offer]) -> Decimal:
        """How strict it is with these offers; more offers never make it less strict."""

    def lines(self, product: Product, strictness: Decimal) -> tuple[Decimal, ...]:
        """Prices below which the product must not fall; each counts by itself."""

    def badness(self, product: Product, strictness: Decimal, price: Decimal) -> Decimal:
        """How far a price is beyond the lines, to compare prices of one stack or of several."""


@dataclass(frozen=True)
class Crossing:
    """A stack, in ascending ids, that crosses a line for `products`, while none of its parts of two or more does there.

    `price` is what is left of the list price of `worst`, on `channel` (`None` = where no offer has terms of its own).
    `left_out` offers might have joined and were not looked at; `untold` more stacks cross the line.
    """

    offers: Ids
    products: tuple[int, ...]
    worst: Product
    price: Decimal
    channel: int | None
    badness: Decimal
    left_out: int = 0
    untold: int = 0


@dataclass(frozen=True)
class _Stack:
    """A stack on its way: what its offers have in common, and of which kinds its products are still harmless."""

    offers: Ids
    products: Numbers
    customers: Numbers
    harmless: frozenset[int]
    left_out: int = 0


@dataclass
class Kinds:
    """Products by what they cost: `of` their numbers, `all` one product of each, the one with the lowest id."""

    of: dict[int, int] = field(default_factory=dict)
    all: list[Product] = field(default_factory=list)


def kinds(plan: Plan) -> Kinds:
    if "kinds" not in plan.kept:
        found = Kinds()
        places: dict[tuple[Decimal | None, Decimal | None], int] = {}
        for number in sorted(plan.products):
            product = plan.products[number]
            place = places.setdefault((product.price, product.cost), len(found.all))
            if place == len(found.all):
                found.all.append(product)
            found.of[number] = place
        plan.kept["kinds"] = found
    kept: Kinds = plan.kept["kinds"]
    return kept


class Search:
    """Looks for the smallest stacks that cross the limit. What has to be known first is in `missing` after `crossings`.

    A line counts for a stack when one of its offers alone stays above it: else the offers themselves are the matter, and
    not that they combine.
    """

    def __init__(self, plan: Plan, limit: Limit, point_cost: Decimal) -> None:
        self.plan = plan
        self.limit = limit
        self.point_cost = point_cost
        self.kinds = kinds(plan)
        self.missing: set[tuple[int, str]] = set()
        self._near: dict[int, set[int]] = defaultdict(set)
        self._crossed: dict[Ids, frozenset[int]] = {}
        self._lines: dict[Decimal, dict[int, tuple[Decimal, ...]]] = defaultdict(dict)
        self._above: dict[int, dict[int, tuple[bool, ...]]] = defaultdict(dict)
        self._singles: dict[int, tuple[dict[int | None, Pricing], Decimal]] = {}

    def crossings(self) -> Iterator[Crossing]:
        """Those of two offers, then larger ones."""
        meetings = self._combining(self.plan.meetings)
        meetings += self._combining(self._between(meetings))
        judged = [self._judge(self._pair(meeting)) for meeting in meetings]
        yield from (crossing for _, crossing in judged if crossing)
        larger: list[Crossing] = []
        while judged:
            judged = [self._judge(bigger) for stack, _ in judged for bigger in self._bigger(stack)]
            larger += (crossing for _, crossing in judged if crossing)
        yield from _worst_of_each(larger)

    def _combining(self, meetings: Iterable[Meeting]) -> list[Meeting]:
        found = [meeting for meeting in meetings if self._combine(meeting)]
        for meeting in found:
            self._near[meeting.a.id].add(meeting.b.id)
            self._near[meeting.b.id].add(meeting.a.id)
        return found

    def _between(self, meetings: Iterable[Meeting]) -> list[Meeting]:
        """What the partners of one offer have in common: a plan around some offers does not name these pairs."""
        known = {frozenset(pair) for pair in self.plan.pairs}
        pairs = {
            frozenset(pair)
            for one in {one for meeting in meetings for one in meeting.offers}
            for pair in combinations(sorted(self._near[one]), 2)
        }
        return [self.plan.meeting(*pair) for pair in sorted(sorted(pair) for pair in pairs - known)]

    def _combine(self, meeting: Meeting) -> bool:
        both = (meeting.a, meeting.b)
        if any(one.terms.mechanic and not costs_money(one) for one in both):
            return False
        if not may_meet(meeting, joint=True) or not combinable(self.plan, *both):
            return False
        lacks = unsaid(meeting) + [(one.id, what) for one in both for what in self._lacks(one)]
        self.missing.update(() if meeting.is_joint else lacks)
        return not lacks

    def _lacks(self, offer: Offer) -> set[str]:
        channels = (None, *(terms.channel for terms in offer.channel_terms))
        return {unknown(self.plan, offer, channel) for channel in channels} - {""}

    def _pair(self, meeting: Meeting) -> _Stack:
        found = self._kinds_of(meeting.products)
        lacks = {kind: missing for kind in found if (missing := self._unpriced(kind))}
        if not meeting.is_joint:
            self.missing.update((one, what) for one in meeting.offers for some in lacks.values() for what in some)
        customers = meeting.a.customers & meeting.b.customers
        return _Stack(tuple(sorted(meeting.offers)), meeting.products, customers, found - lacks.keys())

    def _kinds_of(self, products: Numbers) -> frozenset[int]:
        """-1 = a product of which the plan knows nothing."""
        return frozenset(map(self.kinds.of.get, products, repeat(-1)))

    def _unpriced(self, kind: int) -> list[str]:
        return [what for what in self.limit.needs if kind < 0 or getattr(self.kinds.all[kind], what) is None]

    def _judge(self, stack: _Stack) -> tuple[_Stack, Crossing | None]:
        """The stack less the kinds for which it crosses a line, and what there is to say of these."""
        offers = self._offers(stack.offers)
        strictness = self.limit.of(offers)
        functions = self._pricings(offers, common_channels(offers))
        prices: dict[int, Decimal] = {}
        for kind in stack.harmless:
            price = min(self._each(functions, kind))
            for place, line in enumerate(self._lines_of(strictness, kind)):
                if price < line and any(self._stay_above(one, kind)[place] for one in offers):
                    prices[kind] = price
                    break
        if not prices:
            return stack, None
        self._crossed[stack.offers] = frozenset(prices)
        harmless = replace(stack, harmless=stack.harmless - prices.keys())
        if len({one.joint_group for one in offers}) == 1 and offers[0].joint_group:
            return harmless, None
        return harmless, self._crossing(stack, strictness, functions, prices)

    def _crossing(
        self,
        stack: _Stack,
        strictness: Decimal,
        functions: Mapping[int | None, Pricing],
        prices: Mapping[int, Decimal],
    ) -> Crossing:
        products = sorted(number for number in stack.products if self.kinds.of.get(number, -1) in prices)
        first = {self.kinds.of[number]: number for number in reversed(products)}
        badness = {kind: self.limit.badness(self.kinds.all[kind], strictness, price) for kind, price in prices.items()}
        worst = max(prices, key=lambda kind: (badness[kind], -first[kind]))
        here = zip(functions, self._each(functions, worst), strict=True)
        return Crossing(
            stack.offers,
            tuple(products),
            self.plan.products[first[worst]],
            prices[worst],
            next(channel for channel, price in here if price == prices[worst]),
            badness[worst],
            stack.left_out,
        )

    def _bigger(self, stack: _Stack) -> Iterator[_Stack]:
        """The stack with one more offer each, as far as all that might join could cross a line."""
        near = set.intersection(*(self._near[one] for one in stack.offers))
        later = sorted(
            one for one in near if one > stack.offers[-1] and stack.products & self.plan.offers[one].products
        )
        room = MOST_OFFERS - len(stack.offers)
        joining = later
        if stack.harmless and len(later) > room:
            joining = sorted(self._deepest(later, min(stack.harmless))[:room])
        left_out = max(stack.left_out, len(later) - len(joining))
        if not joining or not stack.harmless or not self._may_cross(stack, joining):
            return
        for one in joining:
            offer = self.plan.offers[one]
            products, customers = stack.products & offer.products, stack.customers & offer.customers
            if not customers or not common_channels(self._offers((*stack.offers, one))):
                continue
            parts = (part for size in range(1, len(stack.offers)) for part in combinations(stack.offers, size))
            crossed = (self._crossed.get((*part, one), frozenset()) for part in parts)
            harmless = (stack.harmless & self._kinds_of(products)).difference(*crossed)
            if harmless:
                yield _Stack((*stack.offers, one), products, customers, harmless, left_out)

    def _may_cross(self, stack: _Stack, joining: Sequence[int]) -> bool:
        """Whether all of these together would cross a line if they combined, on whatever channel."""
        offers = self._offers((*stack.offers, *joining))
        channels = {None, *(terms.channel for one in offers for terms in one.channel_terms)}
        functions = self._pricings(offers, channels)
        strictness = self.limit.of(offers)
        return any(min(self._each(functions, kind)) < max(self._lines_of(strictness, kind)) for kind in stack.harmless)

    def _deepest(self, offers: Sequence[int], kind: int) -> list[int]:
        return sorted(offers, key=lambda one: (min(self._each(self._alone(self.plan.offers[one])[0], kind)), one))

    def _alone(self, offer: Offer) -> tuple[dict[int | None, Pricing], Decimal]:
        """The prices of an offer by itself, and how strict the limit is with it."""
        if offer.id not in self._singles:
            self._singles[offer.id] = self._pricings([offer], common_channels([offer])), self.limit.of([offer])
        return self._singles[offer.id]

    def _stay_above(self, offer: Offer, kind: int) -> tuple[bool, ...]:
        """For each line, whether the offer alone does."""
        kept = self._above[offer.id]
        if kind not in kept:
            functions, strictness = self._alone(offer)
            price = min(self._each(functions, kind))
            kept[kind] = tuple([price >= line for line in self._lines_of(strictness, kind)])
        return kept[kind]

    def _lines_of(self, strictness: Decimal, kind: int) -> tuple[Decimal, ...]:
        kept = self._lines[strictness]
        if kind not in kept:
            kept[kind] = self.limit.lines(self.kinds.all[kind], strictness)
        return kept[kind]

    def _pricings(self, offers: Sequence[Offer], channels: Iterable[int | None]) -> dict[int | None, Pricing]:
        found = {
            channel: pricing(self.plan, till_order(offers, channel), channel=channel, point_cost=self.point_cost)
            for channel in channels
        }
        return {channel: price for channel, price in found.items() if price is not None}

    def _each(self, functions: Mapping[int | None, Pricing], kind: int) -> list[Decimal]:
        """What is left of the list price of a kind on each channel."""
        listed = self.kinds.all[kind].price or ZERO
        return [price(listed) for price in functions.values()]

    def _offers(self, ids: Ids) -> list[Offer]:
        return [self.plan.offers[one] for one in ids]


def _worst_of_each(crossings: Sequence[Crossing]) -> Iterator[Crossing]:
    """The worst of those that begin with the same offer, with the number of the others."""
    together: dict[int, list[Crossing]] = defaultdict(list)
    for crossing in crossings:
        together[crossing.offers[0]].append(crossing)
    for some in together.values():
        some.sort(key=lambda one: (-one.badness, one.offers))
        untold = max(0, len(some) - MOST_STACKS)
        yield from (replace(one, untold=untold) for one in some[:MOST_STACKS])
