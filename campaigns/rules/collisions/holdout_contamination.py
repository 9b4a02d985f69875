"""An offer reaches the control group of another one's test, so that the test no longer shows what the other did.

Customers who get the second offer buy what the first one is measured by, on whatever channel it came to them. Who is in
the second offer's own control group does not get it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.facts import Meeting, Numbers, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.words import customers, day, last_day, named, per_cent, percent, who
from campaigns.rules.severity import weigh

CODE = "holdout_contamination"
NAME = gettext_lazy("Control group reached")
SUMMARY = gettext_lazy("An offer reaches customers whom another offer's test keeps as its control group.")
BASE = 30
OPTIONS = (
    Option(
        "least_share",
        gettext_lazy("Share of the control group that may be reached without a collision"),
        Decimal(0),
        Decimal(0),
        Decimal(100),
        "%",
    ),
)
LEVERS = ("exclude_customers", "shift_dates", "exclude_products", "withdraw")


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        if not meeting.days or meeting.is_joint:
            continue
        for tested, other in ((meeting.a, meeting.b), (meeting.b, meeting.a)):
            if not tested.control_group or not _may_touch(meeting):
                continue
            missing = [(one.id, "products") for one in (tested, other) if not one.knows_products]
            if not other.knows_audience:
                gaps.add([*missing, (other.id, "audience")])
                continue
            share = Fraction(len(contaminated(tested, other)), len(tested.control_group))
            if 100 * share > Fraction(options["least_share"]) and not gaps.add(missing):
                yield _finding(meeting, tested, other, options)
    yield from gaps


def _may_touch(meeting: Meeting) -> bool:
    """Whether one of the two sells what the other one is measured by, as far as anybody knows."""
    a, b = meeting.a, meeting.b
    if not a.knows_products or not b.knows_products:
        return True
    # A test measures what sells in its categories.
    return bool(meeting.products) or bool(a.categories & b.categories)


def _finding(meeting: Meeting, tested: Offer, other: Offer, options: Options) -> Finding:
    reached = len(contaminated(tested, other))
    share = Fraction(reached, len(tested.control_group))
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(base=int(options["base"]), impact=share, parts=(Fraction(*meeting.time),)),
        key=str(tested.id),
        products=len(meeting.products),
        customers=reached,
        numbers={
            "tested": named(tested),
            "other": named(other),
            "reached": reached,
            "control_group": len(tested.control_group),
            "share": per_cent(share),
            "first_day": meeting.starts_on.isoformat(),
            "last_day": last_day(meeting.ends_before),
        },
        levers=LEVERS,
    )


def contaminated(tested: Offer, other: Offer) -> Numbers:
    """Customers in the control group of `tested` who would get `other`."""
    reached = tested.control_group & other.customers
    return reached - other.control_group if reached and other.control_group else reached


def tell(numbers: Mapping[str, Any]) -> str:
    return _(
        "%(other)s reaches %(reached)s of the control group of %(tested)s, %(share)s of it, from %(first)s to %(last)s."
        " The test's result would be biased."
    ) % {
        "other": who(numbers["other"]),
        "tested": who(numbers["tested"]),
        "reached": customers(numbers["reached"]),
        "share": percent(numbers["share"]),
        "first": day(numbers["first_day"]),
        "last": day(numbers["last_day"]),
    }
