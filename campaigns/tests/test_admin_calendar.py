"""The page of the calendar: who sees what on it, and what its address may say."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.admin import calendar as page
from campaigns.models import Campaign
from campaigns.tests import factories as make
from campaigns.tests.found import find, offers_of
from customers.models import Channel
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
PLAN = "admin:campaigns_plan"
VIEWS = ["timeline", "table"]


@pytest.fixture
def department():
    return make.make_department("CRM")


@pytest.fixture
def client(department):
    return signed_in(make.lead_of(department))


def planned(department=None, days_ahead=3, **brief):
    campaign = make.make_campaign(department, starts_on=TODAY + timedelta(days=days_ahead), **brief)
    letters = Channel.objects.filter(code="letters").first() or make.make_channel("letters")
    make.make_offer(campaign, products=make.make_products(1), channels=[letters])
    return campaign


def text_of(client, **asked):
    answer = client.get(reverse(PLAN), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def change_url(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("zoom", ["week", "quarter", "year"])
def test_everybody_sees_a_card_of_every_campaign_with_days_and_channels(client, view, zoom):
    campaign = planned(name="Theirs", days_ahead=-1)
    make.submit(campaign)
    text = text_of(client, view=view, zoom=zoom)
    assert "Theirs" in text
    assert "Letters" in text
    assert change_url(campaign) not in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_draft_of_others_shows_its_days_but_neither_name_nor_code(client, view):
    campaign = planned(name="Top secret", code="TOPCODE")
    text = text_of(client, view=view, selected=campaign.pk)
    assert "Top secret" not in text
    assert "TOPCODE" not in text
    assert "A draft" in text
    assert change_url(campaign) not in text


@pytest.mark.parametrize("view", VIEWS)
def test_a_draft_of_ones_own_has_its_name_and_a_link(client, department, view):
    campaign = planned(department, name="Mine")
    text = text_of(client, view=view)
    assert "Mine" in text
    assert change_url(campaign) in text


def test_a_draft_is_hatched(client):
    planned()
    assert "c-bar--draft" in text_of(client)


def test_an_offer_that_names_no_channel_is_on_every_channel(client, department):
    campaign = make.make_campaign(department, starts_on=TODAY)
    make.make_offer(campaign)
    assert "every channel" in text_of(client)


def test_the_table_tells_the_last_day_itself(client, department):
    campaign = planned(department)
    (line,) = client.get(reverse(PLAN), {"view": "table"}).context["lines"]
    assert (line.starts_on, line.ends_on) == (campaign.starts_on, campaign.ends_before - timedelta(days=1))


def test_what_begins_before_or_goes_on_after_says_so(client, department):
    planned(department, days_ahead=-20, days=300)
    text = text_of(client)
    assert "began before" in text
    assert "goes on after" in text
    assert "begins-earlier" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2026-02-31"}, "no day of any calendar"),
        ({"from": "x"}, "is not a day"),
        ({"from": "0001-01-01"}, "no year to plan in"),
        ({"from": "9999-12-31"}, "no year to plan in"),
        ({"zoom": "month"}, "no zoom “month”"),
        ({"view": "heat"}, "no view “heat”"),
        ({"department": "²"}, "no department “²”"),
        ({"channel": ["radio", "x" * 3000]}, "no channel “xxx"),
        ({"status": "cancelled"}, "no status “cancelled”"),
        ({"mine": "yes"}, "“Only mine” is either 1"),
        ({"collisions": "no"}, "“With collisions” is either 1"),
        ({"page": "-1", "view": "table"}, "no page “-1”"),
        ({"page": "99", "view": "table"}, "There is only 1 page"),
        ({"selected": "²"}, "not in the calendar"),
        ({"selected": "9" * 18}, "not in the calendar"),
        ({"status": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_what_it_does_not_understand_is_said_and_left_out(client, asked, said):
    make.make_channel("radio")
    planned()
    answer = client.get(reverse(PLAN), asked)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert said in text
    assert "<script>alert" not in text
    window = answer.context["window"]
    assert window.start <= TODAY < window.start + timedelta(days=7)
    assert window.zoom == "quarter"


def test_what_it_understands_is_said_nothing_about(client):
    planned()
    asked = {"from": TODAY.isoformat(), "zoom": "year", "view": "timeline", "mine": "0", "department": ""}
    assert client.get(reverse(PLAN), asked).context["notes"] == []


def test_all_ways_on_keep_what_was_chosen(client, department):
    make.make_channel("radio")
    asked = {"department": ["CRM", "CRM"], "channel": "radio", "status": "draft", "mine": "1", "zoom": "year"}
    context = client.get(reverse(PLAN), asked).context
    kept = {"department": ["CRM"], "channel": ["radio"], "status": ["draft"], "mine": ["1"], "zoom": ["year"]}
    for link in (context["earlier"], context["later"], context["now"]):
        found = parse_qs(urlparse(link).query)
        found.pop("from", None)
        assert found == kept
    assert parse_qs(urlparse(context["link"]).query) == kept
    assert context["link"].startswith("http://testserver/")
    found = parse_qs(urlparse(context["feed_url"]).query)
    assert found == {name: value for name, value in kept.items() if name != "zoom"}


def test_each_chip_takes_one_filter_away_and_one_link_all(client, department):
    make.make_department("MKT")
    context = client.get(reverse(PLAN), {"department": ["CRM", "MKT"], "collisions": "1"}).context
    assert [(chip["text"], parse_qs(chip["without"][1:])) for chip in context["chips"]] == [
        ("Department: Crm", {"department": ["MKT"], "collisions": ["1"]}),
        ("Department: Mkt", {"department": ["CRM"], "collisions": ["1"]}),
        ("With collisions", {"department": ["CRM", "MKT"]}),
    ]
    assert context["all"] == "?"


def test_filters_leave_campaigns_out(client, department):
    planned(department, name="Mine")
    make.submit(planned(name="Theirs"))
    assert "Theirs" not in text_of(client, mine="1")
    text = text_of(client, status="submitted")
    assert "Theirs" in text
    assert ">Mine<" not in text
    assert "Perhaps there are some that the filters leave out" in text_of(client, status="paused")


def test_parties_see_a_collision_on_bars_strip_and_panel_and_others_none_of_it(echo):
    first, second, third = offers_of("A", "B", "C")
    find(first, second, level="high")
    asked = {"from": first.starts_on.isoformat(), "selected": second.campaign_id}
    for offer, number in ((first, 1), (second, 1), (third, 0)):
        context = signed_in(make.lead_of(offer.department)).get(reverse(PLAN), asked).context
        marks = {line.name: line.collisions for group in context["groups"] for line in group["lines"]}
        assert marks == {"Campaign A-1": number, "Campaign B-1": number, "Campaign C-1": 0}
        assert sum(column["collisions"] for column in context["columns"]) == number
        assert context["selected"]["line"].collisions == number


def test_the_selected_card_leads_to_what_the_reader_may_do(client, department):
    mine, other = planned(department, name="Mine"), planned(name="Theirs")
    offer = mine.offers.get()
    text = text_of(client, selected=mine.pk)
    for link in (
        change_url(mine),
        reverse("admin:campaigns_campaign_brief", args=[mine.pk]) + "#id_starts_on",
        reverse("admin:campaigns_offer_edit", args=[offer.pk]),
    ):
        assert f'href="{link}"' in text
    make.submit(other)
    text = text_of(client, selected=other.pk)
    assert "Theirs" in text
    assert "Change dates" not in text
    assert "What if?" not in text
    assert "Open the campaign" not in text


def test_dates_of_what_is_live_are_not_offered_for_change(client, department):
    mine = planned(department)
    Campaign.objects.filter(pk=mine.pk).update(status="ended")
    text = text_of(client, selected=mine.pk)
    assert "Open the campaign" in text
    assert "Change dates" not in text


def test_what_does_not_fit_is_counted_and_found_in_the_table(client, department, monkeypatch):
    monkeypatch.setattr(page, "MOST_BARS", 2)
    monkeypatch.setattr(page, "ROWS", 3)
    for _ in range(5):
        planned(department)
    text = text_of(client)
    assert "3 more in the table" in text
    (link,) = re.findall(r'href="([^"]+)">3 more in the table', text)
    first = client.get(reverse(PLAN) + link.replace("&amp;", "&"))
    assert (len(first.context["lines"]), first.context["total"]) == (3, 5)
    second = client.get(reverse(PLAN) + first.context["next"])
    assert len(second.context["lines"]) == 2
    pks = {line.pk for line in (*first.context["lines"], *second.context["lines"])}
    assert len(pks) == 5


@pytest.mark.parametrize(
    "asked", ["", "?view=table", "?zoom=year&department=CRM&channel=letters&mine=1&collisions=1", "?selected=1"]
)
def test_the_page_asks_as_many_questions_for_one_campaign_as_for_thirty(client, department, asked):
    first = planned(department)
    asked = asked.replace("selected=1", f"selected={first.pk}")
    with_one = queries_of(client, reverse(PLAN) + asked)
    for number in range(29):
        planned(department if number % 3 else None)
    assert queries_of(client, reverse(PLAN) + asked) == with_one


def test_an_analyst_sees_no_calendar():
    assert signed_in(make.make_analyst()).get(reverse(PLAN)).status_code == 403
