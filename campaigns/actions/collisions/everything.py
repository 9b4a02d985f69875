"""Detecting everything: computed outside of the transaction that writes, so that nobody waits for arithmetic."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from campaigns.actions.collisions.by_rules import refresh_all_rules
from campaigns.actions.collisions.rows import LOCK, Found, read, store
from campaigns.choices import CollisionState
from campaigns.models import Collision, DetectionRun
from campaigns.rules.collisions import overlap
from customers.actions import events, heartbeats
from customers.clock import local_day
from customers.models import Customer

if TYPE_CHECKING:
    from campaigns.queries.plan_arrays import Snapshot
    from campaigns.rules.collisions.sparse import Pairs

# A run that started this long ago and has not finished lost its worker. Running it twice does no harm.
LOST_AFTER = timedelta(minutes=2)

Progress = Callable[[int, int], object]


@transaction.atomic
def request_detection(*, by: AbstractBaseUser | None, now: datetime, with_past: bool = False) -> DetectionRun:
    """Ask for a detection of everything by a worker; a second request finds the one that waits already."""
    run = wait_for_everything(by=by, now=now, with_past=with_past)
    transaction.on_commit(lambda: events.ring("campaigns.tasks.task_detect_everything"), robust=True)
    return run


def wait_for_everything(*, by: AbstractBaseUser | None, now: datetime, with_past: bool = False) -> DetectionRun:
    """Write the waiting row without waking anybody, for callers that run it themselves."""
    run, _ = DetectionRun.objects.get_or_create(
        with_past=with_past, started_at=None, defaults={"requested_at": now, "requested_by_id": by.pk if by else None}
    )
    return run


def run_waiting(*, now: datetime) -> list[DetectionRun]:
    """Run the detections that were asked for, and those whose worker was lost."""
    due = Q(started_at=None) | Q(finished_at=None, started_at__lt=now - LOST_AFTER)
    waiting = list(DetectionRun.objects.filter(due).order_by("pk"))
    return [_run(run, now, None) for run in waiting if _claim(run, now)]


def detect_everything(*, now: datetime, with_past: bool = False, progress: Progress | None = None) -> DetectionRun:
    """Detect all collisions and write what is different; `with_past` also keeps those of days gone by, as past.

    Reads, computes, and then writes in one transaction, which leaves out every offer that changed meanwhile: its own
    event makes it count. `progress(offers done, offers)` is called now and then.
    """
    for waiting in DetectionRun.objects.filter(started_at=None, with_past=with_past):
        if _claim(waiting, now):
            return _run(waiting, now, progress)
    run = DetectionRun.objects.create(requested_at=now, started_at=now, with_past=with_past)
    return _run(run, now, progress)


def _claim(run: DetectionRun, now: datetime) -> bool:
    """Take a run for this process; false when another one was quicker."""
    return DetectionRun.objects.filter(pk=run.pk, started_at=run.started_at).update(started_at=now) == 1


def _run(run: DetectionRun, now: datetime, progress: Progress | None) -> DetectionRun:
    # SciPy takes a third of a second and 40 MB: a web process that only asks for a detection never needs it.
    from campaigns.queries.plan_arrays import read_facts, read_plan
    from campaigns.rules.collisions.sparse import overlaps

    begun, today = monotonic(), local_day(now)
    # First, as the run is over with the transaction below: a worker that dies before leaves it to the next.
    refresh_all_rules(now=now, progress=progress)
    snapshot = read_plan(today=today, with_past=run.with_past)
    pairs = overlaps(snapshot.plan, progress)
    with transaction.atomic():
        heartbeats.lock(LOCK)
        changed = {facts.offer for facts in snapshot.facts ^ read_facts()}
        if Customer.objects.count() != snapshot.customers:
            changed |= {facts.offer for facts in snapshot.facts if facts.audience is None}
        found = [
            one
            for one in found_in(snapshot, pairs, today)
            if one.offer_a not in changed and one.offer_b not in changed
        ]
        rows = Collision.objects.all()
        if not run.with_past:
            # A row that is cleared or past matters only when found again, and then it opens like a new one.
            rows = rows.filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
        rows = rows.filter(rule=overlap.CODE)
        stored = {at: row for at, row in read(rows).items() if changed.isdisjoint((row.offer_a, row.offer_b))}
        store(found, stored, now=now, today=today, with_past=run.with_past)
        run.offers, run.pairs, run.started_at = len(snapshot.offers), len(found), now
        run.finished_at = now + timedelta(seconds=monotonic() - begun)
        run.save(update_fields=["offers", "pairs", "started_at", "finished_at"])
        heartbeats.beat(LOCK, now=now)
    return run


def found_in(snapshot: "Snapshot", pairs: "Pairs", today: date) -> Iterator[Found]:
    """The pairs as rows. Of a campaign that has ended only what is over counts."""
    over = pairs.ends <= today.toordinal()
    kept = over | (snapshot.planned[pairs.one] & snapshot.planned[pairs.two])
    columns = (
        pairs.one,
        pairs.two,
        pairs.starts,
        pairs.ends,
        pairs.shared_products,
        pairs.shared_customers,
        pairs.scores,
    )
    for one, two, starts, ends, products, customers, score in zip(
        *(column[kept].tolist() for column in columns), strict=True
    ):
        a, b = sorted((snapshot.offers[one], snapshot.offers[two]), key=lambda facts: facts.code)
        yield Found(
            a.offer,
            b.offer,
            a.version,
            b.version,
            date.fromordinal(starts),
            date.fromordinal(ends),
            products,
            customers,
            score,
        )
