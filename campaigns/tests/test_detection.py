"""Detecting everything: against sets and loops, against detecting what changed, and beside others who write."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from campaigns.actions import collisions, postings
from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Campaign, Collision, DetectionRun, JointGroup, Offer
from campaigns.tests.factories import DAY, NOW, make_colliding_pair, make_user
from campaigns.tests.random_plan import RandomPlan, expected, stored
from customers.actions import segments
from customers.models import Customer, Event, Heartbeat, Segment

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


def rows_from_nothing():
    """The open rows that a detection of everything writes into an empty table; all is undone."""
    with transaction.atomic():
        Collision.objects.all().delete()
        collisions.detect_everything(now=NOW)
        rows = stored()
        transaction.set_rollback(True)
    return rows


def news():
    return Event.objects.filter(topic="collisions.changed").count()


FOUND = (CollisionState.OPEN, CollisionState.SETTLED)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(8))
def test_what_changed_and_everything_and_sets_and_loops_agree_after_random_edits(seed):
    plan = RandomPlan(seed, offers=35)
    collisions.refresh_due(now=NOW)
    seen = Counter()
    for _ in range(12):
        for _ in range(plan.random.randrange(1, 5)):
            plan.edit()
        rows = Collision.objects.filter(state=CollisionState.OPEN).order_by("offer_a__code", "offer_b__code")
        some = [row.pk for row in rows if plan.random.random() < 0.3]
        collisions.settle(collision_ids=some, by=None, now=NOW, reason="both run")

        collisions.refresh_due(now=NOW)

        assert stored(*FOUND) == expected(today=DAY)
        assert stored(*FOUND) == rows_from_nothing()
        # Nothing is left for the sweep to do.
        before, told = list(Collision.objects.order_by("pk").values()), news()
        collisions.detect_everything(now=LATER)
        assert list(Collision.objects.order_by("pk").values()) == before
        assert news() == told
        seen.update(Collision.objects.values_list("state", flat=True))
    assert min(seen[state] for state in (*FOUND, CollisionState.CLEARED)) > 5


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(6))
def test_with_what_is_past_everything_is_what_sets_and_loops_find(seed):
    plan = RandomPlan(seed, offers=30)
    for _ in range(3):
        for _ in range(4):
            plan.edit()

        collisions.detect_everything(now=NOW, with_past=True)

        assert stored(CollisionState.OPEN, CollisionState.PAST) == expected(today=DAY, with_past=True)
        past = {pair for pair, facts in expected(today=DAY, with_past=True).items() if facts[1] <= DAY}
        assert past
        assert stored(CollisionState.PAST).keys() == past


@pytest.mark.parametrize("seed", range(3))
def test_a_sweep_after_lost_events_finds_what_they_told(seed):
    plan = RandomPlan(seed, offers=25)
    collisions.refresh_due(now=NOW)
    for _ in range(10):
        plan.edit()
    Event.objects.all().delete()

    collisions.detect_everything(now=LATER)

    assert stored() == expected(today=DAY)


def test_what_was_past_at_first_sight_is_nobodys_news():
    make_colliding_pair()
    Campaign.objects.update(status=CampaignStatus.ENDED)
    after = NOW + timedelta(days=60)

    collisions.detect_everything(now=after, with_past=True)

    assert Collision.objects.get().state == CollisionState.PAST
    assert news() == 0


def test_without_the_past_a_campaign_that_ended_is_left_alone():
    make_colliding_pair()
    after = NOW + timedelta(days=60)

    run = collisions.detect_everything(now=after)

    assert (run.offers, run.pairs) == (0, 0)
    assert not Collision.objects.exists()


def test_open_rows_become_past_with_the_sweep_and_stay_what_they_were():
    make_colliding_pair()
    collisions.detect_everything(now=NOW)
    Campaign.objects.update(status=CampaignStatus.ENDED)

    collisions.detect_everything(now=NOW + timedelta(days=60))

    row = Collision.objects.get()
    assert (row.state, row.shared_customers, row.shared_products) == (CollisionState.PAST, 50, 3)


def rename(offer):
    Offer.objects.filter(pk=offer.pk).update(version=F("version") + 1)


def move(offer):
    Offer.objects.filter(pk=offer.pk).update(starts_on=offer.starts_on + timedelta(days=1))


def rewrite(offer):
    postings.rewrite([offer.pk])


def cancel(offer):
    Campaign.objects.filter(pk=offer.campaign_id).update(status=CampaignStatus.CANCELLED)


def withdraw(offer):
    Offer.objects.filter(pk=offer.pk).update(withdrawn_at=NOW)


def change_members(offer):
    Segment.objects.filter(pk=Offer.objects.get(pk=offer.pk).audience_id).update(version=F("version") + 1)


def change_audience(offer):
    Offer.objects.filter(pk=offer.pk).update(audience=None)


@pytest.mark.parametrize(
    "change",
    [rename, move, rewrite, cancel, withdraw, change_members, change_audience],
    ids=lambda change: change.__name__,
)
@pytest.mark.parametrize("known", [False, True], ids=["new pair", "known pair"])
def test_offers_that_change_while_everything_is_computed_are_left_to_their_own_events(change, known):
    a, _ = make_colliding_pair()
    if known:
        collisions.detect_everything(now=NOW)
        Collision.objects.update(shared_products=1)  # so that a run that ignores the change would write
    before = list(Collision.objects.values())

    collisions.detect_everything(now=LATER, progress=lambda *_: change(a))

    assert list(Collision.objects.values()) == before


def test_new_customers_while_everything_is_computed_leave_offers_for_everybody_to_their_events():
    pair = make_colliding_pair()
    Offer.objects.update(audience=None)
    Customer.objects.create(number=0, code="k0")

    collisions.detect_everything(now=NOW, progress=lambda *_: Customer.objects.get_or_create(number=1, code="k1"))
    assert not Collision.objects.exists()

    collisions.detect_everything(now=NOW)
    assert Collision.objects.get().shared_customers == 2
    assert len(pair) == 2


def test_a_request_waits_once_until_it_is_run():
    make_colliding_pair()
    user = make_user("ana")

    first = collisions.request_detection(by=user, now=NOW)
    second = collisions.request_detection(by=None, now=LATER)
    past = collisions.request_detection(by=None, now=LATER, with_past=True)

    assert first == second != past
    assert (first.requested_by, first.requested_at, first.started_at) == (user, NOW, None)

    assert collisions.run_waiting(now=LATER) == [first, past]

    first.refresh_from_db()
    assert (first.started_at, first.offers, first.pairs) == (LATER, 2, 1)
    assert LATER <= first.finished_at < LATER + timedelta(minutes=1)
    assert collisions.run_waiting(now=LATER) == []
    assert Heartbeat.objects.get(name="detection").last_ok_at == LATER
    assert collisions.request_detection(by=None, now=LATER) != first


def test_detecting_everything_takes_over_the_request_that_waits():
    asked = collisions.request_detection(by=None, now=NOW)
    other = collisions.request_detection(by=None, now=NOW, with_past=True)

    assert collisions.detect_everything(now=LATER) == asked

    other.refresh_from_db()
    assert other.started_at is None


def test_a_run_that_lost_its_worker_is_run_again():
    make_colliding_pair()
    lost = DetectionRun.objects.create(requested_at=NOW, started_at=NOW)

    assert collisions.run_waiting(now=NOW + timedelta(seconds=119)) == []
    assert collisions.run_waiting(now=NOW + timedelta(seconds=121)) == [lost]

    assert Collision.objects.count() == 1
    assert collisions.run_waiting(now=NOW + timedelta(hours=1)) == []


def test_a_detection_that_fails_writes_nothing_and_is_tried_again():
    make_colliding_pair()
    run = collisions.request_detection(by=None, now=NOW)

    def fail(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collisions.detect_everything(now=NOW, progress=fail)

    assert not Collision.objects.exists()
    assert collisions.run_waiting(now=NOW + timedelta(minutes=3)) == [run]
    assert Collision.objects.count() == 1


def test_an_empty_plan_has_no_collisions():
    run = collisions.detect_everything(now=NOW)

    assert (run.offers, run.pairs) == (0, 0)


def test_forty_offers_take_as_many_queries_as_twenty():
    plan = RandomPlan(5, offers=20)
    collisions.detect_everything(now=NOW)
    Collision.objects.all().delete()
    with CaptureQueriesContext(connection) as few:
        collisions.detect_everything(now=NOW)
    for _ in range(20):
        plan.add_offer()
    Collision.objects.all().delete()

    with CaptureQueriesContext(connection) as many:
        collisions.detect_everything(now=NOW)

    assert len(many) == len(few)


def test_the_whole_plan_keeps_combined_audiences_apart_from_their_segments():
    a, b = make_colliding_pair(shared_customers=10)
    half = Segment.objects.create(code="half", name="half", members=b"")
    segments.replace_many({half.pk: segments.BitMap(range(5))}, by=None, now=NOW)
    a.audience_rows.create(segment=half, mode="exclude")
    postings.rewrite([a.pk])

    collisions.detect_everything(now=NOW)

    assert Collision.objects.get().shared_customers == 5
    assert b.audience_rows.count() == 1


def test_nothing_collides_within_a_joint_group():
    plan = RandomPlan(1, offers=30)
    collisions.refresh_due(now=NOW)
    assert stored(CollisionState.OPEN)
    together = JointGroup.objects.create(code="together", name="Together")
    Campaign.objects.update(joint_group=together)

    collisions.detect_everything(now=NOW)
    assert stored(CollisionState.OPEN) == {}

    collisions.refresh(offer_ids=[offer.pk for offer in Offer.objects.all()], now=NOW)
    assert stored(CollisionState.OPEN) == {}

    Campaign.objects.filter(pk=plan.offer().campaign_id).update(joint_group=None)
    collisions.detect_everything(now=NOW)
    ahead = stored(CollisionState.OPEN)
    collisions.refresh(offer_ids=[offer.pk for offer in Offer.objects.all()], now=NOW)
    assert stored(CollisionState.OPEN) == ahead != {}
