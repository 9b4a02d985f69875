"""Campaigns through the API: reading, planning, the brief."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import access
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from campaigns.queries.content import content_hashes
from campaigns.tests import factories as make
from customers.models import HistoryEntry, IdempotentRequest
from customers.tests.api import client_of, refused, token_client
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

CAMPAIGNS = "/api/v1/campaigns/"
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
def stranger():
    return make.lead_of(make.make_department("OTHER"))


@pytest.fixture
def member(department):
    user = make.make_user("member")
    access.join(department=department, user=user, is_lead=False, by=None, now=make.NOW)
    return user


def page(campaign, part=""):
    return f"{CAMPAIGNS}{campaign.pk}/{part}"


def state_of(campaign):
    return Campaign.objects.filter(pk=campaign.pk).values().get()


def codes(client, query=""):
    return [row["code"] for row in client.get(f"{CAMPAIGNS}?{query}").json()["results"]]


def test_who_plans_it_reads_all_of_it(campaign, lead):
    assert client_of(lead).get(page(campaign)).json() == {
        "id": campaign.pk,
        "code": "CRM-1",
        "department": "CRM",
        "status": "draft",
        "name": "Campaign CRM-1",
        "accountable": "lead_crm",
        "contact_person": None,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "what": "",
        "who": "",
        "where": "",
        "how": "",
        "budget": None,
        "goal": "Sell more",
        "kpi": "conversion rate",
        "kpi_target": "4.0000",
        "serves": [],
        "journey_stage": "decision",
        "control_group": None,
        "known_kpi": "conversion_rate",
        "joint_group": None,
        "content_hash": content_hashes([campaign.pk])[campaign.pk],
        "is_signed": False,
        "steps": ["submit", "cancel"],
        "may_change": True,
        "may_appoint": True,
    }


def test_others_find_no_campaign(campaign, stranger):
    client = client_of(stranger)
    assert codes(client) == []
    assert client.get(page(campaign)).json() == client.get(f"{CAMPAIGNS}999999/").json()
    for part in ("", "raci/", "gaps/", "history/", "approval/", "versions/", "differences/?from=1&to=2"):
        refused(client.get(page(campaign, part)), 404)
    for part in ("submit/", "votes/", "revoke-votes/", "pause/", "resume/", "cancel/"):
        refused(client.post(page(campaign, part), {}), 404)
    before = state_of(campaign)
    refused(client.patch(page(campaign), {"name": "Mine"}), 404)
    refused(client.patch(page(campaign, "raci/"), {"activities": []}), 404)
    assert state_of(campaign) == before


def test_an_analyst_who_is_nothing_else_sees_no_plans(campaign):
    analyst = make.make_analyst()
    for name in ("campaigns", "plan", "offers", "collisions"):
        refused(client_of(analyst).get(f"/api/v1/{name}/"), 403)


def test_who_reads_without_a_right_to_write_changes_nothing(campaign):
    client, before = client_of(make.make_user("root", is_superuser=True)), state_of(campaign)
    shown = client.get(page(campaign)).json()
    assert (shown["steps"], shown["may_change"], shown["may_appoint"]) == ([], False, False)
    # Whether the body holds is nobody's business who may not send it.
    refused(client.patch(page(campaign), {"nonsense": 1}), 403)
    refused(client.patch(page(campaign, "raci/"), {"nonsense": 1}), 403)
    refused(client.post(page(campaign, "submit/"), {"nonsense": 1}), 403)
    refused(client.post(page(campaign, "cancel/"), {"nonsense": 1}), 403)
    refused(client.get(page(campaign, "gaps/")), 403)
    assert state_of(campaign) == before


def test_who_does_a_part_of_it_writes_but_does_not_appoint(campaign, member):
    shown = client_of(member).get(page(campaign)).json()
    assert (shown["steps"], shown["may_change"], shown["may_appoint"]) == (["cancel"], True, False)
    refused(client_of(member).patch(page(campaign, "raci/"), {"activities": []}), 403)


def test_the_list_is_filtered_as_the_page_filters(department, lead, member):
    one = make.make_campaign(department, "ONE", starts_on=TODAY + timedelta(days=10), days=5)
    two = make.make_campaign(department, "TWO", starts_on=TODAY + timedelta(days=20), accountable=member, name="Wine")
    make.make_offer(two)
    make.submit(two)
    client = client_of(lead)
    other = make.make_campaign(make.make_department("MKT"), "OTHER")
    access.join(department=other.department, user=lead, is_lead=False, by=None, now=make.NOW)
    assert codes(client, "department=CRM") == ["TWO", "ONE"]
    assert codes(client, "department=MKT") == ["OTHER"]
    assert codes(client, "department=nothing") == []
    assert codes(client, "status=submitted") == ["TWO"]
    assert codes(client, "mine=a") == ["ONE"]
    assert set(codes(client, "mine=department")) == {"ONE", "TWO", "OTHER"}
    assert codes(client, "search=wine") == ["TWO"]
    assert codes(client, "code=ONE") == ["ONE"]
    assert codes(client, f"starts_from={two.starts_on}&department=CRM") == ["TWO"]
    assert codes(client, f"starts_to={one.starts_on}&department=CRM") == ["ONE"]
    assert codes(client, f"ends_from={one.ends_on + timedelta(days=1)}&department=CRM") == ["TWO"]
    assert codes(client, f"ends_to={one.ends_on}&department=CRM") == ["ONE"]
    assert codes(client, f"ends_to={one.ends_on - timedelta(days=1)}&department=CRM") == []
    mine = {row["code"]: row["my_parts"] for row in client.get(CAMPAIGNS).json()["results"]}
    assert mine == {"ONE": ["A", "R"], "TWO": ["R"], "OTHER": ["R"]}


@pytest.mark.parametrize(
    "query", ["status=gone", "mine=all", "starts_from=26/11/2026", "ends_to=9999-12-31", "budget=5", "ordering=budget"]
)
def test_what_the_list_does_not_understand_is_refused(lead, query):
    answer = client_of(lead).get(f"{CAMPAIGNS}?{query}")
    assert (answer.status_code, [one["parameter"] for one in answer.json()["errors"]]) == (400, [query.split("=")[0]])


def test_the_list_counts_the_open_collisions_that_the_reader_sees():
    make.make_customers(50)
    one, _two = make.make_colliding_pair()
    make_collisions()
    reader = make.lead_of(one.campaign.department)
    (row,) = client_of(reader).get(CAMPAIGNS).json()["results"]
    assert (row["code"], row["open_collisions"]) == (one.campaign.code, 1)


def make_collisions():
    from campaigns.actions.collisions import detect_everything

    detect_everything(now=make.NOW)


@pytest.mark.parametrize("part", ["", "{pk}/", "{pk}/history/", "{pk}/raci/"])
def test_queries_do_not_grow_with_the_rows(department, lead, campaign, part):
    client = client_of(lead)
    make.make_offer(campaign)
    address = CAMPAIGNS + part.format(pk=campaign.pk)
    with_one = queries_of(client, address)
    for _ in range(3):
        make.make_offer(make.make_campaign(department))
        make.make_offer(campaign)
    assert queries_of(client, address) == with_one


# Planning


def draft(**changes):
    days = {"starts_on": "2027-03-01", "ends_on": "2027-03-14"}
    return {"code": "CRM-9", "name": "Spring", "department": "CRM"} | days | changes


def test_a_lead_plans_a_campaign(department, lead):
    made = client_of(lead).post(CAMPAIGNS, draft(budget="1000.50", accountable=None, journey_stage="loyalty"))
    assert made.status_code == 201
    campaign = Campaign.objects.get()
    assert made.json() == client_of(lead).get(page(campaign)).json()
    assert made["ETag"] == client_of(lead).get(page(campaign))["ETag"]
    assert (campaign.code, campaign.status, str(campaign.budget), campaign.ends_before.isoformat()) == (
        "CRM-9",
        CampaignStatus.DRAFT,
        "1000.50",
        "2027-03-15",
    )
    assert (campaign.accountable, campaign.activities.count()) == (lead, 7)
    assert list(HistoryEntry.objects.filter(subject="campaign:CRM-9").values_list("verb", "actor")) == [
        ("plan", "lead_crm")
    ]


def test_the_same_plan_sent_again_plans_once(department, lead):
    client, key = client_of(lead), {"Idempotency-Key": "k"}
    first, again = (client.post(CAMPAIGNS, draft(), headers=key) for _ in range(2))
    assert (again.status_code, again.json(), Campaign.objects.count()) == (201, first.json(), 1)
    assert IdempotentRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"code": ""}, {"/code": "blank"}),
        ({"ends_on": "2027-02-28"}, {"/ends_on": "invalid"}),
        ({"starts_on": "1.3.2027"}, {"/starts_on": "invalid"}),
        ({"starts_on": "1999-12-31"}, {"/starts_on": "out_of_range"}),
        ({"budget": "-1"}, {"/budget": "out_of_range"}),
        ({"budget": "1e3"}, {"/budget": "invalid"}),
        ({"budget": "1.005"}, {"/budget": "too_many_places"}),
        ({"department": "NOPE"}, {"/department": "does_not_exist"}),
        ({"department": 7}, {"/department": "invalid"}),
        ({"accountable": "nobody"}, {"/accountable": "does_not_exist"}),
        ({"journey_stage": "sleep"}, {"/journey_stage": "invalid_choice"}),
        ({"status": "live"}, {"/status": "unknown"}),
        ({"ends_before": "2027-03-15"}, {"/ends_before": "unknown"}),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_at_its_place(department, lead, changes, errors):
    refused(client_of(lead).post(CAMPAIGNS, draft(**changes)), 400, **errors)
    assert not Campaign.objects.exists()


def test_a_code_is_given_once(campaign, lead):
    refused(client_of(lead).post(CAMPAIGNS, draft(code="CRM-1")), 400, **{"/code": "unique"})
    assert Campaign.objects.count() == 1


def test_a_code_that_is_taken_does_not_say_by_whom(campaign, lead, stranger):
    known = client_of(lead).post(CAMPAIGNS, draft(code="CRM-1"))
    hidden = client_of(stranger).post(CAMPAIGNS, draft(code="CRM-1", department="OTHER"))
    refused(hidden, 400, **{"/code": "unique"})
    assert hidden.json() == known.json()


def test_nobody_plans_for_a_department_they_do_not_lead(department, member, stranger):
    admin = make.make_user("root", is_superuser=True)
    for user in (member, stranger, admin):
        refused(client_of(user).post(CAMPAIGNS, draft(budget="x")), 403)
    refused(token_client(make.lead_of(department), "read").post(CAMPAIGNS, draft()), 403)
    assert not Campaign.objects.exists()


# The brief


def test_the_brief_is_changed_and_told(campaign, lead):
    client = client_of(lead)
    read = client.get(page(campaign))
    body = {"name": "Better", "budget": "10", "ends_on": (campaign.ends_on + timedelta(days=1)).isoformat()}
    changed = client.patch(page(campaign), body | {"reason": "Sales asked"}, headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200
    assert changed.json() == client.get(page(campaign)).json()
    assert changed.json() == read.json() | body | {
        "budget": "10.00",
        "content_hash": content_hashes([campaign.pk])[campaign.pk],
    }
    entry = HistoryEntry.objects.get(verb="change", subject="campaign:CRM-1")
    assert (entry.actor, entry.reason, set(entry.changes)) == (
        "lead_crm",
        "Sales asked",
        {"name", "budget", "ends_before"},
    )


def test_a_brief_that_somebody_else_changed_is_not_overwritten(campaign, lead):
    client = client_of(lead)
    tag = client.get(page(campaign))["ETag"]
    Campaign.objects.filter(pk=campaign.pk).update(goal="Other")
    before = state_of(campaign)
    refused(client.patch(page(campaign), {"name": "Mine"}, headers={"If-Match": tag}), 412)
    assert state_of(campaign) == before


def test_changes_that_do_not_hold_are_refused_at_their_place(campaign, lead, stranger):
    make.make_offer(campaign, "OFFER")
    client, before = client_of(lead), state_of(campaign)
    early = (campaign.starts_on - timedelta(days=1)).isoformat()
    late = (campaign.starts_on + timedelta(days=1)).isoformat()
    for body, errors in (
        ({"ends_on": early}, {"/ends_on": "invalid"}),
        ({"starts_on": late}, {"/starts_on": "invalid"}),
        ({"code": "X"}, {"/code": "unknown"}),
        ({"department": "OTHER"}, {"/department": "unknown"}),
        ({"name": None}, {"/name": "null"}),
        ({"kpi_target": True}, {"/kpi_target": "invalid"}),
    ):
        refused(client.patch(page(campaign), body), 400, **errors)
    assert state_of(campaign) == before


def test_only_lead_and_a_name_another_a(campaign, lead, member):
    before = state_of(campaign)
    refused(client_of(member).patch(page(campaign), {"accountable": "member"}), 400, **{"/accountable": "invalid"})
    assert state_of(campaign) == before
    assert client_of(lead).patch(page(campaign), {"accountable": "member"}).json()["accountable"] == "member"


def test_who_hands_the_campaign_over_is_answered_all_the_same(campaign, lead):
    outsider, heir = make.make_user("outsider"), make.make_user("heir")
    client_of(lead).patch(page(campaign), {"accountable": "outsider"})
    answer = client_of(outsider).patch(page(campaign), {"accountable": "heir"})
    assert (answer.status_code, answer.json()["accountable"]) == (200, "heir")
    campaign.refresh_from_db()
    assert campaign.accountable == heir
    refused(client_of(outsider).get(page(campaign)), 404)


def test_what_is_over_stays_as_it_was(campaign, lead):
    Campaign.objects.filter(pk=campaign.pk).update(status="ended")
    before = state_of(campaign)
    refused(client_of(lead).patch(page(campaign), {"name": "X"}), 409)
    assert state_of(campaign) == before
