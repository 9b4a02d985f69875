"""Offers that combine take more off a product than the company allows, even if it still earns something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions import stacked
from campaigns.rules.collisions.facts import Offer, Plan, Product
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.stacked import POINT_COST, Stack, remarks, told
from campaigns.rules.collisions.stacks import Search
from campaigns.rules.collisions.words import per_cent, percent
from campaigns.rules.discounts import HUNDRED, ONE, ZERO
from campaigns.rules.severity import weigh

CODE = "stack_too_deep"
NAME = gettext_lazy("Combined discount too deep")
SUMMARY = gettext_lazy("Offers that combine take more off a product than the company allows.")
BASE = 35
OPTIONS = (
    Option(
        "depth_cap",
        gettext_lazy("Most that may be taken off, in percent of the list price"),
        Decimal(50),
        Decimal(1),
        Decimal(99),
        "%",
    ),
    POINT_COST,
)
LEVERS = ("declare_exclusive", "cap_discount", "exclude_products")


@dataclass(frozen=True)
class Depth:
    """One line: the list price less the most that may be taken off."""

    cap: Decimal
    needs: Sequence[str] = ("price",)

    def of(self, offers: Sequence[Offer]) -> Decimal:
        return self.cap

    def lines(self, product: Product, strictness: Decimal) -> tuple[Decimal, ...]:
        return ((product.price or ZERO) * (HUNDRED - strictness) / HUNDRED,)

    def badness(self, product: Product, strictness: Decimal, price: Decimal) -> Decimal:
        return 1 - price / (product.price or ONE)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    search = Search(plan, Depth(options["depth_cap"]), options["point_cost"])
    for stack in stacked.stacks(plan, search.crossings()):
        yield _finding(plan, stack, options)
    gaps = Gaps(CODE)
    gaps.add(search.missing)
    yield from gaps


def _off(product: Product, price: Decimal) -> Fraction:
    """What is taken off, as a part of the list price."""
    return 1 - Fraction(price) / Fraction(product.price) if product.price else Fraction(0)


def _finding(plan: Plan, stack: Stack, options: Options) -> Finding:
    product, cap = stack.crossing.worst, Fraction(options["depth_cap"]) / 100
    depth = _off(product, stack.crossing.price)
    numbers = stacked.numbers(plan, stack, options["point_cost"])
    return Finding(
        CODE,
        stack.ids,
        stack.starts_on,
        stack.ends_before,
        weigh(
            base=int(options["base"]),
            impact=(depth - cap) / (1 - cap),
            parts=stack.parts(),
            certainty=stack.certainty,
        ),
        products=len(stack.crossing.products),
        customers=stack.customers,
        numbers=numbers
        | {
            "depth": per_cent(depth),
            "cap": per_cent(cap),
            "sum": per_cent(sum((_off(product, Decimal(one["alone"])) for one in numbers["offers"]), Fraction(0))),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = told(numbers) | {name: percent(numbers[name]) for name in ("depth", "cap", "sum")}
    if numbers["sum"] == numbers["depth"]:
        text = _(
            "%(offers)s together take %(depth)s off %(product)s (%(worst)s rather than %(list)s). The limit is %(cap)s."
        )
    else:
        text = _(
            "%(offers)s together take %(depth)s off %(product)s (%(worst)s rather than %(list)s), not the %(sum)s that"
            " they add up to. The limit is %(cap)s."
        )
    return " ".join([text % words, *remarks(numbers)])
