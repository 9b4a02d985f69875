"""Submitting, voting, revoking: what each refuses, and where the votes lead."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from approvals.actions import absences, approval_rules, review_rounds, reviews
from approvals.models import Mail, Review, Vote
from approvals.queries.reviews import reviewed, reviewed_one, waits_for
from approvals.rules import routing
from approvals.tests.reviewing import (
    everything,
    give_trade_a_part,
    make_house,
    make_rule,
    missing,
    shown,
    status,
    submit,
    vote,
)
from campaigns.actions import access, lifecycle, offers, planning, raci
from campaigns.models import Campaign, CarriedSignature, Offer, Version
from campaigns.tests import factories as make
from campaigns.tests.factories import DAY, NOW
from customers.actions import events
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

BRIEF, OWN, THEIRS = "brief", "offers:CRM", "offers:TRADE"


@pytest.fixture
def house():
    return make_house()


def settle(now=NOW):
    while events.drain(reviews.TOPICS, reviews.react, now=now):
        pass


def told(event):
    return sorted(Mail.objects.filter(event=event).values_list("recipient__username", flat=True))


def change(house, by=None, **fields):
    return planning.change_campaign(campaign=house.campaign, by=by or house.a, now=NOW, **(fields or {"what": "New"}))


# Submitting


def test_the_a_agrees_by_submitting_and_somebody_else_approves(house):
    submit(house)
    assert status(house) == "submitted"
    assert missing(house) == {BRIEF, OWN}
    vote(house, house.second)
    assert status(house) == "approved"
    assert Review.objects.get().closed_at == NOW
    entries = HistoryEntry.objects.filter(subject="campaign:CRM-1", verb__in=["submit", "vote", "approve"])
    assert [(entry.verb, entry.actor) for entry in entries.order_by("id")] == [
        ("submit", "lead_crm"),
        ("vote", "lead_crm"),
        ("vote", "second"),
        ("approve", "second"),
    ]


def test_nobody_but_the_a_submits(house):
    before = everything(house)
    for somebody in (house.second, house.member, house.trader, house.admin):
        with pytest.raises(PermissionDenied):
            submit(house, by=somebody)
    assert everything(house) == before


def test_what_was_not_shown_is_not_submitted(house):
    before = everything(house)
    with pytest.raises(ValidationError, match="changed while you were reading") as refusal:
        reviews.submit(campaign=house.campaign, posted_hash="0" * 64, by=house.a, now=NOW)
    assert refusal.value.code == "stale"
    assert everything(house) == before


def test_a_plan_that_nobody_else_could_approve_is_not_submitted(house):
    access.leave(department=house.crm, user=house.second, by=None, now=NOW)
    before = everything(house)
    with pytest.raises(ValidationError, match="Too few people can approve “Brief” who did not write it") as refusal:
        submit(house)
    assert len(refusal.value.messages) == 2
    assert everything(house) == before


def test_a_department_without_a_lead_cannot_agree(house):
    give_trade_a_part(house)
    access.leave(department=house.trade, user=house.trader, by=None, now=NOW)
    with pytest.raises(ValidationError, match="The department Trade has no lead"):
        submit(house)


def test_whoever_is_asked_hears_of_it_and_nobody_else(house):
    give_trade_a_part(house)
    make_rule(house)
    submit(house)
    assert told("review_asked") == ["boss", "lead_trade", "second"]


# Voting


def test_nobody_approves_what_they_wrote(house):
    change(house, by=house.second, what="By the second lead")
    make_rule(house)
    submit(house)
    vote(house, house.boss, OWN)
    before = everything(house)
    with pytest.raises(PermissionDenied, match="You wrote in “Brief” yourself"):
        vote(house, house.second, BRIEF)
    assert everything(house) == before
    vote(house, house.second, OWN)
    assert missing(house) == {"rule", BRIEF}
    vote(house, house.boss, BRIEF)
    assert status(house) == "approved"


def test_who_edits_after_they_approved_has_to_be_replaced(house):
    make_rule(house)
    submit(house)
    vote(house, house.second)
    old = house.campaign.what
    change(house, by=house.second, what="Mine")
    change(house, by=house.a, what=old)
    assert missing(house) == {"rule", BRIEF, OWN} - {OWN}, "what it said is said again, but a reader became an author"


def test_a_concerned_department_agrees_to_the_brief_and_to_its_offers(house):
    make.make_offer(house.campaign, "CRM-1-T", department=house.trade)
    submit(house)
    assert missing(house) == {"department", BRIEF, OWN, THEIRS}
    vote(house, house.trader, BRIEF, THEIRS)
    assert missing(house) == {OWN}
    vote(house, house.second, OWN)
    assert status(house) == "approved"


def test_a_rule_of_the_house_asks_for_one_more(house):
    make_rule(house, routing.BUDGET, 1000)
    change(house, budget=2000)
    submit(house)
    assert missing(house) == {"rule", BRIEF, OWN}
    vote(house, house.boss)
    assert missing(house) == {BRIEF, OWN}, "one more, not another instead"
    vote(house, house.second)
    assert status(house) == "approved"


def test_the_audience_is_counted_exactly_over_all_offers(house):
    first, second = make.make_segment(numbers=range(100)), make.make_segment(numbers=range(50, 151))
    Offer.objects.all().delete()
    make.make_offer(house.campaign, segments=[first])
    make.make_offer(house.campaign, segments=[second])
    make_rule(house, routing.AUDIENCE, 151)
    assert reviewed_one(house.campaign).plan.audience == 151
    assert "rule" not in missing(house)
    make_rule(house, routing.AUDIENCE, 150)
    assert "rule" in missing(house)


def test_the_deepest_discount_counts(house):
    make_rule(house, routing.DISCOUNT, 30)
    make.make_offer(house.campaign, percent_off=30)
    assert "rule" not in missing(house)
    make.make_offer(house.campaign, percent_off="30.5")
    assert "rule" in missing(house)


def test_who_is_not_asked_cannot_vote(house):
    submit(house)
    before = everything(house)
    for somebody in (house.member, house.admin):
        with pytest.raises(PermissionDenied, match="not asked"):
            vote(house, somebody)
    for stranger in (house.trader, house.boss):
        with pytest.raises(PermissionDenied):
            vote(house, stranger)
    assert everything(house) == before


def test_consulted_people_comment_and_do_not_decide(house):
    raci.set_matrix(campaign=house.campaign, by=house.a, now=NOW, roles={("products", house.trade.pk): "C"})
    submit(house)
    with pytest.raises(PermissionDenied):
        vote(house, house.trader)
    vote(house, house.trader, BRIEF, decision=routing.COMMENT, comment="Looks fine")
    assert Vote.objects.filter(voter=house.trader).values_list("decision", "parts").get() == ("comment", [])
    vote(house, house.second)
    assert status(house) == "approved"


def test_a_vote_on_what_was_not_shown_is_refused(house):
    submit(house)
    seen = shown(house.campaign)
    change(house)
    before = everything(house)
    with pytest.raises(ValidationError, match="changed while you were reading") as refusal:
        reviews.vote(campaign=house.campaign, decision="approve", shown=seen, by=house.second, now=NOW)
    assert refusal.value.code == "stale"
    assert everything(house) == before
    reviews.vote(campaign=house.campaign, decision="approve", shown={OWN: seen[OWN]}, by=house.second, now=NOW)


def test_asking_for_changes_says_which_and_stops_the_approval(house):
    make_rule(house)
    submit(house)
    before = everything(house)
    with pytest.raises(ValidationError, match="Say what should change"):
        vote(house, house.boss, decision=routing.CHANGES)
    assert everything(house) == before
    vote(house, house.boss, BRIEF, decision=routing.CHANGES, comment="Too vague")
    assert told("changes_asked") == ["lead_crm"]
    vote(house, house.boss, OWN)
    vote(house, house.second)
    assert status(house) == "submitted"
    vote(house, house.boss, BRIEF)
    assert status(house) == "approved"


def test_an_objection_ends_with_what_it_was_about(house):
    submit(house)
    vote(house, house.second, BRIEF, decision=routing.CHANGES, comment="Too vague")
    vote(house, house.second, OWN)
    change(house, what="Precise")
    settle()
    assert reviewed_one(house.campaign).standing.objections == ()
    # The A changed it, and answers for it anew.
    vote(house, house.a, BRIEF)
    vote(house, house.second, BRIEF)
    assert status(house) == "approved"


def test_the_same_vote_again_changes_nothing(house):
    make_rule(house)
    submit(house)
    vote(house, house.second)
    before, entries = everything(house), HistoryEntry.objects.count()
    vote(house, house.second)
    assert everything(house) == before
    assert HistoryEntry.objects.count() == entries


def test_what_is_not_in_review_is_not_voted_on(house):
    with pytest.raises(ValidationError, match="nothing to approve"):
        vote(house, house.second)
    submit(house)
    lifecycle.cancel(campaign=house.campaign, by=house.a, now=NOW, reason="Over")
    with pytest.raises(ValidationError, match="nothing to approve"):
        vote(house, house.second)
    assert Vote.objects.filter(voter=house.second).count() == 0


def test_an_a_who_wrote_nothing_may_approve_alone():
    house = make_house()
    other = make.make_user("other")
    planning.change_campaign(campaign=house.campaign, by=house.a, now=NOW, accountable=other)
    house.campaign.refresh_from_db()
    submit(house, by=other)
    assert status(house) == "submitted", "submitting is not approving"
    vote(house, other)
    assert status(house) == "approved"


# Changes


def test_a_change_voids_only_the_votes_on_what_changed(house):
    make.make_offer(house.campaign, "CRM-1-T", department=house.trade)
    submit(house)
    vote(house, house.trader, BRIEF, THEIRS)
    vote(house, house.second, OWN)
    assert status(house) == "approved"
    offers.change_offer(offer=Offer.objects.get(code="CRM-1-A"), by=house.a, now=NOW, fields={"percent_off": 20})
    settle()
    assert status(house) == "submitted"
    assert missing(house) == {"accountable", OWN}
    assert told("approval_fell") == ["second"], "neither who changed it nor whose part is as it was"
    assert told("review_asked") == ["lead_trade", "second"], "nobody is asked a second time"


def test_saving_the_same_voids_nothing(house):
    submit(house)
    vote(house, house.second)
    change(house, what=house.campaign.what)
    offers.change_offer(offer=Offer.objects.get(), by=house.a, now=NOW, fields={"percent_off": "10.00"})
    settle()
    assert status(house) == "approved"


def test_whose_vote_fell_hears_of_it_once(house):
    submit(house)
    vote(house, house.second)
    change(house, what="One")
    settle()
    change(house, what="Two")
    settle()
    assert told("approval_fell") == ["second"]


def test_a_department_that_comes_in_later_is_asked_and_the_approval_falls(house):
    submit(house)
    vote(house, house.second)
    give_trade_a_part(house)
    settle()
    assert status(house) == "submitted"
    assert missing(house) == {"department"}
    assert told("review_asked").count("lead_trade") == 1
    vote(house, house.trader, BRIEF)
    assert status(house) == "approved"


def test_a_department_that_goes_takes_its_requirement_along(house):
    give_trade_a_part(house)
    submit(house)
    vote(house, house.second)
    assert status(house) == "submitted"
    raci.set_matrix(campaign=house.campaign, by=house.a, now=NOW, roles={("products", house.trade.pk): ""})
    settle()
    assert status(house) == "approved"


def test_rules_that_come_later_leave_a_review_alone(house):
    submit(house)
    make_rule(house)
    vote(house, house.second)
    assert status(house) == "approved"


def test_nothing_goes_live_while_anything_is_missing():
    house = make_house(starts_on=DAY + timedelta(days=1))
    submit(house)
    vote(house, house.second)
    # Past all actions, as another program would.
    house.campaign.activities.get(kind="products").roles.create(letter="R", department=house.trade)
    lifecycle.keep_dates(now=NOW + timedelta(days=1), agreed=reviews.is_agreed)
    assert status(house) == "submitted"
    assert missing(house) == {"department"}


def test_what_everybody_approved_goes_live():
    house = make_house(starts_on=DAY + timedelta(days=1))
    submit(house)
    vote(house, house.second)
    lifecycle.keep_dates(now=NOW + timedelta(days=1), agreed=reviews.is_agreed)
    assert status(house) == "live"
    assert Offer.objects.get().live_since == NOW + timedelta(days=1)


def test_a_paused_campaign_that_was_changed_is_approved_before_it_goes_on():
    house = make_house(starts_on=DAY)
    submit(house)
    vote(house, house.second)
    lifecycle.keep_dates(now=NOW, agreed=reviews.is_agreed)
    lifecycle.pause(campaign=house.campaign, by=house.a, now=NOW, reason="Stock")
    change(house)
    settle()
    assert Review.objects.filter(closed_at__isnull=True).count() == 1
    with pytest.raises(ValidationError, match="changed while it was paused"):
        lifecycle.resume(campaign=house.campaign, by=house.a, now=NOW)
    vote(house, house.a)
    vote(house, house.second)
    lifecycle.resume(campaign=house.campaign, by=house.a, now=NOW)
    assert status(house) == "live"


# Imports and rulings


def test_what_a_file_says_is_approved_stands_for_all_votes_until_it_changes(house):
    lifecycle.approve_by_import([house.campaign.pk], now=NOW)
    assert reviewed_one(house.campaign).is_agreed
    house.campaign.refresh_from_db()
    change(house)
    settle()
    assert status(house) == "submitted"
    assert missing(house) == {"accountable", BRIEF, OWN}


def test_a_withdrawal_carries_votes_over_and_they_count():
    house = make_house(starts_on=DAY)
    second = make.make_offer(house.campaign, "CRM-1-B")
    submit(house)
    vote(house, house.second)
    lifecycle.keep_dates(now=NOW, agreed=reviews.is_agreed)
    house.campaign.refresh_from_db()
    offers.withdraw_offers(offers=[second], by=house.a, now=NOW, reason="No stock")
    settle()
    assert CarriedSignature.objects.filter(section=OWN).count() == 1
    one = reviewed_one(Campaign.objects.get())
    assert one.is_agreed
    assert one.standing.is_complete


# Revoking


def test_who_takes_a_vote_back_takes_the_approval_with_it(house):
    submit(house)
    vote(house, house.second)
    before = everything(house)
    with pytest.raises(ValidationError, match="Say why"):
        reviews.revoke(campaign=house.campaign, by=house.second, now=NOW, reason=" ")
    with pytest.raises(ValidationError, match="no vote of yours"):
        reviews.revoke(campaign=house.campaign, by=house.member, now=NOW, reason="x")
    assert everything(house) == before
    reviews.revoke(campaign=house.campaign, by=house.second, now=NOW, reason="A mistake")
    assert status(house) == "submitted"
    assert HistoryEntry.objects.get(verb="revoke_vote").reason == "A mistake"
    assert Review.objects.filter(closed_at__isnull=True).count() == 1
    vote(house, house.second)
    assert status(house) == "approved"


def test_what_is_live_is_paused_instead():
    house = make_house(starts_on=DAY)
    submit(house)
    vote(house, house.second)
    lifecycle.keep_dates(now=NOW, agreed=reviews.is_agreed)
    with pytest.raises(ValidationError, match="pause or cancel"):
        reviews.revoke(campaign=house.campaign, by=house.second, now=NOW, reason="Late")
    assert status(house) == "live"


# Absence


def away(house, user, stand_in, starts_on=DAY, days=5):
    return absences.announce(
        user=user,
        stand_in=stand_in,
        starts_on=starts_on,
        ends_before=starts_on + timedelta(days=days),
        by=user,
        now=NOW,
    )


def test_who_stands_in_approves_and_says_for_whom(house):
    make_rule(house)
    away(house, house.boss, house.trader)
    submit(house)
    assert told("review_asked") == ["boss", "lead_trade", "second"]
    vote(house, house.trader)
    kept = Vote.objects.filter(voter=house.trader).first()
    assert (kept.stands_for, kept.parts) == (
        house.boss,
        ["reader", "rule:" + str(Review.objects.get().rules[0]["key"])],
    )
    assert status(house) == "approved"


def test_nobody_stands_in_before_or_after(house):
    make_rule(house)
    away(house, house.boss, house.trader, starts_on=DAY + timedelta(days=1))
    submit(house)
    with pytest.raises(PermissionDenied):
        vote(house, house.trader)
    assert Vote.objects.filter(voter=house.trader).count() == 0


def test_who_is_back_is_stood_in_for_no_more_and_the_plan_is_closed_to_the_other(house):
    make_rule(house)
    absence = away(house, house.boss, house.trader)
    submit(house)
    assert Campaign.objects.visible(house.trader).exists()
    absences.end(absence=absence, by=house.boss, now=NOW)
    assert not Campaign.objects.visible(house.trader).exists()
    with pytest.raises(PermissionDenied):
        vote(house, house.trader)


def test_the_sweep_closes_plans_to_those_whose_time_is_over(house):
    make_rule(house)
    away(house, house.boss, house.trader, days=2)
    submit(house)
    absences.stop_what_is_over(now=NOW + timedelta(days=1))
    assert Campaign.objects.visible(house.trader).exists()
    absences.stop_what_is_over(now=NOW + timedelta(days=2))
    assert not Campaign.objects.visible(house.trader).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stand_in": "trader"}, "stand_in"),
        ({"days": 0}, "ends_before"),
        ({"starts_on": DAY - timedelta(days=9)}, "ends_before"),
        ({"days": 400}, "ends_before"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(house, changes, field):
    how = {"stand_in": house.second} | {
        name: getattr(house, value) if name == "stand_in" else value for name, value in changes.items()
    }
    with pytest.raises(ValidationError) as refusal:
        away(house, house.a, **how)
    assert list(refusal.value.error_dict) == [field]


def test_absences_do_not_overlap_and_are_ones_own(house):
    away(house, house.a, house.second)
    with pytest.raises(ValidationError, match="already"):
        away(house, house.a, house.member, starts_on=DAY + timedelta(days=4))
    with pytest.raises(PermissionDenied):
        absences.announce(
            user=house.a,
            stand_in=house.second,
            starts_on=DAY,
            ends_before=DAY + timedelta(days=1),
            by=house.second,
            now=NOW,
        )


# Access


def test_who_approves_by_rule_reads_the_plan_as_long_as_it_is_not_over(house):
    make_rule(house)
    assert not Campaign.objects.visible(house.boss).exists()
    submit(house)
    assert Campaign.objects.visible(house.boss).exists()
    lifecycle.cancel(campaign=house.campaign, by=house.a, now=NOW, reason="Over")
    settle()
    assert not Campaign.objects.visible(house.boss).exists()


def test_who_left_the_department_votes_no_more(house):
    submit(house)
    access.leave(department=house.crm, user=house.second, by=None, now=NOW)
    with pytest.raises(PermissionDenied):
        vote(house, house.second)
    assert status(house) == "submitted"


# The database


@pytest.mark.postgres
def test_the_database_keeps_one_vote_per_content_and_one_open_review(house):
    submit(house)
    kept = Vote.objects.values("campaign_id", "section", "content_hash", "decision", "voter_id", "voted_at").first()
    with pytest.raises(IntegrityError, match=r"person_votes_once_on_a_content|UNIQUE"), transaction.atomic():
        Vote.objects.create(**kept)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(campaign=house.campaign, opened_at=NOW, hours_to_review=16, due_at=NOW)
    with pytest.raises(Exception, match="never changed"), transaction.atomic():
        Version.objects.update(number=5)


def test_questions_to_the_database_do_not_grow_with_plans(house):
    make_rule(house, routing.AUDIENCE, 10)
    Offer.objects.all().delete()
    make.make_offer(house.campaign, segments=[make.make_segment(numbers=range(20))])
    submit(house)
    vote(house, house.second, BRIEF)
    with CaptureQueriesContext(connection) as one:
        reviewed([house.campaign.pk])
        waits_for(house.second, NOW)
    for number in range(2, 5):
        campaign = make.make_campaign(house.crm, f"CRM-{number}")
        make.make_offer(campaign, segments=[make.make_segment(numbers=range(20))])
        lifecycle.submit(campaign=campaign, by=house.a, now=NOW)
        settle()
    ids = list(Campaign.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as many:
        reviewed(ids)
        assert len(waits_for(house.second, NOW)) == 4
    assert len(many) == len(one)


def test_many_changed_plans_are_settled_in_several_transactions(house, monkeypatch):
    monkeypatch.setattr(reviews, "MOST_AT_ONCE", 2)
    for number in range(2, 7):
        make.make_offer(make.make_campaign(house.crm, f"CRM-{number}"))
    ids = list(Campaign.objects.exclude(pk=house.campaign.pk).values_list("pk", flat=True))
    lifecycle.submit_by_import(ids, now=NOW)
    settle()
    assert Review.objects.filter(closed_at__isnull=True).count() == 5


def test_what_misses_of_a_submitted_plan_is_told(house):
    submit(house)
    house.campaign.activities.get(kind="products").roles.all().delete()
    vote(house, house.second)
    assert status(house) == "submitted"
    told_problems = reviews.problems_of(reviewed_one(house.campaign), now=NOW)
    assert told_problems == ["Nobody does “Identify complementary products”: give a department the R."]


def test_only_administrators_make_rules(house):
    with pytest.raises(PermissionDenied):
        approval_rules.put(
            rule=None, department=None, measure="always", above=0, approver=house.boss, by=house.a, now=NOW
        )
    rule = make_rule(house)
    for act in (
        lambda: approval_rules.remove(rule=rule, by=house.a, now=NOW),
        lambda: approval_rules.change_policy(hours_to_review=1, hours_to_answer=1, by=house.a, now=NOW),
    ):
        with pytest.raises(PermissionDenied):
            act()


# Reminders


def test_reviewers_are_reminded_in_working_hours_and_then_the_others_hear(house):
    make_rule(house)
    submit(house)
    review = Review.objects.get()
    # From Monday at ten: sixteen hours of days from nine to six.
    at = [NOW + timedelta(hours=8), NOW + timedelta(days=1, hours=3, minutes=48), NOW + timedelta(days=1, hours=7)]
    assert (review.next_at, review.due_at) == (at[0], at[2])
    review_rounds.remind_due(now=at[0] - timedelta(minutes=1))
    assert told("review_reminder") == []
    review_rounds.remind_due(now=at[0])
    assert told("review_reminder") == ["boss", "second"]
    vote(house, house.second)
    review.refresh_from_db()
    assert review.next_at == at[1]
    review_rounds.remind_due(now=at[1])
    assert told("review_reminder") == ["boss", "boss", "second"]
    review_rounds.remind_due(now=at[2])
    assert told("review_overdue") == ["boss", "lead_crm", "root"]
    assert status(house) == "submitted", "nobody is ever taken to have agreed"
    review.refresh_from_db()
    review_rounds.remind_due(now=review.next_at)
    assert told("review_overdue") == ["boss", "boss", "lead_crm", "lead_crm", "root", "root"]


def test_after_an_outage_nobody_reads_that_there_is_still_time(house):
    submit(house)
    late = NOW + timedelta(days=30)
    review_rounds.remind_due(now=late)
    review_rounds.remind_due(now=late)
    assert (told("review_reminder"), told("review_overdue")) == ([], ["lead_crm", "root", "second"])


def test_one_review_that_fails_does_not_stop_the_others(house, caplog):
    submit(house)
    other = make.make_campaign(house.crm, "CRM-2")
    make.make_offer(other)
    lifecycle.submit(campaign=other, by=house.a, now=NOW)
    settle()
    first = Review.objects.order_by("id").first()
    Review.objects.filter(pk=first.pk).update(rules=[{"key": "broken"}])
    review_rounds.remind_due(now=NOW + timedelta(hours=8))
    assert "was reminded of review" in caplog.text
    assert Mail.objects.filter(event="review_reminder").exists()
