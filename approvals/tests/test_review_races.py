"""Votes against what may happen at the same moment: other votes, edits, the same request again."""

import uuid
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection

from approvals.actions import review_rounds, reviews
from approvals.models import Mail, Review, Vote
from approvals.queries.reviews import reviewed_one
from approvals.tests.reviewing import House, make_house, make_rule, shown, submit, vote
from campaigns.actions import access, planning
from campaigns.models import Campaign
from campaigns.queries.content import content_hashes
from campaigns.tests.factories import NOW, make_campaign, make_offer, make_user
from customers.models import HistoryEntry
from customers.tests.api import client_of
from customers.tests.races import held_open, paused_at, race, raised, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def rounds():
    """SQLite lets one write at a time: a few rounds there show as much as many."""
    return range(2, 22 if connection.vendor == "postgresql" else 5)


# Where the last vote approves the campaign, after all checks.
CHECKED = 'UPDATE "campaigns_campaign"'


@pytest.fixture
def house():
    house = make_house()
    make_rule(house)
    return house


def again(house: House, number: int) -> House:
    """Another campaign of the same house, submitted."""
    house.campaign = make_campaign(house.crm, f"CRM-{number}")
    make_offer(house.campaign)
    submit(house)
    return house


def steps(campaign, *verbs):
    entries = HistoryEntry.objects.filter(subject=f"campaign:{campaign.code}", verb__in=verbs)
    return list(entries.order_by("id").values_list("verb", flat=True))


def voting(house, by):
    campaign, seen = house.campaign, shown(house.campaign)
    return lambda: reviews.vote(campaign=campaign, decision="approve", shown=seen, by=by, now=NOW)


def editing(house, what):
    campaign, by = house.campaign, house.a
    return lambda: planning.change_campaign(campaign=campaign, by=by, now=NOW, what=what)


def approved_unseen(campaign):
    """Whether it is approved although somebody has not approved what it says."""
    campaign.refresh_from_db()
    if campaign.status != "approved":
        return False
    return campaign.approved_hash != content_hashes([campaign.pk])[campaign.pk] or not reviewed_one(campaign).is_agreed


def test_two_who_approve_at_once_approve_it_once(house):
    for number in rounds():
        again(house, number)
        together(voting(house, house.second), voting(house, house.boss))
        house.campaign.refresh_from_db()
        assert house.campaign.status == "approved", number
        assert steps(house.campaign, "approve") == ["approve"], number
        assert Vote.objects.filter(campaign=house.campaign).count() == 6, number
        assert Review.objects.get(campaign=house.campaign).closed_at == NOW


def test_of_two_who_are_both_needed_the_second_waits_and_approves(house, locked):
    other = make_user("other")
    make_rule(house, approver=other)
    submit(house)
    results = held_open(voting(house, house.boss), voting(house, other), locked=locked)
    assert raised(results) == []
    # Neither would see the vote of the other, and nobody would approve what everybody has approved.
    assert steps(house.campaign, "approve") == (["approve"] if locked else [])


def test_an_approval_against_an_edit_never_approves_what_was_not_seen(house):
    outcomes = set()
    for number in rounds():
        again(house, number)
        results = race(voting(house, house.boss), editing(house, "New"))
        assert raised(results, ValidationError) == [], number
        assert not isinstance(results[1], Exception), "an edit is never refused for a vote"
        assert not approved_unseen(house.campaign), number
        assert house.campaign.status == "submitted", "either the vote came too late or the edit voided it"
        said = steps(house.campaign, "approve", "void")
        assert said == ([] if isinstance(results[0], ValidationError) else ["approve", "void"]), number
        outcomes.add(len(said))
    assert outcomes <= {0, 2}


def test_an_edit_right_after_the_check_of_a_vote_voids_it(house, locked):
    submit(house)
    results = paused_at(CHECKED, voting(house, house.boss), editing(house, "New"), locked=locked)
    assert raised(results) == []
    assert approved_unseen(house.campaign) is not locked
    if locked:
        assert steps(house.campaign, "approve", "void") == ["approve", "void"]


def test_a_vote_waits_for_an_edit_and_is_refused(house, locked):
    submit(house)
    results = held_open(editing(house, "New"), voting(house, house.boss), locked=locked)
    assert [type(error) for error in raised(results)] == ([ValidationError] if locked else [])
    assert Vote.objects.filter(voter=house.boss).exists() is not locked


def test_a_vote_on_what_was_shown_before_is_refused_every_time(house):
    for number in rounds():
        again(house, number)
        seen = voting(house, house.second)
        editing(house, "New")()
        results = race(seen, seen)
        assert [type(result) for result in results] == [ValidationError] * 2
        assert not Vote.objects.filter(campaign=house.campaign, voter=house.second).exists()


def test_the_same_request_many_times_at_once_is_one_vote(house):
    client = client_of(house.second)
    for number in rounds():
        again(house, number)
        body = {"decision": "approve", "sections": shown(house.campaign)}
        key = {"Idempotency-Key": str(uuid.uuid4())}
        address = f"/api/v1/campaigns/{house.campaign.pk}/votes/"
        answers = together(*[partial(client.post, address, body, headers=key)] * 4)
        # Who comes while the first is still running is told so, who comes after gets its answer.
        assert {answer.status_code for answer in answers} <= {200, 409}, number
        assert any(answer.status_code == 200 for answer in answers)
        assert client.post(address, body, headers=key).status_code == 200
        assert Vote.objects.filter(campaign=house.campaign, voter=house.second).count() == 2, number
        assert steps(house.campaign, "vote") == ["vote", "vote"], number


def test_the_same_vote_from_two_windows_is_one_vote(house):
    for number in rounds():
        again(house, number)
        results = together(*[voting(house, house.second)] * 3)
        assert len(results) == 3
        standing = Vote.objects.filter(campaign=house.campaign, voter=house.second, revoked_at=None)
        assert standing.count() == 2, number


def test_who_leaves_while_they_approve_either_did_or_did_not(house, locked):
    submit(house)
    leaving = lambda: access.leave(department=house.crm, user=house.second, by=None, now=NOW)  # noqa: E731
    results = held_open(leaving, voting(house, house.second), locked=locked)
    refused = [type(error) for error in raised(results)]
    assert refused in ([PermissionDenied], [])
    assert Vote.objects.filter(voter=house.second).exists() is (refused == [])


def test_an_a_who_is_replaced_meanwhile_has_not_answered(house, locked):
    other = house.second
    submit(house)
    vote(house, house.boss)
    change = lambda: planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, accountable=other)  # noqa: E731
    results = held_open(change, voting(house, house.second), locked=locked)
    assert raised(results, IntegrityError) == []
    campaign = Campaign.objects.get(pk=house.campaign.pk)
    if locked:
        assert campaign.status == "approved"
        assert reviewed_one(campaign).is_agreed, "the new A voted after the change"


def test_a_reminder_is_sent_once_however_many_sweeps_run(house):
    submit(house)
    review = Review.objects.get()
    together(*[lambda: review_rounds.remind_due(now=review.next_at)] * 4)
    assert Mail.objects.filter(event="review_reminder").count() == 2
    review.refresh_from_db()
    assert review.reminders == 1
