"""The pages of a review: submitting, voting, comparing, taking back."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.actions import reviews
from approvals.models import Absence, ApprovalRule, Review, ReviewPolicy, Vote
from approvals.tests.reviewing import everything, give_trade_a_part, make_house, make_rule, shown, status, submit, vote
from campaigns.actions import lifecycle, planning
from campaigns.actions.collisions import refresh
from campaigns.tests import factories as make
from campaigns.tests.factories import NOW
from customers.actions import events
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST = "admin:approvals_review_changelist"


@pytest.fixture
def house():
    return make_house(starts_on=timezone.localdate() + timedelta(days=9))


def page(house, name="campaign"):
    return reverse(f"admin:approvals_review_{name}", args=[house.campaign.pk])


def campaign_page(house):
    return reverse("admin:campaigns_campaign_change", args=[house.campaign.pk])


def text_of(client, address):
    return client.get(address).content.decode()


def posted(house, *sections, **said):
    """What the page of a review sends."""
    hashes = shown(house.campaign)
    hidden = {f"shown {section}": hashed for section, hashed in hashes.items()}
    return {"sections": list(sections or hashes), "decision": "approve", "comment": ""} | hidden | said


def test_a_draft_shows_whose_approval_it_will_need_and_the_way_to_submit(house):
    give_trade_a_part(house)
    client = signed_in(house.a)
    text = text_of(client, campaign_page(house))
    assert "a lead of Trade, which has a part in it" in text
    assert page(house, "submit") in text
    assert page(house, "submit") not in text_of(signed_in(house.second), campaign_page(house))
    assert signed_in(house.second).get(page(house, "submit")).status_code == 403


def test_submitting_sends_what_was_shown(house):
    client = signed_in(house.a)
    text = text_of(client, page(house, "submit"))
    assert status(house) == "draft"
    seen = re.search(r'name="posted_hash" value="(\w+)"', text)[1]
    assert client.post(page(house, "submit"), {"posted_hash": "0" * 64}).status_code == 409
    assert status(house) == "draft"
    assert client.post(page(house, "submit"), {"posted_hash": seen, "reason": "Now"}).status_code == 302
    assert status(house) == "submitted"


def test_what_is_missing_is_told_instead_of_a_form(house):
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, goal="")
    text = text_of(signed_in(house.a), page(house, "submit"))
    assert "Say why" in text
    assert "posted_hash" not in text


def test_a_reviewer_finds_it_at_home_reads_it_and_approves(house):
    submit(house)
    client = signed_in(house.second)
    assert page(house) in text_of(client, reverse("admin:index"))
    assert "Your turn: look at it and approve it." in text_of(client, campaign_page(house))
    text = text_of(client, page(house))
    assert "Sell more" in text
    assert "CRM-1-A" in text
    assert client.post(page(house), posted(house)).status_code == 302
    assert status(house) == "approved"
    assert page(house) not in text_of(client, reverse("admin:index"))


def test_looking_never_votes(house):
    submit(house)
    before = everything(house)
    client = signed_in(house.second)
    for name in ("campaign", "revoke", "versions"):
        assert client.get(page(house, name), posted(house)).status_code == 200
    assert everything(house) == before


def test_a_stale_page_shows_what_changed_and_keeps_what_was_typed(house):
    submit(house)
    body = posted(house, comment="My words")
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, what="Quite another message")
    before = everything(house)
    answer = signed_in(house.second).post(page(house), body)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert everything(house) == before
    assert "What changed while you were reading" in text
    assert re.search(r"<ins>\s*Quite another message", text)
    assert "My words" in text
    # What is shown now can be voted on at once.
    hashes = dict(re.findall(r'name="shown ([\w:]+)" value="(\w+)"', text))
    assert hashes == shown(house.campaign)


def test_changes_are_asked_for_with_words(house):
    submit(house)
    client = signed_in(house.second)
    answer = client.post(page(house), posted(house, "brief", decision="changes"))
    assert "Say what should change" in answer.content.decode()
    assert not Vote.objects.filter(voter=house.second).exists()
    client.post(page(house), posted(house, "brief", decision="changes", comment="Shorter, please"))
    assert "“Shorter, please”" in text_of(signed_in(house.a), page(house))
    assert "Changes asked for by Second" in text_of(signed_in(house.member), campaign_page(house))


def test_who_is_not_asked_reads_and_has_no_form(house):
    submit(house)
    client = signed_in(house.member)
    assert "Your approval is not asked for" in text_of(client, page(house))
    assert client.post(page(house), posted(house)).status_code in (200, 403)
    assert not Vote.objects.filter(voter=house.member).exists()
    for name in ("campaign", "submit", "revoke", "versions"):
        assert signed_in(house.trader).get(page(house, name)).status_code == 404
        assert signed_in(house.trader).post(page(house, name), posted(house)).status_code == 404


def test_two_versions_stand_beside_each_other(house):
    client = signed_in(house.member)
    assert "Nothing to compare yet" in text_of(client, page(house, "versions"))
    submit(house)
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, what="Second")
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, what="Third")
    text = text_of(client, page(house, "versions"))
    assert "From version 2 to version 3" in text
    assert re.search(r"<del>\s*Second</del>.*<ins>\s*Third", text, re.DOTALL)
    text = text_of(client, page(house, "versions") + "?from=3&to=1")
    assert "From version 1 to version 3" in text
    for wrong in ("?from=9&to=1", "?from=x&to=²", "?from=1&to=1", "?from=&to="):
        assert "From version 2 to version 3" in text_of(client, page(house, "versions") + wrong)


def test_taking_back_says_why(house):
    submit(house)
    vote(house, house.second)
    client = signed_in(house.second)
    assert page(house, "revoke") in text_of(client, page(house))
    assert client.post(page(house, "revoke"), {"reason": ""}).status_code == 200
    assert status(house) == "approved"
    assert client.post(page(house, "revoke"), {"reason": "A mistake"}).status_code == 302
    assert status(house) == "submitted"
    assert "There is nothing to take back" in text_of(signed_in(house.member), page(house, "revoke"))


def test_the_list_shows_who_is_missing_and_what_waits_for_me(house):
    give_trade_a_part(house)
    submit(house)
    text = text_of(signed_in(house.a), reverse(LIST))
    assert "Lead_Trade" in text
    assert house.campaign.name not in text_of(signed_in(house.a), reverse(LIST) + "?waits=me")
    assert house.campaign.name in text_of(signed_in(house.trader), reverse(LIST) + "?waits=me")
    assert house.campaign.name not in text_of(signed_in(house.boss), reverse(LIST))
    review = Review.objects.get()
    assert signed_in(house.a).get(reverse("admin:approvals_review_change", args=[review.pk])).url == page(house)
    assert signed_in(house.boss).get(reverse("admin:approvals_review_change", args=[review.pk])).status_code == 404


def test_lists_cost_the_same_for_many_reviews(house):
    client = signed_in(house.second)

    def one_more(number):
        campaign = make.make_campaign(house.crm, f"CRM-{number}")
        make.make_offer(campaign)
        lifecycle.submit(campaign=campaign, by=house.a, now=NOW)
        while events.drain(reviews.TOPICS, reviews.react, now=NOW):
            pass

    one_more(2)
    addresses = [reverse(LIST), reverse(LIST) + "?waits=me", reverse("admin:index")]
    with_one = [queries_of(client, address) for address in addresses]
    for number in range(3, 8):
        one_more(number)
    assert [queries_of(client, address) for address in addresses] == with_one


# Rules of the house, the policy, absences


def test_administrators_write_rules_and_everybody_reads_them(house):
    client = signed_in(house.admin)
    add = reverse("admin:approvals_approvalrule_add")
    body = {"department": "", "measure": "audience", "above": "1000", "approver": house.boss.pk}
    assert client.post(add, body).status_code == 302
    rule = ApprovalRule.objects.get()
    assert "more than 1,000 customers" in text_of(
        signed_in(house.member), reverse("admin:approvals_approvalrule_changelist")
    )
    assert signed_in(house.member).post(add, body).status_code == 403
    change = reverse("admin:approvals_approvalrule_change", args=[rule.pk])
    assert client.post(change, body | {"above": "-1"}).status_code == 200
    assert client.post(change, body | {"measure": "always", "above": ""}).status_code == 302
    rule.refresh_from_db()
    assert (rule.measure, rule.above) == ("always", 0)
    assert (
        client.post(reverse("admin:approvals_approvalrule_delete", args=[rule.pk]), {"post": "yes"}).status_code == 302
    )
    assert not ApprovalRule.objects.exists()


def test_the_policy_is_changed_by_administrators(house):
    address = reverse("admin:approvals_reviewpolicy_change", args=[1])
    body = {"hours_to_review": "8", "hours_to_answer": "4"}
    assert signed_in(house.a).post(address, body).status_code == 403
    assert signed_in(house.admin).post(address, {"hours_to_review": "0"}).status_code == 200
    assert ReviewPolicy.objects.get().hours_to_review == 16
    assert signed_in(house.admin).post(address, body).status_code == 302
    assert ReviewPolicy.objects.get().hours_to_review == 8


def test_everybody_announces_and_ends_their_own_absence(house):
    address = reverse("admin:approvals_absence_changelist")
    client = signed_in(house.a)
    text = text_of(client, address)
    assert "Second" in text
    assert "Lead_Trade" not in text
    body = {"starts_on": "2099-01-05", "last_day": "2099-01-01", "stand_in": house.second.pk}
    assert "The last day is before the first." in client.post(address, body).content.decode()
    assert client.post(address, body | {"stand_in": house.trader.pk}).status_code == 200
    assert not Absence.objects.exists()
    assert client.post(address, body | {"last_day": "2099-01-09"}).status_code == 302
    absence = Absence.objects.get()
    assert absence.ends_on.isoformat() == "2099-01-09"
    end = reverse("admin:approvals_absence_end", args=[absence.pk])
    assert end not in text_of(signed_in(house.second), address)
    assert signed_in(house.second).post(end).status_code == 403
    assert client.get(end).status_code == 405
    assert Absence.objects.exists()
    assert client.post(end).status_code == 302
    assert not Absence.objects.exists()


def test_open_collisions_are_told_to_who_approves():
    ours, theirs = make.make_colliding_pair()
    refresh(offer_ids=[ours.pk, theirs.pk], now=NOW)
    address = reverse("admin:approvals_review_campaign", args=[ours.campaign_id])
    assert "It has 1 open collision." in text_of(signed_in(make.lead_of(ours.department)), address)


def test_a_rule_shows_in_words_of_the_reader(house):
    make_rule(house, "budget", 5000)
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, budget=6000)
    assert "rule of the house: budget above" in text_of(signed_in(house.a), campaign_page(house))
