"""Offers recommend with a discount what triggers the next one, round to the first, so that one basket earns all of it.

A loop goes from what an offer recommends to an offer that this triggers. Its offers apply to the same customers at the
same time, combine two by two, and let their products count again for others. Of each step the product is taken that gets
cheapest, once each, on the channel where the basket does. Reported are the smallest loops: no part of one is a loop.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.contention import Claim, Crowd, crowd_of, joined
from campaigns.rules.collisions.evidence import listed
from campaigns.rules.collisions.facts import Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.members import planned_together
from campaigns.rules.collisions.words import cents, last_day, money, named, per_cent, percent, who
from campaigns.rules.combinability import combinable
from campaigns.rules.prices import common_channels, price_of, unknown
from campaigns.rules.severity import weigh

CODE = "cross_sell_loop"
NAME = gettext_lazy("Loop of recommendations")
SUMMARY = gettext_lazy("Offers trigger each other in a circle, so that one basket earns the discounts of all.")
BASE = 25
OPTIONS = (
    Option(
        "depth_cap",
        gettext_lazy("Discount on the whole basket that is the worst"),
        Decimal(50),
        Decimal(1),
        Decimal(100),
        "%",
    ),
)
LEVERS = ("declare_exclusive", "cap_discount", "exclude_products", "shift_dates", "withdraw")
# So many loops of three and more offers are listed that begin with the same one.
MOST = 100
REUSABLE = {"", "both"}


@dataclass(frozen=True)
class _Step:
    """`offer` recommends `product`, which costs `price` with it."""

    offer: Offer
    product: Product
    price: Decimal


@dataclass(frozen=True)
class _Basket:
    steps: Sequence[_Step]

    @property
    def total(self) -> Decimal:
        return sum((step.price for step in self.steps), Decimal(0))

    @property
    def list_price(self) -> Decimal:
        return sum((step.product.price or Decimal(0) for step in self.steps), Decimal(0))

    @property
    def depth(self) -> Fraction:
        return 1 - Fraction(self.total) / Fraction(self.list_price) if self.list_price else Fraction(0)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    following = _following(plan)
    for first in sorted(following, key=lambda one: plan.offers[one].code):
        for crowd, more in _loops(plan, first, following):
            offers = [claim.offer for claim in crowd.claims]
            if planned_together(offers):
                continue
            baskets, missing = _baskets(plan, offers)
            best = max(baskets, key=lambda one: one.depth, default=None)
            blind = [(offer, "audience") for offer in crowd.unknown]
            if best is not None and best.depth:
                if not gaps.add(blind):
                    yield _finding(crowd, best, options, more=more)
            elif missing:
                gaps.add([*missing, *blind])
    yield from gaps


def _following(plan: Plan) -> dict[int, set[int]]:
    """The offers (ids) that each offer's recommendations trigger and that may apply together with it."""
    by_trigger: dict[int, list[Offer]] = {}
    links = [one for one in plan.offers.values() if one.triggers and one.recommended and one.item_reuse in REUSABLE]
    for one in links:
        for product in one.triggers:
            by_trigger.setdefault(product, []).append(one)
    following: dict[int, set[int]] = {}
    for one in links:
        candidates = {other.id: other for product in one.recommended for other in by_trigger.get(product, ())}
        following[one.id] = {
            other.id
            for other in candidates.values()
            if other.id != one.id and joined(_alone(one), _claim(other)) and combinable(plan, one, other)
        }
    return following


def _claim(offer: Offer) -> Claim:
    return Claim(offer, Decimal(0), offer.starts_on, offer.ends_before)


def _alone(offer: Offer) -> Crowd:
    return crowd_of(_claim(offer))


def _loops(plan: Plan, first: int, following: Mapping[int, set[int]]) -> Iterator[tuple[Crowd, bool]]:
    """The smallest loops in which `first` has the first code; and whether there are more of them than these."""
    code = plan.offers[first].code
    later = {one: following[one] for one in following if plan.offers[one].code >= code}
    within = _leading_to(first, later)
    alone = _alone(plan.offers[first])
    for one in _by_code(plan, later[first] & within):
        pair = joined(alone, _claim(plan.offers[one]))
        if first in later[one] and pair is not None:
            yield pair, False
    larger = list(islice(_grown(plan, (first,), alone, later, within), MOST + 1))
    for crowd in larger[:MOST]:
        yield crowd, len(larger) > MOST


