from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.actions import approval_rules, mail_hold, reviews
from approvals.models import Mediator, StandingRule
from approvals.models.precedents import columns_of, columns_of_outcome
from approvals.tests.habits import House
from campaigns.tests import factories as make
from customers.actions import events
from customers.actions.events import MAX_TRIES
from customers.models import Event
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
HOME = "admin:index"


@pytest.fixture
def department():
    return make.make_department("CRM")


@pytest.fixture
def lead(department):
    return make.lead_of(department)


def home(user):
    return signed_in(user).get(reverse(HOME))


def test_a_lead_finds_drafts_to_submit_and_plans_to_approve(lead, department):
    draft = make.make_campaign(department, name="A draft of mine", starts_on=TODAY + timedelta(days=5))
    waiting = make.make_campaign(department, name="To be approved", starts_on=TODAY + timedelta(days=3))
    make.make_offer(waiting)
    make.submit(waiting)
    while events.drain(reviews.TOPICS, reviews.react, now=timezone.now()):
        pass
    theirs = make.make_campaign(name="None of mine")
    answer = home(lead)
    assert [(turn.what, turn.title) for turn in answer.context["turns"]] == [
        ("Approve", "To be approved"),
        ("Submit", "A draft of mine"),
    ]
    text = answer.content.decode()
    assert reverse("admin:campaigns_campaign_change", args=[draft.pk]) in text
    assert theirs.name not in text


def test_who_approves_by_rule_of_the_house_finds_it_without_a_department(lead, department):
    director, admin = make.make_user("director"), make.make_user("root", is_superuser=True)
    approval_rules.put(
        rule=None, department=None, measure="always", above=0, approver=director, by=admin, now=timezone.now()
    )
    campaign = make.make_campaign(department, name="To be approved", starts_on=TODAY + timedelta(days=3))
    make.make_offer(campaign)
    make.submit(campaign)
    while events.drain(reviews.TOPICS, reviews.react, now=timezone.now()):
        pass
    text = home(director).content.decode()
    assert "To be approved" in text
    assert reverse("admin:approvals_review_campaign", args=[campaign.pk]) in text


def test_the_next_weeks_show_the_campaigns_of_the_department(lead, department):
    make.make_campaign(department, name="Soon", starts_on=TODAY + timedelta(days=5))
    make.make_campaign(department, name="Far", starts_on=TODAY + timedelta(days=70))
    assert [card.name for card in home(lead).context["cards"]] == ["Soon"]


def test_empty_pages_say_what_will_come(lead):
    text = home(lead).content.decode()
    assert "Nothing waits for you." in text
    assert "No campaign in these weeks" in text
    assert "None open." in text
    assert "No case of yours was closed lately." in text


def test_an_administrator_reads_what_holds_others_up():
    admin = make.make_user("root", is_superuser=True)
    assert "No department yet" in home(admin).content.decode()
    department = make.make_department("CRM")
    department.memberships.all().delete()
    text = home(admin).content.decode()
    assert "Crm</a> has no lead" in text
    assert "No mediator covers every department" in text
    assert "given up" not in text
    Event.objects.create(topic="offer.changed", created_at=make.NOW, tries=MAX_TRIES)
    assert "1 piece of news was given up" in home(admin).content.decode()


def test_an_analyst_reads_about_data_and_not_about_plans():
    analyst = make.make_analyst()
    answer = home(analyst)
    text = answer.content.decode()
    assert "No data yet" in text
    assert answer.context["open_collisions"] is None
    assert "Your turn" not in text


def test_a_suggested_rule_waits_for_whoever_may_judge_it():
    house = House()
    rule = house.keep_rule(state="suggested")
    admin, lead = make.make_user("root", is_superuser=True), make.lead_of(house.marketing)
    for judge in (house.mediator, admin):
        (turn,) = [one for one in home(judge).context["turns"] if one.what == "Say yes or no"]
        assert turn.title == "Sal (planned later, deeper discount) moves later, until the two share no day."
        assert turn.url == reverse("admin:approvals_standingrule_change", args=[rule.pk])
    Mediator.objects.create(user=lead)
    assert "Say yes or no" not in home(lead).content.decode()
    StandingRule.objects.update(state="rejected", decided_by=admin, reason="No two seasons are alike.")
    assert "Say yes or no" not in home(house.mediator).content.decode()


def test_open_collisions_are_those_the_reader_may_see(lead):
    from campaigns.actions.collisions import refresh

    ours, theirs = make.make_colliding_pair()
    refresh(offer_ids=[ours.pk, theirs.pk], now=make.NOW)
    assert home(make.lead_of(ours.department)).context["open_collisions"]["total"] == 1
    assert home(lead).context["open_collisions"]["total"] == 0


def test_a_lead_of_nothing_else_is_offered_no_new_campaign(department):
    member = make.make_user("member")
    from campaigns.actions import access

    access.join(department=department, user=member, is_lead=False, by=None, now=make.NOW)
    text = home(member).content.decode()
    assert "New campaign" not in text
    assert "Your turn" in text


def test_home_asks_as_many_questions_for_one_rule_as_for_many():
    house = House()
    client = signed_in(house.mediator)
    house.keep_rule(state="suggested")
    with_one = queries_of(client, reverse(HOME))
    for number in range(5):
        other = replace(house.facts, days=number)
        StandingRule.objects.create(
            state="suggested",
            suggested_at=make.NOW,
            **columns_of(other),
            **columns_of_outcome(house.outcome),
        )
    assert queries_of(client, reverse(HOME)) == with_one


def test_home_asks_as_many_questions_for_one_plan_as_for_many(lead, department):
    client = signed_in(lead)

    def one_more():
        campaign = make.make_campaign(department, starts_on=TODAY + timedelta(days=4))
        make.make_offer(campaign, products=make.make_products(1))
        make.submit(campaign)
        make.make_campaign(department, starts_on=TODAY + timedelta(days=4))
        while events.drain(reviews.TOPICS, reviews.react, now=timezone.now()):
            pass

    one_more()
    with_one = queries_of(client, reverse(HOME))
    for _ in range(8):
        one_more()
    assert queries_of(client, reverse(HOME)) == with_one
    assert with_one <= 50


def test_an_administrator_sees_that_mail_is_held(department):
    admin = make.make_user("administrator", is_superuser=True)
    sentence = "All mail is held since"
    assert sentence not in home(admin).content.decode()
    mail_hold.hold(by=admin, now=timezone.now())
    assert sentence in home(admin).content.decode()
    assert sentence not in home(make.make_user("analyst")).content.decode()
