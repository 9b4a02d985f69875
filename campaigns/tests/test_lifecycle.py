from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from campaigns.actions import collisions, lifecycle
from campaigns.models import Campaign, Offer
from campaigns.queries.content import content_hashes
from campaigns.rules.lifecycle import CAMPAIGN
from campaigns.tests.factories import (
    DAY,
    NOW,
    agreed,
    approve,
    lead_of,
    make_campaign,
    make_colliding_pair,
    make_department,
    make_offer,
    make_user,
    submit,
)
from customers.models import Event, HistoryEntry
from customers.rules.transitions import IllegalTransition, target_of

STATES = ["draft", "submitted", "approved", "live", "paused", "ended", "cancelled"]
ALLOWED = {
    ("draft", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("approved", "void"): "submitted",
    ("approved", "go_live"): "live",
    ("live", "pause"): "paused",
    ("paused", "resume"): "live",
    ("approved", "end"): "ended",
    ("live", "end"): "ended",
    ("paused", "end"): "ended",
    ("draft", "cancel"): "cancelled",
    ("submitted", "cancel"): "cancelled",
    ("approved", "cancel"): "cancelled",
    ("live", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", sorted(CAMPAIGN))
def test_every_step_from_every_state(state, step):
    if (state, step) in ALLOWED:
        assert target_of(CAMPAIGN, step, state) == ALLOWED[state, step]
    else:
        with pytest.raises(IllegalTransition):
            target_of(CAMPAIGN, step, state)


@pytest.mark.django_db
def test_submit_names_every_gap_and_changes_nothing():
    campaign = make_campaign(goal="", kpi="", kpi_target=None, journey_stage="")
    activity = campaign.activities.get(kind="results")
    activity.roles.all().delete()

    with pytest.raises(ValidationError) as refusal:
        submit(campaign)

    assert refusal.value.messages == [
        "Say why: give the goal and the KPI that measures it.",
        "Say which stage of the customer's journey it is for.",
        "Nobody does “Track the results”: give a department the R.",
        "Add at least one offer.",
    ]
    campaign.refresh_from_db()
    assert campaign.status == "draft"


@pytest.mark.django_db
def test_submit_is_refused_to_other_departments():
    campaign = make_campaign()
    make_offer(campaign)

    with pytest.raises(PermissionDenied):
        lifecycle.submit(campaign=campaign, by=lead_of(make_department()), now=NOW)

    campaign.refresh_from_db()
    assert campaign.status == "draft"


@pytest.mark.django_db
def test_submit_writes_history_and_tells_detection():
    campaign = make_campaign()
    make_offer(campaign)

    submit(campaign)

    assert HistoryEntry.objects.get(verb="submit").changes == {"status": ["draft", "submitted"]}
    assert Event.objects.get(topic="campaign.changed").payload == {"campaigns": [campaign.pk]}


@pytest.mark.django_db
def test_a_second_submit_says_where_the_campaign_stands():
    campaign = make_campaign()
    make_offer(campaign)
    submit(campaign)

    with pytest.raises(ValidationError, match="Submitted"):
        submit(campaign)
    assert HistoryEntry.objects.filter(verb="submit").count() == 1


@pytest.mark.django_db
def test_only_the_accountable_person_submits():
    campaign = make_campaign(accountable=(accountable := make_user()))
    make_offer(campaign)

    for somebody in (lead_of(campaign.department), make_user(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            lifecycle.submit(campaign=campaign, by=somebody, now=NOW)
    campaign.refresh_from_db()
    assert campaign.status == "draft"

    lifecycle.submit(campaign=campaign, by=accountable, now=NOW)
    campaign.refresh_from_db()
    assert campaign.status == "submitted"


@pytest.mark.django_db
def test_a_campaign_is_approved_for_what_it_says_once_everybody_has_agreed():
    campaign = make_campaign()
    make_offer(campaign)
    submit(campaign)

    lifecycle.approve(campaign=campaign, by=None, now=NOW, agreed=lambda _campaign: False)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_hash) == ("submitted", "")

    lifecycle.approve(campaign=campaign, by=None, now=NOW, agreed=agreed)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_hash) == ("approved", content_hashes([campaign.pk])[campaign.pk])


@pytest.mark.django_db
def test_what_is_about_to_go_live_is_judged_once_more():
    campaign = make_campaign(starts_on=DAY)
    make_offer(campaign)
    approve(campaign)

    lifecycle.keep_dates(now=NOW, agreed=lambda _campaign: False)

    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_hash) == ("submitted", "")


@pytest.mark.django_db
@pytest.mark.postgres
def test_database_refuses_an_approved_campaign_without_an_approval():
    campaign = make_campaign()
    with pytest.raises(IntegrityError, match="campaign_past_review_has_an_approval"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(status="approved")


@pytest.mark.django_db
def test_on_its_first_day_a_campaign_and_its_offers_go_live():
    campaign = make_campaign(starts_on=DAY + timedelta(days=1))
    offer = make_offer(campaign)
    later = make_offer(campaign, starts_on=DAY + timedelta(days=3))
    approve(campaign)

    lifecycle.keep_dates(now=NOW, agreed=agreed)
    campaign.refresh_from_db()
    assert campaign.status == "approved"

    lifecycle.keep_dates(now=NOW + timedelta(days=1), agreed=agreed)
    campaign.refresh_from_db()
    offer.refresh_from_db()
    later.refresh_from_db()
    assert campaign.status == "live"
    assert offer.live_since == NOW + timedelta(days=1)
    assert later.live_since is None

    lifecycle.keep_dates(now=NOW + timedelta(days=3), agreed=agreed)
    later.refresh_from_db()
    assert later.live_since == NOW + timedelta(days=3)


@pytest.mark.django_db
def test_content_changed_behind_everybody_does_not_go_live():
    campaign = make_campaign(starts_on=DAY)
    make_offer(campaign)
    approve(campaign)
    Offer.objects.filter(campaign=campaign).update(percent_off=90)

    lifecycle.keep_dates(now=NOW, agreed=agreed)

    campaign.refresh_from_db()
    assert campaign.status == "submitted"


@pytest.mark.django_db
def test_after_its_last_day_a_campaign_has_ended():
    campaign = make_campaign(starts_on=DAY, days=2)
    offer = make_offer(campaign)
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)

    lifecycle.keep_dates(now=NOW + timedelta(days=2), agreed=agreed)

    campaign.refresh_from_db()
    offer.refresh_from_db()
    assert (campaign.status, offer.live_since) == ("ended", None)


@pytest.mark.django_db
def test_a_held_offer_does_not_go_live_and_the_others_do():
    campaign = make_campaign(starts_on=DAY)
    held, free = make_offer(campaign), make_offer(campaign)
    approve(campaign)
    assert lifecycle.set_held([held.pk], held=True, now=NOW) == {held.pk}

    lifecycle.keep_dates(now=NOW, agreed=agreed)

    held.refresh_from_db()
    free.refresh_from_db()
    assert held.live_since is None
    assert free.live_since == NOW


@pytest.mark.django_db
@pytest.mark.postgres
def test_database_refuses_a_held_offer_that_is_live():
    offer = make_offer(make_campaign())
    lifecycle.set_held([offer.pk], held=True, now=NOW)

    with pytest.raises(IntegrityError, match="held_offer_is_never_live"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(live_since=NOW)


@pytest.mark.django_db
def test_an_offer_that_is_live_already_is_not_held():
    campaign = make_campaign(starts_on=DAY)
    offer = make_offer(campaign)
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)

    assert lifecycle.set_held([offer.pk], held=True, now=NOW) == set()

    offer.refresh_from_db()
    assert (offer.held, offer.live_since) == (False, NOW)


@pytest.mark.django_db
def test_an_offer_waits_while_news_of_its_collisions_is_unheard():
    a, b = make_colliding_pair()
    approve(a.campaign)
    first_day = NOW + timedelta(days=10)

    lifecycle.keep_dates(now=first_day, agreed=agreed)

    a.refresh_from_db()
    a.campaign.refresh_from_db()
    assert a.campaign.status == "live"
    assert a.live_since is None, "going live found the collision itself and must wait for the verdict"
    assert Event.objects.filter(topic="collisions.changed", handled_at__isnull=True).exists()

    # Somebody judged the news and held nothing.
    collisions.refresh(offer_ids=[a.pk, b.pk], now=first_day)
    Event.objects.filter(topic="collisions.changed").update(handled_at=first_day)
    lifecycle.keep_dates(now=first_day, agreed=agreed)
    a.refresh_from_db()
    assert a.live_since == first_day


@pytest.mark.django_db
def test_pause_takes_offers_from_customers_and_what_was_changed_is_approved_before_it_goes_on():
    campaign = make_campaign(starts_on=DAY)
    offer = make_offer(campaign)
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    a = campaign.accountable

    with pytest.raises(ValidationError, match="Say why"):
        lifecycle.pause(campaign=campaign, by=a, now=NOW, reason=" ")
    lifecycle.pause(campaign=campaign, by=a, now=NOW, reason="stock is late")
    offer.refresh_from_db()
    assert offer.live_since is None

    Offer.objects.filter(pk=offer.pk).update(percent_off=90)
    with pytest.raises(ValidationError, match="changed while it was paused"):
        lifecycle.resume(campaign=campaign, by=a, now=NOW)
    lifecycle.approve(campaign=campaign, by=None, now=NOW, agreed=agreed)
    campaign.refresh_from_db()
    assert campaign.status == "paused", "who approves does not resume"
    lifecycle.resume(campaign=campaign, by=a, now=NOW)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    offer.refresh_from_db()
    assert offer.live_since == NOW


@pytest.mark.django_db
def test_cancel_asks_for_a_reason_and_lets_offers_go():
    campaign = make_campaign()
    offer = make_offer(campaign)
    submit(campaign)
    lifecycle.set_held([offer.pk], held=True, now=NOW)

    with pytest.raises(ValidationError, match="Say why"):
        lifecycle.cancel(campaign=campaign, by=campaign.accountable, now=NOW, reason="")
    lifecycle.cancel(campaign=campaign, by=campaign.accountable, now=NOW, reason="no stock")

    campaign.refresh_from_db()
    offer.refresh_from_db()
    assert (campaign.status, offer.held) == ("cancelled", False)


@pytest.mark.django_db
def test_import_approves_and_dates_decide_what_is_live_or_ended():
    department = make_department()
    coming = make_campaign(department, starts_on=DAY + timedelta(days=5))
    running = make_campaign(department, starts_on=DAY - timedelta(days=5))
    over = make_campaign(department, starts_on=DAY - timedelta(days=50))
    offers = [make_offer(campaign) for campaign in (coming, running, over)]

    lifecycle.approve_by_import([coming.pk, running.pk, over.pk], now=NOW)

    for thing in (coming, running, over, *offers):
        thing.refresh_from_db()
    assert [c.status for c in (coming, running, over)] == ["approved", "live", "ended"]
    assert [o.live_since for o in offers] == [None, NOW, None]


@pytest.mark.django_db
def test_hash_is_the_same_for_the_same_content_and_differs_for_each_signed_change():
    campaign = make_campaign()
    offer = make_offer(campaign, percent_off=10)
    before = content_hashes([campaign.pk])[campaign.pk]

    Offer.objects.filter(pk=offer.pk).update(percent_off="10.00", version=9)
    assert content_hashes([campaign.pk])[campaign.pk] == before

    for change in ({"percent_off": 11}, {"name": "other"}, {"ends_before": offer.ends_before - timedelta(days=1)}):
        with transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(**change)
            assert content_hashes([campaign.pk])[campaign.pk] != before
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_an_offer_that_is_over_is_no_longer_live_while_its_campaign_goes_on():
    campaign = make_campaign(starts_on=DAY, days=10)
    short = make_offer(campaign, ends_before=DAY + timedelta(days=2))
    long = make_offer(campaign)
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    assert campaign.offers.filter(live_since__isnull=False).count() == 2
    lifecycle.keep_dates(now=NOW + timedelta(days=2), agreed=agreed)
    short.refresh_from_db()
    long.refresh_from_db()
    assert (short.live_since, bool(long.live_since)) == (None, True)
    lifecycle.keep_dates(now=NOW + timedelta(days=3), agreed=agreed)
    short.refresh_from_db()
    assert short.live_since is None


@pytest.mark.django_db
def test_one_campaign_that_fails_does_not_stop_the_others(caplog):
    first, second = make_campaign(starts_on=DAY), make_campaign(starts_on=DAY)
    for campaign in (first, second):
        make_offer(campaign)
        approve(campaign)

    def tired(execute, sql, params, many, context):
        if sql.startswith('UPDATE "campaigns_campaign"') and first.pk in params:
            raise DatabaseError("the disk is tired")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tired):
        lifecycle.keep_dates(now=NOW, agreed=agreed)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("approved", "live")
    assert "the disk is tired" in caplog.text


@pytest.mark.django_db
def test_who_judges_collisions_hears_of_a_pause():
    mine, _other = make_colliding_pair()
    campaign = mine.campaign
    collisions.refresh_due(now=NOW)
    Campaign.objects.filter(pk=campaign.pk).update(status="live", approved_hash="x")
    Offer.objects.filter(pk=mine.pk).update(live_since=NOW)
    heard = Event.objects.filter(topic="collisions.changed")
    before = heard.count()
    lifecycle.pause(campaign=campaign, by=campaign.accountable, now=NOW, reason="Wrong price")
    assert heard.count() == before + 1
    assert campaign.pk in heard.latest("id").payload["pairs"][0]


@pytest.mark.django_db
def test_an_offer_that_came_in_after_the_approval_does_not_start_before_somebody_signs():
    campaign = make_campaign(starts_on=DAY)
    make_offer(campaign)
    later = make_offer(campaign, starts_on=DAY + timedelta(days=1))
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    # As an import would: nobody read this.
    Offer.objects.filter(pk=later.pk).update(percent_off=90)

    lifecycle.keep_dates(now=NOW + timedelta(days=1), agreed=agreed)
    later.refresh_from_db()
    assert later.live_since is None

    lifecycle.approve(campaign=campaign, by=None, now=NOW, agreed=agreed)
    lifecycle.keep_dates(now=NOW + timedelta(days=1), agreed=agreed)
    later.refresh_from_db()
    assert later.live_since == NOW + timedelta(days=1)


@pytest.mark.django_db
def test_a_plan_that_lost_its_offers_is_not_approved():
    campaign = make_campaign()
    make_offer(campaign)
    submit(campaign)
    campaign.offers.update(withdrawn_at=NOW)

    lifecycle.approve(campaign=campaign, by=None, now=NOW, agreed=agreed)

    campaign.refresh_from_db()
    assert campaign.status == "submitted"