def _grown(
    plan: Plan, path: tuple[int, ...], crowd: Crowd, following: Mapping[int, set[int]], within: set[int]
) -> Iterator[Crowd]:
    """The loops of three and more that begin with this path."""
    for one in _by_code(plan, (following[path[-1]] & within) - set(path)):
        # A way to it from before the last one, or from it to after the first one, makes a smaller loop.
        if any(one in following[before] for before in path[:-1]) or not following[one].isdisjoint(path[1:]):
            continue
        offer = plan.offers[one]
        larger = joined(crowd, _claim(offer))
        if larger is None or not all(combinable(plan, offer, plan.offers[two]) for two in path):
            continue
        if path[0] not in following[one]:
            yield from _grown(plan, (*path, one), larger, following, within)
        elif len(path) > 1:
            yield larger


def _leading_to(first: int, following: Mapping[int, set[int]]) -> set[int]:
    """The offers from which a way leads to the first one."""
    before: dict[int, list[int]] = {}
    for one, after in following.items():
        for two in after:
            before.setdefault(two, []).append(one)
    found, todo = {first}, [first]
    while todo:
        new = [one for one in before.get(todo.pop(), ()) if one not in found]
        found.update(new)
        todo.extend(new)
    return found


def _by_code(plan: Plan, offers: Iterable[int]) -> list[int]:
    return sorted(offers, key=lambda one: plan.offers[one].code)


def _baskets(plan: Plan, loop: Sequence[Offer]) -> tuple[list[_Basket], list[tuple[int, str]]]:
    """The basket on each channel where it is known, and what is missing to tell of the others: (offer, what)."""
    baskets: list[_Basket] = []
    missing: list[tuple[int, str]] = []
    for channel in common_channels(loop):
        choices = [_choices(plan, one, after, channel) for one, after in zip(loop, [*loop[1:], loop[0]], strict=True)]
        lacking = [
            (one.id, unknown(plan, one, channel) or "price")
            for one, choice in zip(loop, choices, strict=True)
            if not choice
        ]
        missing.extend(lacking)
        if not lacking and (steps := _different(choices)):
            baskets.append(_Basket(steps))
    return baskets, missing


def _choices(plan: Plan, offer: Offer, after: Offer, channel: int | None) -> list[_Step]:
    """What the offer may recommend to trigger the one after it, the largest part off first; without unknown prices."""
    steps = []
    for number in offer.recommended & after.triggers:
        product = plan.products.get(number)
        if product is None or not product.price:
            continue
        is_on_offer = number in offer.products or not offer.products
        price = price_of(plan, product, offer, channel) if is_on_offer else product.price
        if price is not None:
            steps.append(_Step(offer, product, price))
    return sorted(steps, key=lambda one: (one.price / (one.product.price or 1), one.product.code))


def _different(choices: Sequence[Sequence[_Step]], taken: frozenset[int] = frozenset()) -> list[_Step] | None:
    """One step of each with another product each, the first ones that work; `None` when products do not suffice."""
    if not choices:
        return []
    for step in choices[0]:
        if step.product.id not in taken:
            others = _different(choices[1:], taken | {step.product.id})
            if others is not None:
                return [step, *others]
    return None


def _finding(crowd: Crowd, basket: _Basket, options: Options, *, more: bool) -> Finding:
    steps = basket.steps
    return Finding(
        CODE,
        crowd.offers,
        crowd.starts_on,
        crowd.ends_before,
        weigh(
            base=int(options["base"]),
            impact=basket.depth * 100 / Fraction(options["depth_cap"]),
            parts=(Fraction(*crowd.time), Fraction(*crowd.audience_part)),
        ),
        products=len(steps),
        customers=crowd.audience_part[0],
        numbers={
            "steps": [
                named(step.offer)
                | {
                    "trigger": before.product.name,
                    "recommended": step.product.name,
                    "list_price": cents(step.product.price or Decimal(0)),
                    "price": cents(step.price),
                }
                for before, step in zip([steps[-1], *steps], steps, strict=False)
            ],
            "list_price": cents(basket.list_price),
            "total": cents(basket.total),
            "depth": per_cent(basket.depth),
            "depth_cap": cents(options["depth_cap"]),
            "customers": crowd.audience_part[0],
            "first_day": crowd.starts_on.isoformat(),
            "last_day": last_day(crowd.ends_before),
            "more": more,
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    steps = [
        _("%(offer)s recommends %(recommended)s with %(trigger)s")
        % {"offer": who(step), "recommended": step["recommended"], "trigger": step["trigger"]}
        for step in numbers["steps"]
    ]
    told = _("%(steps)s. One basket earns all of it: %(total)s instead of %(list_price)s, %(depth)s less.") % {
        "steps": listed(steps),
        "total": money(numbers["total"]),
        "list_price": money(numbers["list_price"]),
        "depth": percent(numbers["depth"]),
    }
    return told + " " + _("More loops begin with the same offer than are listed.") if numbers["more"] else told
