from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pyroaring import BitMap

from campaigns import tasks
from campaigns.actions import collisions, postings
from campaigns.actions.collisions.refreshing import TOPICS
from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Campaign, Collision, DetectionRun, Offer
from campaigns.tests.factories import (
    NOW,
    make_campaign,
    make_colliding_pair,
    make_customers,
    make_offer,
    make_product,
    make_products,
    make_segment,
    make_user,
    submit,
)
from customers.actions import events, segments
from customers.clock import local_day
from customers.models import Event, Heartbeat, HistoryEntry

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def pair():
    """Two colliding offers, ordered by code, whose events nobody has handled."""
    return tuple(sorted(make_colliding_pair(shared_customers=50, shared_products=4), key=lambda offer: offer.code))


@pytest.fixture
def collision(pair):
    """Their collision, already detected, and heard of."""
    collisions.refresh_due(now=NOW)
    Event.objects.all().delete()
    return Collision.objects.get()


def told():
    """Pairs of campaigns of the events that were not heard of yet."""
    return [pair for event in Event.objects.filter(topic="collisions.changed") for pair in event.payload["pairs"]]


def pair_of(collision):
    return [collision.offer_a.campaign_id, collision.offer_b.campaign_id]


def change(offer, **fields):
    """What an edit does to the rows that detection reads."""
    Offer.objects.filter(pk=offer.pk).update(version=F("version") + 1, **fields)
    postings.rewrite([offer.pk])


def midnight_of(day):
    return datetime.combine(day, time(0, 30), ZoneInfo("Europe/Madrid"))


@pytest.mark.postgres
def test_events_of_two_plans_lead_to_their_collision(pair):
    a, b = pair
    assert collisions.refresh_due(now=NOW) == Event.objects.filter(topic__in=TOPICS).count()

    found = Collision.objects.get()
    assert (found.rule, found.offer_a, found.offer_b) == ("overlap", a, b)
    assert (found.starts_on, found.ends_before) == (a.starts_on, a.ends_before)
    assert (found.shared_products, found.shared_customers) == (4, 50)
    assert (found.score, found.level, found.state) == (65, "high", CollisionState.OPEN)
    assert (found.first_seen_at, found.changed_at) == (NOW, NOW)
    assert told() == [[a.campaign_id, b.campaign_id]]
    assert not Event.objects.filter(handled_at=None, topic__in=TOPICS).exists()


@pytest.mark.postgres
def test_finding_the_same_again_writes_nothing(collision):
    with CaptureQueriesContext(connection) as asked:
        collisions.refresh(offer_ids=[collision.offer_a_id], now=LATER)

    assert not [query for query in asked if "campaigns_collision" in query["sql"] and "SELECT" not in query["sql"]]
    assert Collision.objects.get().changed_at == NOW
    assert told() == []


@pytest.mark.postgres
def test_other_counts_update_the_row_in_silence_while_the_level_stays(collision):
    change(collision.offer_a)
    segment = collision.offer_a.audience_rows.get().segment
    segments.replace_members(segment=segment, numbers=BitMap(range(49)), by=None, now=LATER)

    collisions.refresh_due(now=LATER)

    row = Collision.objects.get()
    assert (row.pk, row.shared_customers, row.level) == (collision.pk, 49, "high")
    assert (row.first_seen_at, row.changed_at) == (NOW, LATER)
    assert told() == []


def test_a_new_version_alone_is_noted_without_calling_it_a_change(collision):
    change(collision.offer_a)

    collisions.refresh(offer_ids=[collision.offer_a_id], now=LATER)

    row = Collision.objects.get()
    assert (row.version_a, row.version_b) == (collision.version_a + 1, collision.version_b)
    assert row.changed_at == NOW
    assert told() == []


@pytest.mark.postgres
def test_another_level_or_other_days_are_told(collision):
    offer, other = collision.offer_a, collision.offer_b
    for _ in range(40):
        other.product_rows.create(product=make_product())
        offer.product_rows.create(product=make_product())
    change(offer)
    change(other)

    collisions.refresh(offer_ids=[offer.pk], now=LATER)

    row = Collision.objects.get()
    assert (row.shared_products, row.level) == (4, "low")
    assert told() == [pair_of(collision)]

    Event.objects.all().delete()
    change(offer, starts_on=offer.starts_on + timedelta(days=1))
    collisions.refresh(offer_ids=[offer.pk], now=LATER)

    assert Collision.objects.get().starts_on == row.starts_on + timedelta(days=1)
    assert told() == [pair_of(collision)]


@pytest.mark.postgres
def test_a_collision_that_vanished_is_cleared_and_opens_again_when_it_returns(collision):
    offer = collision.offer_b
    change(offer, starts_on=offer.ends_before + timedelta(days=20), ends_before=offer.ends_before + timedelta(days=30))
    collisions.refresh(offer_ids=[offer.pk], now=LATER)

    row = Collision.objects.get()
    assert (row.state, row.shared_customers, row.changed_at) == (CollisionState.CLEARED, 50, LATER)
    assert told() == [pair_of(collision)]

    Event.objects.all().delete()
    change(offer, starts_on=offer.starts_on, ends_before=offer.ends_before)
    collisions.refresh(offer_ids=[offer.pk], now=LATER)

    row = Collision.objects.get()
    assert (row.pk, row.state, row.first_seen_at) == (collision.pk, CollisionState.OPEN, NOW)
    assert told() == [pair_of(collision)]


