"""Detecting everything in slices of time, each a row that one of several workers takes, computes and writes whole.

A worker that dies leaves its slice leased; once the lease is over the next one does it again. Whoever finds all slices
done stores them. Rings only bring workers sooner: the sweep finds whatever is left to do.
"""

import logging
import math
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from campaigns.actions.collisions.by_rules import refresh_all_rules
from campaigns.models import DetectionRun, DetectionShard
from campaigns.queries.plan_facts import Extent, count_periods
from customers.actions import events
from customers.clock import RunningClock, local_day

if TYPE_CHECKING:
    from campaigns.actions.collisions.parts import Part

logger = logging.getLogger(__name__)

TASK = "campaigns.tasks.task_detect_shard"

# One slice for so many offers: a worker then needs a few seconds and 150 MB for it, however large the plan is.
OFFERS = 25_000
MOST_SHARDS = 1_000
# A worker that says nothing for so long is taken for dead. Each further try has as much again: a slice that takes longer
# on this machine must not be taken away for ever.
LEASE = timedelta(seconds=60)
# How often a worker says that it lives, in seconds.
BREATH = 10.0

Clock = Callable[[], datetime]
Progress = Callable[[int, int], object]


class LostLeaseError(Exception):
    """Somebody else has taken the slice: what this worker computed is not wanted."""


def extent_of(run: DetectionRun, shard: DetectionShard | None = None) -> Extent:
    assert run.started_at, "a run has its day once it has started"
    slice_of_time = (shard.starts_from, shard.starts_before) if shard else ()
    return Extent(local_day(run.started_at), run.with_past, *slice_of_time)


def cut(run: DetectionRun) -> None:
    """Cut a run that was just started, in the caller's transaction; a small plan stays in one piece, without rows."""
    if settings.DETECTION_SHARDS == 1:
        return
    periods = count_periods(extent_of(run))
    wanted = settings.DETECTION_SHARDS or math.ceil(sum(offers for _, _, offers in periods) / OFFERS)
    first_days = _first_days(periods, min(wanted, MOST_SHARDS))
    if len(first_days) < 2:
        return
    run.shards = len(first_days)
    run.save(update_fields=["shards"])
    days = zip(first_days, [*first_days[1:], date.max], strict=True)
    DetectionShard.objects.bulk_create(
        DetectionShard(
            run=run,
            number=number,
            starts_from=first,
            starts_before=before,
            offers=sum(offers for starts_on, _, offers in periods if first <= starts_on < before),
        )
        for number, (first, before) in enumerate(days, 1)
    )
    for _ in range(run.shards - 1):
        _ring_for_another()


def _first_days(periods: list[tuple[date, date, int]], shards: int) -> list[date]:
    """From the beginning of time on, as offers may be planned meanwhile that start before all others."""
    if shards < 2 or not periods:
        return [date.min]
    from campaigns.rules.collisions import slices

    starts, ends, offers = zip(*periods, strict=True)
    days = slices.cut([day.toordinal() for day in starts], [day.toordinal() for day in ends], offers, shards)
    return [date.min, *map(date.fromordinal, days)]


def _ring_for_another() -> None:
    """Bring one more worker, after whatever else waits: an edit must not wait for a whole plan."""
    transaction.on_commit(lambda: events.ring_unless_resting(TASK, last=True), robust=True)


def work_off(run: DetectionRun, now: datetime, *, progress: Progress | None = None) -> bool:
    """Compute one slice that nobody has in hand, and store everything once all are there.

    Returns whether there was anything to do.
    """
    clock = RunningClock(now)
    shard = claim(run, now)
    if shard:
        try:
            _work(run, shard, clock, progress)
        except LostLeaseError:
            logger.warning("slice %d of detection %d was taken over", shard.number, run.pk)
    left = _unfinished(run)
    if not left.exists():
        return _settle(run, now, clock) or shard is not None
    if shard and left.filter(_is_free(clock())).exists():
        _ring_for_another()
    return shard is not None


