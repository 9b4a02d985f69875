"""An offer sells in place of what another one has on offer, and takes more of its margin than it may.

    loss = Σ rate · units · (price - cost of the substitute), over products of the one and substitutes in the other
    gain = Σ units · (price - cost), over all products of the one

Units are those that the offer expects, spread evenly over its products; prices are those of each offer by itself, on a
channel where it has no terms of its own if both have one in common. The loss is too much when it is more than a part of
the gain. Rates that nobody measured count only where the others do not suffice, and make it a guess. If both offers do it
to each other, the one that takes more for what it gains is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import listed
from campaigns.rules.collisions.facts import Meeting, Offer, Plan, Substitution
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.members import exact
from campaigns.rules.collisions.words import cents, last_day, money, named, who
from campaigns.rules.prices import common_channels, price_of, unknown
from campaigns.rules.severity import ESTIMATED, HEURISTIC, weigh

CODE = "cannibalisation"
NAME = gettext_lazy("Cannibalisation")
SUMMARY = gettext_lazy("An offer sells in place of what another one offers and takes much of its margin.")
BASE = 20
OPTIONS = (
    Option(
        "part_of_gain",
        gettext_lazy("Part of its own gain that an offer may take from another"),
        Decimal(50),
        Decimal(0),
        Decimal(1000),
        "%",
    ),
)
LEVERS = ("shift_dates", "exclude_products", "exclude_customers", "withdraw")
MOST_EXAMPLES = 3


class _Unknown(Exception):
    """An amount cannot be told: an offer's id, and what is missing of it."""

    def __init__(self, offer: int, missing: str) -> None:
        super().__init__(offer, missing)


@dataclass(frozen=True)
class _Case:
    """`taken` is the margin by substitution, `gained` that of all products, both for one unit of each product."""

    taker: Offer
    loser: Offer
    units: Fraction
    taken: Sequence[tuple[Substitution, Decimal]]
    gained: Decimal
    certainty: str = ESTIMATED

    @cached_property
    def loss(self) -> Fraction:
        return self.units * Fraction(sum((amount for _link, amount in self.taken), Decimal(0)))

    @property
    def gain(self) -> Fraction:
        return self.units * Fraction(self.gained)

    @property
    def part(self) -> Fraction:
        """The loss for each unit of gain, 1 and more when there is none."""
        return self.loss / self.gain if self.gain > 0 else 1 + self.loss


class _Links:
    """The substitutions of a plan, found by what offers have on offer."""

    def __init__(self, plan: Plan) -> None:
        self._by_product: dict[int, list[Substitution]] = {}
        for link in plan.substitutions:
            if link.product != link.substitute and link.rate > 0:
                self._by_product.setdefault(link.product, []).append(link)
        self._substitutes = {link.substitute for links in self._by_product.values() for link in links}
        self._from: dict[int, dict[int, list[Substitution]]] = {}
        self._to: dict[int, set[int]] = {}

    def between(self, taker: Offer, loser: Offer) -> list[Substitution]:
        """Those by which what the taker sells is missing from the loser."""
        found = self._from_offer(taker)
        return [link for number in sorted(found.keys() & self._to_offer(loser)) for link in found[number]]

    def may_name(self, offer: Offer) -> bool:
        return not offer.knows_products or bool(self._from_offer(offer) or self._to_offer(offer))

    def _from_offer(self, offer: Offer) -> dict[int, list[Substitution]]:
        """By their substitutes, those from the offer's products."""
        if offer.id not in self._from:
            found: dict[int, list[Substitution]] = {}
            self._from[offer.id] = found
            for number in offer.products:
                for link in self._by_product.get(number, ()):
                    found.setdefault(link.substitute, []).append(link)
        return self._from[offer.id]

    def _to_offer(self, offer: Offer) -> set[int]:
        """The offer's products that replace others."""
        if offer.id not in self._to:
            self._to[offer.id] = {number for number in offer.products if number in self._substitutes}
        return self._to[offer.id]


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    if not plan.substitutions:
        return
    gaps, links = Gaps(CODE), _Links(plan)
    for meeting in plan.meetings:
        if not may_meet(meeting, products=False):
            continue
        both = (meeting.a, meeting.b)
        if not all(one.knows_products for one in both):
            if all(links.may_name(one) for one in both):
                gaps.add(unsaid(meeting))
            continue
        cases: list[_Case] = []
        for taker, loser in (both, both[::-1]):
            try:
                cases += _cases(plan, taker, loser, links.between(taker, loser), options)
            except _Unknown as lacking:
                gaps.add([lacking.args])
        if cases and not gaps.add(unsaid(meeting)):
            yield _finding(plan, meeting, max(cases, key=lambda one: one.part), options)
    yield from gaps


