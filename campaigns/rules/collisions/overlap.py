"""The base fact about two offers: same products, same people, same days, two departments.

Every known dimension counts, and one that is known to be disjoint silences all others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions import findings, words
from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.severity import Severity, severity

CODE = "overlap"
NAME = gettext_lazy("Overlap")
SUMMARY = gettext_lazy("Two departments reach the same customers with the same products on the same days.")
BASE = 15
OPTIONS: tuple[findings.Option, ...] = ()
LEVERS = ("shift_dates", "exclude_products", "exclude_customers", "restrict_channel", "withdraw")


@dataclass(frozen=True)
class Side:
    """One of the two offers: `ends_before` is exclusive, no channels = every channel, the sizes are counts."""

    department: int
    starts_on: date
    ends_before: date
    products: int
    customers: int
    channels: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Finding:
    starts_on: date
    ends_before: date
    shared_products: int
    shared_customers: int
    severity: Severity


def shared_days(a: Side, b: Side) -> tuple[date, date] | None:
    """First shared day and the day after the last; `None` when there is no shared day."""
    starts_on, ends_before = max(a.starts_on, b.starts_on), min(a.ends_before, b.ends_before)
    return (starts_on, ends_before) if starts_on < ends_before else None


def channels_meet(a: Side, b: Side) -> bool:
    """Channels can only rule an overlap out when both offers name some."""
    return not a.channels or not b.channels or not a.channels.isdisjoint(b.channels)


def judge(a: Side, b: Side, *, shared_products: int, shared_customers: int) -> Finding | None:
    """The overlap of two offers, or `None`. The counts are those of target products and of audience members."""
    days = shared_days(a, b)
    silent = a.department == b.department or not channels_meet(a, b)
    if days is None or silent or shared_products <= 0 or shared_customers <= 0:
        return None
    starts_on, ends_before = days
    return Finding(
        starts_on,
        ends_before,
        shared_products,
        shared_customers,
        severity(
            shared_products,
            a.products,
            b.products,
            shared_customers,
            a.customers,
            b.customers,
            (ends_before - starts_on).days,
            (a.ends_before - a.starts_on).days,
            (b.ends_before - b.starts_on).days,
        ),
    )


def find(plan: Plan, options: findings.Options) -> Iterator[findings.Finding | findings.Gap]:
    """The same for a plan in memory: for drafts and for what is only tried."""
    for meeting in plan.meetings:
        one = judge(
            _side(meeting.a),
            _side(meeting.b),
            shared_products=len(meeting.products),
            shared_customers=meeting.customers,
        )
        if one is not None and not meeting.is_joint:
            yield findings.Finding(
                CODE,
                tuple(sorted(meeting.offers)),
                one.starts_on,
                one.ends_before,
                one.severity,
                products=one.shared_products,
                customers=one.shared_customers,
                numbers={
                    "products": one.shared_products,
                    "customers": one.shared_customers,
                    "days": meeting.days,
                    "first_day": one.starts_on.isoformat(),
                    "last_day": (one.ends_before - timedelta(days=1)).isoformat(),
                },
                levers=LEVERS,
            )


def _side(offer: Offer) -> Side:
    return Side(
        offer.department,
        offer.starts_on,
        offer.ends_before,
        len(offer.products),
        len(offer.customers),
        offer.channels,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    return _("Both reach %(customers)s with %(products)s on %(days)s.") % {
        "customers": words.customers(numbers["customers"]),
        "products": words.products(numbers["products"]),
        "days": words.days(numbers["days"]),
    }
