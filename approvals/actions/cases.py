"""The life of a case: found and opened, escalated by time or by a party, ended, taken up again. The only writer of Case.state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import (
    deadlines,
    dossier,
    extensions,
    holds,
    mediation,
    meetings,
    proposals,
    rule_notices,
    terms,
)
from approvals.choices import AGREEING_STATES, CaseState, MailEvent, ReopenedBecause, TimerKind
from approvals.models import Case, CaseCollision, EscalationPolicy
from approvals.permissions import can_escalate, can_open
from approvals.queries.causes import cause_of_vanishing
from approvals.queries.disputes import latest_between, open_between
from approvals.queries.recipients import both_sides, everybody
from approvals.queries.working_time import house_clock
from approvals.rules import closing
from approvals.rules.case_machine import CASE, OUTCOMES
from approvals.rules.working_time import Clock
from campaigns.models import Campaign, Collision
from campaigns.rules.severity import RANK
from customers.clock import local_day
from customers.rules.transitions import IllegalTransition, target_of


def begin(
    first: Campaign,
    second: Campaign,
    collisions: Sequence[Collision],
    policy: EscalationPolicy,
    clock: Clock,
    now: datetime,
) -> None:
    """Open a case; or, where the policy waits for what vanishes by itself, only note what was found."""
    case = Case(
        campaign_a=first,
        campaign_b=second,
        level=highest(collisions),
        detected_at=now,
        opened_at=now,
        hours_to_appeal=policy.hours_to_appeal,
    )
    case.reopened_from = latest_between(first.pk, second.pk)
    case.reopened_because = ReopenedBecause.FACTS if case.reopened_from else ""
    has_time = deadlines.settle(case, collisions, policy=policy, clock=clock)
    step = "detect" if has_time and policy.minutes_before_opening else "open"
    case.state = target_of(CASE, step, "")
    case.save()
    join(case, collisions)
    dossier.note(case, step, by=None, now=now, changes={"state": ("", case.state), "level": ("", case.level)})
    if step == "detect":
        dossier.arm(case, TimerKind.OPEN, now + timedelta(minutes=policy.minutes_before_opening))
    else:
        _start_the_clock(case, clock, now, has_time=has_time)


@transaction.atomic
def open_now(*, case: Case, by: User | None, now: datetime, key: str) -> Case:
    """Let the departments begin to agree about what was found: its time is up (`by=None`), or a party wants to.

    The same `key` again changes nothing.

    Raises:
        PermissionDenied: `by` answers for neither party.
        ValidationError: the case is open already, or gone.
    """
    locked = dossier.locked(case.pk)
    request = dossier.key_of("open", locked, key)
    if dossier.answer_to(request):
        return locked
    step_of(locked, "open")
    if by is not None and not can_open(by, locked):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns open their case."))
    pair = (locked.campaign_a_id, locked.campaign_b_id)
    collisions = open_between([pair], local_day(now))[pair]
    if not collisions:
        vanish(locked, now)
        return locked
    join(locked, collisions)
    clock = house_clock()
    locked.opened_at = now
    has_time = deadlines.settle(locked, collisions, policy=EscalationPolicy.objects.get(), clock=clock)
    move(locked, "open", now=now, **{field: getattr(locked, field) for field in ("opened_at", *deadlines.SETTLED)})
    dossier.disarm(locked, now=now, result="opened", kinds=[TimerKind.OPEN])
    changes = {"state": (CaseState.DETECTED, CaseState.NEGOTIATION)}
    dossier.note(locked, "open", by=by, now=now, changes=changes, key=request)
    _start_the_clock(locked, clock, now, has_time=has_time)
    return locked


def _start_the_clock(case: Case, clock: Clock, now: datetime, *, has_time: bool) -> None:
    if has_time:
        deadlines.arm(case, clock=clock, now=now)
        dossier.tell(case, MailEvent.CASE_OPENED, both_sides(case), occasion="1", now=now)
        rule_notices.announce(case, clock=clock, now=now)
    else:
        hurry(case, now)


def hurry(case: Case, now: datetime) -> None:
    """What collides begins too soon for anybody to agree before: a mediator decides at once."""
    dossier.note(case, "hurry", by=None, now=now)
    escalate(case=case, by=None, now=now, key="hurry", is_hurried=True)


def vanish(case: Case, now: datetime) -> None:
    """Nothing collides any more: the sides agreed, if the last thing that they did was to accept a proposal."""
    was_told = case.state != CaseState.DETECTED
    cause = cause_of_vanishing(case)
    is_agreed = cause.kind == closing.AGREED
    close(case, "agree" if is_agreed else "vanish", by=None, now=now, because=closing.store(cause))
    if was_told:
        event = MailEvent.CASE_AGREED if is_agreed else MailEvent.CASE_VANISHED
        dossier.tell(case, event, everybody(case), occasion="1", now=now)


@transaction.atomic
def escalate(
    *, case: Case, by: User | None, now: datetime, key: str, reason: str = "", is_hurried: bool = False
) -> Case:
    """Give the case to a mediator: its time is over (`by=None`), or a party says that nobody will agree.

    `is_hurried`: there was no time at all.

    The same `key` again changes nothing.

    Raises:
        PermissionDenied: `by` answers for neither party.
        ValidationError: the case is not in negotiation any more.
    """
    locked = dossier.locked(case.pk)
    request = dossier.key_of("escalate", locked, key)
    if dossier.answer_to(request):
        return locked
    step_of(locked, "escalate")
    if by is not None and not can_escalate(by, locked):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns end their negotiation."))
    move(locked, "escalate", now=now, escalated_at=now)
    dossier.disarm(locked, now=now, result="escalated")
    changes = {"state": (CaseState.NEGOTIATION, CaseState.MEDIATION)}
    dossier.note(locked, "escalate", by=by, now=now, reason=reason, changes=changes, key=request)
    mediation.assign(locked, now=now, reason=reason)
    told = both_sides(locked)
    dossier.tell(
        locked, MailEvent.CASE_ESCALATED, told, occasion="1", now=now, by=by, reason=reason, is_hurried=is_hurried
    )
    return locked


def close(
    case: Case,
    step: str,
    *,
    by: User | None,
    now: datetime,
    because: str = "",
    reason: str = "",
    key: str | None = None,
    goes_on: bool = False,
) -> None:
    """End a locked case by a step of OUTCOMES: no timers, no mandate, and no holds but those of other cases.

    `goes_on`: another takes it up at once, so that its offers stay held.
    """
    before = case.state
    move(case, step, now=now, outcome=OUTCOMES[step], closed_at=now, closed_because=because)
    dossier.disarm(case, now=now, result="closed")
    dossier.note(case, step, by=by, now=now, reason=reason, changes={"state": (before, case.state)}, key=key)
    mediation.release(case)
    meetings.call_off(case, now=now)
    if not goes_on:
        holds.keep([case.campaign_a_id, case.campaign_b_id], now=now)


def take_up(case: Case, because: str, *, by: User | None, now: datetime, reason: str = "") -> Case:
    """A new case, in mediation at once, in place of a locked one that has just ended.

    What is decided after an appeal is final.
    """
    again = Case(
        reopened_from=case,
        reopened_because=because,
        state=target_of(CASE, "reopen", ""),
        detected_at=now,
        opened_at=now,
        agree_by=now,
        escalated_at=now,
    )
    hours = ("hours_to_agree", "hours_to_decide", "hours_before_start")
    for column in ("campaign_a", "campaign_b", "level", *hours, "settle_before"):
        setattr(again, column, getattr(case, column))
    again.hours_to_appeal = 0 if because == ReopenedBecause.APPEAL else case.hours_to_appeal
    again.save()
    pair = (again.campaign_a_id, again.campaign_b_id)
    join(again, open_between([pair], local_day(now))[pair])
    changes = {"state": ("", again.state), "level": ("", again.level)}
    dossier.note(again, "reopen", by=by, now=now, reason=reason, changes=changes)
    mediation.assign(again, now=now, reason=reason)
    holds.keep(pair, now=now)
    return again


def move(case: Case, step: str, *, now: datetime, **columns: Any) -> None:
    """Take a locked case one step on.

    What its sides asked of each other ends with their negotiation, and so does the notice of a standing rule; terms end
    with the case.
    """
    columns["state"] = step_of(case, step)
    if columns["state"] != CaseState.NEGOTIATION:
        proposals.lapse(case, now=now)
        extensions.lapse(case, now=now)
        rule_notices.end(case, now=now)
    if columns["state"] not in AGREEING_STATES:
        terms.lapse(case, now=now)
    for column, value in columns.items():
        setattr(case, column, value)
    case.save(update_fields=list(columns))


def step_of(case: Case, step: str) -> str:
    """The state that `step` leads to.

    Raises:
        ValidationError: the case is not in a state for it.
    """
    try:
        return target_of(CASE, step, case.state)
    except IllegalTransition as error:
        raise ValidationError(
            _("%(case)s is in the state “%(state)s” now, so this is no longer possible. Reload the page.")
            % {"case": case.label, "state": case.get_state_display()},
            code="state",
        ) from error


def join(case: Case, collisions: Sequence[Collision]) -> None:
    """Put them into the case; those that are in it stay."""
    rows = [CaseCollision(case=case, collision=collision) for collision in collisions]
    CaseCollision.objects.bulk_create(rows, ignore_conflicts=True)


def highest(collisions: Sequence[Collision]) -> str:
    """The level of the most severe one."""
    return max((collision.level for collision in collisions), key=RANK.__getitem__)
