"""A mediator leaves a case: they step aside, a party challenges them, or their time is over. The next person decides."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import cases, dossier, mediation
from approvals.choices import CaseState, MailEvent, RecusalKind, TimerKind
from approvals.models import Case, Recusal
from approvals.permissions import answers_for_sides, can_step_aside, sides_to_challenge
from approvals.queries.recipients import administrators


@transaction.atomic
def step_aside(*, case: Case, by: User, now: datetime, key: str, reason: str = "") -> Case:
    """Leave the case to the next person. The same `key` again, from the same person, changes nothing.

    Raises:
        PermissionDenied: `by` is not the mediator of this case.
        ValidationError: the case is decided.
    """
    locked = dossier.locked(case.pk)
    request = dossier.key_of("step_aside", locked, key)
    if dossier.is_repeated(request, by):
        return locked
    if by.pk == locked.mediator_id and locked.state != CaseState.MEDIATION:
        cases.step_of(locked, "reassign")
    if not can_step_aside(by, locked):
        raise PermissionDenied(_("Only the mediator of this case steps aside."))
    Recusal.objects.create(
        case=locked, person=by, kind=RecusalKind.RECUSED, said_by=by, said_at=now, reason=reason.strip()
    )
    _pass_on(locked, "step_aside", RecusalKind.RECUSED, by=by, now=now, reason=reason.strip(), key=request)
    return locked


@transaction.atomic
def challenge(*, case: Case, reason: str, by: User, now: datetime, key: str, mediator: User | None = None) -> Case:
    """Refuse the mediator in the name of one side, which can do so once in a case.

    Args:
        mediator: whom `by` was shown; None = whoever it is now.
        key: the same key again, from the same person, changes nothing.

    Raises:
        PermissionDenied: `by` answers for neither party.
        ValidationError: the case is not with a mediator, or with another one by now; the side has challenged already; or
            there is no reason.
    """
    locked = dossier.locked(case.pk)
    request = dossier.key_of("challenge", locked, key)
    if dossier.is_repeated(request, by):
        return locked
    if not answers_for_sides(by, locked):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns challenge a mediator."))
    challenged = _challenged(locked, mediator)
    sides = sides_to_challenge(by, locked)
    if not sides:
        text = _("Your side has challenged a mediator in this case already, which is possible once.")
        raise ValidationError(text, code="state")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other department and the next mediator read it.")})
    Recusal.objects.create(
        case=locked,
        person=challenged,
        kind=RecusalKind.CHALLENGED,
        campaign_id=sides[0],
        said_by=by,
        said_at=now,
        reason=reason.strip(),
    )
    _pass_on(locked, "challenge", RecusalKind.CHALLENGED, by=by, now=now, reason=reason.strip(), key=request)
    return locked


def run_out(case: Case, *, now: datetime) -> bool:
    """The time of whoever has the locked case is over: it passes to the next person, and does not come back.

    That is nobody's fault, so nobody says it. While nobody else is free it stays where it is, since a late decision is
    better than none: administrators are told once, and who becomes free has it within the hour. Returns whether it passed.
    """
    mediator = case.mediator
    assert mediator, "somebody has the case"
    if mediation.find_mediator(case, now=now, but={mediator.pk: RecusalKind.TIMEOUT}).chosen is None:
        _keep(case, now)
        return False
    Recusal.objects.create(case=case, person=mediator, kind=RecusalKind.TIMEOUT, said_at=now)
    _pass_on(case, "time_out", RecusalKind.TIMEOUT, by=None, now=now)
    return True


def _keep(case: Case, now: datetime) -> None:
    number = mediation.round_of(case)
    key = f"overdue:{case.pk}:{number}"
    if not dossier.answer_to(key):
        dossier.note(case, "overdue", by=None, now=now, key=key)
        dossier.tell(case, MailEvent.CASE_UNDECIDED, administrators(), occasion=str(number), now=now)
    dossier.arm(case, TimerKind.DECIDE, now + mediation.TRY_AGAIN_AFTER)


def _challenged(case: Case, shown: User | None) -> User:
    cases.step_of(case, "reassign")
    mediator: User | None = case.mediator
    if mediator is None:
        raise ValidationError(_("Nobody mediates this case just now."), code="state")
    if shown is not None and shown.pk != mediator.pk:
        raise ValidationError(_("Another mediator has the case by now. Look at who it is."), code="stale")
    return mediator


def _pass_on(
    case: Case, verb: str, why: str, *, by: User | None, now: datetime, reason: str = "", key: str | None = None
) -> None:
    assert case.mediator, "somebody leaves"
    changes = {"mediator": (case.mediator.username, None)}
    dossier.note(case, verb, by=by, now=now, reason=reason, changes=changes, key=key)
    mediation.assign(case, now=now, by=by, passed_on=why)
