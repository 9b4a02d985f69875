"""The life of a campaign through the API: gaps, steps, history and the plan."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import access, lifecycle, offers
from campaigns.models import Campaign
from campaigns.tests import factories as make
from customers.actions import history
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def department():
    return make.make_department("CRM")


@pytest.fixture
def campaign(department):
    return make.make_campaign(department, "CRM-1", starts_on=TODAY + timedelta(days=10))


@pytest.fixture
def lead(department):
    return make.lead_of(department)


@pytest.fixture
def client(lead):
    return client_of(lead)


def page(campaign, part=""):
    return f"/api/v1/campaigns/{campaign.pk}/{part}"


def state_of(campaign):
    return Campaign.objects.filter(pk=campaign.pk).values().get()


def steps_of(campaign):
    entries = HistoryEntry.objects.filter(subject=f"campaign:{campaign.code}").order_by("id")
    return [(entry.verb, entry.actor, entry.reason) for entry in entries if "status" in entry.changes]


# Steps


def test_from_live_to_the_end(campaign, client):
    make.make_offer(campaign)
    make.approve(campaign)
    assert client.get(page(campaign)).json()["steps"] == ["cancel"]
    Campaign.objects.filter(pk=campaign.pk).update(status="live")
    assert client.get(page(campaign)).json()["steps"] == ["pause", "cancel"]
    assert client.post(page(campaign, "pause/"), {"reason": "Stock"}).json()["status"] == "paused"
    resumed = client.post(page(campaign, "resume/"), {"reason": "It came"})
    assert (resumed.status_code, resumed.json()) == (200, client.get(page(campaign)).json())
    assert (resumed.json()["status"], resumed.json()["is_signed"]) == ("live", True)
    assert client.post(page(campaign, "cancel/"), {"reason": "Over"}).json()["status"] == "cancelled"
    assert steps_of(campaign) == [
        ("submit", "lead_crm", ""),
        ("approve", "lead_crm", ""),
        ("pause", "lead_crm", "Stock"),
        ("resume", "lead_crm", "It came"),
        ("cancel", "lead_crm", "Over"),
    ]


def test_gaps_are_told(campaign, client):
    Campaign.objects.filter(pk=campaign.pk).update(goal="")
    gaps = client.get(page(campaign, "gaps/")).json()["gaps"]
    assert gaps == ["Say why: give the goal and the KPI that measures it.", "Add at least one offer."]


def test_what_was_changed_while_it_was_paused_does_not_go_on(campaign, client):
    offer = make.make_offer(campaign)
    make.approve(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    offers.change_offer(offer=offer, by=make.lead_of(campaign.department), now=make.NOW, fields={"name": "New"})
    before = state_of(campaign)
    answer = client.post(page(campaign, "resume/"), {})
    assert "it goes on once it is approved as it is now" in answer.json()["errors"][0]["detail"]
    assert state_of(campaign) == before


def test_a_step_that_is_not_possible_now_is_a_conflict(campaign, client):
    before = state_of(campaign)
    refused(client.post(page(campaign, "resume/"), {}), 409)
    refused(client.post(page(campaign, "pause/"), {"reason": "x"}), 409)
    assert state_of(campaign) == before


def test_pausing_and_cancelling_say_why(campaign, client):
    before = state_of(campaign)
    for part in ("pause/", "cancel/"):
        refused(client.post(page(campaign, part), {}), 400, **{"/reason": "required"})
        refused(client.post(page(campaign, part), {"reason": " "}), 400, **{"/reason": "blank"})
    assert state_of(campaign) == before


def test_only_the_a_pauses_and_gives_up_what_is_planned(campaign):
    member = make.make_user("member")
    access.join(department=campaign.department, user=member, is_lead=False, by=None, now=make.NOW)
    make.make_offer(campaign)
    make.submit(campaign)
    client = client_of(member)
    before = state_of(campaign)
    for part in ("pause/", "resume/", "cancel/"):
        refused(client.post(page(campaign, part), {"reason": "x"}), 403)
    assert state_of(campaign) == before


def test_a_step_with_a_tag_that_is_not_current_is_refused(campaign, client):
    tag = client.get(page(campaign))["ETag"]
    Campaign.objects.filter(pk=campaign.pk).update(goal="Other")
    before = state_of(campaign)
    refused(client.post(page(campaign, "cancel/"), {"reason": "x"}, headers={"If-Match": tag}), 412)
    assert state_of(campaign) == before
    current = client.get(page(campaign))["ETag"]
    assert client.post(page(campaign, "cancel/"), {"reason": "x"}, headers={"If-Match": current}).status_code == 200


def test_a_step_sent_again_is_taken_once(campaign, client):
    body, key = {"reason": "Over"}, {"Idempotency-Key": "k"}
    first, again = (client.post(page(campaign, "cancel/"), body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert [verb for verb, _by, _why in steps_of(campaign)] == ["cancel"]
    refused(client.post(page(campaign, "cancel/"), body), 409)


# History


def test_history_is_told_as_on_the_page(campaign, client):
    make.make_offer(campaign, "OFFER")
    client.patch(page(campaign), {"name": "Better", "reason": "Because"})
    told = client.get(page(campaign, "history/")).json()["results"]
    assert [(one["what"], one["subject"], one["actor"]) for one in told] == [
        ("changed", "campaign:CRM-1", "lead_crm"),
        ("planned", "offer:OFFER", "lead_crm"),
        ("planned", "campaign:CRM-1", "lead_crm"),
    ]
    assert (told[0]["changes"], told[0]["reason"]) == (
        [{"field": "name", "before": "Campaign CRM-1", "after": "Better"}],
        "Because",
    )


def test_who_merely_reads_the_plan_reads_nothing_of_its_case(campaign, client):
    reader = make.make_user("reader")
    access.add_reason([campaign.pk], user=reader, why="curious")
    history.write(
        by=None, now=make.NOW, verb="open", subject="case:K-1", scope="campaign:CRM-1", changes={"x": (1, 2)}
    )
    mine = client.get(page(campaign, "history/")).json()["results"]
    assert (mine[0]["subject"], mine[0]["changes"]) == ("case:K-1", [])
    theirs = client_of(reader).get(page(campaign, "history/")).json()["results"]
    assert [one["subject"] for one in theirs] == ["campaign:CRM-1"]


# The plan


def test_the_plan_shows_everybodys_campaigns_and_hides_names_of_others_drafts(campaign, lead):
    channel = make.make_channel("radio")
    make.make_offer(campaign, channels=[channel])
    rival = make.make_department("MKT")
    stranger = client_of(make.lead_of(rival))
    card = {
        "id": campaign.pk,
        "department": "CRM",
        "code": "",
        "name": "",
        "status": "draft",
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "channels": ["radio"],
        "is_readable": False,
        "open_collisions": 0,
    }
    assert stranger.get("/api/v1/plan/").json()["results"] == [card]
    named = {"code": "CRM-1", "name": "Campaign CRM-1"}
    assert client_of(lead).get("/api/v1/plan/").json()["results"] == [card | named | {"is_readable": True}]
    make.submit(campaign)
    make.make_offer(campaign)
    assert stranger.get("/api/v1/plan/").json()["results"] == [
        card | named | {"status": "submitted", "channels": None}
    ]
    lifecycle.cancel(campaign=campaign, by=lead, now=make.NOW, reason="Over")
    assert stranger.get("/api/v1/plan/").json()["results"] == []


def test_the_plan_is_not_asked_for_what_it_hides(campaign, lead):
    client = client_of(lead)
    for query in ("search=CRM", "code=CRM-1", "ordering=name", "status=cancelled", "mine=yes"):
        assert client.get(f"/api/v1/plan/?{query}").status_code == 400
    assert len(client.get(f"/api/v1/plan/?department=CRM&starts_from={campaign.starts_on}").json()["results"]) == 1
    assert client.get(f"/api/v1/plan/?starts_to={campaign.starts_on - timedelta(days=1)}").json()["results"] == []


def test_the_plan_asks_as_many_questions_for_one_campaign_as_for_many(campaign, lead):
    client = client_of(lead)
    make.make_offer(campaign)
    with_one = queries_of(client, "/api/v1/plan/")
    for _ in range(3):
        make.make_offer(make.make_campaign())
    assert queries_of(client, "/api/v1/plan/") == with_one
