"""Two offers stand on one page before the same customers, and what the one is there for works against the other.

Two pairs of goals work against each other:

- `grow_list` and `conversion`: who is asked for an address leaves the way to the till, and who buys sees no form.
- `clear_stock` and `margin`: the low price beside it is the one that customers measure the full price by.

To be noticed (`awareness`) and to reward loyal customers (`loyalty`) go with every other goal, and a goal with itself is a
matter of space, not of goals. On one placement both take turns before the same eyes, which is worse than side by side.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.facts import Booking, Meeting, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.words import customers, day, last_day, named, who
from campaigns.rules.severity import weigh

CODE = "conflicting_goals"
NAME = gettext_lazy("Conflicting goals")
SUMMARY = gettext_lazy("Offers on the same page want the same customers to do different things.")
BASE = 25
OPTIONS: Sequence[Option] = ()
LEVERS = ("swap_placement", "shift_dates", "exclude_customers", "withdraw")

GOALS = {
    "grow_list": gettext_lazy("grow the mailing list"),
    "conversion": gettext_lazy("sell on this page"),
    "awareness": gettext_lazy("be noticed"),
    "clear_stock": gettext_lazy("clear stock"),
    "margin": gettext_lazy("protect the margin"),
    "loyalty": gettext_lazy("reward loyal customers"),
}
CONTRADICTIONS = frozenset({frozenset({"grow_list", "conversion"}), frozenset({"clear_stock", "margin"})})
_DIVISIVE = frozenset().union(*CONTRADICTIONS)


@dataclass(frozen=True)
class _Clash:
    """Two bookings on one page that share days, of the offers `meeting.a` and `meeting.b`."""

    meeting: Meeting
    a: Booking
    b: Booking

    @property
    def starts_on(self) -> date:
        return max(self.a.starts_on, self.b.starts_on)

    @property
    def ends_before(self) -> date:
        return min(self.a.ends_before, self.b.ends_before)

    @property
    def time(self) -> Fraction:
        shorter = min(one.ends_before - one.starts_on for one in (self.a, self.b))
        return Fraction((self.ends_before - self.starts_on).days, shorter.days)

    @property
    def goals(self) -> frozenset[str]:
        return frozenset({self.a.goal, self.b.goal})

    @property
    def same_placement(self) -> bool:
        return self.a.placement == self.b.placement


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for page, stands in sorted(_pages(plan).items()):
        worst: dict[tuple[str, str], Finding] = {}
        for clash in _clashes(plan, stands):
            if gaps.add(_missing(clash)) or clash.goals not in CONTRADICTIONS:
                continue
            finding = _finding(plan, page, clash, options)
            pair = (clash.meeting.a.code, clash.meeting.b.code)
            if pair not in worst or _rank(worst[pair]) < _rank(finding):
                worst[pair] = finding
        yield from (finding for _, finding in sorted(worst.items(), key=lambda one: one[0]))
    yield from gaps


def _pages(plan: Plan) -> dict[str, list[tuple[Booking, Offer]]]:
    """Who stands on each page, in the order of days; a placement without a page is a page of its own."""
    pages: dict[str, list[tuple[Booking, Offer]]] = {}
    for offer in plan.offers.values():
        for booking in offer.bookings:
            page = plan.placements[booking.placement].page or str(booking.placement)
            pages.setdefault(page, []).append((booking, offer))
    for stands in pages.values():
        stands.sort(key=lambda one: (one[0].starts_on, one[1].code, one[0].ends_before, one[0].placement))
    return pages


def _clashes(plan: Plan, stands: Sequence[tuple[Booking, Offer]]) -> Iterator[_Clash]:
    """Bookings that meet before customers whom both have, as far as is known, and whose goals may work against each other."""
    for place, (booking, offer) in enumerate(stands):
        for later, other in stands[place + 1 :]:
            if later.starts_on >= booking.ends_before:
                break
            if offer.id == other.id or not _may_contradict(booking.goal, later.goal):
                continue
            meeting = plan.meeting(offer.id, other.id)
            if meeting.channels_meet and not meeting.is_joint and _may_share_customers(meeting):
                a, b = (booking, later) if meeting.a.id == offer.id else (later, booking)
                yield _Clash(meeting, a, b)


def _may_share_customers(meeting: Meeting) -> bool:
    known = [one for one in (meeting.a, meeting.b) if one.knows_audience]
    return meeting.customers > 0 if len(known) == 2 else all(one.customers for one in known)


def _may_contradict(one: str, other: str) -> bool:
    """Whether two goals contradict each other, or could if the one that is not stated ("") were."""
    if one and other:
        return frozenset({one, other}) in CONTRADICTIONS
    return not (one or other) or (one or other) in _DIVISIVE


def _missing(clash: _Clash) -> Iterator[tuple[int, str]]:
    for offer, booking in ((clash.meeting.a, clash.a), (clash.meeting.b, clash.b)):
        if not offer.knows_audience:
            yield offer.id, "audience"
        if not booking.goal:
            yield offer.id, "goal"


def _rank(finding: Finding) -> tuple[int, int, int]:
    """The most severe one first, then the longest, then the earliest."""
    days = (finding.ends_before - finding.starts_on).days
    return finding.severity.score, days, -finding.starts_on.toordinal()


def _finding(plan: Plan, page: str, clash: _Clash, options: Options) -> Finding:
    meeting = clash.meeting
    return Finding(
        CODE,
        (min(meeting.offers), max(meeting.offers)),
        clash.starts_on,
        clash.ends_before,
        weigh(
            base=int(options["base"]),
            impact=Fraction(1) if clash.same_placement else Fraction(1, 2),
            parts=(clash.time, Fraction(*meeting.audience_part)),
        ),
        key=page,
        customers=meeting.customers,
        numbers={
            "a": named(meeting.a) | {"placement": plan.placements[clash.a.placement].name, "goal": clash.a.goal},
            "b": named(meeting.b) | {"placement": plan.placements[clash.b.placement].name, "goal": clash.b.goal},
            "same_placement": clash.same_placement,
            "customers": meeting.customers,
            "first_day": clash.starts_on.isoformat(),
            "last_day": last_day(clash.ends_before),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    wishes = {
        side: _("%(offer)s wants to %(goal)s (%(placement)s)")
        % {
            "offer": who(numbers[side]),
            "goal": GOALS[numbers[side]["goal"]],
            "placement": numbers[side]["placement"],
        }
        for side in ("a", "b")
    }
    return _(
        "%(a)s, while %(b)s: for the same %(customers)s from %(first)s to %(last)s the one works against the other."
    ) % {
        **wishes,
        "customers": customers(numbers["customers"]),
        "first": day(numbers["first_day"]),
        "last": day(numbers["last_day"]),
    }
