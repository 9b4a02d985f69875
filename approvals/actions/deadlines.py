"""The deadline of a case: settled when it opens, nearer when something collides earlier, counted anew with the calendar.

All on cases that are locked, or are not stored yet.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from approvals.actions import dossier
from approvals.choices import CaseState, TimerKind
from approvals.models import Case, EscalationPolicy, Timer
from approvals.queries.working_time import house_clock
from approvals.rules import deadlines
from approvals.rules.deadlines import RUNGS, Terms
from approvals.rules.working_time import Clock, after
from campaigns.models import Collision
from customers.clock import local_day

NEARER = 0  # the rung of the reminder that tells of a deadline that came nearer
SETTLED = (
    "hours_to_agree",
    "hours_to_decide",
    "hours_before_start",
    "hours_to_extend",
    "settle_before",
    "agree_by",
)
_FIELDS = ["settle_before", "agree_by"]


def settle(case: Case, collisions: Sequence[Collision], *, policy: EscalationPolicy, clock: Clock) -> bool:
    """Write into a new case by which terms it runs, and until when.

    Returns whether there is time to agree; if not, the deadline is the opening itself.
    """
    case.hours_to_agree, case.hours_before_start = policy.hours_to_agree, policy.hours_before_start
    case.hours_to_extend = policy.hours_to_extend
    case.hours_to_decide = policy.hours_to_decide
    case.settle_before = first_beginning(case, collisions, clock, case.opened_at)
    return _follow(case, clock, now=case.opened_at)


def bring_nearer(case: Case, collisions: Sequence[Collision], *, clock: Clock, now: datetime) -> bool:
    """Follow what collides earlier than before: a deadline only ever comes nearer. False without time to agree."""
    known, before = case.settle_before, case.agree_by
    nearest = first_beginning(case, collisions, clock, now)
    if nearest is None or (known and known <= nearest):
        return True
    case.settle_before = nearest
    if before <= nearest:
        # It limits nothing now, and may once the calendar gives the working hours more days.
        case.save(update_fields=["settle_before"])
        return True
    has_time = _follow(case, clock, now=now)
    case.save(update_fields=_FIELDS)
    dossier.note(case, "deadline", by=None, now=now, changes={"agree_by": (before, case.agree_by)})
    if has_time:
        arm(case, clock=clock, now=now, is_nearer=True)
    return has_time


def recount(case: Case, *, clock: Clock, why: Mapping[str, Any], by: User | None, now: datetime) -> None:
    """Follow a calendar that changed: `why` is what changed in it, {"2026-12-25": (before, after)}.

    A deadline that has passed by the new calendar is left to the next sweep.
    """
    if case.state != CaseState.NEGOTIATION:
        return
    before, case.agree_by = case.agree_by, terms_of(case).agree_by(clock)
    if case.agree_by != before:
        case.save(update_fields=["agree_by"])
        changes = {"agree_by": (before, case.agree_by), **of_time(why, case.opened_at, max(before, case.agree_by))}
        dossier.note(case, "recount", by=by, now=now, changes=changes)
    arm(case, clock=clock, now=now, is_nearer=case.agree_by < before)


def deadline_with(case: Case, hours: int, clock: Clock | None = None) -> datetime:
    """Until when the parties would have, with so many more working hours: never beyond what is settled before."""
    whole = case.hours_to_agree + case.hours_extended + hours
    return Terms(case.opened_at, whole, case.settle_before).agree_by(clock or house_clock())


def extend(case: Case, hours: int, *, clock: Clock, now: datetime) -> None:
    """Give a case in negotiation more time, and move its timers."""
    case.agree_by = deadline_with(case, hours, clock)
    case.hours_extended += hours
    case.save(update_fields=["agree_by", "hours_extended"])
    arm(case, clock=clock, now=now)


def arm(case: Case, *, clock: Clock, now: datetime, is_nearer: bool = False) -> None:
    """Set or move the timers of a case in negotiation; who was reminded on a rung is not reminded on it again."""
    dossier.arm(case, TimerKind.ESCALATE, case.agree_by)
    reminders = Timer.objects.filter(case=case, kind=TimerKind.REMIND)
    told = set(reminders.filter(done_at__isnull=False).values_list("rung", flat=True))
    planned = terms_of(case).reminders(case.agree_by, clock)
    for rung in RUNGS:
        at = planned.get(rung)
        if rung in told:
            continue
        if at is None or (is_nearer and at <= now):
            # The reminder of the nearer deadline says the same.
            reminders.filter(rung=rung, done_at=None).update(done_at=now, result="passed")
        else:
            dossier.arm(case, TimerKind.REMIND, max(at, now), rung=rung)
    if is_nearer and case.agree_by > now:
        # The parties know the old deadline.
        dossier.arm(case, TimerKind.REMIND, now, rung=NEARER)


def takes_effect_at(case: Case, *, now: datetime) -> datetime:
    """When what is decided now is carried out: after the time to appeal, but before what collides begins."""
    if not case.hours_to_appeal:
        return now
    ends = after(now, timedelta(hours=case.hours_to_appeal), house_clock())
    return max(now, min(ends, case.settle_before or ends))


def terms_of(case: Case) -> Terms:
    return Terms(case.opened_at, case.hours_to_agree + case.hours_extended, case.settle_before)


def first_beginning(case: Case, collisions: Sequence[Collision], clock: Clock, now: datetime) -> datetime | None:
    """Before when the case must be settled, by its own terms; None if everything that collides runs already."""
    days = [collision.starts_on for collision in collisions]
    return deadlines.settle_before(days, hours_before=case.hours_before_start, now=now, clock=clock)


def of_time(why: Mapping[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
    """Without days that lie outside of the case: an import changes those of years."""
    first, last = local_day(start).isoformat(), local_day(end).isoformat()
    return {name: pair for name, pair in why.items() if not name[0].isdecimal() or first <= name <= last}


def _follow(case: Case, clock: Clock, *, now: datetime) -> bool:
    terms = terms_of(case)
    case.agree_by = terms.agree_by(clock)
    if terms.is_too_late(case.agree_by, now, clock):
        case.agree_by = now
        return False
    return True
