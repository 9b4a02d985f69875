"""Calendar feeds: made for oneself, within limits, revoked for good."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.actions import feeds
from campaigns.actions.feeds import create_feed, revoke_feed, use_feed
from campaigns.models import CalendarFeed
from campaigns.rules.calendar import Filters
from campaigns.tests import factories as make
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db
NOW = make.NOW


@pytest.fixture
def lead():
    return make.lead_of(make.make_department("CRM"))


def made(user, filters=Filters(), name="Mine"):  # noqa: B008 - it never changes
    return create_feed(name=name, filters=filters, by=user, now=NOW)


def test_the_secret_is_told_once_and_stored_as_a_digest(lead):
    feed, secret = made(lead, Filters(departments=("CRM",), mine=True))
    assert len(secret) >= 43
    assert use_feed(secret, now=NOW) == feed
    assert feed.chosen == Filters(departments=("CRM",), mine=True)
    for model in (CalendarFeed, HistoryEntry):
        assert secret not in json.dumps(list(model.objects.values()), default=str)
    entry = HistoryEntry.objects.get(verb="create_feed")
    assert (entry.actor, entry.scope, entry.subject) == (lead.username, f"person:{lead.username}", f"feed:{feed.pk}")


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        (Filters(departments=("nobody",)), "departments"),
        (Filters(channels=("smoke",)), "channels"),
        (Filters(statuses=("cancelled",)), "statuses"),
    ],
)
def test_what_there_is_not_cannot_be_chosen(lead, filters, field):
    with pytest.raises(ValidationError) as refused:
        made(lead, filters)
    assert set(refused.value.error_dict) == {field}
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "two\nlines"])
def test_a_name_is_one_short_line(lead, name):
    with pytest.raises(ValidationError):
        made(lead, name=name)
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("who", ["analyst", "customer", "gone"])
def test_who_sees_no_plans_makes_no_feed(who):
    user = make.make_analyst() if who == "analyst" else make.make_user(is_staff=who == "gone", is_active=who != "gone")
    with pytest.raises(PermissionDenied):
        made(user)
    assert not CalendarFeed.objects.exists()


def test_there_is_a_most_and_revoking_makes_room(lead, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_FEEDS", 2)
    first, _secret = made(lead)
    made(lead)
    with pytest.raises(ValidationError):
        made(lead)
    assert CalendarFeed.objects.count() == 2
    made(make.make_user("other"))
    revoke_feed(feed=first, by=lead, now=NOW)
    made(lead)


def test_a_revoked_feed_stays_revoked(lead):
    feed, secret = made(lead)
    assert revoke_feed(feed=feed, by=lead, now=NOW)
    assert not revoke_feed(feed=feed, by=lead, now=NOW + timedelta(days=1))
    feed.refresh_from_db()
    assert feed.revoked_at == NOW
    assert use_feed(secret, now=NOW) is None
    assert HistoryEntry.objects.filter(verb="revoke_feed").count() == 1


def test_others_revoke_nothing_and_administrators_everything(lead):
    feed, secret = made(lead)
    with pytest.raises(PermissionDenied):
        revoke_feed(feed=feed, by=make.make_user("other"), now=NOW)
    assert use_feed(secret, now=NOW) == feed
    assert revoke_feed(feed=feed, by=make.make_user("root", is_superuser=True), now=NOW)
    assert use_feed(secret, now=NOW) is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_a_feed_ends_with_its_person(lead, change):
    _feed, secret = made(lead)
    type(lead).objects.filter(pk=lead.pk).update(**change)
    assert use_feed(secret, now=NOW) is None


def test_what_is_unknown_costs_as_much_as_what_is_revoked(lead):
    feed, secret = made(lead)
    revoke_feed(feed=feed, by=lead, now=NOW)
    asked = []
    for one in (secret, "unknown", "x" * 4000, ""):
        with CaptureQueriesContext(connection) as captured:
            assert use_feed(one, now=NOW) is None
        asked.append([query["sql"].split("WHERE")[0] for query in captured])
    assert asked == [asked[0]] * 4
    assert len(asked[0]) == 1


def test_use_is_noted_now_and_then(lead):
    feed, secret = made(lead)
    for minutes in (0, 9, 10):
        use_feed(secret, now=NOW + timedelta(minutes=minutes))
        feed.refresh_from_db()
        assert feed.last_used_at == NOW + timedelta(minutes=10 if minutes == 10 else 0)


def test_the_database_knows_no_feed_revoked_before_it_was_made(lead):
    feed, _secret = made(lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.filter(pk=feed.pk).update(revoked_at=NOW - timedelta(days=1))
