"""Enforcing a decision together with what it allows, for good or only to see exactly what it would do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from django.contrib.auth.models import User
from django.db import transaction

from approvals.actions.enforcement import Effect, carry_out
from approvals.models import Case
from approvals.queries.news import name_of
from approvals.queries.recipients import concerned, without
from approvals.rules.operations import Operation
from campaigns.actions import collisions


def enforce(case: Case, operations: Sequence[Operation], *, by: User | None, now: datetime, reason: str) -> Effect:
    """Carry the operations out and allow what still collides between the two campaigns, which are locked."""
    outcome = carry_out(case, operations, by=by, now=now, reason=reason)
    collisions.settle(collision_ids=outcome.remaining, by=by, now=now, reason=reason)
    told = tuple(name_of(recipient.user) for recipient in without(concerned(case), by))
    return replace(outcome.effect, told=told)


def try_out(case: Case, operations: Sequence[Operation], *, by: User | None, now: datetime, reason: str) -> Effect:
    """The effect of `enforce`, which is done, read and undone again."""
    try:
        with transaction.atomic():
            _undo(enforce(case, operations, by=by, now=now, reason=reason))
    except _Undone as undone:
        return undone.effect


class _Undone(Exception):
    """Carries the effect out of a transaction that is rolled back."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


def _undo(effect: Effect) -> NoReturn:
    raise _Undone(effect)
