"""More time to agree: one side asks, the other answers. The only writer of Extension.state."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.actions import deadlines, dossier
from approvals.choices import CaseState, ExtensionState, MailEvent
from approvals.models import Case, Extension
from approvals.permissions import can_answer_extension, can_propose, speaks_for
from approvals.queries.recipients import Recipient, once, parties, side
from approvals.queries.working_time import house_clock
from approvals.rules.terms_machine import EXTENSION
from customers.rules.transitions import target_of


@transaction.atomic
def ask(*, case: Case, hours: int, reason: str, by: User, now: datetime) -> Extension:
    """Ask the other side for more working hours to agree: each side once in a case, granted once.

    Raises:
        PermissionDenied: `by` speaks for neither side.
        ValidationError: the time is over, somebody asked already, more hours than the terms of the case allow, no reason,
            or the first collision begins so soon that the deadline cannot move.
    """
    locked = dossier.locked(case.pk)
    _check_running(locked, now)
    if not can_propose(by, locked):
        raise PermissionDenied(_("Only the two departments of the case ask each other for more time."))
    asking = _side_that_asks(locked, by)
    _check_hours(locked, hours)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other department reads it.")})
    until = _until(locked, hours)
    made: Extension = Extension.objects.create(
        case=locked,
        campaign_id=asking,
        hours=hours,
        reason=reason.strip(),
        asked_by=by,
        asked_at=now,
        state=target_of(EXTENSION, "ask_for_time", ""),
    )
    made.case = locked
    _note(made, "ask_for_time", before="", by=by, now=now, reason=made.reason)
    others = [one for one in (locked.campaign_a, locked.campaign_b) if one.pk != asking]
    people = once(person for campaign in others for person in side(campaign))
    _tell(made, MailEvent.EXTENSION_ASKED, people, by=by, now=now, reason=made.reason, until=until)
    return made


@transaction.atomic
def grant(*, case: Case, by: User, now: datetime) -> Extension:
    """Consent: the deadline and its timers move, never beyond what has to be settled before the first collision.

    Raises:
        PermissionDenied: `by` may not bind the side that was asked.
        ValidationError: nobody asks, the time is over, or the deadline cannot move any more.
    """
    asked = _waiting(case, by, now)
    locked, before = asked.case, asked.case.agree_by
    _until(locked, asked.hours)
    deadlines.extend(locked, asked.hours, clock=house_clock(), now=now)
    _answer(asked, "grant_time", by=by, now=now, moved=(before, locked.agree_by))
    people = once([*parties(locked), Recipient(asked.asked_by, "proposer")])
    _tell(asked, MailEvent.EXTENSION_GRANTED, people, by=by, now=now)
    return asked


@transaction.atomic
def decline(*, case: Case, by: User, now: datetime, reason: str = "") -> Extension:
    """Say no: the deadline stays. Raises as `grant`."""
    asked = _waiting(case, by, now)
    _answer(asked, "decline_time", by=by, now=now, answer=reason.strip())
    campaigns = (asked.case.campaign_a, asked.case.campaign_b)
    asking = next(one for one in campaigns if one.pk == asked.campaign_id)
    people = once([*side(asking), Recipient(asked.asked_by, "proposer")])
    _tell(asked, MailEvent.EXTENSION_DECLINED, people, by=by, now=now, reason=asked.answer)
    return asked


def lapse(case: Case, *, now: datetime) -> None:
    """End what a locked case still asks: its negotiation is over."""
    for asked in Extension.objects.filter(case=case, state=ExtensionState.OPEN):
        asked.case = case
        _answer(asked, "lapse_time", by=None, now=now)


def _check_running(case: Case, now: datetime) -> None:
    if case.state != CaseState.NEGOTIATION or case.agree_by <= now:
        raise ValidationError(
            _("The time to agree on %(case)s is over, so the deadline does not move any more.") % {"case": case.label},
            code="state",
        )


def _side_that_asks(case: Case, by: User) -> int:
    """The campaign in whose name `by` asks.

    Raises:
        ValidationError: this was asked already.
    """
    asked = list(Extension.objects.filter(case=case))
    if any(one.state == ExtensionState.GRANTED for one in asked):
        text = _("The departments have put off this deadline already, which is possible once: agree until then.")
        raise ValidationError(text, code="state")
    if any(one.state == ExtensionState.OPEN for one in asked):
        text = _("More time is asked for already, and the answer has not come yet.")
        raise ValidationError(text, code="state")
    free = speaks_for(by, case) - {one.campaign_id for one in asked}
    if not free:
        text = _("Your side has asked for more time already, which is possible once, and the other declined.")
        raise ValidationError(text, code="state")
    return min(free)


def _check_hours(case: Case, hours: int) -> None:
    if case.hours_to_extend == 0:
        text = _("By the terms of this case its deadline is not put off.")
        raise ValidationError(text, code="state")
    if not 1 <= hours <= case.hours_to_extend:
        text = ngettext(
            "By the terms of this case it is at most %(most)d working hour.",
            "By the terms of this case it is 1 to %(most)d working hours.",
            case.hours_to_extend,
        )
        raise ValidationError({"hours": text % {"most": case.hours_to_extend}})


def _until(case: Case, hours: int) -> datetime:
    """The deadline with so many more hours.

    Raises:
        ValidationError: it is not later than the one of now.
    """
    until = deadlines.deadline_with(case, hours)
    if until <= case.agree_by:
        text = _("The deadline cannot move: the first collision begins too soon after it for anybody to decide then.")
        raise ValidationError(text, code="state")
    return until


def _waiting(case: Case, by: User, now: datetime) -> Extension:
    """The request of a case that waits for the answer of `by`, under the lock of the case."""
    locked = dossier.locked(case.pk)
    _check_running(locked, now)
    rows = Extension.objects.select_related("asked_by").filter(case=locked, state=ExtensionState.OPEN)
    asked: Extension | None = rows.first()
    if asked is None:
        raise ValidationError(_("Nobody asks for more time now. Reload the page."), code="state")
    asked.case = locked
    if not can_answer_extension(by, asked):
        raise PermissionDenied(
            _("Only who may change the offers of the side that was asked grants or declines more time.")
        )
    return asked


def _answer(
    asked: Extension,
    step: str,
    *,
    by: User | None,
    now: datetime,
    answer: str = "",
    moved: tuple[datetime, datetime] | None = None,
) -> None:
    before, asked.state = asked.state, target_of(EXTENSION, step, asked.state)
    asked.answered_by, asked.answered_at, asked.answer = by, now, answer
    asked.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    _note(asked, step, before=before, by=by, now=now, reason=answer, moved=moved)


def _note(
    asked: Extension,
    step: str,
    *,
    before: str,
    by: User | None,
    now: datetime,
    reason: str,
    moved: tuple[datetime, datetime] | None = None,
) -> None:
    changes: dict[str, tuple[object, object]] = {f"extension {asked.pk}": (before, asked.state)}
    if moved:
        changes["agree_by"] = moved
    dossier.note(asked.case, step, by=by, now=now, reason=reason, changes=changes)


def _tell(
    asked: Extension,
    event: str,
    people: list[Recipient],
    *,
    by: User,
    now: datetime,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    dossier.tell(
        asked.case,
        event,
        people,
        occasion=str(asked.pk),
        now=now,
        by=by,
        reason=reason,
        hours=asked.hours,
        until=until,
    )
