"""Two real workers share a detection of everything, and one of them is killed in the middle of it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns.actions import collisions
from campaigns.actions.collisions import shards
from campaigns.models import Collision, DetectionRun, DetectionShard
from campaigns.tests import random_plan
from config.tests.live import Worker, ring_at, wait_until
from customers import clock
from customers.actions.events import ring
from customers.models import Event

pytestmark = [pytest.mark.live, pytest.mark.postgres]

SHARDS = 12


@pytest.fixture
def plan(transactional_db, monkeypatch):
    """A plan that lies around today, as workers have the real clock, and of which nobody has told."""
    monkeypatch.setattr(random_plan, "NOW", timezone.now())
    monkeypatch.setattr(random_plan, "DAY", timezone.localdate())
    with transaction.atomic():
        random_plan.RandomPlan(7, offers=80)
    Event.objects.update(handled_at=timezone.now())


@pytest.fixture
def workers(plan, valkey, processes, tmp_path):
    """Two workers with a pool of two children each."""
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        found.append(Worker(tmp_path / name, processes, valkey.url, DETECTION_SHARDS=str(SHARDS)))
    yield found
    for worker in found:
        worker.kill()


def rows():
    """What is stored, without ids and moments."""
    return [
        {name: value for name, value in row.items() if name not in {"id", "first_seen_at", "changed_at"}}
        for row in Collision.objects.order_by("rule", "key", "offer_a__code", "offer_b__code").values()
    ]


@pytest.fixture
def alone(plan, settings):
    """What one process stores that does all of it in one piece; undone."""
    settings.DETECTION_SHARDS = 1
    with transaction.atomic():
        assert collisions.detect_everything(now=clock.shared_now()).shards == 1
        found = rows()
        transaction.set_rollback(True)
    assert found
    return found


def only_run():
    return DetectionRun.objects.get()


def pids():
    """{number of a slice: process id of whoever took it last}"""
    return {
        number: int(worker.rpartition(":")[2])
        for number, worker in DetectionShard.objects.exclude(worker="").values_list("number", "worker")
    }


def test_two_workers_share_a_detection_and_store_what_one_alone_stores(alone, workers, valkey, settings):
    one, two = workers
    settings.DETECTION_SHARDS = SHARDS
    ring_at(settings.CELERY_BROKER_URL)  # so that cutting brings nobody yet
    with transaction.atomic():
        run = DetectionRun.objects.create(requested_at=timezone.now(), started_at=clock.shared_now())
        shards.cut(run)
    assert run.shards == SHARDS
    ring_at(valkey.url)
    # While we hold the slices nobody takes one: each worker comes to stand before them.
    with transaction.atomic():
        list(DetectionShard.objects.select_for_update().values_list("pk"))
        for _ in range(SHARDS):
            ring(shards.TASK)
        wait_until(lambda: all("task_detect_shard[" in worker.log for worker in workers), what="both workers")
    wait_until(lambda: only_run().finished_at, what="the detection")

    busy = set(pids().values())
    assert busy & one.children, one.log
    assert busy & two.children, two.log
    assert set(DetectionShard.objects.values_list("tries", flat=True)) == {1}
    assert rows() == alone


def test_a_request_alone_brings_workers_who_do_all_of_it(alone, workers):
    collisions.request_detection(by=None, now=timezone.now())
    wait_until(lambda: only_run().finished_at, what="the detection")
    assert (only_run().shards, only_run().shards_done) == (SHARDS, SHARDS)
    assert rows() == alone


def test_a_worker_is_killed_and_the_broker_emptied_in_the_middle(alone, workers, valkey):
    one, two = workers
    two.kill()
    collisions.request_detection(by=None, now=timezone.now())
    wait_until(lambda: DetectionShard.objects.filter(tries=1).exists(), what="a slice in hand")
    one.kill()
    valkey.flush()
    held = set(DetectionShard.objects.filter(tries=1, finished_at=None).values_list("number", flat=True))
    assert held, one.log

    two.start()
    ring("campaigns.tasks.task_sweep")  # beat does it every minute
    others = DetectionShard.objects.exclude(number__in=held)
    wait_until(lambda: not others.filter(finished_at=None).exists(), what="the slices that nobody held")
    # Until its lease is over the dead one keeps what it had in hand.
    assert set(DetectionShard.objects.filter(finished_at=None).values_list("number", flat=True)) == held
    assert not only_run().finished_at
    over = clock.shared_now() - timedelta(seconds=1)
    DetectionShard.objects.filter(finished_at=None).update(lease_until=over)
    ring("campaigns.tasks.task_sweep")
    wait_until(lambda: only_run().finished_at, what="the detection")

    tries = dict(DetectionShard.objects.values_list("number", "tries"))
    assert tries == {number: 2 if number in held else 1 for number in range(1, SHARDS + 1)}
    assert rows() == alone
