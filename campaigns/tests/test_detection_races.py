"""Several connections at once, on whatever database the suite runs, and once more on PostgreSQL."""

from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models import F

from campaigns.actions import collisions, postings
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision, JointGroup, Offer
from campaigns.tests.factories import DAY, NOW, make_campaign, make_colliding_pair, make_offer, make_products, submit
from campaigns.tests.random_plan import expected, stored
from customers.actions import segments
from customers.models import Event, Heartbeat, Segment
from customers.tests.races import held_open, paused_at, race, raised, together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
]


def news():
    return [event.payload["pairs"] for event in Event.objects.filter(topic="collisions.changed")]


def test_five_detectors_of_one_pair_write_one_row_and_tell_once():
    a, b = sorted(make_colliding_pair(), key=lambda offer: offer.code)

    together(
        lambda: collisions.refresh(offer_ids=[a.pk], now=NOW),
        lambda: collisions.refresh(offer_ids=[b.pk], now=NOW),
        lambda: collisions.refresh_due(now=NOW),
        lambda: collisions.detect_everything(now=NOW),
        lambda: collisions.detect_everything(now=NOW, with_past=True),
    )

    assert Collision.objects.get().state == CollisionState.OPEN
    assert news() == [[[a.campaign_id, b.campaign_id]]]


def test_four_detections_of_everything_that_write_at_the_same_instant_tell_once():
    make_colliding_pair()
    computed = Barrier(4)

    together(*[lambda: collisions.detect_everything(now=NOW, progress=lambda *_: computed.wait(10))] * 4)

    assert Collision.objects.get().state == CollisionState.OPEN
    assert len(news()) == 1


def test_two_detectors_of_one_pair_tell_once(locked):
    """The second waits for what the first writes, and then finds nothing new."""
    a, b = make_colliding_pair()
    Heartbeat.objects.create(name=collisions.rows.LOCK)  # or the second would wait for the first to make it
    results = paused_at(
        "INSERT INTO campaigns_collision",
        lambda: collisions.refresh(offer_ids=[a.pk], now=NOW),
        lambda: collisions.refresh(offer_ids=[b.pk], now=NOW),
        locked=locked,
    )
    assert raised(results) == []
    assert Collision.objects.get().state == CollisionState.OPEN
    assert (len(news()) == 1) is locked


@pytest.fixture
def two_plans():
    """Two campaigns that count and may be edited, and one customer."""
    campaigns = [make_campaign() for _ in range(2)]
    for campaign in campaigns:
        make_offer(campaign)  # without products, so that the plan can be submitted
        submit(campaign)
    segments.Customer.objects.create(number=0, code="k0")
    collisions.refresh_due(now=NOW)
    Campaign.objects.update(status="paused", approved_hash="signed")
    return campaigns


def test_two_offers_planned_at_the_same_instant_find_each_other_in_each_of_fifty_pairs(two_plans):
    def plan(campaign, product):
        make_offer(campaign, products=[product])
        collisions.refresh_due(now=NOW)

    products = make_products(50)
    for product in products:
        together(*(lambda campaign=campaign, product=product: plan(campaign, product) for campaign in two_plans))

    found = Collision.objects.values_list("shared_products", "state")
    assert list(found) == [(1, CollisionState.OPEN)] * 50
    assert stored() == expected(today=DAY)


def test_two_offers_that_do_not_see_each_other_yet_are_found_by_the_second_detector(two_plans, locked):
    """Both are written before either is committed: each detector alone would find nothing."""
    (product,) = make_products(1)
    written = Barrier(2)

    def plan(campaign):
        with transaction.atomic():
            offer = make_offer(campaign, products=[product])
            written.wait(10)
            collisions.refresh(offer_ids=[offer.pk], now=NOW)
            if not locked:
                written.wait(10)

    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time")
    assert raised(race(*(lambda campaign=campaign: plan(campaign) for campaign in two_plans))) == []
    assert Collision.objects.exists() is locked


def test_an_edit_while_everything_is_computed_is_not_overwritten_by_what_was_read_before():
    a, b = make_colliding_pair()

    def edit():
        offer = Offer.objects.get(pk=a.pk)
        offer.product_rows.all().delete()
        Offer.objects.filter(pk=a.pk).update(version=F("version") + 1)
        postings.rewrite([a.pk])
        collisions.refresh(offer_ids=[a.pk], now=NOW)

    collisions.detect_everything(now=NOW, progress=lambda *_: together(edit))

    assert not Collision.objects.exists()
    assert expected(today=DAY) == {}
    assert b.pk


def test_segments_that_change_at_the_same_instant_are_counted_against_each_other():
    chosen = [
        Segment.objects.create(code=f"S{n}", name=f"S{n}", members=segments.BitMap().serialize()) for n in range(4)
    ]

    def fill(segment):
        segments.replace_members(segment=segment, numbers=segments.BitMap(range(10)), by=None, now=NOW)

    together(*(lambda segment=segment: fill(segment) for segment in chosen))

    assert list(segments.SegmentOverlap.objects.values_list("shared", flat=True)) == [10] * 6


def test_one_combined_audience_asked_for_by_many_at_the_same_instant_is_made_once():
    ids = [Segment.objects.create(code=f"S{n}", name=f"S{n}", members=b"").pk for n in range(2)]

    found = together(*[lambda: segments.audience_of(include=ids, exclude=[])] * 4)

    assert len({segment.pk for segment in found}) == 1
    assert Segment.objects.filter(kind=Segment.Kind.COMBINED).count() == 1


def test_two_requests_at_the_same_instant_leave_one_waiting_detection():
    found = together(*[lambda: collisions.request_detection(by=None, now=NOW)] * 4)

    assert len({run.pk for run in found}) == 1
    assert stored() == {}


def test_a_worker_takes_the_waiting_detection_only_with_the_change_that_asked_for_it_too(locked):
    """The change found a detection that waits already; one that ran before its commit would not see it."""
    collisions.request_detection(by=None, now=NOW)

    def change():
        JointGroup.objects.create(code="spring", name="Spring")
        collisions.request_detection(by=None, now=NOW)

    def work():
        assert len(collisions.run_waiting(now=NOW)) == 1
        return JointGroup.objects.exists()

    results = held_open(change, work, locked=locked)
    assert raised(results) == []
    assert results[1] is locked
