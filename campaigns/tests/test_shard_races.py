"""Several workers at the slices of one detection, each with a connection of its own."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from campaigns.actions import collisions
from campaigns.actions.collisions import shards
from campaigns.actions.collisions.shards import LEASE, LostLeaseError
from campaigns.models import DetectionRun, DetectionShard
from campaigns.tests.factories import DAY, NOW
from campaigns.tests.random_plan import RandomPlan, expected, stored
from customers.models import Event, Heartbeat
from customers.tests.races import paused_at, race, raised, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def run(settings):
    """A detection of a small plan, cut and not begun."""
    settings.DETECTION_SHARDS = 6
    with transaction.atomic():
        RandomPlan(5, offers=40)
    Event.objects.update(handled_at=NOW)
    Heartbeat.objects.get_or_create(name=collisions.rows.LOCK)
    row = DetectionRun.objects.create(requested_at=NOW, started_at=NOW)
    shards.cut(row)
    assert row.shards == 6
    return row


def test_workers_that_ask_at_the_same_instant_take_different_slices(run):
    taken = together(*[lambda: shards.claim(run, NOW)] * 8)
    numbers = [shard.number for shard in taken if shard]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert set(DetectionShard.objects.values_list("tries", flat=True)) == {1}


AFTER = NOW + LEASE + timedelta(seconds=1)


@pytest.fixture
def held(run):
    """The first slice in the hands of a worker that says nothing any more; nobody needs the others."""
    DetectionShard.objects.exclude(number=1).update(tries=1, claimed_at=NOW, finished_at=NOW)
    return shards.claim(run, NOW)


def test_one_of_several_workers_takes_over_a_slice_whose_lease_is_over(run, held):
    taken = [shard for shard in together(*[lambda: shards.claim(run, AFTER)] * 4) if shard]
    assert [(shard.pk, shard.tries) for shard in taken] == [(held.pk, 2)]


def test_of_two_who_computed_one_slice_the_one_that_holds_it_writes(run, held):
    heir = shards.claim(run, AFTER)
    results = race(
        lambda: shards.finish(held, b"late", pairs=9, now=AFTER), lambda: shards.finish(heir, b"", pairs=1, now=AFTER)
    )
    assert raised(results, LostLeaseError) == []
    assert [type(result) for result in results] == [LostLeaseError, type(None)]
    assert DetectionShard.objects.get(pk=held.pk).pairs == 1
    assert DetectionRun.objects.get().shards_done == 1


def test_workers_that_end_at_the_same_instant_store_once_and_tell_once(run):
    def work():
        while collisions.run_waiting(now=NOW):
            pass

    together(*[work] * 4)

    run.refresh_from_db()
    assert run.finished_at
    assert (run.shards, run.shards_done) == (6, 6)
    assert stored() == expected(today=DAY)
    assert Event.objects.filter(topic="collisions.changed").count() == 1
    assert set(DetectionShard.objects.values_list("tries", flat=True)) == {1}


def test_whoever_comes_while_everything_is_stored_does_not_wait(run):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time")
    for _ in range(5):
        assert shards.work_off(run, NOW)
    left_at = []

    def come_second():
        assert not shards.work_off(DetectionRun.objects.get(), NOW)
        left_at.append(DetectionRun.objects.get().finished_at)

    results = paused_at("INSERT INTO campaigns_collision", lambda: shards.work_off(run, NOW), come_second)

    assert raised(results) == []
    assert left_at == [None]
    assert stored() == expected(today=DAY)
