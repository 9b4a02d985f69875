"""The approval of a campaign over the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.models import Absence, ApprovalRule, ReviewPolicy, Vote
from approvals.tests.reviewing import everything, give_trade_a_part, make_house, make_rule, shown, status, submit, vote
from campaigns.actions import planning
from campaigns.queries.content import content_hashes
from campaigns.tests.factories import NOW
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return make_house(starts_on=timezone.localdate() + timedelta(days=9))


def page(house, part="approval/"):
    return f"/api/v1/campaigns/{house.campaign.pk}/{part}"


def test_from_draft_to_approved(house):
    give_trade_a_part(house)
    a, trader, second = (client_of(person) for person in (house.a, house.trader, house.second))
    read = a.get(f"/api/v1/campaigns/{house.campaign.pk}/").json()["content_hash"]
    answer = a.post(page(house, "submit/"), {"content_hash": read})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["is_agreed"], said["approvals_needed"], said["problems"]) == (False, 1, [])
    assert [(one["kind"], one["people"], one["missing"]) for one in said["requirements"]] == [
        ("accountable", ["lead_crm"], []),
        ("department", ["lead_trade"], ["brief"]),
    ]
    assert [one["is_asked"] for one in trader.get(page(house)).json()["sections"]] == [True, False]
    hashes = {one["section"]: one["content_hash"] for one in said["sections"]}
    assert trader.post(page(house, "votes/"), {"decision": "approve", "sections": {"brief": hashes["brief"]}}).json()
    done = second.post(page(house, "votes/"), {"decision": "approve", "sections": hashes}).json()
    assert done["is_agreed"] is True
    assert status(house) == "approved"
    assert [vote["stands"] for vote in done["votes"]] == [True] * 5


def test_what_was_not_read_is_refused_with_a_conflict(house):
    before = everything(house)
    refused(client_of(house.a).post(page(house, "submit/"), {"content_hash": "0" * 64}), 409)
    refused(client_of(house.a).post(page(house, "submit/"), {}), 400, **{"/content_hash": "required"})
    assert everything(house) == before
    submit(house)
    seen = shown(house.campaign)
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, what="New")
    before = everything(house)
    refused(client_of(house.second).post(page(house, "votes/"), {"decision": "approve", "sections": seen}), 409)
    assert everything(house) == before


def test_bad_votes_say_what_is_wrong(house):
    submit(house)
    client, before = client_of(house.second), everything(house)
    wrong = {"decision": "yes", "sections": shown(house.campaign)}
    refused(client.post(page(house, "votes/"), wrong), 400, **{"/decision": "invalid_choice"})
    refused(client.post(page(house, "votes/"), {"decision": "approve", "sections": {}}), 400, **{"/sections": "empty"})
    refused(client.post(page(house, "votes/"), {"decision": "approve", "sections": {"offers:NO": "0" * 64}}), 409)
    answer = client.post(page(house, "votes/"), {"decision": "changes", "sections": shown(house.campaign)})
    assert answer.json()["errors"][0]["pointer"] == "/comment"
    assert everything(house) == before


def test_who_may_not_submit_or_vote_is_refused(house):
    body = {"content_hash": content_hashes([house.campaign.pk])[house.campaign.pk]}
    before = everything(house)
    for person in (house.second, house.member, house.admin):
        refused(client_of(person).post(page(house, "submit/"), body), 403)
    assert everything(house) == before
    submit(house)
    before = everything(house)
    said = {"decision": "approve", "sections": shown(house.campaign)}
    for person in (house.member, house.admin):
        refused(client_of(person).post(page(house, "votes/"), said), 403)
    for part in ("approval/", "versions/"):
        refused(client_of(house.trader).get(page(house, part)), 404)
    refused(client_of(house.trader).post(page(house, "votes/"), said), 404)
    assert everything(house) == before


def test_votes_are_taken_back_with_a_reason(house):
    submit(house)
    vote(house, house.second)
    client = client_of(house.second)
    refused(client.post(page(house, "revoke-votes/"), {}), 400, **{"/reason": "required"})
    assert status(house) == "approved"
    assert client.post(page(house, "revoke-votes/"), {"reason": "A mistake"}).json()["is_agreed"] is False
    assert status(house) == "submitted"
    refused(client.post(page(house, "revoke-votes/"), {"reason": "Again"}), 409)


def test_versions_and_what_differs(house):
    submit(house)
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, what="New", budget=500)
    client = client_of(house.member)
    assert [one["number"] for one in client.get(page(house, "versions/")).json()["results"]] == [2, 1]
    found = client.get(page(house, "differences/?from=1&to=2")).json()
    assert [(one["section"], one["offer"], one["field"], one["before"], one["after"]) for one in found] == [
        ("brief", "", "what", None, "New"),
        ("brief", "", "budget", None, "500"),
    ]
    assert client.get(page(house, "differences/")).json() == found
    for wrong in ("?from=1&to=9", "?from=x&to=1", "?from=1"):
        refused(client.get(page(house, f"differences/{wrong}")), 404)
    assert queries_of(client, page(house, "versions/")) == queries_of(client, page(house, "versions/"))


def test_rules_policy_and_absences(house):
    admin, lead = client_of(house.admin), client_of(house.a)
    made = admin.post("/api/v1/approval-rules/", {"measure": "budget", "above": "10.00", "approver": "boss"})
    assert (made.status_code, made.json()["department"]) == (201, None)
    address = f"/api/v1/approval-rules/{made.json()['id']}/"
    assert admin.patch(address, {"above": "20.00"}).json()["above"] == "20.00"
    refused(admin.patch(address, {"above": "-1"}), 400, **{"/above": "out_of_range"})
    refused(lead.patch(address, {"above": "5.00"}), 403)
    refused(lead.delete(address), 403)
    assert ApprovalRule.objects.get().above == 20
    assert admin.delete(address).status_code == 204
    assert admin.patch("/api/v1/review-policy/", {"hours_to_review": 8}).json()["hours_to_review"] == 8
    refused(lead.patch("/api/v1/review-policy/", {"hours_to_review": 1}), 403)
    assert ReviewPolicy.objects.get().hours_to_review == 8
    away = {"starts_on": "2099-01-05", "ends_on": "2099-01-09", "stand_in": "second"}
    made = lead.post("/api/v1/absences/", away)
    assert (made.status_code, made.json()["user"], made.json()["ends_on"]) == (201, "lead_crm", "2099-01-09")
    refused(lead.post("/api/v1/absences/", away | {"user": "boss"}), 403)
    refused(
        lead.post("/api/v1/absences/", away | {"stand_in": "lead_trade", "starts_on": "2099-01-09"}),
        400,
        **{"/stand_in": "invalid"},
    )
    refused(client_of(house.second).delete(f"/api/v1/absences/{made.json()['id']}/"), 403)
    assert Absence.objects.count() == 1
    assert lead.delete(f"/api/v1/absences/{made.json()['id']}/").status_code == 204


def test_a_vote_sent_again_is_given_once(house):
    make_rule(house)
    submit(house)
    client, key = client_of(house.second), {"Idempotency-Key": "k"}
    body = {"decision": "approve", "sections": shown(house.campaign)}
    first, again = (client.post(page(house, "votes/"), body, headers=key) for _ in range(2))
    assert (first.status_code, again.json()) == (200, first.json())
    assert Vote.objects.filter(voter=house.second).count() == 2
