"""The members of a finding about many offers: who they are, and what each department adds to a sum that is used up."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format

from campaigns.rules.collisions.evidence import listed
from campaigns.rules.collisions.facts import Offer
from campaigns.rules.collisions.words import cents, who


def planned_together(offers: Iterable[Offer]) -> bool:
    """Whether all of the offers belong to one joint group, so that none of them surprises another."""
    groups = {one.joint_group for one in offers}
    return len(groups) == 1 and groups != {""}


def by_department(amounts: Iterable[tuple[Offer, int | Fraction]]) -> list[dict[str, str]]:
    """The sums by department for `numbers`, the largest first: `[{"department": "Sales", "amount": "120.00"}]`."""
    sums: dict[int, Fraction] = {}
    names: dict[int, str] = {}
    for offer, amount in amounts:
        sums[offer.department] = sums.get(offer.department, Fraction(0)) + amount
        names[offer.department] = offer.department_name
    ordered = sorted(sums.items(), key=lambda one: (-one[1], names[one[0]], one[0]))
    return [{"department": names[department], "amount": cents(exact(amount))} for department, amount in ordered]


def exact(value: Fraction | int) -> Decimal:
    """A fraction as a Decimal of many digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def spelled(sums: Sequence[Mapping[str, Any]], decimals: int) -> str:
    """Sales (7,000.00), Marketing (5,000.00)"""
    return ", ".join(f"{one['department']} ({number_format(one['amount'], decimals)})".strip() for one in sums)


def all_of(offers: Sequence[Mapping[str, Any]]) -> str:
    """Offer 1 (Sales), Offer 2 (Sales) and Offer 3 (Marketing)"""
    return listed([who(one) for one in offers])
