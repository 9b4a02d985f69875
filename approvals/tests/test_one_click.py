"""Ending a kind of mail without signing in: by a signed address, by POST alone, for nothing that is mandatory."""

import re

import pytest
from django.core import mail as sent_mail
from django.core.signing import Signer
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.actions import discussion, outbox, profiles
from approvals.choices import MailEvent, MailState, NewsKind
from approvals.models import Mail, NewsPreference
from approvals.queries import news, one_click
from approvals.queries.recipients import Recipient
from approvals.tests.builders import NOW, escalated_dispute, open_dispute
from approvals.tests.talking import make_talk, say
from customers.models import HistoryEntry
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_talk()


@pytest.fixture
def lead(talk):
    return talk.people["lead"]


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def address(person, kind=NewsKind.COMMENT):
    return reverse("unsubscribe", args=[one_click.token_of(person, kind)])


def writes(asked):
    """Statements that change something; the session is the reader's own."""
    changing = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)", re.IGNORECASE)
    return [one["sql"] for one in asked if changing.match(one["sql"]) and "django_session" not in one["sql"]]


def chosen(person):
    return dict(NewsPreference.objects.filter(user=person).values_list("kind", "delivery"))


def header(letter):
    return letter.extra_headers.get("List-Unsubscribe", "")


def send_one(person, event, part, told, **about):
    with transaction.atomic():
        outbox.queue(
            event=event, recipients=[Recipient(person, part, "MKT-1")], news=told, key=event, now=NOW, **about
        )
    outbox.send_due(now=NOW)
    return sent_mail.outbox[-1]


def test_the_header_of_what_may_be_switched_off_is_an_address_that_does_it(talk, lead, strict):
    say(talk, "contact", "@lead_mkt?")
    outbox.send_due(now=NOW)
    (letter,) = sent_mail.outbox
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # Threads stay what they were.
    assert letter.extra_headers["References"] == letter.extra_headers["In-Reply-To"]
    link = re.fullmatch(r"<http://localhost:8000(/unsubscribe/\S+/)>", header(letter))[1]
    for word in ("lead", "MKT", "example"):
        assert word not in link
    answer = strict.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert chosen(lead) == {"mention": "none"}
    entry = HistoryEntry.objects.get(verb="choose_news")
    assert (entry.actor, entry.subject, entry.changes) == (
        "lead_mkt",
        "user:lead_mkt",
        {"news_mention": [None, "none"]},
    )
    # The second of two callers changes nothing, and the next news is in the inbox alone.
    assert strict.post(link).status_code == 200
    assert HistoryEntry.objects.filter(verb="choose_news").count() == 1
    say(talk, "contact", "@lead_mkt!")
    assert Mail.objects.filter(recipient=lead).order_by("-id")[0].state == MailState.KEPT
    outbox.send_due(now=NOW)
    assert len(sent_mail.outbox) == 1


@pytest.mark.parametrize("part", ["accountable", "lead"])
def test_mandatory_mails_have_no_such_header(part):
    dispute = open_dispute()
    letter = send_one(dispute.leads[0], MailEvent.CASE_REMINDER, part, news.of_case(dispute.case), case=dispute.case)
    assert not header(letter)
    assert "List-Unsubscribe-Post" not in letter.extra_headers
    assert "http://localhost:8000/admin/approvals/staffprofile/news/" in letter.body


def test_nor_have_mails_about_the_account(lead):
    assert not header(send_one(lead, MailEvent.DEVICE_TAKEN_AWAY, "self", news.of_account(by=None, at=NOW)))


@pytest.mark.parametrize("language", ["en", "es"])
def test_looking_shows_a_button_and_changes_nothing(lead, strict, language):
    profiles.choose_language(by=lead, language=language, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        page = strict.get(address(lead))
        head = strict.head(address(lead))
    assert (page.status_code, head.status_code, head.content) == (200, 200, b"")
    assert writes(asked) == []
    assert chosen(lead) == {}
    text = page.content.decode()
    assert '<form method="post">' in text
    assert {"en": "Comments on campaigns you watch", "es": "Comentarios en campañas que sigue"}[language] in text
    assert (page["Content-Language"], page["Cache-Control"]) == (language, "private, no-store")
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "<script>" not in text


def test_addresses_that_are_not_ours_do_nothing(lead, strict):
    good = one_click.token_of(lead, NewsKind.COMMENT)
    other_salt = Signer(salt="other").sign_object([lead.pk, "comment"])
    mandatory = one_click.token_of(lead, NewsKind.TASK)
    nonsense = Signer(salt="approvals.one_click").sign_object({"u": 1})
    for token in (good[:-1], f"x{good}", other_salt, mandatory, nonsense, "x", "ñ"):
        for answer in (strict.get(f"/unsubscribe/{token}/"), strict.post(f"/unsubscribe/{token}/")):
            assert answer.status_code == 404, token
    assert not NewsPreference.objects.exists()
    assert strict.put(f"/unsubscribe/{good}/").status_code == 405


def test_nor_does_that_of_somebody_who_left(lead, strict):
    link = address(lead)
    type(lead).objects.filter(pk=lead.pk).update(is_active=False)
    assert strict.post(link).status_code == 404
    assert not NewsPreference.objects.exists()


def test_no_address_of_any_mail_acts_when_it_is_opened():
    """Scanners and previews open links, also in the browser of who is signed in."""
    dispute, _mediator = escalated_dispute()
    discussion.write(campaign=dispute.campaigns[0], text="@contact_mkt?", by=dispute.leads[0], now=NOW)
    outbox.send_due(now=NOW)
    assert len(sent_mail.outbox) > 5
    tried = 0
    for mail, letter in zip(
        Mail.objects.filter(state="sent").order_by("sent_at", "id"), sent_mail.outbox, strict=True
    ):
        client, stranger = signed_in(mail.recipient), Client()
        places = {
            *re.findall(r"http://localhost:8000(\S+)", letter.body),
            *re.findall(r"8000(/uns[^>]+)", header(letter)),
        }
        assert len(places) >= 2
        client.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            for place in places:
                for ask in (client.get, client.head, stranger.get, stranger.head):
                    assert ask(place).status_code in (200, 302)
                    tried += 1
        assert writes(asked) == []
    assert tried > 40
    assert not Mail.objects.filter(read_at__isnull=False).exists()
