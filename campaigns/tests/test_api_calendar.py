"""Cards and feeds through the API."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns.models import CalendarFeed, Department
from campaigns.rules.calendar import Filters
from campaigns.tests import factories as make
from campaigns.tests.found import find, offers_of
from customers.tests.api import client_of, refused, token_client
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

PLAN, FEEDS = "/api/v1/plan/", "/api/v1/calendar-feeds/"


@pytest.fixture
def lead():
    return make.lead_of(make.make_department("CRM"))


def codes(client, query):
    answer = client.get(f"{PLAN}?{query}")
    assert answer.status_code == 200, answer.content
    return {card["code"] for card in answer.json()["results"]}


def test_filters_are_those_of_the_page(lead):
    crm, mkt = lead_department(lead), make.make_department("MKT")
    mail = make.make_channel("mail")
    for department, code in ((crm, "A"), (mkt, "B"), (make.make_department("TRADE"), "C")):
        campaign = make.make_campaign(department, code)
        make.make_offer(campaign, channels=[mail] if code == "A" else [make.make_channel()])
        if code != "A":
            make.submit(campaign)
    client = client_of(lead)
    assert codes(client, "") == {"A", "B", "C"}
    assert codes(client, "department=CRM&department=MKT") == {"A", "B"}
    assert codes(client, "channel=mail") == {"A"}
    assert codes(client, "status=submitted&status=draft") == {"A", "B", "C"}
    assert codes(client, "status=submitted&department=MKT") == {"B"}
    assert codes(client, "mine=true") == {"A"}
    assert codes(client, "collisions=true") == set()
    assert codes(client, "department=none&channel=none") == set()


def lead_department(lead):
    return Department.objects.get(memberships__user=lead)


def test_cards_of_a_period_are_those_with_a_day_in_it(lead):
    campaign = make.make_campaign(lead_department(lead), "A", days=3)
    client, one = client_of(lead), timedelta(days=1)
    for first, last, seen in (
        (campaign.starts_on - one, campaign.starts_on - one, set()),
        (campaign.starts_on - one, campaign.starts_on, {"A"}),
        (campaign.ends_on, campaign.ends_on + one, {"A"}),
        (campaign.ends_before, campaign.ends_before + one, set()),
    ):
        assert codes(client, f"ends_from={first}&starts_to={last}") == seen


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=cancelled", "status"),
        ("mine=1", "mine"),
        ("mine=true&mine=true", "mine"),
        ("department=", "department"),
        ("department=CRM&department=", "department"),
        ("channel=a%00", "channel"),
        ("zoom=week", "zoom"),
    ],
)
def test_what_is_not_understood_is_an_error_of_that_parameter(lead, query, name):
    answer = client_of(lead).get(f"{PLAN}?{query}")
    assert answer.status_code == 400
    assert {error["parameter"] for error in answer.json()["errors"]} == {name}


def test_collisions_are_told_to_parties_alone(echo):
    first, second, third = offers_of("A", "B", "C")
    find(first, second)
    for offer, number in ((first, 1), (second, 1), (third, 0)):
        client = client_of(make.lead_of(offer.department))
        cards = client.get(PLAN).json()["results"]
        assert {card["code"]: card["open_collisions"] for card in cards} == {"A-1": number, "B-1": number, "C-1": 0}
        assert codes(client, "collisions=true") == ({"A-1", "B-1"} if number else set())


def test_a_feed_is_made_listed_and_revoked(lead):
    client = client_of(lead)
    asked = {"name": "Mine", "departments": ["CRM"], "statuses": ["draft"], "mine": True}
    answer = client.post(FEEDS, asked, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    again = client.post(FEEDS, asked, headers={"Idempotency-Key": "k1"})
    assert again.json() == made | {"address": ""}
    assert CalendarFeed.objects.get().chosen == Filters(departments=("CRM",), statuses=("draft",), mine=True)
    assert made["filters"] == CalendarFeed.objects.get().filters
    assert Client().get(made["address"]).status_code == 200
    (listed,) = client.get(FEEDS).json()["results"]
    assert "address" not in listed
    assert made["address"].split("/")[-1][:4] == listed["start"]
    assert client.delete(f"{FEEDS}{made['id']}/").status_code == 204
    assert client.get(f"{FEEDS}{made['id']}/").json()["is_valid"] is False
    assert Client().get(made["address"]).status_code == 404


def test_what_cannot_be_a_feed_is_refused_and_nothing_is_made(lead):
    client = client_of(lead)
    for body, pointer in (
        ({"name": " "}, "/name"),
        ({"name": "x", "departments": ["nobody"]}, "/departments"),
        ({"name": "x", "statuses": ["cancelled"]}, "/statuses/0"),
        ({"name": "x", "mine": "yes"}, "/mine"),
        ({"name": "x", "zoom": "week"}, "/zoom"),
    ):
        answer = client.post(FEEDS, body)
        assert answer.status_code == 400
        assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert not CalendarFeed.objects.exists()


def test_a_token_makes_no_feeds_but_revokes_them(lead):
    refused(token_client(lead).post(FEEDS, {"name": "child"}), 403)
    assert not CalendarFeed.objects.exists()
    pk = client_of(lead).post(FEEDS, {"name": "x"}).json()["id"]
    refused(token_client(lead, "read").delete(f"{FEEDS}{pk}/"), 403)
    assert token_client(lead).delete(f"{FEEDS}{pk}/").status_code == 204


def test_feeds_of_others_are_not_there(lead):
    pk = client_of(lead).post(FEEDS, {"name": "x"}).json()["id"]
    stranger = client_of(make.make_user("stranger"))
    assert stranger.get(FEEDS).json()["results"] == []
    refused(stranger.delete(f"{FEEDS}{pk}/"), 404)
    assert CalendarFeed.objects.get().revoked_at is None


def test_the_list_of_feeds_asks_no_more_for_many(lead):
    client = client_of(lead)
    client.post(FEEDS, {"name": "x"})
    with_one = queries_of(client, FEEDS)
    for _ in range(9):
        client.post(FEEDS, {"name": "x"})
    assert queries_of(client, FEEDS) == with_one
