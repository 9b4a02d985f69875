"""One offer tells customers something that another one makes untrue.

Claims are structured: each kind has its own test over the plan (contradictions), so that this is exact and no matter of
words. Of several claims of one kind the worst is told. Claims whose truth the law asks for weigh in full, others less.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.collisions.benefits import Unknown
from campaigns.rules.collisions.claim_cases import Case, Contradiction
from campaigns.rules.collisions.contradictions import contradiction
from campaigns.rules.collisions.evidence import listed, with_examples
from campaigns.rules.collisions.facts import Meeting, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.words import customers, day, last_day, money, named, quantity, who
from campaigns.rules.severity import Severity, weigh

CODE = "claim_contradiction"
NAME = gettext_lazy("Untrue claim")
SUMMARY = gettext_lazy("One offer tells customers something that another one makes untrue.")
BASE = 45
OPTIONS = (
    Option(
        "days_after",
        gettext_lazy("Days for which something stays away that is said to end"),
        Decimal(14),
        Decimal(1),
        Decimal(366),
        gettext_lazy("days"),
    ),
)
LEVERS = ("rewrite_message", "shift_dates", "exclude_products", "withdraw")
# The weight of a claim whose truth no law asks for.
OTHER = Fraction(3, 5)

_Untrue = tuple[Severity, Case, Contradiction]


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for meeting in plan.meetings:
        for mine, theirs in ((meeting.a, meeting.b), (meeting.b, meeting.a)):
            if mine.claims and not meeting.is_joint:
                for untrue in _untrue(plan, meeting, mine, theirs, options, gaps).values():
                    yield _finding(untrue)
    yield from gaps


def _untrue(
    plan: Plan, meeting: Meeting, mine: Offer, theirs: Offer, options: Options, gaps: Gaps
) -> dict[str, list[_Untrue]]:
    """The claims of `mine` that `theirs` makes untrue, by kind, the worst first."""
    found: dict[str, list[_Untrue]] = {}
    for claim in mine.claims:
        case = Case(plan, meeting, claim, mine, theirs, int(options["days_after"]))
        try:
            fact = contradiction(case)
        except Unknown as unknown:
            gaps.add(unknown.missing)
            continue
        if fact is not None:
            severity = weigh(
                base=int(options["base"]),
                impact=Fraction(1) if claim.is_legal else OTHER,
                parts=(fact.time, Fraction(*fact.people)),
                certainty=fact.certainty,
            )
            found.setdefault(claim.kind, []).append((severity, case, fact))
    for claims in found.values():
        claims.sort(key=lambda one: (-one[0].score, one[1].claim.text))
    return found


def _finding(untrue: list[_Untrue]) -> Finding:
    severity, case, fact = untrue[0]
    return Finding(
        CODE,
        (min(case.meeting.offers), max(case.meeting.offers)),
        fact.starts_on,
        fact.ends_before,
        severity,
        key=f"{case.mine.id}:{case.claim.kind}",
        products=fact.products,
        customers=fact.people[0],
        numbers={
            "claimant": named(case.mine),
            "other": named(case.theirs),
            "kind": case.claim.kind,
            "claim": case.claim.text,
            "is_legal": case.claim.is_legal,
            "fact": fact.fact,
            **fact.numbers,
            "more": len(untrue) - 1,
            "first_day": fact.starts_on.isoformat(),
            "last_day": last_day(fact.ends_before),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    told = _("%(claimant)s tells customers “%(claim)s”. %(other)s makes that untrue: %(fact)s") % {
        "claimant": who(numbers["claimant"]),
        "claim": numbers["claim"],
        "other": who(numbers["other"]),
        "fact": _fact(numbers),
    }
    more = numbers["more"]
    if not more:
        return told
    also = ngettext(
        "The same is so for %(n)s more claim of this kind.", "The same is so for %(n)s more claims of this kind.", more
    )
    return f"{told} {also % {'n': number_format(more)}}"


def _fact(numbers: Mapping[str, Any]) -> str:
    words = {name: numbers[name] for name in ("product", "brand") if name in numbers}
    words |= {name: money(numbers[name]) for name in ("price", "claimed", "minimum") if name in numbers}
    words |= {name: quantity(numbers[name]) for name in ("promised", "available") if name in numbers}
    if "examples" in numbers:
        words["products"] = with_examples(numbers["products"], numbers["examples"])
    match numbers["fact"]:
        case "lower_price":
            return _("with it %(product)s costs %(price)s, not %(claimed)s.") % words
        case "outside_segment":
            words["customers"] = customers(numbers["customers"])
            return _("as much goes to %(customers)s outside of that group, on %(products)s.") % words
        case "elsewhere" if numbers["channels"]:
            words["channels"] = listed(numbers["channels"])
            return _("it is on offer on %(channels)s too, with %(products)s.") % words
        case "elsewhere":
            return _("it is on offer elsewhere too, with %(products)s.") % words
        case "goes_on":
            words["day"] = day(numbers["again_on"])
            return _("on %(day)s it gives as much, on %(products)s.") % words
        case "discounted":
            return _("it takes something off %(products)s of %(brand)s.") % words
        case "shipping":
            return _("with it shipping is free only from %(minimum)s.") % words
    return _("together they promise %(promised)s of %(product)s, where there are %(available)s.") % words
