"""The only writer of the history, and of the seals that chain its entries."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from customers.actions import heartbeats
from customers.clock import local_day
from customers.models import HistoryEntry, HistoryHead
from customers.rules.chain import FIELDS, digest

logger = logging.getLogger(__name__)

# Entries sealed in one transaction: the head is locked for as long as these take.
AT_ONCE = 200

DAILY = "history head"


@dataclass(frozen=True)
class Entry:
    """What `write` takes, for `write_many`."""

    verb: str
    subject: str
    scope: str | None = None
    changes: Mapping[str, tuple[Any, Any]] | None = None
    reason: str = ""
    key: str | None = None


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
    (written,) = write_many([Entry(verb, subject, scope, changes, reason, key)], by=by, now=now)
    return written


def write_many(entries: Iterable[Entry], *, by: AbstractBaseUser | None, now: datetime) -> list[HistoryEntry]:
    """`write` for many at once, in the order given."""
    assert transaction.get_connection().in_atomic_block, "history is written in the transaction of its change"
    actor = by.get_username() if by else ""
    rows = [
        HistoryEntry(
            at=now,
            actor=actor,
            verb=entry.verb,
            subject=entry.subject,
            scope=entry.scope or entry.subject,
            changes={field: list(pair) for field, pair in (entry.changes or {}).items()},
            reason=entry.reason,
            key=entry.key,
        )
        for entry in entries
    ]
    written = HistoryEntry.objects.bulk_create(rows, batch_size=500)
    if written:
        _seal_on_commit()
    return written


def _seal_on_commit() -> None:
    """Once per transaction; one asked for inside a savepoint that may still be rolled back does not count."""
    here = transaction.get_connection()
    open_savepoints = set(here.savepoint_ids)
    if not any(
        function is seal and savepoints <= open_savepoints for savepoints, function, _robust in here.run_on_commit
    ):
        transaction.on_commit(seal, robust=True)


def seal() -> int:
    """Number and chain what is committed and has no seal yet, oldest first. Never call it inside a transaction.

    A transaction of its own, because the lock on the head must be the last and a short one: an import keeps its own
    locks for seconds, and an action goes on to lock after it has written history. Nobody waits for anything while
    holding the head, so it is in no deadlock. Should a process die before it gets here, the sweep seals.

    Returns the number of entries sealed.
    """
    total = 0
    while HistoryEntry.objects.filter(seq__isnull=True).exists():
        sealed = _seal_some()
        total += sealed
        if sealed < AT_ONCE:
            break
    return total


@transaction.atomic
def _seal_some() -> int:
    head = HistoryHead.objects.select_for_update(no_key=True).get()
    # Read after the lock is ours, never before: who held it may have sealed these.
    unsealed = HistoryEntry.objects.filter(seq__isnull=True).order_by("id")
    seals = []
    for content in unsealed.values_list(*FIELDS)[:AT_ONCE]:
        head.seq, head.digest = head.seq + 1, digest(head.seq + 1, content, head.digest)
        seals.append((head.seq, head.digest, content[0]))
    if seals:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE customers_historyentry SET seq = %s, digest = %s WHERE id = %s", seals)
        head.save(update_fields=["seq", "digest"])
    return len(seals)


@transaction.atomic
def log_head(*, now: datetime) -> None:
    """Write the head into the log once a day: kept elsewhere, it shows whether the history was written anew."""
    last = heartbeats.lock(DAILY).last_ok_at
    if last is None or local_day(last) < local_day(now):
        logger.info("the history ends at %s", HistoryHead.objects.get())
        heartbeats.beat(DAILY, now=now)
