"""The mediator decides: the effect is shown first, then enforced in one transaction with the closing of the case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import cases, dossier
from approvals.actions.enforcement import Effect, carry_out
from approvals.choices import CaseState, MailEvent
from approvals.models import Case, Ruling
from approvals.permissions import can_decide
from approvals.queries.facts import facts_hash
from approvals.queries.news import name_of
from approvals.queries.recipients import concerned, without
from approvals.rules.operations import Operation, OperationError, check, serialise
from campaigns.actions import collisions

SHORTEST_REASON = 10


class StaleFacts(ValidationError):
    """The case is not what the mediator was shown any more."""

    def __init__(self) -> None:
        text = _("The case changed while you were reading. Look at the evidence again, then decide.")
        super().__init__(text, code="stale")


def preview(*, case: Case, operations: Sequence[Operation], by: User, now: datetime) -> Effect:
    """What deciding so would do. Exact: it is done, read and undone again.

    Raises:
        PermissionDenied: `by` may not decide this case.
        ValidationError: the operations contradict each other, or an offer cannot be changed so.
    """
    try:
        with transaction.atomic():
            locked = _lock(case)
            check_mandate(locked, by)
            _check_operations(locked, operations)
            _undo(_enforce(locked, operations, by=by, now=now, reason=locked.label))
    except _Undone as undone:
        return undone.effect


@transaction.atomic
def decide(
    *, case: Case, operations: Sequence[Operation], reason: str, by: User, now: datetime, facts: str, key: str
) -> Ruling:
    """Decide the case: enforce the operations, allow what still collides, close, tell everybody concerned.

    Args:
        facts: approvals.queries.cases.facts_hash of what `by` was shown.
        key: the same key again, from the same person, gives the same ruling and does nothing.

    Raises:
        PermissionDenied: `by` may not decide this case now.
        StaleFacts: the case changed since it was shown.
        ValidationError: the case is closed, the reason too short, or the operations impossible.
    """
    locked = _lock(case)
    request = dossier.key_of("decide", locked, key)
    answer = dossier.answer_to(request)
    if answer and answer.actor == by.get_username():
        return Ruling.objects.get(case=locked)
    check_mandate(locked, by)
    reason = _checked(reason)
    _check_operations(locked, operations)
    if facts != facts_hash(locked):
        raise StaleFacts
    effect = _enforce(locked, operations, by=by, now=now, reason=reason)
    ruling = Ruling.objects.create(
        case=locked,
        decided_by=by,
        decided_at=now,
        reason=reason,
        operations=serialise(operations),
        effect=effect.as_json(),
    )
    cases.close(locked, "decide", by=by, now=now, reason=reason, key=request)
    dossier.tell(
        locked,
        MailEvent.CASE_DECIDED,
        concerned(locked),
        occasion="1",
        now=now,
        by=by,
        reason=reason,
        orders=tuple(operations),
    )
    return ruling


def _checked(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        text = _("Give your reason in at least %(least)d characters: both departments read it.")
        raise ValidationError({"reason": text % {"least": SHORTEST_REASON}})
    return reason


def _lock(case: Case) -> Case:
    locked = dossier.locked(case.pk)
    campaigns = dossier.lock_campaigns([locked.campaign_a_id, locked.campaign_b_id])
    locked.campaign_a, locked.campaign_b = campaigns[locked.campaign_a_id], campaigns[locked.campaign_b_id]
    return locked


def check_mandate(case: Case, by: User) -> None:
    """See that `by` may decide a locked case.

    Raises:
        PermissionDenied: they may not.
        ValidationError: they could have, but the case is closed.
    """
    if case.state == CaseState.CLOSED and by.pk == case.mediator_id:
        cases.step_of(case, "decide")
    if not can_decide(by, case):
        raise PermissionDenied(
            _("Only the mediator of this case decides it, and only while nothing ties them to a party.")
        )


def _check_operations(case: Case, operations: Sequence[Operation]) -> None:
    try:
        check(operations, campaigns=[case.campaign_a.code, case.campaign_b.code])
    except OperationError as error:
        raise ValidationError({"operations": str(error)}) from error


def _enforce(case: Case, operations: Sequence[Operation], *, by: User, now: datetime, reason: str) -> Effect:
    outcome = carry_out(case, operations, by=by, now=now, reason=reason)
    collisions.settle(collision_ids=outcome.remaining, by=by, now=now, reason=reason)
    told = tuple(name_of(recipient.user) for recipient in without(concerned(case), by))
    return replace(outcome.effect, told=told)


class _Undone(Exception):
    """Carries the effect out of a transaction that is rolled back."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


def _undo(effect: Effect) -> NoReturn:
    raise _Undone(effect)
