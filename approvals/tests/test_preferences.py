import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from approvals.actions import preferences
from approvals.choices import MailState
from approvals.models import Mail, NewsPreference
from approvals.tests.builders import NOW, make_user
from approvals.tests.talking import make_talk, say
from campaigns.chronicle import changes
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused, token_client
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

PAGE = "admin:approvals_news_preferences"
API = "/api/v1/notification-preferences/"


@pytest.fixture
def ana():
    return make_user("ana")


def chosen(person):
    return dict(NewsPreference.objects.filter(user=person).values_list("kind", "delivery"))


def entries():
    return [entry.changes for entry in HistoryEntry.objects.filter(verb="choose_news").order_by("id")]


def test_choose_change_and_go_back_to_what_is_recommended(ana):
    preferences.choose(chosen={"comment": "at_once", "digest": "none"}, by=ana, now=NOW)
    preferences.choose(chosen={"comment": "at_once"}, by=ana, now=NOW)
    preferences.choose(chosen={"comment": "none", "digest": None}, by=ana, now=NOW)
    assert chosen(ana) == {"comment": "none"}
    assert entries() == [
        {"news_comment": [None, "at_once"], "news_digest": [None, "none"]},
        {"news_comment": ["at_once", "none"], "news_digest": ["none", None]},
    ]
    told = [
        (change["field"], change["before"], change["after"])
        for change in changes(HistoryEntry.objects.get(pk=HistoryEntry.objects.latest("id").pk))
    ]
    assert ("comments on watched campaigns", "by mail, at once", "only in the inbox") in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": "none"},
        {"decision": "digest"},
        {"security": None},
        {"gossip": "none"},
        {"comment": "weekly"},
        {"digest": "at_once"},
    ],
)
def test_what_cannot_be_chosen_changes_nothing(ana, wrong):
    with pytest.raises(ValidationError):
        preferences.choose(chosen={"move": "none", **wrong}, by=ana, now=NOW)
    assert not NewsPreference.objects.exists()
    assert not entries()


def test_the_database_refuses_to_switch_off_what_is_mandatory(ana):
    for values in ({"kind": "task", "delivery": "none"}, {"kind": "digest", "delivery": "at_once"}):
        with transaction.atomic(), pytest.raises(IntegrityError):
            NewsPreference.objects.create(user=ana, **values)


@pytest.mark.parametrize("column", ["is_active", "is_staff"])
def test_who_does_not_work_here_chooses_nothing(ana, column):
    setattr(ana, column, False)
    with pytest.raises(PermissionDenied):
        preferences.choose(chosen={"comment": "none"}, by=ana, now=NOW)
    assert not NewsPreference.objects.exists()


def test_what_waits_and_is_no_longer_wanted_stays_in_the_inbox():
    talk = make_talk()
    contact = talk.people["contact"]
    say(talk, "lead", "@contact?")
    say(talk, "lead", "Hm.")
    preferences.choose(chosen={"digest": "none"}, by=contact, now=NOW)
    assert dict(Mail.objects.filter(recipient=contact).values_list("event", "state")) == {
        "mention": MailState.QUEUED,
        "comment": MailState.KEPT,
    }
    preferences.choose(chosen={"mention": "none"}, by=contact, now=NOW)
    assert set(Mail.objects.filter(recipient=contact).values_list("state", flat=True)) == {MailState.KEPT}
    # Nobody else's.
    assert not Mail.objects.exclude(recipient=contact).filter(state=MailState.KEPT).exists()


def test_the_page_says_what_comes_always_and_keeps_the_rest(ana):
    client = signed_in(ana)
    page = client.get(reverse(PAGE)).content.decode()
    assert "These cannot be switched off" in page
    assert 'name="task"' not in page
    answer = client.post(reverse(PAGE), {"comment": "none", "task": "none"}, follow=True)
    assert "Saved" in answer.content.decode()
    assert chosen(ana) == {"comment": "none"}
    assert '<option value="none" selected>' in client.get(reverse(PAGE)).content.decode()
    assert "Select a valid choice" in client.post(reverse(PAGE), {"comment": "weekly"}).content.decode()
    assert chosen(ana) == {"comment": "none"}
    # What a form does not have is left alone.
    client.post(reverse(PAGE), {"move": "digest"})
    assert chosen(ana) == {"comment": "none", "move": "digest"}
    client.post(reverse(PAGE), {"comment": "", "move": ""})
    assert chosen(ana) == {}


def test_the_page_is_linked_from_the_menu_and_the_settings(ana):
    for name in ("admin:index", "admin:approvals_staffprofile_changelist"):
        assert reverse(PAGE) in signed_in(ana).get(reverse(name)).content.decode()


def test_the_api_is_for_oneself(ana):
    client = client_of(ana)
    first = client.get(API)
    assert first.json() == {
        **dict.fromkeys(["case", "review", "mention", "comment", "move", "briefing", "request", "digest"]),
        "always_at_once": ["task", "decision", "security"],
    }
    answer = client.patch(API, {"comment": "none"}, headers={"If-Match": first["ETag"]})
    assert (answer.status_code, answer.json()["comment"]) == (200, "none")
    refused(client.patch(API, {"comment": None}, headers={"If-Match": first["ETag"]}), 412)
    refused(client.patch(API, {"comment": "weekly"}), 400, **{"/comment": "invalid_choice"})
    refused(client.patch(API, {"task": "none"}), 400, **{"/task": "unknown"})
    refused(client.patch(API, {"always_at_once": []}), 400, **{"/always_at_once": "read_only"})
    refused(token_client(ana, "read").patch(API, {"comment": None}), 403)
    refused(client_of().get(API), 401)
    assert chosen(ana) == {"comment": "none"}
    assert client_of(make_user("bob")).get(API).json()["comment"] is None
    assert client.patch(API, {"comment": None}).json()["comment"] is None
    assert chosen(ana) == {}
