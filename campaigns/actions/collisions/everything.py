"""Detecting everything: computed outside of the transaction that writes, so that nobody waits for arithmetic.

A small plan is one piece of work, done by whoever takes the run; a large one is cut, and `shards` shares it out.
"""

import time
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from campaigns.actions.collisions import shards
from campaigns.actions.collisions.by_rules import refresh_all_rules
from campaigns.actions.collisions.shards import Clock, Progress
from campaigns.models import DetectionRun
from customers.actions import events
from customers.clock import RunningClock

# A run in one piece that started this long ago and has not finished lost its worker. Running it twice does no harm.
LOST_AFTER = timedelta(minutes=2)
# How often somebody who waits for other workers looks whether they are done, in seconds.
PAUSE = 0.2


@transaction.atomic
def request_detection(*, by: AbstractBaseUser | None, now: datetime, with_past: bool = False) -> DetectionRun:
    """Ask for a detection of everything by a worker; a second request finds the one that waits already."""
    run = wait_for_everything(by=by, now=now, with_past=with_past)
    transaction.on_commit(lambda: events.ring("campaigns.tasks.task_detect_everything"), robust=True)
    return run


@transaction.atomic
def wait_for_everything(*, by: AbstractBaseUser | None, now: datetime, with_past: bool = False) -> DetectionRun:
    """Write the waiting row without waking anybody, for callers that run it themselves.

    The row stays locked until the caller commits: a worker that took it now would read plans as they were before.
    """
    waiting = DetectionRun.objects.select_for_update(no_key=True)
    run: DetectionRun = waiting.get_or_create(
        with_past=with_past, started_at=None, defaults={"requested_at": now, "requested_by_id": by.pk if by else None}
    )[0]
    return run


def run_waiting(*, now: datetime) -> list[DetectionRun]:
    """Run the detections that were asked for, and those whose worker was lost; of one in slices, one slice.

    Returns those for which there was something to do.
    """
    lost = Q(shards__gt=1) | Q(started_at__lt=now - LOST_AFTER)
    due = Q(started_at=None) | Q(finished_at=None) & lost
    clock = RunningClock(now)
    return [run for run in DetectionRun.objects.filter(due).order_by("pk") if _go_on(run, now, clock)]


def sweep_everything(*, now: datetime) -> None:
    """The regular detection, unless something else was asked for or is under way."""
    if not run_waiting(now=now) and not DetectionRun.objects.filter(finished_at=None, shards__gt=1).exists():
        wait_for_everything(by=None, now=now)
        run_waiting(now=now)


def detect_everything(*, now: datetime, with_past: bool = False, progress: Progress | None = None) -> DetectionRun:
    """Detect all collisions and write what is different; `with_past` also keeps those of days gone by, as past.

    Reads, computes, and then writes in one transaction, which leaves out every offer that changed meanwhile: its own
    event makes it count. Other workers help with a large plan, and this waits for them.
    `progress(offers done, offers)` is called now and then.
    """
    clock = RunningClock(now)
    run = _started(now, with_past=with_past)
    if run.shards == 1:
        _run_whole(run, now, clock, progress)
    while not run.finished_at:
        if not shards.work_off(run, clock(), progress=progress):
            time.sleep(PAUSE)
            run.refresh_from_db()
        if progress:
            progress(*shards.offers_done(run))
    return run


def _started(now: datetime, *, with_past: bool) -> DetectionRun:
    run: DetectionRun
    for run in DetectionRun.objects.filter(started_at=None, with_past=with_past):
        if _start(run, now):
            return run
    with transaction.atomic():
        run = DetectionRun.objects.create(requested_at=now, started_at=now, with_past=with_past)
        shards.cut(run)
    return run


@transaction.atomic
def _start(run: DetectionRun, now: datetime) -> bool:
    """Take a run for this process, and cut it; false when another one was quicker."""
    as_read = DetectionRun.objects.filter(pk=run.pk, started_at=run.started_at, finished_at=None, shards=1)
    if not as_read.update(started_at=now):
        return False
    run.started_at = now
    shards.cut(run)
    return True


def _go_on(run: DetectionRun, now: datetime, clock: Clock) -> bool:
    if run.shards == 1 and not _start(run, now):
        return False
    if run.shards > 1:
        return shards.work_off(run, clock())
    _run_whole(run, now, clock, None)
    return True


def _run_whole(run: DetectionRun, now: datetime, clock: Clock, progress: Progress | None) -> None:
    # SciPy takes a third of a second and 40 MB: a web process that only asks for a detection never needs it.
    from campaigns.actions.collisions.parts import compute
    from campaigns.actions.collisions.storing import store_all

    extent = shards.extent_of(run)
    # First, as the run is over with the transaction below: a worker that dies before leaves it to the next.
    refresh_all_rules(now=now, progress=progress)
    part = compute(extent, progress)
    with transaction.atomic():
        store_all(run, [part], extent, now=now, clock=clock)
