"""Until when a mediator decides: given with the case, nearer when something collides earlier, counted anew with the calendar.

All on cases that are locked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from approvals.actions import deadlines, dossier
from approvals.actions.deadlines import NEARER
from approvals.choices import CaseState, TimerKind
from approvals.models import Case, Timer
from approvals.queries.working_time import house_clock
from approvals.rules.deadlines import RUNGS, TimeToDecide
from approvals.rules.working_time import Clock
from campaigns.models import Collision

FIELDS = ("assigned_at", "decide_by")
# What a timer of somebody says who has the case no more.
PASSED_ON = "passed on"


def give(case: Case, *, now: datetime) -> None:
    """Let the time of whoever mediates the case begin; without anybody there is none. The caller saves FIELDS."""
    case.assigned_at = now if case.mediator else None
    case.decide_by = _terms(case).decide_by(house_clock()) if case.mediator else None


def end(case: Case, *, now: datetime) -> None:
    """Whoever has the case loses it: their timers must not strike the next one."""
    dossier.disarm(case, now=now, result=PASSED_ON, kinds=[TimerKind.DECIDE, TimerKind.REMIND_DECISION])


def arm(case: Case, *, now: datetime) -> None:
    """Set the timers of whoever has just got the case."""
    assert case.decide_by, "somebody has the case"
    dossier.arm(case, TimerKind.DECIDE, case.decide_by)
    for rung, at in _terms(case).reminders(case.decide_by, house_clock()).items():
        dossier.arm(case, TimerKind.REMIND_DECISION, max(at, now), rung=rung)


def bring_nearer(case: Case, collisions: Sequence[Collision], *, clock: Clock, now: datetime) -> None:
    """Follow what collides earlier than before, as far as that leaves time to decide: a deadline only ever comes nearer."""
    nearest = deadlines.first_beginning(case, collisions, clock, now)
    if nearest is None or (case.settle_before and case.settle_before <= nearest):
        return
    case.settle_before = nearest
    case.save(update_fields=["settle_before"])
    if case.mediator is None:
        return
    assert case.decide_by, "somebody has the case"
    before, until = case.decide_by, _terms(case).decide_by(clock, seen_at=now)
    if until >= before:
        return
    dossier.note(case, "deadline", by=None, now=now, changes={"decide_by": (before, until)})
    _move(case, until, clock=clock, now=now)


def recount(case: Case, *, clock: Clock, why: Mapping[str, Any], by: User | None, now: datetime) -> None:
    """Follow a calendar that changed, as approvals.actions.deadlines.recount. Nobody is reminded twice on a rung."""
    if case.state != CaseState.MEDIATION or case.mediator is None:
        return
    assert case.assigned_at, "somebody has the case"
    assert case.decide_by, "somebody has the case"
    before, until = case.decide_by, _terms(case).decide_by(clock)
    if until == before:
        return
    changes = deadlines.of_time(why, case.assigned_at, max(before, until))
    dossier.note(case, "recount", by=by, now=now, changes={"decide_by": (before, until), **changes})
    _move(case, until, clock=clock, now=now)


def _move(case: Case, until: datetime, *, clock: Clock, now: datetime) -> None:
    before, case.decide_by = case.decide_by, until
    assert before, "somebody has the case"
    case.save(update_fields=["decide_by"])
    dossier.arm(case, TimerKind.DECIDE, until)
    reminders = Timer.objects.filter(case=case, kind=TimerKind.REMIND_DECISION, due_at__gt=case.assigned_at)
    told = set(reminders.filter(done_at__isnull=False).exclude(result=PASSED_ON).values_list("rung", flat=True))
    planned = _terms(case).reminders(until, clock)
    for rung in RUNGS:
        at = planned.get(rung)
        if rung in told:
            continue
        if at is None or at <= now:
            reminders.filter(rung=rung, done_at=None).update(done_at=now, result="passed")
        else:
            dossier.arm(case, TimerKind.REMIND_DECISION, at, rung=rung)
    if now < until < before:
        # The mediator knows the old one.
        dossier.arm(case, TimerKind.REMIND_DECISION, now, rung=NEARER)


def _terms(case: Case) -> TimeToDecide:
    assert case.assigned_at, "somebody has the case"
    return TimeToDecide(case.assigned_at, case.hours_to_decide, case.settle_before, case.hours_before_start)
