"""The queue of events: written with the change, handled with the reaction."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from customers.actions import history
from customers.models import Event
from customers.permissions import is_administrator

logger = logging.getLogger(__name__)

# topic -> name of the Celery task of the app that reacts; each upper app says so in its AppConfig.ready().
_bells: dict[str, str] = {}

MAX_TRIES = 8

# A broker that swallows what it is sent costs whoever rings some seconds until it is given up. Pages must not wait for
# it again and again: after a ring that failed, this process leaves those of the next minute to the sweep.
REST = 60.0
_rests_until = 0.0

# On Redis the larger number comes later.
_LAST = {"priority": 9}


def listen(topic: str, task: str) -> None:
    _bells[topic] = task


def record(topic: str, *, now: datetime, **payload: Any) -> Event:
    """Write an event; once the outermost transaction commits, ring the bell of whoever listens."""
    assert transaction.get_connection().in_atomic_block, "an event is written in the transaction of its change"
    event = Event.objects.create(topic=topic, payload=payload, created_at=now)
    if task := _bells.get(topic):
        _ring_on_commit(task)
    return event


def _ring_on_commit(task: str) -> None:
    """Once per transaction is enough, and an import records thousands of events in one."""
    connection = transaction.get_connection()
    bell = partial(ring_unless_resting, task)
    # One that was asked for inside a savepoint that may still be rolled back would not ring for us.
    open_savepoints = set(connection.savepoint_ids)
    for savepoints, waiting, _robust in connection.run_on_commit:
        if isinstance(waiting, partial) and waiting.args == bell.args and savepoints <= open_savepoints:
            return
    transaction.on_commit(bell, robust=True)


def ring_unless_resting(task: str, *, last: bool = False) -> None:
    """Ring for what was just committed, unless the broker did not answer a moment ago."""
    if time.monotonic() >= _rests_until:
        ring(task, last=last)


def ring(task: str, *, last: bool = False) -> None:
    """Wake a task; `last`: after all that was rung for otherwise.

    Nothing is lost if the broker is away: the sweep finds the rows a minute later.
    """
    global _rests_until  # noqa: PLW0603 - what this process knows of the broker
    try:
        current_app.send_task(task, ignore_result=True, retry=False, **_LAST if last else {})
    except Exception as error:  # noqa: BLE001 - whatever the broker does, the request that rang must go on
        _rests_until = time.monotonic() + REST
        logger.warning("broker does not answer, the sweep will do %s: %s", task, type(error).__name__)


def given_up() -> QuerySet[Event]:
    """News that was tried too often and waits for an administrator."""
    return Event.objects.filter(handled_at__isnull=True, tries__gte=MAX_TRIES)


@transaction.atomic
def retry(*, event: Event, by: AbstractBaseUser, now: datetime) -> bool:
    """Let news that was given up be tried again; False if it is not given up any more.

    Raises:
        PermissionDenied: `by` is not an administrator.
    """
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators have news handled again."))
    if not given_up().filter(pk=event.pk).update(tries=0, not_before=None, error=""):
        return False
    history.write(
        by=by,
        now=now,
        verb="retry_event",
        subject=f"event:{event.pk}",
        changes={"tries": (event.tries, 0), "error": (event.error, "")},
    )
    if task := _bells.get(event.topic):
        _ring_on_commit(task)
    return True


def drain(
    topics: Sequence[str], handle: Callable[[list[Event], datetime], None], *, now: datetime, at_most: int = 500
) -> int:
    """Hand the unhandled events of `topics`, oldest first, to `handle`; mark them in the same transaction.

    If a batch fails, each of its events is tried alone, so that one poisoned event stops nobody else's; it is tried
    again with growing pauses and given up after MAX_TRIES with its error kept on the row.

    Returns the number of events handled.
    """
    due = Q(handled_at__isnull=True, tries__lt=MAX_TRIES) & (Q(not_before__isnull=True) | Q(not_before__lte=now))
    ids = list(Event.objects.filter(due, topic__in=topics).order_by("id").values_list("id", flat=True)[:at_most])
    if not ids:
        return 0
    try:
        return _handle(ids, handle, now)
    except Exception:
        logger.exception("a batch of %d events failed, trying each alone", len(ids))
    handled = 0
    for pk in ids:
        try:
            handled += _handle([pk], handle, now)
        except Exception as error:
            logger.exception("event %d failed", pk)
            event = Event.objects.get(pk=pk)
            event.tries += 1
            event.not_before = now + timedelta(seconds=10 * 2**event.tries)
            event.error = f"{type(error).__name__}: {error}"
            event.save(update_fields=["tries", "not_before", "error"])
    return handled


def _handle(ids: list[int], handle: Callable[[list[Event], datetime], None], now: datetime) -> int:
    with transaction.atomic():
        rows = Event.objects.select_for_update(skip_locked=True, no_key=True).order_by("id")
        events = list(rows.filter(pk__in=ids, handled_at__isnull=True))
        if events:
            handle(events, now)
            Event.objects.filter(pk__in=[event.pk for event in events]).update(handled_at=now)
        return len(events)
