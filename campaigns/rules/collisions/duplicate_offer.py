"""Two offers make nearly the same promise on nearly the same products, at the same time."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import alike, on_what, shared
from campaigns.rules.collisions.facts import Meeting, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.collisions.promised import figures, promised
from campaigns.rules.collisions.words import per_cent, percent
from campaigns.rules.promises import figure, is_money, is_stated, jaccard, same_kind
from campaigns.rules.severity import weigh

CODE = "duplicate_offer"
NAME = gettext_lazy("Duplicate offer")
SUMMARY = gettext_lazy("Two offers make nearly the same promise on nearly the same products.")
BASE = 30
OPTIONS = (
    Option(
        "jaccard",
        gettext_lazy("Shared part of all products of both, from which offers are alike"),
        Decimal("0.8"),
        Decimal("0.5"),
        Decimal(1),
    ),
    Option(
        "time",
        gettext_lazy("Shared part of the shorter period, from which offers are alike"),
        Decimal("0.5"),
        Decimal(0),
        Decimal(1),
    ),
    Option(
        "tolerance",
        gettext_lazy("How far apart the same promise may be: percentage points, or percent of the price"),
        Decimal(1),
        Decimal(0),
        Decimal(10),
        "%",
    ),
)
LEVERS = ("withdraw", "exclude_products", "shift_dates")


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        if not _may_be_alike(meeting, options):
            continue
        both = (meeting.a, meeting.b)
        missing = unsaid(meeting) + [(one.id, "terms") for one in both if not is_stated(one.terms)]
        if gaps.add(missing) or not same_kind(meeting.a.terms, meeting.b.terms):
            continue
        close = _is_close(plan, meeting, Fraction(options["tolerance"]))
        if close is None:
            gaps.add((one.id, "price") for one in both)
        elif close:
            yield _finding(plan, meeting, options)
    yield from gaps


def _may_be_alike(meeting: Meeting, options: Options) -> bool:
    a, b = meeting.a, meeting.b
    mechanics = {a.terms.mechanic, b.terms.mechanic}
    if "message" in mechanics or len(mechanics - {""}) > 1 or not may_meet(meeting):
        return False
    if Fraction(*meeting.time) < Fraction(options["time"]):
        return False
    return not (a.knows_products and b.knows_products) or jaccard(meeting) >= Fraction(options["jaccard"])


def _is_close(plan: Plan, meeting: Meeting, tolerance: Fraction) -> bool | None:
    """Whether the figures are as good as equal on every shared product; `None` = a list price would have to be known."""
    one, other = figure(meeting.a.terms), figure(meeting.b.terms)
    if one is None or other is None or one == other:
        return one == other
    apart = abs(Fraction(one) - Fraction(other))
    if not is_money(meeting.a.terms):
        return meeting.a.terms.mechanic == "percent" and apart <= tolerance
    groups, missing = alike(plan, meeting.products)
    lowest = min((Fraction(group.product.price) for group in groups if group.product.price is not None), default=None)
    if lowest is not None and apart > tolerance * lowest / 100:
        return False
    return None if missing else lowest is not None


def _finding(plan: Plan, meeting: Meeting, options: Options) -> Finding:
    likeness = jaccard(meeting)
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=likeness,
            parts=(Fraction(*meeting.time), Fraction(*meeting.product_part), Fraction(*meeting.audience_part)),
        ),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting)
        | {
            "likeness": per_cent(likeness),
            "promise_a": figures(plan, meeting.a.terms),
            "promise_b": figures(plan, meeting.b.terms),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = on_what(numbers) | {
        "promise": promised(numbers["promise_a"]),
        "other": promised(numbers["promise_b"]),
        "likeness": percent(numbers["likeness"]),
    }
    if numbers["promise_a"] == numbers["promise_b"]:
        what = _(
            "%(a)s and %(b)s make the same promise (%(promise)s), and %(likeness)s of their products are the same."
        )
    else:
        what = _(
            "%(a)s and %(b)s make nearly the same promise (%(promise)s and %(other)s), and %(likeness)s of their"
            " products are the same."
        )
    return what % words + " " + _("From %(first)s to %(last)s, %(customers)s see it twice.") % words