@pytest.mark.parametrize("status", [CampaignStatus.CANCELLED, CampaignStatus.DRAFT, CampaignStatus.ENDED])
def test_the_collisions_of_a_campaign_that_is_not_planned_any_more_are_cleared(collision, status):
    campaign = collision.offer_a.campaign
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    events.record("campaign.changed", now=NOW, campaigns=[campaign.pk])

    collisions.refresh_due(now=LATER)

    assert Collision.objects.get().state == CollisionState.CLEARED


def test_a_withdrawn_offer_collides_with_nobody(collision):
    change(collision.offer_a, withdrawn_at=NOW)

    collisions.refresh(offer_ids=[collision.offer_a_id], now=LATER)

    assert Collision.objects.get().state == CollisionState.CLEARED


@pytest.mark.postgres
def test_a_collision_is_past_once_its_last_day_is_over_for_the_company(collision):
    last = collision.ends_before - timedelta(days=1)
    collisions.refresh(offer_ids=[collision.offer_a_id], now=midnight_of(last))
    assert Collision.objects.get().state == CollisionState.OPEN

    # Half past midnight in Madrid: still the day before in UTC.
    collisions.refresh(offer_ids=[collision.offer_a_id], now=midnight_of(collision.ends_before))

    assert Collision.objects.get().state == CollisionState.PAST
    assert told() == [pair_of(collision)]


def test_a_past_collision_opens_again_when_its_days_move_ahead(collision):
    after = midnight_of(collision.ends_before)
    collisions.refresh(offer_ids=[collision.offer_a_id], now=after)

    for offer in (collision.offer_a, collision.offer_b):
        change(offer, ends_before=offer.ends_before + timedelta(days=5))
    collisions.refresh(offer_ids=[collision.offer_b_id], now=after)

    assert Collision.objects.get().state == CollisionState.OPEN


def test_drafts_and_offers_of_one_department_are_not_stored():
    products = make_products(2)
    campaign = make_campaign()
    mine = [make_offer(campaign, products=products) for _ in range(2)]
    submit(campaign)
    draft = make_offer(make_campaign(), products=products)
    segments.customers_added(now=NOW)

    collisions.refresh(offer_ids=[offer.pk for offer in [*mine, draft]], now=NOW)

    assert not Collision.objects.exists()


def test_two_departments_within_one_campaign_collide_but_that_is_no_news():
    segment, products = make_segment(numbers=range(3)), make_products(2)
    campaign, guest = make_campaign(), make_campaign().department
    for department in (campaign.department, guest):
        make_offer(campaign, segments=[segment], products=products, department=department)
    submit(campaign)

    collisions.refresh_due(now=NOW)

    assert Collision.objects.get().state == CollisionState.OPEN
    assert told() == []


@pytest.mark.postgres
def test_pairs_are_told_once_and_in_the_order_of_their_codes():
    segment, products = make_segment(numbers=range(3)), make_products(2)
    campaigns = [make_campaign(code=code) for code in ("b", "C", "a")]
    for campaign in campaigns:
        for _ in range(2):
            make_offer(campaign, segments=[segment], products=products)
        submit(campaign)

    collisions.refresh_due(now=NOW)

    b, c, a = (campaign.pk for campaign in campaigns)
    assert Collision.objects.count() == 12
    # As text, without any language's sorting: capitals come first.
    assert told() == [[c, a], [c, b], [a, b]]


@pytest.mark.postgres
def test_allowed_collisions_stay_allowed_while_nothing_gets_worse(collision):
    mediator = make_user("marta")
    assert collisions.settle(collision_ids=[collision.pk], by=mediator, now=LATER, reason="both run") == 1

    row = Collision.objects.get()
    assert (row.state, row.settled_level, row.changed_at) == (CollisionState.SETTLED, "high", LATER)
    assert told() == [pair_of(collision)]
    entries = HistoryEntry.objects.filter(verb="settle").order_by("subject").values_list("subject", "actor", "reason")
    codes = sorted(offer.campaign.code for offer in (collision.offer_a, collision.offer_b))
    assert list(entries) == [(f"campaign:{code}", "marta", "both run") for code in codes]

    segment = collision.offer_a.audience_rows.get().segment
    segments.replace_members(segment=segment, numbers=BitMap(range(200)), by=None, now=LATER)
    collisions.refresh_due(now=LATER)

    row = Collision.objects.get()
    assert (row.state, row.shared_customers) == (CollisionState.SETTLED, 200)


