"""News that was given up is shown to administrators, who have it tried again."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from customers.actions import events
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LIST = "admin:customers_event_changelist"


@pytest.fixture
def administrator():
    return User.objects.create_user("admin", is_staff=True, is_superuser=True)


@pytest.fixture
def colleague():
    return User.objects.create_user("luis", is_staff=True)


@pytest.fixture
def given_up():
    return make_event(tries=events.MAX_TRIES, error="KeyError: 'offers'")


def make_event(**columns):
    return Event.objects.create(topic="offer.changed", payload={"offers": [7]}, created_at=NOW, **columns)


def test_it_is_due_again_and_the_history_says_who_asked(administrator, given_up):
    handled = []
    assert events.drain(["offer.changed"], lambda batch, now: handled.extend(batch), now=NOW) == 0
    assert events.retry(event=given_up, by=administrator, now=NOW) is True
    assert events.drain(["offer.changed"], lambda batch, now: handled.extend(batch), now=NOW) == 1
    assert handled == [given_up]
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject, entry.actor) == ("retry_event", f"event:{given_up.pk}", "admin")
    assert entry.changes == {"tries": [8, 0], "error": ["KeyError: 'offers'", ""]}


@pytest.mark.parametrize("columns", [{"tries": 3}, {"tries": 8, "handled_at": NOW}], ids=["still tried", "handled"])
def test_what_is_not_given_up_stays_as_it_is(administrator, columns):
    event = make_event(error="boom", **columns)
    assert events.retry(event=event, by=administrator, now=NOW) is False
    assert Event.objects.values("tries", "error").get() == {"tries": columns["tries"], "error": "boom"}
    assert not HistoryEntry.objects.exists()


def test_the_second_of_two_finds_nothing_to_do(administrator, given_up):
    assert [events.retry(event=given_up, by=administrator, now=NOW) for _ in range(2)] == [True, False]
    assert HistoryEntry.objects.count() == 1


def test_only_administrators_ask(colleague, given_up):
    with pytest.raises(PermissionDenied):
        events.retry(event=given_up, by=colleague, now=NOW)
    given_up.refresh_from_db()
    assert given_up.tries == events.MAX_TRIES
    assert not HistoryEntry.objects.exists()


def test_the_list_has_what_was_given_up_and_nothing_else(client, administrator, given_up):
    others = [make_event(tries=7), make_event(tries=8, handled_at=NOW)]
    client.force_login(administrator)
    text = client.get(reverse(LIST)).content.decode()
    assert "KeyError: &#x27;offers&#x27;" in text
    links = [reverse("admin:customers_event_change", args=[event.pk]) for event in (given_up, *others)]
    assert [link in text for link in links] == [True, False, False]
    assert client.get(links[1]).status_code in {302, 404}


def test_a_button_has_it_tried_again(client, administrator, given_up):
    client.force_login(administrator)
    page = client.get(reverse("admin:customers_event_change", args=[given_up.pk]))
    assert "given up after 8 tries" in page.content.decode()
    answer = client.post(reverse("admin:customers_event_retry", args=[given_up.pk]), follow=True)
    assert "It is tried again now" in answer.content.decode()
    given_up.refresh_from_db()
    assert (given_up.tries, given_up.error) == (0, "")
    assert client.get(reverse("admin:customers_event_retry", args=[given_up.pk])).status_code == 405


def test_nobody_else_finds_the_pages(client, colleague, given_up):
    client.force_login(colleague)
    assert client.get(reverse(LIST)).status_code == 403
    assert client.post(reverse("admin:customers_event_retry", args=[given_up.pk])).status_code == 404
    given_up.refresh_from_db()
    assert given_up.tries == events.MAX_TRIES


def test_one_and_many_take_the_same_number_of_queries(
    client, administrator, given_up, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(administrator)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(30) as one:
        client.get(reverse(LIST))
    for _ in range(10):
        make_event(tries=events.MAX_TRIES, error="boom")
    with django_assert_num_queries(len(one)):
        client.get(reverse(LIST))
