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
    """What an offer needs of a product; `units` None = not known."""

    offer: Offer
    units: Fraction | None


@dataclass(frozen=True)
class _Shortage:
    """`needs` are the demands that are known and not 0, in the order of the offers' codes; `needed` is their sum."""

    product: Product
    stock: int
    needs: Sequence[tuple[Offer, Fraction]]
    needed: Fraction

    @property
    def offers(self) -> tuple[int, ...]:
        return tuple(sorted(offer.id for offer, _ in self.needs))

    @property
    def excess(self) -> Fraction:
        return (self.needed - self.stock) / self.stock if self.stock > 0 else Fraction(1)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    gaps.add((offer, "products") for offer in _without_products(plan))
    short: dict[tuple[int, ...], dict[int, _Shortage]] = {}
    for demands, products in _groups(plan):
        if _is_enough(demands, products):
            continue
        for crowd in _at_once(demands):
            gaps.add((one.offer.id, "expected_units") for one in crowd if one.units is None)
            if any(one.stock is None for one in products):
                gaps.add((one.offer.id, "stock") for one in crowd)
        # Who does not say how much it needs makes no crowd another one.
        for crowd in _at_once([one for one in demands if one.units is not None]):
            for shortage in _shortages(crowd, products):
                short.setdefault(shortage.offers, {})[shortage.product.id] = shortage
    for _, shortages in sorted(short.items()):
        yield _finding(list(shortages.values()), options)
    yield from gaps


def _groups(plan: Plan) -> Iterator[tuple[list[_Demand], list[Product]]]:
    """Products that the same offers want for the same, at least two of them, in the order of their first days."""
    wanted: dict[int, list[_Demand]] = {}
    for offer in sorted(plan.offers.values(), key=lambda one: (one.starts_on, one.code)):
        if offer.expected_units != 0:
            for product, demand in _demands(offer):
                if product in plan.products:
                    wanted.setdefault(product, []).append(demand)
    groups: dict[tuple[int, ...], tuple[list[_Demand], list[Product]]] = {}
    for number, demands in sorted(wanted.items()):
        if len(demands) > 1:
            # Each demand is one object, whatever the product.
            _, products = groups.setdefault(tuple(map(id, demands)), (demands, []))
            products.append(plan.products[number])
    yield from groups.values()


def _demands(offer: Offer) -> Iterator[tuple[int, _Demand]]:
    """What it needs of each product: its part of the units that it expects, a gift with each of them, or both."""
    expected, gift = offer.expected_units, offer.terms.gift_product
    known = expected is not None
    spread = Fraction(expected or 0, len(offer.products) or 1)
    sold, both = (_Demand(offer, units if known else None) for units in (spread, spread + (expected or 0)))
    yield from ((product, both if product == gift else sold) for product in offer.products)
    if gift is not None and gift not in offer.products:
        yield gift, _Demand(offer, Fraction(expected or 0) if known else None)


def _is_enough(demands: Sequence[_Demand], products: Sequence[Product]) -> bool:
    """Whether all is known and there is enough even if all of the offers ran at once."""
    stocks = [one.stock for one in products if one.stock is not None]
    units = [one.units for one in demands if one.units is not None]
    return len(stocks) == len(products) and len(units) == len(demands) and sum(units) <= min(stocks)


def _at_once(demands: Sequence[_Demand]) -> Iterator[list[_Demand]]:
    """The largest sets of at least two that have a day in common and were not all planned together.

    The demands come in the order of their offers' first days.
    """
    running: list[_Demand] = []
    for place, demand in enumerate(demands):
        running = [one for one in running if one.offer.ends_before > demand.offer.starts_on] + [demand]
        first_end = min(one.offer.ends_before for one in running)
        # The next one makes the set larger if it begins before any of these ends.
        grows = place + 1 < len(demands) and demands[place + 1].offer.starts_on < first_end
        if len(running) > 1 and not grows and not planned_together(one.offer for one in running):
            yield running


def _shortages(crowd: Sequence[_Demand], products: Sequence[Product]) -> Iterator[_Shortage]:
    needs = sorted(((one.offer, units) for one in crowd if (units := one.units)), key=lambda one: one[0].code)
    if len(needs) < 2 or planned_together(offer for offer, _ in needs):
        return
    needed = sum((units for _, units in needs), Fraction(0))
    for product in products:
        if product.stock is not None and needed > product.stock:
            yield _Shortage(product, product.stock, needs, needed)


def _without_products(plan: Plan) -> Iterator[int]:
    """The offers whose products are not known, if another one sells or gives something away on the same days."""
    unknown = [one for one in plan.offers.values() if not one.knows_products]
    selling = [
        one
        for one in plan.offers.values()
        if unknown and one.expected_units != 0 and (one.products or one.terms.gift_product is not None)
    ]
    for one in unknown:
        if any(
            other.id != one.id
            and max(one.starts_on, other.starts_on) < min(one.ends_before, other.ends_before)
            and not planned_together((one, other))
            for other in selling
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
