"""Offers of the same days expect to sell or give away more of a product than is in stock.

The units that an offer expects are spread evenly over its products, which is an estimate; a gift goes with each of them.
The stock has to last for all that offers expect that have a day in common, whoever their customers are. Of the products
that fall short for the same offers the one that does so most is told, with the number of the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.collisions.facts import Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.members import all_of, by_department, exact, planned_together
from campaigns.rules.collisions.words import cents, day, last_day, named, quantity
from campaigns.rules.severity import ESTIMATED, weigh

CODE = "stock_overcommit"
NAME = gettext_lazy("Too little stock")
SUMMARY = gettext_lazy("Offers expect to need more of a product or gift than is in stock.")
BASE = 35
OPTIONS: Sequence[Option] = ()
LEVERS = ("shift_dates", "reduce_quantity", "exclude_products", "withdraw")


@dataclass(frozen=True)
class _Demand:
    """What an offer needs of a product: its part of the expected units, a gift with each of them, or both."""

    offer: Offer
    on_offer: bool
    as_gift: bool

    @property
    def units(self) -> Fraction | None:
        """`None` = not known."""
        expected = self.offer.expected_units
        if expected is None:
            return None
        spread = Fraction(expected, len(self.offer.products)) if self.on_offer else Fraction(0)
        return spread + (expected if self.as_gift else 0)


@dataclass(frozen=True)
class _Shortage:
    """`needs` are the demands that are known and not 0, in the order of the offers' codes."""

    product: Product
    stock: int
    needs: Sequence[tuple[Offer, Fraction]]

    @property
    def offers(self) -> tuple[int, ...]:
        return tuple(sorted(offer.id for offer, _ in self.needs))

    @property
    def needed(self) -> Fraction:
        return sum((units for _, units in self.needs), Fraction(0))

    @property
    def excess(self) -> Fraction:
        return (self.needed - self.stock) / self.stock if self.stock > 0 else Fraction(1)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    gaps.add((offer, "products") for offer in _without_products(plan))
    short: dict[tuple[int, ...], dict[int, _Shortage]] = {}
    for demands, products in _groups(plan):
        for crowd in _at_once(demands):
            gaps.add((one.offer.id, "expected_units") for one in crowd if one.units is None)
            if any(one.stock is None for one in products):
                gaps.add((one.offer.id, "stock") for one in crowd)
            for shortage in _shortages(crowd, products):
                short.setdefault(shortage.offers, {})[shortage.product.id] = shortage
    for _, shortages in sorted(short.items()):
        yield _finding(list(shortages.values()), options)
    yield from gaps


def _groups(plan: Plan) -> Iterator[tuple[list[_Demand], list[Product]]]:
    """Products that the same offers want, at least two of them."""
    wanted: dict[int, list[tuple[int, bool, bool]]] = {}
    for offer in sorted(plan.offers.values(), key=lambda one: one.code):
        gift = offer.terms.gift_product
        if offer.expected_units != 0:
            for product in offer.products:
                if product in plan.products:
                    wanted.setdefault(product, []).append((offer.id, True, product == gift))
            if gift is not None and gift in plan.products and gift not in offer.products:
                wanted.setdefault(gift, []).append((offer.id, False, True))
    groups: dict[tuple[tuple[int, bool, bool], ...], list[Product]] = {}
    for number in sorted(wanted):
        if len(wanted[number]) > 1:
            groups.setdefault(tuple(wanted[number]), []).append(plan.products[number])
    for by_whom, products in groups.items():
        yield [_Demand(plan.offers[offer], *how) for offer, *how in by_whom], products


def _at_once(demands: Sequence[_Demand]) -> Iterator[list[_Demand]]:
    """The largest sets of at least two that have a day in common and were not all planned together."""
    for start in sorted({one.offer.starts_on for one in demands}):
        running = [one for one in demands if one.offer.starts_on <= start < one.offer.ends_before]
        first_end = min(one.offer.ends_before for one in running)
        # One that begins before any of these ends makes the set larger on that day.
        grows = any(start < one.offer.starts_on < first_end for one in demands)
        if len(running) > 1 and not grows and not planned_together(one.offer for one in running):
            yield running


def _shortages(crowd: Sequence[_Demand], products: Sequence[Product]) -> Iterator[_Shortage]:
    needs = [(one.offer, units) for one in crowd if (units := one.units)]
    if len(needs) < 2 or planned_together(offer for offer, _ in needs):
        return
    for product in products:
        if product.stock is not None:
            shortage = _Shortage(product, product.stock, needs)
            if shortage.needed > product.stock:
                yield shortage


def _without_products(plan: Plan) -> Iterator[int]:
    """The offers whose products are not known, if another one sells or gives something away on the same days."""
    for one in plan.offers.values():
        if not one.knows_products and any(
            other.id != one.id and plan.meeting(one.id, other.id).days and not plan.meeting(one.id, other.id).is_joint
            for other in plan.offers.values()
            if other.expected_units != 0 and (other.products or other.terms.gift_product is not None)
        ):
            yield one.id


def _finding(shortages: Sequence[_Shortage], options: Options) -> Finding:
    worst = min(shortages, key=lambda one: (-one.excess, one.product.code))
    offers = [offer for offer, _ in worst.needs]
    first, end = max(one.starts_on for one in offers), min(one.ends_before for one in offers)
    return Finding(
        CODE,
        worst.offers,
        first,
        end,
        weigh(base=int(options["base"]), impact=worst.excess, parts=(), certainty=ESTIMATED),
        products=len(shortages),
        numbers={
            "product": worst.product.name,
            "stock": worst.stock,
            "needed": cents(exact(worst.needed)),
            "offers": [named(offer) | {"units": cents(exact(units))} for offer, units in worst.needs],
            "departments": by_department(worst.needs),
            "others": len(shortages) - 1,
            "first_day": first.isoformat(),
            "last_day": last_day(end),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    sentence = ngettext(
        "%(offers)s together expect to need %(needed)s of %(product)s from %(first)s to %(last)s; %(stock)s is in stock.",
        "%(offers)s together expect to need %(needed)s of %(product)s from %(first)s to %(last)s; %(stock)s are in stock.",
        numbers["stock"],
    ) % {
        "offers": all_of(numbers["offers"]),
        "needed": quantity(numbers["needed"]),
        "product": numbers["product"],
        "first": day(numbers["first_day"]),
        "last": day(numbers["last_day"]),
        "stock": quantity(numbers["stock"]),
    }
    others = numbers["others"]
    if not others:
        return sentence
    more = ngettext("%(n)s other product falls short too.", "%(n)s other products fall short too.", others)
    return f"{sentence} {more % {'n': quantity(others)}}"
