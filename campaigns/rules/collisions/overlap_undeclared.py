"""Two offers meet on the same products and people, and nobody said whether they combine."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.evidence import on_what, shared
from campaigns.rules.collisions.facts import Meeting, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.rules.combinability import declared, says
from campaigns.rules.severity import weigh

CODE = "overlap_undeclared"
NAME = gettext_lazy("Undeclared overlap")
SUMMARY = gettext_lazy("Two offers meet on the same products and customers, and nobody said whether they combine.")
BASE = 15
OPTIONS: tuple[Option, ...] = ()
LEVERS = ("declare_combinable", "declare_exclusive", "exclude_products", "shift_dates")


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        a, b = meeting.a, meeting.b
        if "message" in {a.terms.mechanic, b.terms.mechanic} or not may_meet(meeting) or declared(plan, a, b):
            continue
        missing = unsaid(meeting) + [(one.id, "terms") for one in (a, b) if not one.terms.mechanic]
        if not gaps.add(missing):
            yield _finding(plan, meeting, options)
    yield from gaps


def _finding(plan: Plan, meeting: Meeting, options: Options) -> Finding:
    a, b = meeting.a, meeting.b
    products = Fraction(*meeting.product_part)
    silent = [side for side, one, other in (("a", a, b), ("b", b, a)) if says(one, other) is None]
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        meeting.starts_on,
        meeting.ends_before,
        weigh(
            base=int(options["base"]),
            impact=products,
            parts=(Fraction(*meeting.time), products, Fraction(*meeting.audience_part)),
        ),
        products=len(meeting.products),
        customers=meeting.customers,
        numbers=shared(plan, meeting) | {"silent": silent},
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = on_what(numbers)
    if numbers["channels"]:
        what = _(
            "%(a)s and %(b)s both apply to %(products)s on %(channels)s, from %(first)s to %(last)s, for %(customers)s."
        )
    else:
        what = _("%(a)s and %(b)s both apply to %(products)s, from %(first)s to %(last)s, for %(customers)s.")
    if len(numbers["silent"]) == 2:
        return what % words + " " + _("Neither says whether they combine.")
    silent = words[numbers["silent"][0]]
    return what % words + " " + _("%(offer)s does not say whether they combine.") % {"offer": silent}
