"""The only writer of the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from customers.models import HistoryEntry


def write(
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    verb: str,
    subject: str,
    scope: str | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    key: str | None = None,
) -> HistoryEntry:
    """Record inside the transaction of the change itself; `by=None` is the system.

    `subject` and `scope` are `"kind:code"`; `changes` is `{field: (before, after)}`.
    """
    assert transaction.get_connection().in_atomic_block, "history is written in the transaction of its change"
    return HistoryEntry.objects.create(
        at=now,
        actor=by.get_username() if by else "",
        verb=verb,
        subject=subject,
        scope=scope or subject,
        changes={field: list(pair) for field, pair in (changes or {}).items()},
        reason=reason,
        key=key,
    )
