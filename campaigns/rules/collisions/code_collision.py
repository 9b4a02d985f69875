"""Two offers ask for the same code, or for codes that people mistake for each other.

Customers carry a code from one channel to another and to other people, so neither channels nor audiences separate two
codes, and a code that ended lately still lies in a drawer. Every planned code is looked at, whatever the pairs are.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.codes import SAME, SHORTEST, alike
from campaigns.rules.collisions.facts import Meeting, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.words import day, last_day, named, quantity, who
from campaigns.rules.severity import weigh

CODE = "code_collision"
NAME = gettext_lazy("Code used twice")
SUMMARY = gettext_lazy("Two offers ask for the same code, or for codes that are easily mistaken for each other.")
BASE = 55
OPTIONS = (
    Option(
        "base_alike",
        gettext_lazy("Base points of codes that only look alike"),
        Decimal(30),
        Decimal(0),
        Decimal(100),
    ),
    Option(
        "quiet_days",
        gettext_lazy("Days between two offers after which a code is free again"),
        Decimal(90),
        Decimal(0),
        Decimal(730),
        gettext_lazy("days"),
    ),
    Option(
        "shortest",
        gettext_lazy("Characters from which codes with one difference look alike"),
        Decimal(SHORTEST),
        Decimal(2),
        Decimal(32),
        gettext_lazy("characters"),
    ),
)
LEVERS = ("rename_code", "shift_dates", "withdraw")


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    codes = {one.id: one.redemption_code for one in plan.offers.values() if one.redemption_code}
    found = [(plan.meeting(one, two), how) for one, two, how in alike(codes, shortest=int(options["shortest"]))]
    for meeting, how in sorted(found, key=lambda pair: (pair[0].a.code, pair[0].b.code)):
        if not _are_one_plan(meeting) and (meeting.days or _gap(meeting) < options["quiet_days"]):
            yield _finding(meeting, how, options)


def _are_one_plan(meeting: Meeting) -> bool:
    """One campaign may well have one code for all its offers, or a code for each step."""
    a, b = meeting.a, meeting.b
    return meeting.is_joint or (bool(a.campaign) and a.campaign == b.campaign)


def _gap(meeting: Meeting) -> int:
    """Days between the end of the one and the start of the other."""
    return (meeting.starts_on - meeting.ends_before).days


def _finding(meeting: Meeting, how: str, options: Options) -> Finding:
    a, b = meeting.a, meeting.b
    if meeting.days:
        first, end, part = meeting.starts_on, meeting.ends_before, Fraction(*meeting.time)
    else:
        # It shows when the later one runs.
        first, end = max((one.starts_on, one.ends_before) for one in (a, b))
        part = Fraction(1)
    is_same = how == SAME
    return Finding(
        CODE,
        tuple(sorted(meeting.offers)),
        first,
        end,
        weigh(
            base=int(options["base" if is_same else "base_alike"]),
            impact=Fraction(1) if is_same else Fraction(1, 2),
            parts=(part,),
        ),
        numbers={
            "a": named(a) | {"code": a.redemption_code},
            "b": named(b) | {"code": b.redemption_code},
            "is_same": is_same,
            "shared_days": meeting.days,
            "days_between": 0 if meeting.days else _gap(meeting),
            "first_day": first.isoformat(),
            "last_day": last_day(end),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    a, b = numbers["a"], numbers["b"]
    named = {"a": who(a), "code": a["code"], "b": who(b), "other": b["code"]}
    if not numbers["is_same"]:
        codes = _("The code %(code)s of %(a)s is easily mistaken for %(other)s of %(b)s.") % named
    elif a["code"] == b["code"]:
        codes = _("%(a)s and %(b)s both ask for the code %(code)s.") % named
    else:
        codes = _("The code %(code)s of %(a)s and %(other)s of %(b)s are one to a till.") % named
    return f"{codes} {_when(numbers)}"


def _when(numbers: Mapping[str, Any]) -> str:
    if numbers["shared_days"]:
        days = {"first": day(numbers["first_day"]), "last": day(numbers["last_day"])}
        return _("Both are valid from %(first)s to %(last)s.") % days
    between = numbers["days_between"]
    if not between:
        return _("One begins on the day after the other ends, while customers still have the old code.")
    return ngettext(
        "Only %(n)s day lies between them, and customers still have the old code.",
        "Only %(n)s days lie between them, and customers still have the old code.",
        between,
    ) % {"n": quantity(between)}