def claim(run: DetectionRun, now: datetime) -> DetectionShard | None:
    """Take a slice that nobody holds: those first that nobody has tried."""
    for shard in _unfinished(run).filter(_is_free(now), run__finished_at=None).order_by("tries", "number"):
        claimed = {
            "tries": shard.tries + 1,
            "worker": f"{socket.gethostname()}:{os.getpid()}"[:100],
            "claimed_at": now,
            "lease_until": now + LEASE * (shard.tries + 1),
        }
        # As it was read, and still free: of two that read it one takes it.
        if _unfinished(run).filter(_is_free(now), pk=shard.pk, tries=shard.tries).update(**claimed):
            for name, value in claimed.items():
                setattr(shard, name, value)
            return shard
    return None


def _unfinished(run: DetectionRun) -> QuerySet[DetectionShard]:
    return DetectionShard.objects.filter(run=run, finished_at=None)


def _is_free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _held(shard: DetectionShard) -> QuerySet[DetectionShard]:
    """The row, as long as nobody else has taken it."""
    return DetectionShard.objects.filter(pk=shard.pk, tries=shard.tries, finished_at=None)


def _work(run: DetectionRun, shard: DetectionShard, clock: Clock, progress: Progress | None) -> None:
    from campaigns.actions.collisions.parts import compute, pack

    tell = _teller(run, shard, clock, progress)
    # First, as the slice is over with what it writes below.
    refresh_all_rules(
        now=clock(),
        starts_from=shard.starts_from,
        starts_before=shard.starts_before,
        progress=lambda done, of: tell(done, 2 * of),
    )
    part = compute(extent_of(run, shard), lambda done, of: tell(of + done, 2 * of))
    finish(shard, pack(part), pairs=len(part.pairs.one), now=clock())


@transaction.atomic
def finish(shard: DetectionShard, result: bytes, *, pairs: int, now: datetime) -> None:
    """Write what was found.

    Raises:
        LostLeaseError: somebody else has taken the slice; nothing was written.
    """
    if not _held(shard).update(finished_at=now, lease_until=None, result=result, pairs=pairs):
        raise LostLeaseError
    DetectionRun.objects.filter(pk=shard.run_id).update(shards_done=F("shards_done") + 1)


def _teller(run: DetectionRun, shard: DetectionShard, clock: Clock, progress: Progress | None) -> Progress:
    """Keeps the lease, and tells how many offers of the whole plan are done."""
    last = time.monotonic()
    before, of = offers_done(run)

    def tell(done: int, out_of: int) -> None:
        nonlocal last
        if time.monotonic() - last > BREATH:
            last = time.monotonic()
            if not _held(shard).update(lease_until=clock() + LEASE * shard.tries):
                raise LostLeaseError
        if progress:
            progress(before + shard.offers * done // out_of, of)

    return tell


def offers_done(run: DetectionRun) -> tuple[int, int]:
    """How many offers the finished slices have, and all slices together."""
    done = Sum("offers", filter=Q(finished_at__isnull=False), default=0)
    found = DetectionShard.objects.filter(run=run).aggregate(done=done, all=Sum("offers", default=0))
    return found["done"], found["all"]


@transaction.atomic
def _settle(run: DetectionRun, now: datetime, clock: Clock) -> bool:
    from campaigns.actions.collisions.storing import store_all

    # Storing takes a while: whoever comes meanwhile has something better to do than to wait for it.
    mine = DetectionRun.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=run.pk, finished_at=None)
    if not mine.exists():
        return False
    if not store_all(run, _parts(run), extent_of(run), now=now, clock=clock):
        return False
    # The numbers stay, the bytes have been used.
    DetectionShard.objects.filter(run=run).update(result=b"")
    return True


def _parts(run: DetectionRun) -> Iterator["Part"]:
    from campaigns.actions.collisions.parts import unpack

    for shard in DetectionShard.objects.filter(run=run).order_by("number").iterator(1):
        yield unpack(bytes(shard.result), extent_of(run, shard))