@pytest.mark.postgres
def test_an_allowed_collision_opens_again_when_an_offer_changes(collision):
    collisions.settle(collision_ids=[collision.pk], by=None, now=NOW, reason="both run")
    Event.objects.all().delete()

    change(collision.offer_b, percent_off=50)
    collisions.refresh(offer_ids=[collision.offer_b_id], now=LATER)

    row = Collision.objects.get()
    assert (row.state, row.settled_level, row.version_b) == (CollisionState.OPEN, "", collision.version_b + 1)
    assert told() == [pair_of(collision)]


def test_an_allowed_collision_opens_again_when_its_level_rises(pair):
    a, b = pair
    everybody = make_segment(numbers=range(1000))
    other = make_segment(numbers=range(999, 1999))
    for offer, segment in ((a, everybody), (b, other)):
        offer.audience_rows.all().delete()
        offer.audience_rows.create(segment=segment)
        change(offer)
    collisions.refresh_due(now=NOW)
    row = Collision.objects.get()
    assert row.level == "medium"
    collisions.settle(collision_ids=[row.pk], by=None, now=NOW, reason="hardly anybody")

    segments.replace_members(segment=other, numbers=BitMap(range(1000)), by=None, now=LATER)
    collisions.refresh_due(now=LATER)

    row = Collision.objects.get()
    assert (row.state, row.level, row.settled_level) == (CollisionState.OPEN, "high", "")


def test_only_open_collisions_are_settled(collision):
    Collision.objects.update(state=CollisionState.CLEARED)

    assert collisions.settle(collision_ids=[collision.pk], by=None, now=LATER, reason="x") == 0

    assert Collision.objects.get().state == CollisionState.CLEARED
    assert not HistoryEntry.objects.filter(verb="settle").exists()
    assert told() == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("topic", "payload"),
    [("offer.changed", {}), ("segment.changed", {"segments": "?"}), ("catalogue.changed", {"categories": ["x"]})],
)
def test_a_poisoned_event_stops_nobody_elses(pair, topic, payload):
    poisoned = events.record(topic, now=NOW, **payload)

    collisions.refresh_due(now=NOW)

    assert Collision.objects.count() == 1
    poisoned.refresh_from_db()
    assert (poisoned.handled_at, poisoned.tries) == (None, 1)
    assert poisoned.error


def test_an_event_about_something_gone_is_handled(collision):
    events.record("offer.changed", now=NOW, offers=[10**9])
    events.record("campaign.changed", now=NOW, campaigns=[10**9])

    assert collisions.refresh_due(now=NOW) == 2

    assert Collision.objects.get().changed_at == NOW


def test_offers_for_everybody_follow_the_number_of_customers():
    products = make_products(1)
    make_customers(3)
    for _ in range(2):
        campaign = make_campaign()
        make_offer(campaign, products=products)
        submit(campaign)
    collisions.refresh_due(now=NOW)
    assert Collision.objects.get().shared_customers == 3

    make_customers(2)
    segments.customers_added(now=LATER)
    collisions.refresh_due(now=LATER)

    assert Collision.objects.get().shared_customers == 5


def test_an_imported_plan_is_detected_as_a_whole(pair):
    Event.objects.all().delete()
    events.record("plan.imported", now=NOW)

    collisions.refresh_due(now=NOW)

    assert Collision.objects.count() == 1
    run = DetectionRun.objects.get()
    assert (run.offers, run.pairs, run.with_past) == (2, 1, False)
    assert run.finished_at is not None


def test_a_change_of_very_many_offers_is_detected_as_a_whole(pair):
    Event.objects.all().delete()
    events.record("offer.changed", now=NOW, offers=[pair[0].pk, *range(10**6, 10**6 + 201)])

    collisions.refresh_due(now=NOW)

    assert Collision.objects.count() == 1
    assert DetectionRun.objects.get().pairs == 1


@pytest.fixture
def coming(pair):
    """The two offers, moved to days ahead of the clock on the wall, which is what tasks look at."""
    starts_on = local_day(timezone.now()) + timedelta(days=10)
    for offer in pair:
        change(offer, starts_on=starts_on, ends_before=starts_on + timedelta(days=5))
    Campaign.objects.update(starts_on=starts_on, ends_before=starts_on + timedelta(days=5))
    return pair


def test_the_tasks_do_what_waits(coming):
    tasks.task_refresh()
    assert Collision.objects.count() == 1
    assert not DetectionRun.objects.exists()

    tasks.task_detect_everything()
    assert DetectionRun.objects.count() == 1

    tasks.task_sweep()
    assert DetectionRun.objects.count() == 1
    assert Heartbeat.objects.get(name="campaigns sweep").last_ok_at
    assert Heartbeat.objects.get(name="detection").last_ok_at


def test_the_task_runs_the_detection_that_was_asked_for(coming):
    run = collisions.request_detection(by=None, now=NOW, with_past=True)

    tasks.task_detect_everything()

    assert DetectionRun.objects.get() == run
    assert DetectionRun.objects.get().finished_at
    assert Collision.objects.count() == 1
