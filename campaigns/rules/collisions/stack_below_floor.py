"""Offers that combine bring a product below the lowest price that leaves the company its margin, or below its cost."""

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
from campaigns.rules.collisions.words import cents, money, percent
from campaigns.rules.discounts import ONE, ZERO
from campaigns.rules.prices import cents as rounded
from campaigns.rules.prices import floor_price, margin_floor
from campaigns.rules.severity import IMPACT, weigh

CODE = "stack_below_floor"
NAME = gettext_lazy("Combined below the margin floor")
SUMMARY = gettext_lazy("Offers that combine bring a product below the lowest price that leaves the margin.")
BASE = 50
# What a price below the cost adds to the base.
LOSS = 10
OPTIONS = (
    Option(
        "margin_floor",
        gettext_lazy("Margin that must be left, in percent of the price"),
        Decimal(15),
        Decimal(0),
        Decimal(95),
        "%",
    ),
    POINT_COST,
)
LEVERS = ("declare_exclusive", "cap_discount", "exclude_products")
# A fifth of the list price below the floor is the full impact.
FULL_SHORTFALL = Decimal("0.2")


@dataclass(frozen=True)
class Floor:
    """Two lines: the price that leaves the margin of the company or of the strictest offer, and the cost."""

    company: Decimal
    needs: Sequence[str] = ("price", "cost")

    def of(self, offers: Sequence[Offer]) -> Decimal:
        return margin_floor(offers, self.company)

    def lines(self, product: Product, strictness: Decimal) -> tuple[Decimal, ...]:
        return rounded(exact_floor(product, strictness)), product.cost or ZERO

    def badness(self, product: Product, strictness: Decimal, price: Decimal) -> Decimal:
        """The points of a severity that depend on the price: those for a loss and for the impact."""
        loss = LOSS if price < (product.cost or ZERO) else 0
        return loss + IMPACT * min(ONE, shortfall(product, strictness, price) / FULL_SHORTFALL)


def exact_floor(product: Product, margin: Decimal) -> Decimal:
    return floor_price(product, margin) or ZERO


def shortfall(product: Product, margin: Decimal, price: Decimal) -> Decimal:
    """What is missing to the floor, as a part of the list price."""
    return (exact_floor(product, margin) - price) / (product.price or ONE)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    search = Search(plan, Floor(options["margin_floor"]), options["point_cost"])
    for stack in stacked.stacks(plan, search.crossings()):
        yield _finding(plan, stack, options)
    gaps = Gaps(CODE)
    gaps.add(search.missing)
    yield from gaps


def _finding(plan: Plan, stack: Stack, options: Options) -> Finding:
    product, price = stack.crossing.worst, stack.crossing.price
    margin = margin_floor(stack.offers, options["margin_floor"])
    is_loss = price < (product.cost or ZERO)
    return Finding(
        CODE,
        stack.ids,
        stack.starts_on,
        stack.ends_before,
        weigh(
            base=int(options["base"]) + (LOSS if is_loss else 0),
            impact=Fraction(shortfall(product, margin, price)) / Fraction(FULL_SHORTFALL),
            parts=stack.parts(),
            certainty=stack.certainty,
        ),
        products=len(stack.crossing.products),
        customers=stack.customers,
        numbers=stacked.numbers(plan, stack, options["point_cost"])
        | {
            "floor": cents(exact_floor(product, margin)),
            "margin": cents(margin),
            "cost": cents(product.cost or ZERO),
            "is_loss": is_loss,
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    """Without floor, margin and cost for readers to whom they are not disclosed."""
    if "floor" not in numbers:
        below = _(
            "With %(offers)s together, %(worst)s is left of the list price of %(list)s of %(product)s. That is less than"
            " what has to be left of it."
        )
        return " ".join([below % told(numbers), *remarks(numbers)])
    words = told(numbers) | {
        "floor": money(numbers["floor"]),
        "margin": percent(numbers["margin"]),
        "cost": money(numbers["cost"]),
    }
    said = [
        _(
            "With %(offers)s together, %(worst)s is left of the list price of %(list)s of %(product)s. The floor is"
            " %(floor)s, for a margin of %(margin)s."
        )
        % words
    ]
    if numbers["is_loss"]:
        said.append(_("That is below its cost of %(cost)s.") % words)
    return " ".join(said + remarks(numbers))
