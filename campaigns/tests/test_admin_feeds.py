"""Calendar feeds in the admin: made of what the calendar shows, told once, revoked."""

import json
import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from campaigns.actions import feeds
from campaigns.actions.feeds import create_feed
from campaigns.models import CalendarFeed
from campaigns.rules.calendar import Filters
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:campaigns_calendarfeed_changelist"), reverse("admin:campaigns_calendarfeed_add")


@pytest.fixture
def lead():
    return make.lead_of(make.make_department("CRM"))


def made(user, name="Mine", **chosen):
    return create_feed(name=name, filters=Filters(**chosen), by=user, now=make.NOW)[0]


def page(feed, name="change"):
    return reverse(f"admin:campaigns_calendarfeed_{name}", args=[feed.pk])


def names(client):
    return {feed.name for feed in client.get(LIST).context["cl"].result_list}


def test_its_address_is_shown_once_and_works(lead, caplog):
    caplog.set_level(logging.DEBUG)
    client = signed_in(lead)
    answer = client.post(f"{ADD}?department=CRM&mine=1", {"name": "Christmas"})
    assert "no-store" in answer["Cache-Control"]
    (address,) = set(re.findall(r"http://testserver/calendar/[\w-]{43}\.ics", answer.content.decode()))
    feed = CalendarFeed.objects.get()
    assert (feed.user, feed.name, feed.chosen) == (lead, "Christmas", Filters(departments=("CRM",), mine=True))
    assert Client().get(address).status_code == 200
    secret = address.split("/")[-1].removesuffix(".ics")
    for place in (LIST, page(feed), ADD, reverse("admin:index")):
        assert secret not in client.get(place).content.decode()
    kept = [list(model.objects.values()) for model in (HistoryEntry, CalendarFeed)]
    assert secret not in json.dumps(kept, default=str)
    assert secret not in str([row.get_decoded() for row in Session.objects.all()])
    assert secret not in caplog.text


def test_the_form_says_what_the_feed_will_show(lead):
    text = signed_in(lead).get(f"{ADD}?department=CRM&department=nobody&collisions=1").content.decode()
    assert "Department: Crm" in text
    assert "With collisions" in text
    assert "no department “nobody”" in text
    assert "All campaigns" in signed_in(lead).get(ADD).content.decode()


@pytest.mark.parametrize("name", [" ", "x" * 101])
def test_what_cannot_be_a_feed_is_asked_again(lead, name):
    answer = signed_in(lead).post(ADD, {"name": name})
    assert (answer.status_code, set(answer.context["form"].errors)) == (200, {"name"})
    assert not CalendarFeed.objects.exists()


def test_one_too_many_is_refused_in_words(lead, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_FEEDS", 1)
    made(lead)
    assert "Revoke one that nobody reads" in signed_in(lead).post(ADD, {"name": "Second"}).content.decode()
    assert CalendarFeed.objects.count() == 1


def test_people_see_their_own_and_administrators_all(lead):
    mine, foreign = made(lead, "mine"), made(make.make_user("other"), "foreign")
    client = signed_in(lead)
    assert names(client) == {"mine"}
    assert client.get(page(mine)).status_code == 200
    assert client.get(page(foreign)).status_code == 404
    root = signed_in(make.make_user("root", is_superuser=True))
    assert names(root) == {"mine", "foreign"}
    assert foreign.digest not in root.get(page(foreign)).content.decode()


def test_revoking_ends_it_at_once_and_others_cannot(lead):
    feed = made(lead)
    stranger = signed_in(make.make_user("stranger"))
    assert stranger.post(page(feed, "revoke")).status_code == 404
    client = signed_in(lead)
    assert client.get(page(feed, "revoke")).status_code == 405
    feed.refresh_from_db()
    assert feed.revoked_at is None
    assert "Revoke the feed" in client.get(page(feed)).content.decode()
    assert "leads nowhere" in client.post(page(feed, "revoke"), follow=True).content.decode()
    again = client.post(page(feed, "revoke"), follow=True).content.decode()
    assert "revoked before" in again
    assert "Revoke the feed" not in again


def test_the_list_says_what_each_shows_and_asks_no_more_for_many(lead):
    client = signed_in(lead)
    made(lead, departments=("CRM",))
    with_one = queries_of(client, LIST)
    for number in range(12):
        made(lead, f"F{number}", mine=True)
    assert queries_of(client, LIST) == with_one
    text = client.get(LIST).content.decode()
    assert "Department: Crm" in text
    assert "Only mine" in text


def test_an_analyst_has_no_feeds_and_no_link_to_them():
    client = signed_in(make.make_analyst())
    assert client.get(LIST).status_code == 403
    assert client.post(ADD, {"name": "Mine"}).status_code in (403, 404)
    assert LIST not in client.get(reverse("admin:index")).content.decode()
    assert not CalendarFeed.objects.exists()
