"""Carrying out what a mediator orders or both sides agree on: tried first, then done with the closing of the case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from approvals.actions.enforcement import Effect, carry_out
from approvals.models import Case
from approvals.queries.party import name_of
from approvals.queries.recipients import everybody, without
from approvals.rules.operations import Operation, OperationError, check
from campaigns.actions import collisions


def check_operations(case: Case, operations: Sequence[Operation]) -> None:
    """See that they make one decision about this case.

    Raises:
        ValidationError: they do not.
    """
    try:
        check(operations, campaigns=[case.campaign_a.code, case.campaign_b.code])
    except OperationError as error:
        raise ValidationError({"operations": str(error)}) from error


def enforce(case: Case, operations: Sequence[Operation], *, by: User | None, now: datetime, reason: str) -> Effect:
    """Change the offers of a locked case as ordered, and allow what still collides.

    Raises:
        ValidationError: an offer cannot be changed so.
    """
    outcome = carry_out(case, operations, by=by, now=now, reason=reason)
    collisions.settle(collision_ids=outcome.remaining, by=by, now=now, reason=reason)
    told = tuple(name_of(recipient.user) for recipient in without(everybody(case), by))
    return replace(outcome.effect, told=told)


def tried(case: Case, operations: Sequence[Operation], *, by: User | None, now: datetime) -> Effect:
    """What `enforce` would do. Exact: it is done, read and undone again. Raises as `enforce`."""
    try:
        with transaction.atomic():
            _undo(enforce(case, operations, by=by, now=now, reason=case.label))
    except _Undone as undone:
        return undone.effect


class _Undone(Exception):
    """Carries the effect out of a transaction that is rolled back."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


def _undo(effect: Effect) -> NoReturn:
    raise _Undone(effect)
