"""What time does to cases. Timers are rows; the sweep runs what is due, late or twice with the same result."""

import logging
from datetime import datetime

from django.db import transaction

from approvals.actions import cases, dossier, mediation, recusals, rule_enforcement, rulings
from approvals.actions.mediation import find_mediator
from approvals.choices import CaseState, MailEvent, TimerKind
from approvals.models import Case, Timer
from approvals.queries.impartiality import barred
from approvals.queries.recipients import Recipient, parties
from approvals.queries.working_time import house_clock
from approvals.rules.deadlines import in_working_time

__all__ = ["find_mediator", "replace_mediators", "run_due_timers"]

logger = logging.getLogger(__name__)

AT_ONCE = 500


def run_due_timers(*, now: datetime) -> int:
    """Run what is due, one transaction each; a failing one is logged and tried again by the next sweep.

    The list is fixed first: a timer that arms itself again must not come round twice in one run. Returns how many ran.
    """
    due = Timer.objects.filter(done_at=None, due_at__lte=now).order_by("due_at", "id")
    done = 0
    for pk, case_id in list(due.values_list("pk", "case_id")[:AT_ONCE]):
        try:
            done += _run(pk, case_id, now)
        except Exception:
            logger.exception("timer %d of case %d failed", pk, case_id)
    return done


def replace_mediators(*, now: datetime) -> None:
    """Give cases on, whose mediator has left, or has joined a party, since they got them."""
    waiting = Case.objects.filter(state=CaseState.MEDIATION, mediator__isnull=False).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            _replace(pk, now)
        except Exception:
            logger.exception("case %d keeps a mediator who cannot decide", pk)


@transaction.atomic
def _run(pk: int, case_id: int, now: datetime) -> bool:
    case = dossier.lock_case(case_id, wait=False)
    if case is None:
        return False  # somebody acts on the case just now; the next sweep looks again
    # Read again under the lock: another sweep may have run it, a step of the case may have moved or ended it.
    timer = Timer.objects.get(pk=pk)
    if timer.done_at is not None or timer.due_at > now:
        return False
    _DUE[TimerKind(timer.kind)](case, timer, now)
    return True


def _remind(case: Case, timer: Timer, now: datetime) -> None:
    if case.state != CaseState.NEGOTIATION:
        _finish(timer, now, "not needed")
    elif _is_time(timer, case.agree_by, now):
        dossier.tell(case, MailEvent.CASE_REMINDER, parties(case), occasion=str(timer.pk), now=now)


def _remind_decision(case: Case, timer: Timer, now: datetime) -> None:
    if case.state != CaseState.MEDIATION or case.mediator is None or case.decide_by is None:
        _finish(timer, now, "not needed")
    elif _is_time(timer, case.decide_by, now):
        mediator = Recipient(case.mediator, "mediator")
        dossier.tell(case, MailEvent.DECISION_REMINDER, [mediator], occasion=str(timer.pk), now=now)


def _is_time(timer: Timer, deadline: datetime, now: datetime) -> bool:
    """Whether to remind now of a deadline; if not, it is put off, or over."""
    # A sweep may come late, and then at night or in the days between: nobody is reminded while nobody works.
    at = in_working_time(now, house_clock())
    if deadline <= at:
        # After an outage the deadline itself may have passed: "you have a day left" would be wrong.
        _finish(timer, now, "too late")
    elif at > now:
        Timer.objects.filter(pk=timer.pk).update(due_at=at)
    else:
        _finish(timer, now, "reminded")
        return True
    return False


def _escalate(case: Case, timer: Timer, now: datetime) -> None:
    if case.state == CaseState.NEGOTIATION:
        cases.escalate(case=case, by=None, now=now, key=f"timer:{timer.pk}")
    else:
        _finish(timer, now, "not needed")


def _assign(case: Case, timer: Timer, now: datetime) -> None:
    if case.state == CaseState.MEDIATION and case.mediator_id is None:
        mediation.assign(case, now=now)
    else:
        _finish(timer, now, "not needed")


def _decide(case: Case, timer: Timer, now: datetime) -> None:
    if case.state == CaseState.MEDIATION and case.mediator is not None:
        recusals.run_out(case, now=now)
    else:
        _finish(timer, now, "not needed")


def _open(case: Case, timer: Timer, now: datetime) -> None:
    if case.state == CaseState.DETECTED:
        cases.open_now(case=case, by=None, now=now, key=f"timer:{timer.pk}")
    else:
        _finish(timer, now, "not needed")


def _enforce(case: Case, timer: Timer, now: datetime) -> None:
    if case.state == CaseState.DECIDED:
        rulings.enforce(case=case, now=now)
    else:
        _finish(timer, now, "not needed")


def _apply_rule(case: Case, timer: Timer, now: datetime) -> None:
    found = rule_enforcement.apply_due(case, now=now)
    _finish(timer, now, "rule over" if found else "not needed")


_DUE = {
    TimerKind.REMIND: _remind,
    TimerKind.ESCALATE: _escalate,
    TimerKind.ASSIGN: _assign,
    TimerKind.OPEN: _open,
    TimerKind.ENFORCE: _enforce,
    TimerKind.RULE: _apply_rule,
    TimerKind.REMIND_DECISION: _remind_decision,
    TimerKind.DECIDE: _decide,
}


@transaction.atomic
def _replace(pk: int, now: datetime) -> None:
    case = dossier.lock_case(pk, wait=False)
    if case is None or case.state != CaseState.MEDIATION or case.mediator_id is None:
        return
    if why := barred(case, [case.mediator_id]):
        mediation.assign(case, now=now, passed_on=why[case.mediator_id])


def _finish(timer: Timer, now: datetime, result: str) -> None:
    Timer.objects.filter(pk=timer.pk).update(done_at=now, result=result)