def _cases(plan: Plan, taker: Offer, loser: Offer, links: Sequence[Substitution], options: Options) -> Iterator[_Case]:
    """The case against the taker, if there is one.

    Raises:
        _Unknown: it cannot be told.
    """
    if not links or taker.expected_units == 0:
        return
    if taker.expected_units is None:
        raise _Unknown(taker.id, "expected_units")
    units = Fraction(taker.expected_units, len(taker.products))
    channel = common_channels((taker, loser))[0]
    margins, gained = _margins(plan, loser, channel), _gained(plan, taker, channel)
    for certainty in (ESTIMATED, HEURISTIC):
        counted = [link for link in links if certainty == HEURISTIC or not link.is_default]
        taken = [(link, link.rate * margins(link.substitute)) for link in counted]
        case = _Case(taker, loser, units, taken, gained, certainty)
        if case.loss > max(case.gain * Fraction(options["part_of_gain"]) / 100, Fraction(0)):
            yield case
            return


def _gained(plan: Plan, offer: Offer, channel: int | None) -> Decimal:
    """The margin of one unit of each of its products, added up once for all that it meets."""
    key = (CODE, "gained", offer.id, channel)
    if key not in plan.kept:
        margins = _margins(plan, offer, channel)
        try:
            plan.kept[key] = sum((margins(number) for number in offer.products), Decimal(0))
        except _Unknown as lacking:
            plan.kept[key] = lacking.args
    gained: Decimal | tuple[int, str] = plan.kept[key]
    if isinstance(gained, tuple):
        raise _Unknown(*gained)
    return gained


def _margins(plan: Plan, offer: Offer, channel: int | None) -> Callable[[int], Decimal]:
    """What a unit of a product leaves at the offer's price, each worked out once."""
    key = (CODE, "margins", offer.id, channel)
    if key not in plan.kept:
        plan.kept[key] = cache(partial(_margin, plan, offer, channel))
    margins: Callable[[int], Decimal] = plan.kept[key]
    return margins


def _margin(plan: Plan, offer: Offer, channel: int | None, number: int) -> Decimal:
    lacking = unknown(plan, offer, channel)
    # What a gift costs has no part in the price.
    if lacking and lacking != "gift_cost":
        raise _Unknown(offer.id, lacking)
    product = plan.products.get(number)
    price = price_of(plan, product, offer, channel) if product else None
    if product is None or price is None:
        raise _Unknown(offer.id, "price")
    if product.cost is None:
        raise _Unknown(offer.id, "cost")
    return price - product.cost


def _finding(plan: Plan, meeting: Meeting, case: _Case, options: Options) -> Finding:
    largest = sorted(case.taken, key=lambda one: (-one[1], one[0].product, one[0].substitute))[:MOST_EXAMPLES]
    sources = [case.taker.forecast_source, *sorted({link.source for link, _amount in case.taken})]
    return Finding(
        CODE,
        (min(meeting.offers), max(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=case.part,
            parts=(Fraction(*meeting.time), Fraction(*meeting.audience_part)),
            certainty=case.certainty,
        ),
        customers=meeting.customers,
        numbers={
            "taker": named(case.taker),
            "loser": named(case.loser),
            "loss": cents(exact(case.loss)),
            "gain": cents(exact(case.gain)),
            "units": case.taker.expected_units,
            "pairs": len(case.taken),
            "examples": [_example(plan, link, case.units * Fraction(amount)) for link, amount in largest],
            "sources": list(dict.fromkeys(source for source in sources if source)),
            "is_assumed": case.certainty == HEURISTIC,
            "customers": meeting.customers,
            "first_day": meeting.starts_on.isoformat(),
            "last_day": last_day(meeting.ends_before),
        },
        levers=LEVERS,
    )


def _example(plan: Plan, link: Substitution, loss: Fraction) -> dict[str, str]:
    return {
        "product": plan.products[link.product].name,
        "substitute": plan.products[link.substitute].name,
        "rate": cents(link.rate * 100),
        "loss": cents(exact(loss)),
    }


def tell(numbers: Mapping[str, Any]) -> str:
    """Without amounts of margin for readers to whom they are not disclosed."""
    sides = {"taker": who(numbers["taker"]), "loser": who(numbers["loser"])}
    if "loss" in numbers:
        text = _(
            "%(taker)s is expected to take %(loss)s of margin from %(loser)s and to gain %(gain)s itself. "
            "Customers buy %(examples)s."
        )
        amounts = {"loss": money(numbers["loss"]), "gain": money(numbers["gain"])}
    else:
        text = _("%(taker)s is expected to take margin from %(loser)s. Customers buy %(examples)s.")
        amounts = {}
    examples = listed([_instead(example) for example in numbers["examples"]])
    told = [text % {**sides, **amounts, "examples": examples}]
    if numbers["sources"]:
        told.append(_("Estimate from %(sources)s.") % {"sources": listed(numbers["sources"])})
    if numbers["is_assumed"]:
        told.append(_("How much one product replaces the other is assumed, not measured."))
    return " ".join(told)


def _instead(example: Mapping[str, str]) -> str:
    if "loss" not in example:
        return _("%(product)s instead of %(substitute)s") % example
    return _("%(product)s instead of %(substitute)s (%(loss)s)") % {**example, "loss": money(example["loss"])}
