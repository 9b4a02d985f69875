"""The inbox: one's own news, however it came, and whether it was read."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from approvals.actions import inbox, preferences
from approvals.choices import MailState
from approvals.models import Mail
from approvals.tests.builders import NOW, make_user
from approvals.tests.talking import make_talk, say
from campaigns.actions import access
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

PAGE, READ = "admin:approvals_mail_inbox", "admin:approvals_mail_inbox_read"
API = "/api/v1/inbox/"


@pytest.fixture
def talk():
    return make_talk()


@pytest.fixture
def contact(talk):
    """Has three messages: a mention by mail, a comment for the digest, and one that is in the inbox alone."""
    person = talk.people["contact"]
    say(talk, "lead", "@contact?")
    say(talk, "lead", "Hm.")
    preferences.choose(chosen={"mention": "none"}, by=person, now=NOW)
    say(talk, "lead", "@contact!")
    return person


def mine(person):
    return list(Mail.objects.filter(recipient=person).order_by("id"))


def unread(person):
    return Mail.objects.unread(person).count()


class TestActions:
    def test_one_and_then_all(self, contact):
        first, _second, _third = mine(contact)
        assert inbox.mark_read(mails=[first.pk], by=contact, now=NOW) == 1
        assert inbox.mark_read(mails=[first.pk], by=contact, now=NOW) == 0
        assert unread(contact) == 2
        assert inbox.mark_all_read(up_to=mine(contact)[-1].pk, by=contact, now=NOW) == 2
        assert unread(contact) == 0

    def test_what_came_after_the_page_was_shown_stays_unread(self, talk, contact):
        newest = mine(contact)[-1]
        say(talk, "lead", "Later.")
        assert inbox.mark_all_read(up_to=newest.pk, by=contact, now=NOW) == 3
        assert unread(contact) == 1

    def test_nobody_reads_for_somebody_else(self, talk, contact):
        other, admin = talk.people["lead"], talk.people["administrator"]
        for person in (other, admin):
            assert inbox.mark_read(mails=[one.pk for one in mine(contact)], by=person, now=NOW) == 0
            inbox.mark_all_read(up_to=10**9, by=person, now=NOW)
        assert unread(contact) == 3

    def test_who_does_not_work_here(self, contact):
        contact.is_active = False
        with pytest.raises(PermissionDenied):
            inbox.mark_all_read(up_to=10**9, by=contact, now=NOW)
        assert Mail.objects.filter(recipient=contact, read_at=None).count() == 3


class TestPage:
    def test_all_of_ones_own_however_it_came(self, talk, contact):
        text = signed_in(contact).get(reverse(PAGE)).content.decode()
        for state in ("in the inbox only", "for the daily digest"):
            assert state in text
        assert text.count("fiber_new") == 3
        assert f'href="{mine(contact)[0].place}"'.replace("&", "&amp;") in text
        assert "SECRETNAME" not in signed_in(talk.people["administrator"]).get(reverse(PAGE)).content.decode()

    def test_read_one_read_all(self, contact):
        client = signed_in(contact)
        first = mine(contact)[0]
        assert client.get(reverse(READ)).status_code == 405
        client.get(reverse(PAGE))
        assert unread(contact) == 3
        answer = client.post(reverse(READ), {"mail": first.pk, "unread": "1"})
        assert answer.url == f"{reverse(PAGE)}?unread=1"
        assert unread(contact) == 2
        assert client.get(f"{reverse(PAGE)}?unread=1").content.decode().count("fiber_new") == 2
        for nonsense in ({}, {"mail": "²"}, {"up_to": "x"}, {"up_to": "9" * 30}):
            client.post(reverse(READ), nonsense)
        assert unread(contact) == 2
        client.post(reverse(READ), {"up_to": mine(contact)[-1].pk})
        assert unread(contact) == 0
        assert "Nothing unread" in client.get(f"{reverse(PAGE)}?unread=1").content.decode()

    def test_the_sidebar_counts_what_is_unread(self, contact):
        def badge():
            groups = signed_in(contact).get(reverse("admin:index")).context["sidebar_navigation"]
            return next(item["badge"] for group in groups for item in group["items"] if item["title"] == "Inbox")

        assert badge() == 3
        inbox.mark_all_read(up_to=10**9, by=contact, now=NOW)
        assert badge() is None

    def test_what_one_may_no_longer_read_is_not_there(self, talk):
        member = talk.people["member"]
        say(talk, "lead", "@member?")
        assert unread(member) == 1
        access.leave(department=talk.campaign.department, user=member, by=None, now=NOW)
        assert "SECRETNAME" not in signed_in(member).get(reverse(PAGE)).content.decode()
        assert unread(member) == 0
        assert client_of(member).get(API).json()["count"] == 0

    def test_without_news_it_says_so(self):
        assert "No news yet" in signed_in(make_user("new")).get(reverse(PAGE)).content.decode()


def test_the_number_of_queries_does_not_grow(talk, contact):
    clients = [(signed_in(contact), reverse(PAGE)), (client_of(contact), API)]
    before = [queries_of(*one) for one in clients]
    for number in range(20):
        say(talk, "lead", f"{number}")
    assert [queries_of(*one) for one in clients] == before


class TestApi:
    def test_list_and_one(self, contact):
        client = client_of(contact)
        rows = client.get(f"{API}?is_unread=true&ordering=id").json()["results"]
        assert [(row["kind"], row["state"], row["campaign"], row["read_at"]) for row in rows] == [
            ("mention", MailState.KEPT, "MKT-1", None),
            ("comment", MailState.DAILY, "MKT-1", None),
            ("mention", MailState.KEPT, "MKT-1", None),
        ]
        assert rows[0]["place"].startswith("/admin/approvals/comment/of/")
        assert "SECRETNAME" in client.get(f"{API}{rows[0]['id']}/").json()["text"]

    def test_mark_read(self, talk, contact):
        client, (first, *_rest) = client_of(contact), mine(contact)
        assert client.post(f"{API}{first.pk}/read/").json()["read_at"]
        assert [row["id"] for row in client.get(f"{API}?is_unread=false").json()["results"]] == [first.pk]
        refused(client_of(talk.people["administrator"]).post(f"{API}{first.pk}/read/"), 404)
        refused(client.post(f"{API}read/", {}), 400, **{"/up_to": "required"})
        assert client.post(f"{API}read/", {"up_to": 10**9}).json() == {"marked": 2}
        assert client.post(f"{API}read/", {"up_to": 10**9}).json() == {"marked": 0}
