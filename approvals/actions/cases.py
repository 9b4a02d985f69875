"""The life of a case: found and opened, escalated by time or by a party, ended, taken up again. The only writer of Case.state."""

import logging
from collections.abc import Collection, Mapping, Sequence
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
    outbox,
    proposals,
    rule_notices,
    terms,
    time_to_decide,
)
from approvals.choices import AGREEING_STATES, OPEN_STATES, CaseState, MailEvent, ReopenedBecause, TimerKind
from approvals.models import Case, CaseCollision, EscalationPolicy
from approvals.permissions import can_escalate, can_open
from approvals.queries import news
from approvals.queries.causes import cause_of_vanishing
from approvals.queries.disputes import Pair, latest_between, open_between, open_cases, open_collisions
from approvals.queries.recipients import administrators, concerned, parties
from approvals.queries.working_time import house_clock
from approvals.rules import closing
from approvals.rules.case_machine import CASE, OUTCOMES
from approvals.rules.working_time import Clock
from campaigns.models import Campaign, Collision
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.severity import RANK
from customers.actions import events
from customers.clock import local_day
from customers.models import Event
from customers.rules.transitions import IllegalTransition, target_of

logger = logging.getLogger(__name__)

TOPICS = ["collisions.changed", "campaign.unled"]

# Pairs handled in one transaction; an import may bring thousands, and SQLite lets nobody else write meanwhile: opening
# a case takes some fiftieths of a second.
MOST_PAIRS = 25


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS. What is too much for one transaction is recorded again for the next."""
    pairs: set[Pair] = set()
    for event in batch:
        if event.topic == "campaign.unled":
            _tell_unled(event, now)
        else:
            pairs.update((one, two) for one, two in event.payload["pairs"])
    ordered = sorted(pairs)
    for start in range(MOST_PAIRS, len(ordered), MOST_PAIRS):
        events.record("collisions.changed", now=now, pairs=ordered[start : start + MOST_PAIRS])
    consider(ordered[:MOST_PAIRS], now=now)


def recheck(*, now: datetime) -> None:
    """Look again at open cases without an open collision, as when their last shared day went by unnoticed."""
    alive = CaseCollision.objects.filter(collision__in=open_collisions(local_day(now)))
    idle = Case.objects.filter(state__in=OPEN_STATES).exclude(pk__in=alive.values("case"))
    for pair in list(idle.order_by("pk").values_list("campaign_a", "campaign_b")):
        try:
            consider([pair], now=now)
        except Exception:
            logger.exception("the case of campaigns %d and %d was not looked at again", *pair)


@transaction.atomic
def consider(pairs: Collection[Pair], *, now: datetime) -> None:
    """Make the cases of these pairs of campaigns follow their collisions: open, grow, close.

    Both campaigns are locked and the collisions read again, so that of many reactors one opens the case.
    """
    pairs = {(one, two) for one, two in pairs if one != two}
    if not pairs:
        return
    cases, campaigns = _lock(pairs)
    policy, settings, clock = EscalationPolicy.objects.get(), settings_of(), house_clock()
    disputing: set[int] = set()
    for pair, collisions in sorted(open_between(pairs, local_day(now)).items()):
        case = cases.get(frozenset(pair))
        if case is None:
            if not _reach(collisions, policy, settings):
                continue
            first, second = sorted((campaigns[pk] for pk in pair), key=lambda campaign: campaign.code)
            if first.department_id != second.department_id:
                _begin(first, second, collisions, policy, clock, now)
                disputing.update(pair)
        elif collisions:
            _grow(case, collisions, policy, clock, now)
            disputing.update(pair)
        elif case.state != CaseState.DECIDED:
            _vanish(case, now)
    if disputing:
        # Once for all of them: a campaign may dispute with many others.
        holds.keep(disputing, now=now)


def _lock(pairs: Collection[Pair]) -> tuple[dict[frozenset[int], Case], dict[int, Campaign]]:
    """Lock the open cases of the pairs, then their campaigns.

    A case that somebody opened while we waited for the campaigns is not locked, and locking it now would be the wrong
    order: the campaigns are let go (with the savepoint) and both are taken again. Once we have the campaigns, nobody
    opens another.
    """
    while True:
        with transaction.atomic():
            known = open_cases(pairs)
            locked = [dossier.lock_case(pk) for pk in sorted(known.values())]
            campaigns = dossier.lock_campaigns({pk for pair in pairs for pk in pair})
            if not open_cases(pairs).items() - known.items():
                break
            transaction.set_rollback(True)
    cases = [case for case in locked if case and case.state in OPEN_STATES]
    for case in cases:
        case.campaign_a, case.campaign_b = campaigns[case.campaign_a_id], campaigns[case.campaign_b_id]
    return {frozenset((case.campaign_a_id, case.campaign_b_id)): case for case in cases}, campaigns


def _begin(
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
        level=_highest(collisions),
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
    _join(case, collisions)
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
        _vanish(locked, now)
        return locked
    _join(locked, collisions)
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
        dossier.tell(case, MailEvent.CASE_OPENED, parties(case), occasion="1", now=now)
        rule_notices.announce(case, clock=clock, now=now)
    else:
        _hurry(case, now)


def _grow(case: Case, collisions: Sequence[Collision], policy: EscalationPolicy, clock: Clock, now: datetime) -> None:
    """Join new collisions and follow the highest level. A deadline only ever comes nearer.

    What was proposed about a collision that is gone lapses.
    """
    _join(case, collisions)
    proposals.lapse(case, now=now, but=collisions)
    level = _highest(collisions)
    if level != case.level:
        dossier.note(case, "level", by=None, now=now, changes={"level": (case.level, level)})
        case.level = level
        case.save(update_fields=["level"])
    if case.state == CaseState.DETECTED and not deadlines.settle(case, collisions, policy=policy, clock=clock):
        open_now(case=case, by=None, now=now, key="hurry")
    if case.state == CaseState.NEGOTIATION and not deadlines.bring_nearer(case, collisions, clock=clock, now=now):
        _hurry(case, now)
    elif case.state == CaseState.MEDIATION:
        time_to_decide.bring_nearer(case, collisions, clock=clock, now=now)


def _hurry(case: Case, now: datetime) -> None:
    """What collides begins too soon for anybody to agree before: a mediator decides at once."""
    dossier.note(case, "hurry", by=None, now=now)
    escalate(case=case, by=None, now=now, key="hurry", is_hurried=True)


def _vanish(case: Case, now: datetime) -> None:
    """Nothing collides any more: the sides agreed, if the last thing that they did was to accept a proposal."""
    was_told = case.state != CaseState.DETECTED
    cause = cause_of_vanishing(case)
    is_agreed = cause.kind == closing.AGREED
    close(case, "agree" if is_agreed else "vanish", by=None, now=now, because=closing.store(cause))
    if was_told:
        event = MailEvent.CASE_AGREED if is_agreed else MailEvent.CASE_VANISHED
        dossier.tell(case, event, concerned(case), occasion="1", now=now)


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
    told = parties(locked)
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
    _join(again, open_between([pair], local_day(now))[pair])
    changes = {"state": ("", again.state), "level": ("", again.level)}
    dossier.note(again, "reopen", by=by, now=now, reason=reason, changes=changes)
    mediation.assign(again, now=now)
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


def _join(case: Case, collisions: Sequence[Collision]) -> None:
    rows = [CaseCollision(case=case, collision=collision) for collision in collisions]
    CaseCollision.objects.bulk_create(rows, ignore_conflicts=True)


def _reach(collisions: Sequence[Collision], policy: EscalationPolicy, settings: Mapping[str, Setting]) -> bool:
    """Whether one of them is severe enough, by its rule's own level or by that of the policy."""
    own = {rule: setting.opens_from for rule, setting in settings.items()}
    return any(
        # A rule that is no part of the house any more has no level of its own.
        RANK[collision.level] >= RANK[own.get(collision.rule) or policy.opens_at_level]
        for collision in collisions
    )


def _highest(collisions: Sequence[Collision]) -> str:
    return max((collision.level for collision in collisions), key=RANK.__getitem__)


def _tell_unled(event: Event, now: datetime) -> None:
    """A campaign came in without an accountable: administrators hear of it, unless it has one by now."""
    campaign = (
        Campaign.objects.filter(pk=event.payload["campaign"], accountable=None).select_related("department").first()
    )
    if campaign:
        outbox.queue(
            event=MailEvent.CAMPAIGN_WITHOUT_LEAD,
            recipients=administrators(),
            news=news.of_campaign(campaign),
            key=f"campaign:{campaign.pk}:{MailEvent.CAMPAIGN_WITHOUT_LEAD}:{event.pk}",
            now=now,
            campaign=campaign,
        )
