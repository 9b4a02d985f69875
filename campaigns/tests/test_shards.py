"""A detection in slices of time: what it stores, who takes which slice, and what is left of those who die."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from campaigns.actions import collisions, postings
from campaigns.actions.collisions import parts, shards
from campaigns.actions.collisions.shards import LEASE, LostLeaseError
from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Campaign, Collision, DetectionRun, DetectionShard, Offer
from campaigns.queries import plan_arrays
from campaigns.queries.plan_facts import Extent
from campaigns.rules.collisions import overlap
from campaigns.tests.factories import DAY, NOW, make_campaign, make_offer, make_products, make_segment, submit
from campaigns.tests.random_plan import RandomPlan, expected, stored
from campaigns.tests.test_slices import rows
from customers.actions import events
from customers.models import Customer

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
NUMBERS = [1, 2, 3, 7, 16]


@pytest.fixture(autouse=True)
def in_four(settings):
    settings.DETECTION_SHARDS = 4


def rows_in_slices(number, settings, **how):
    """What a detection in so many slices writes into an empty table, without ids and moments."""
    settings.DETECTION_SHARDS = number
    Collision.objects.all().delete()
    run = collisions.detect_everything(now=NOW, **how)
    assert run.finished_at
    return run, [
        {name: value for name, value in row.items() if name not in {"id", "first_seen_at", "changed_at"}}
        for row in Collision.objects.order_by("rule", "key", "offer_a__code", "offer_b__code").values()
    ]


# What is found and stored


@pytest.mark.postgres
@pytest.mark.parametrize("with_past", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_slices_read_from_the_database_find_the_pairs_of_the_whole_plan(seed, with_past, settings):
    RandomPlan(seed, offers=60)
    whole = rows(parts.compute(Extent(DAY, with_past)).pairs)
    assert whole
    for number in NUMBERS:
        settings.DETECTION_SHARDS = number
        run = DetectionRun.objects.create(requested_at=NOW, started_at=NOW, with_past=with_past)
        shards.cut(run)
        cut = list(DetectionShard.objects.filter(run=run).order_by("number"))
        extents = [shards.extent_of(run, shard) for shard in cut] or [Extent(DAY, with_past)]
        assert len(extents) == run.shards
        assert number / 2 < len(extents) <= number
        assert rows(*(parts.compute(extent).pairs for extent in extents)) == whole
        run.delete()


@pytest.mark.every_rule
@pytest.mark.postgres
@pytest.mark.parametrize("with_past", [False, True])
def test_any_number_of_slices_stores_the_same_rows(with_past, settings):
    plan = RandomPlan(11, offers=45)
    for _ in range(10):
        plan.edit()
    runs, found = zip(*(rows_in_slices(number, settings, with_past=with_past) for number in NUMBERS), strict=True)
    assert found[0]
    assert all(one == found[0] for one in found)
    assert stored(CollisionState.OPEN, CollisionState.PAST) == expected(today=DAY, with_past=with_past)
    assert {row["rule"] for row in found[0]} > {overlap.CODE}
    assert {(run.offers, run.pairs) for run in runs} == {
        (runs[0].offers, sum(row["rule"] == overlap.CODE for row in found[0]))
    }
    assert [run.shards for run in runs][:3] == [1, 2, 3]
    assert all(run.shards_done == run.shards for run in runs)


def test_a_slice_reads_no_more_than_its_offers_and_those_that_run_on_its_first_day():
    RandomPlan(2, offers=60)
    run = started()
    whole = plan_arrays.read_plan(shards.extent_of(run))
    for shard in DetectionShard.objects.filter(run=run):
        read = plan_arrays.read_plan(shards.extent_of(run, shard))
        assert read.offers == [
            one
            for one in whole.offers
            if shard.starts_from <= one.starts_on < shard.starts_before
            or one.starts_on < shard.starts_from < one.ends_before
        ]
        assert len(read.plan.item_offers) < len(whole.plan.item_offers)


def test_a_part_is_the_same_after_it_was_bytes():
    RandomPlan(4, offers=30)
    for extent in (Extent(DAY, with_past=True), Extent(DAY, True, date(2030, 1, 1))):
        part = parts.compute(extent)
        again = parts.unpack(parts.pack(part), extent)
        assert rows(again.pairs) == rows(part.pairs)
        assert (again.facts, again.customers, again.extent) == (part.facts, part.customers, part.extent)
    assert not again.facts


# How it is cut


def started():
    run = DetectionRun.objects.create(requested_at=NOW, started_at=NOW)
    shards.cut(run)
    return run


def test_slices_cover_all_time_without_gaps():
    RandomPlan(1, offers=40)
    run = started()
    cut = list(DetectionShard.objects.filter(run=run).order_by("number"))
    assert (run.shards, len(cut)) == (4, 4)
    assert [shard.number for shard in cut] == [1, 2, 3, 4]
    assert [shard.starts_from for shard in cut] == [date.min, *(shard.starts_before for shard in cut[:-1])]
    assert cut[-1].starts_before == date.max
    assert sum(shard.offers for shard in cut) == len(plan_arrays.read_plan(shards.extent_of(run)).offers)


def test_a_plan_is_cut_by_its_number_of_offers_unless_somebody_says_otherwise(settings, monkeypatch):
    RandomPlan(1, offers=40)
    settings.DETECTION_SHARDS = 0
    offers = Offer.objects.filter(Extent(DAY, with_past=False).offers).count()
    assert 20 < offers < 40
    for most, wanted in [(offers, 1), (offers - 1, 2), (10, -(-offers // 10))]:
        monkeypatch.setattr(shards, "OFFERS", most)
        assert started().shards == wanted
        DetectionRun.objects.all().delete()


def test_a_run_in_one_piece_has_no_rows_of_slices(settings):
    RandomPlan(1, offers=20)
    settings.DETECTION_SHARDS = 1
    with CaptureQueriesContext(connection) as queries:
        run = collisions.detect_everything(now=NOW)
    assert (run.shards, run.shards_done) == (1, 1)
    assert not any("detectionshard" in query["sql"] for query in queries)
    assert not DetectionShard.objects.exists()


def test_an_empty_plan_is_not_cut():
    run = collisions.detect_everything(now=NOW)
    assert (run.shards, run.shards_done, run.offers, run.pairs) == (1, 1, 0, 0)


@pytest.fixture
def rung(monkeypatch):
    """Tasks that the broker was asked for, with their options."""
    sent = []
    monkeypatch.setattr(events.current_app, "send_task", lambda task, **options: sent.append((task, options)))
    return sent


def test_cutting_brings_a_worker_for_each_other_slice_after_all_that_waits(rung, django_capture_on_commit_callbacks):
    RandomPlan(1, offers=40)
    with django_capture_on_commit_callbacks(execute=True):
        started()
    assert [(task, options["priority"]) for task, options in rung] == [("campaigns.tasks.task_detect_shard", 9)] * 3


# Who does what


def test_each_call_does_one_slice_and_the_last_one_stores(rung, django_capture_on_commit_callbacks):
    RandomPlan(5, offers=40)
    run = collisions.request_detection(by=None, now=NOW)
    for done in range(1, 4):
        with django_capture_on_commit_callbacks(execute=True):
            assert collisions.run_waiting(now=LATER) == [run]
        run.refresh_from_db()
        assert (run.shards, run.shards_done, run.finished_at) == (4, done, None)
        assert not Collision.objects.exists()
        # Three by cutting, and one more after each slice as long as there are others.
        assert [task for task, _ in rung] == [shards.TASK] * (3 + min(done, 3))

    assert collisions.run_waiting(now=LATER) == [run]

    run.refresh_from_db()
    assert run.shards_done == 4
    assert LATER <= run.finished_at < LATER + timedelta(minutes=1)
    assert stored() == expected(today=DAY)
    assert run.pairs == len(stored()) == sum(DetectionShard.objects.filter(run=run).values_list("pairs", flat=True))
    assert {bytes(result) for result in DetectionShard.objects.values_list("result", flat=True)} == {b""}
    assert collisions.run_waiting(now=LATER) == []


def test_two_callers_take_different_slices_until_none_is_left():
    RandomPlan(5, offers=40)
    run = started()
    taken = [shards.claim(run, NOW) for _ in range(4)]
    assert [shard.number for shard in taken] == [1, 2, 3, 4]
    assert {(shard.tries, shard.lease_until) for shard in taken} == {(1, NOW + LEASE)}
    assert shards.claim(run, NOW) is None
    assert collisions.run_waiting(now=NOW) == []


def test_a_slice_whose_lease_is_over_is_taken_over_and_the_late_writer_changes_nothing():
    RandomPlan(5, offers=40)
    run = started()
    late = shards.claim(run, NOW)
    for _ in range(3):
        shards.finish(shards.claim(run, NOW), b"", pairs=0, now=NOW)
    assert shards.claim(run, NOW + LEASE) is None

    second = shards.claim(run, NOW + LEASE + timedelta(seconds=1))

    assert (second.pk, second.tries) == (late.pk, 2)
    # The second try has twice as long.
    assert second.lease_until - second.claimed_at == 2 * LEASE
    for _ in range(2):  # before the other one is done, and afterwards
        before = list(DetectionShard.objects.order_by("pk").values()), list(DetectionRun.objects.values())
        with pytest.raises(LostLeaseError):
            shards.finish(late, b"late", pairs=99, now=LATER)
        assert (list(DetectionShard.objects.order_by("pk").values()), list(DetectionRun.objects.values())) == before
        if second.finished_at is None:
            shards.finish(second, b"second", pairs=1, now=LATER)
            second.refresh_from_db()
    assert bytes(second.result) == b"second"
    assert DetectionRun.objects.get().shards_done == 4


def test_whoever_loses_the_lease_while_computing_goes_on_with_nothing(caplog):
    RandomPlan(5, offers=40)
    run = started()

    def take_over(done, of):
        if DetectionShard.objects.filter(run=run, number=1, tries=1).exists():
            assert shards.claim(run, LATER).number == 2
            DetectionShard.objects.filter(run=run, number=1).update(lease_until=NOW)
            DetectionShard.objects.filter(run=run).exclude(number=1).update(tries=9)
            assert shards.claim(run, LATER).number == 1

    assert shards.work_off(run, NOW, progress=take_over)
    row = DetectionShard.objects.get(run=run, number=1)
    assert (row.tries, row.finished_at, bytes(row.result)) == (2, None, b"")
    assert "slice 1 of detection" in caplog.text


def test_a_long_slice_keeps_its_lease_by_telling_that_it_goes_on(monkeypatch):
    RandomPlan(5, offers=40)
    run = started()
    monkeypatch.setattr(shards, "BREATH", 0.0)
    leases = []

    def look(done, of):
        leases.append(DetectionShard.objects.get(run=run, number=1).lease_until)

    shards.work_off(run, NOW, progress=look)
    assert leases
    assert all(lease > NOW + LEASE for lease in leases)


def test_slices_of_a_dead_worker_are_done_again_after_the_lease_and_stored():
    RandomPlan(5, offers=40)
    run = started()
    shards.claim(run, NOW)
    for _ in range(3):
        collisions.run_waiting(now=NOW)
    assert (DetectionRun.objects.get().shards_done, Collision.objects.count()) == (3, 0)
    assert collisions.run_waiting(now=NOW + LEASE - timedelta(seconds=1)) == []

    assert collisions.run_waiting(now=NOW + LEASE + timedelta(seconds=1)) == [run]

    assert stored() == expected(today=DAY)
    assert sorted(DetectionShard.objects.values_list("tries", flat=True)) == [1, 1, 1, 2]


def test_a_slice_that_fails_does_not_keep_the_others_from_being_done():
    RandomPlan(5, offers=40)
    run = started()

    def fail(done, of):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shards.work_off(run, NOW, progress=fail)
    soon = NOW + LEASE + timedelta(seconds=1)
    assert [shards.claim(run, soon).number for _ in range(4)] == [2, 3, 4, 1]


def test_whoever_died_between_the_last_slice_and_storing_is_followed_by_the_sweep():
    RandomPlan(5, offers=40)
    run = started()
    while shard := shards.claim(run, NOW):
        shards._work(run, shard, lambda: NOW, None)
    assert not Collision.objects.exists()

    collisions.refresh_due(now=NOW)

    assert DetectionRun.objects.get().finished_at
    assert stored() == expected(today=DAY)


def test_asking_for_everything_waits_for_the_slices_of_others(settings):
    RandomPlan(5, offers=40)
    seen = []

    def other_worker(done, of):
        """Takes what is left as soon as this one has begun."""
        seen.append((done, of))
        run = DetectionRun.objects.get()
        while len(seen) == 1 and (shard := shards.claim(run, NOW)):
            shards._work(run, shard, lambda: NOW, None)

    run = collisions.detect_everything(now=NOW, progress=other_worker)

    assert run.finished_at
    assert stored() == expected(today=DAY)
    assert seen == sorted(seen)
    assert seen[-1] == (run.offers, run.offers)


def test_the_regular_detection_begins_nothing_while_one_in_slices_is_under_way():
    RandomPlan(5, offers=40)
    run = started()
    while shards.claim(run, NOW):
        pass
    collisions.sweep_everything(now=NOW)
    assert DetectionRun.objects.get() == run

    DetectionRun.objects.update(finished_at=NOW)
    collisions.sweep_everything(now=NOW)

    assert DetectionRun.objects.count() == 2
    assert DetectionRun.objects.order_by("-pk").first().shards_done == 1


# What changes meanwhile


@pytest.fixture
def pair_in_two_slices(settings):
    """An offer of each of two departments in either slice, for the same customers, with the same product: no overlap."""
    settings.DETECTION_SHARDS = 2
    segment, products, found = make_segment(numbers=range(10)), make_products(1), []
    for days in (10, 60):
        for _ in range(2):
            campaign = make_campaign(starts_on=DAY + timedelta(days=days), days=100)
            found.append(
                make_offer(campaign, segments=[segment], products=products, ends_before=DAY + timedelta(days + 9))
            )
            submit(campaign)
    return found


def numbers_of(offers):
    return {frozenset(pair) for pair in Collision.objects.filter(state="open").values_list("offer_a", "offer_b")} & {
        frozenset((a.pk, b.pk)) for a in offers for b in offers
    }


def move(offer, days):
    offer.refresh_from_db()
    change = {
        "starts_on": offer.starts_on + timedelta(days=days),
        "ends_before": offer.ends_before + timedelta(days=days),
    }
    Offer.objects.filter(pk=offer.pk).update(version=F("version") + 1, **change)
    postings.rewrite([offer.pk])


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("there", ["into the slice that was read", "out of the slice that was read"])
def test_an_offer_that_moves_between_the_slices_is_left_to_its_event(pair_in_two_slices, there, known):
    early, other_early, late, other_late = pair_in_two_slices
    if known:
        collisions.detect_everything(now=NOW)
        Collision.objects.update(shared_products=2)  # so that a run that ignores the change would write
    before = list(Collision.objects.order_by("pk").values())
    moved, days = (late, -50) if there.startswith("into") else (early, 50)
    run = started()
    assert shards.work_off(run, NOW)

    move(moved, days)
    assert shards.work_off(run, NOW)

    assert DetectionRun.objects.get(pk=run.pk).finished_at
    left = (early, other_early) if moved is late else (late, other_late)
    rows_now = {row["id"]: row for row in Collision.objects.values()}
    assert [rows_now[row["id"]] for row in before if moved.pk in {row["offer_a_id"], row["offer_b_id"]}] == [
        row for row in before if moved.pk in {row["offer_a_id"], row["offer_b_id"]}
    ]
    assert numbers_of(pair_in_two_slices) >= {frozenset(one.pk for one in left)}
    assert not numbers_of(pair_in_two_slices) - {
        frozenset(one.pk for one in pair) for pair in ((early, other_early), (late, other_late))
    }
    assert {
        row["shared_products"] for row in rows_now.values() if moved.pk not in {row["offer_a_id"], row["offer_b_id"]}
    } == {1}


def test_new_customers_between_the_slices_leave_offers_for_everybody_to_their_events(pair_in_two_slices):
    early, _, late, other_late = pair_in_two_slices
    Customer.objects.create(number=0, code="k0")
    Offer.objects.filter(pk__in=[early.pk, late.pk]).update(audience=None)
    run = started()
    assert shards.work_off(run, NOW)

    Customer.objects.create(number=1, code="k1")
    assert shards.work_off(run, NOW)

    # What the second slice has read is true; what the first one has counted no longer is.
    assert numbers_of(pair_in_two_slices) == {frozenset((late.pk, other_late.pk))}


def test_a_slice_that_waited_over_midnight_opens_nothing_that_is_over(pair_in_two_slices):
    run = started()
    assert shards.work_off(run, NOW)
    assert shards.work_off(run, NOW + timedelta(days=30))
    assert run.finished_at
    assert numbers_of(pair_in_two_slices) == {frozenset(one.pk for one in pair_in_two_slices[2:])}


def test_a_campaign_that_ends_between_the_slices_is_left_alone(pair_in_two_slices):
    collisions.detect_everything(now=NOW)
    run = started()
    shards.work_off(run, NOW)
    Campaign.objects.filter(pk=pair_in_two_slices[0].campaign_id).update(status=CampaignStatus.ENDED)
    shards.work_off(run, NOW)
    assert run.finished_at
    assert Counter(Collision.objects.values_list("state", flat=True)) == {"open": 2}


def test_sixty_offers_take_as_many_queries_as_thirty():
    plan = RandomPlan(5, offers=30)
    collisions.detect_everything(now=NOW)
    counts = []
    for _ in range(2):
        Collision.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            collisions.detect_everything(now=NOW)
        counts.append(len(queries))
        for _ in range(30):
            plan.add_offer()
    assert counts[0] == counts[1]
