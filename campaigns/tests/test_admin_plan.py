from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.tests import factories as make
from customers.models import Channel
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
PLAN = "admin:campaigns_plan"


@pytest.fixture
def department():
    return make.make_department("CRM")


def planned(department=None, **brief):
    campaign = make.make_campaign(department, starts_on=TODAY + timedelta(days=3), **brief)
    letters = Channel.objects.filter(code="letters").first() or make.make_channel("letters")
    make.make_offer(campaign, products=make.make_products(1), channels=[letters])
    return campaign


def test_everybody_sees_a_card_of_every_campaign_with_days_and_channels(department):
    campaign = planned(name="Theirs")
    make.submit(campaign)
    text = signed_in(make.lead_of(department)).get(reverse(PLAN)).content.decode()
    assert "Theirs" in text
    assert "Letters" in text
    assert reverse("admin:campaigns_campaign_change", args=[campaign.pk]) not in text


def test_a_draft_of_others_shows_its_days_but_not_its_name(department):
    planned(name="Top secret")
    text = signed_in(make.lead_of(department)).get(reverse(PLAN)).content.decode()
    assert "Top secret" not in text
    assert "A draft" in text


def test_a_draft_of_ones_own_has_its_name_and_a_link(department):
    campaign = planned(department, name="Mine")
    text = signed_in(make.lead_of(department)).get(reverse(PLAN)).content.decode()
    assert "Mine" in text
    assert reverse("admin:campaigns_campaign_change", args=[campaign.pk]) in text


def test_an_offer_that_names_no_channel_is_on_every_channel(department):
    campaign = make.make_campaign(department, starts_on=TODAY)
    make.make_offer(campaign)
    assert "every channel" in signed_in(make.lead_of(department)).get(reverse(PLAN)).content.decode()


@pytest.mark.parametrize("asked", ["2026-02-31", "x", "", "0001-01-01", "9999-12-31"])
def test_a_day_that_no_calendar_has_shows_today(department, asked):
    answer = signed_in(make.lead_of(department)).get(reverse(PLAN), {"from": asked})
    assert answer.context["start"] <= TODAY < answer.context["start"] + timedelta(days=7)


def test_earlier_and_later_move_by_weeks_and_keep_the_department(department):
    other = planned(name="Other one").department
    client = signed_in(make.lead_of(department))
    answer = client.get(reverse(PLAN), {"department": other.pk, "from": (TODAY + timedelta(weeks=20)).isoformat()})
    assert answer.context["total"] == 0
    assert answer.context["chosen"] == other
    assert f"department={other.pk}" in answer.content.decode()


def test_the_plan_asks_as_many_questions_for_one_campaign_as_for_many(department):
    client = signed_in(make.lead_of(department))
    planned(department)
    with_one = queries_of(client, reverse(PLAN))
    for _ in range(6):
        planned()
    assert queries_of(client, reverse(PLAN)) == with_one


def test_an_analyst_sees_no_plan():
    analyst = make.make_analyst()
    assert signed_in(analyst).get(reverse(PLAN)).status_code == 403
