"""The members of a finding about many: offers, products, and what each department adds to a sum that is used up."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from heapq import nsmallest
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from campaigns.rules.collisions.facts import Numbers, Offer, Plan
from campaigns.rules.collisions.words import cents, products, who

EXAMPLES = 3


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
    *others, last = map(who, offers)
    return _("%(offers)s and %(last)s") % {"offers": ", ".join(others), "last": last} if others else last


def examples(plan: Plan, numbers: Numbers) -> dict[str, Any]:
    """Some products in `numbers`, for `some_of`: `{"count": 12, "names": [...]}`, the first ones by code."""
    known = (plan.products[number] for number in numbers if number in plan.products)
    return {"count": len(numbers), "names": [one.name for one in nsmallest(EXAMPLES, known, key=lambda one: one.code)]}


def some_of(some: Mapping[str, Any]) -> str:
    """Product 1, Product 2, Product 3 and others (12 products)"""
    names, count = ", ".join(some["names"]), products(some["count"])
    if not names:
        return count
    if len(some["names"]) == some["count"]:
        return names
    return _("%(products)s and others (%(count)s)") % {"products": names, "count": count}
