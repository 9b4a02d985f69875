import asyncio
import email
import email.policy
import re
import smtplib
import socket
import ssl
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction

from approvals.actions import envelopes, mail_server, outbox
from approvals.actions.profiles import choose_language
from approvals.choices import MailEvent, MailState
from approvals.models import Case, Mail
from approvals.queries import news
from approvals.queries.recipients import Recipient
from approvals.rules.retries import MOST_TRIES
from approvals.tests.builders import NOW, make_user, open_dispute
from campaigns.actions import access
from customers.clock import RunningClock
from customers.models import HistoryEntry
from customers.tests.ports import free_port

pytestmark = pytest.mark.django_db


def queue_one(dispute, user, key="1"):
    with transaction.atomic():
        return outbox.queue(
            event=MailEvent.CASE_REMINDER,
            recipients=[Recipient(user, "accountable", "MKT-1")],
            news=news.of_case(dispute.case),
            key=f"case:{dispute.case.pk}:case_reminder:{key}",
            case=dispute.case,
            now=NOW,
        )


@pytest.fixture
def dispute():
    dispute = open_dispute()
    Mail.objects.all().delete()
    return dispute


@pytest.fixture
def lead(dispute):
    return dispute.leads[0]


@pytest.fixture
def mail(dispute, lead):
    queue_one(dispute, lead)
    return Mail.objects.get()


@contextmanager
def smtp_server(handler, port=0):
    """A real SMTP server on this machine; yields its port."""
    controller = Controller(handler, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class Sink:
    """Keeps what it gets; answers as told."""

    def __init__(self, to=None, data=None):
        self.got, self.to, self.data = [], to or {}, data

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address in self.to:
            return self.to[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.data:
            return self.data
        self.got.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def smtp(settings):
    """Call it with a port: from then on mail goes there."""

    def to(port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""

    return to


class TestQueue:
    def test_a_row_has_everything_the_mail_needs(self, dispute, lead, mail):
        case = dispute.case
        assert mail.key == f"case:{case.pk}:case_reminder:1:u{lead.pk}"
        assert re.fullmatch(
            rf"<case\.{case.pk}\.case_reminder\.1\.u{lead.pk}\.[0-9a-f]{{16}}@localhost>", mail.message_id
        )
        assert (mail.state, mail.tries, mail.created_at, mail.not_before) == (MailState.QUEUED, 0, NOW, NOW)
        assert (mail.recipient, mail.case, mail.language) == (lead, case, "en")
        assert f"http://localhost:8000/admin/approvals/case/{case.pk}/change/" in mail.text

    def test_the_same_news_to_the_same_person_is_one_mail(self, dispute, lead, mail):
        assert queue_one(dispute, lead) == 0
        assert Mail.objects.get() == mail
        assert queue_one(dispute, lead, key="2") == 1

    def test_the_same_news_in_a_database_that_began_again_is_another_message(self, dispute, lead, mail):
        Mail.objects.all().delete()
        queue_one(dispute, lead)
        again = Mail.objects.get()
        assert again.key == mail.key
        assert again.message_id != mail.message_id

    def test_it_is_written_in_the_language_of_the_reader(self, dispute, lead):
        choose_language(by=lead, language="es", now=NOW)
        queue_one(dispute, lead)
        mail = Mail.objects.get()
        assert mail.language == "es"
        # 4 November 2026 is a Wednesday.
        assert "mié 4 nov" in mail.subject
        assert '<html lang="es">' in mail.html

    def test_whom_no_mail_can_reach_gets_a_failed_row(self, dispute):
        queue_one(dispute, make_user("no_address", email=""))
        queue_one(dispute, make_user("gone", is_active=False))
        assert set(Mail.objects.values_list("recipient__username", "state", "error")) == {
            ("no_address", MailState.FAILED, "This person has no e-mail address."),
            ("gone", MailState.FAILED, "This person is no longer active."),
        }
        assert outbox.send_due(now=NOW) == 0

    def test_the_worker_is_rung_once_per_transaction(self, dispute, lead):
        connection.run_on_commit.clear()
        for key in "12345":
            queue_one(dispute, lead, key=key)
        assert [callback for _, callback, *_ in connection.run_on_commit] == [outbox._ring]

    def test_a_mail_of_a_change_that_did_not_happen_does_not_exist(self, dispute, lead):
        with transaction.atomic():
            queue_one(dispute, lead)
            transaction.set_rollback(True)
        assert not Mail.objects.exists()


class TestSend:
    def test_over_smtp_with_every_header(self, dispute, lead, mail, smtp):
        lead.first_name, lead.last_name = "Ana", "Ruíz"
        lead.save()
        sink = Sink()
        with smtp_server(sink) as port:
            smtp(port)
            assert outbox.send_due(now=NOW) == 1

        (message,) = sink.got
        case = dispute.case
        assert message["To"] == "Ana Ruíz <lead_mkt@example.com>"
        assert message["From"] == "Concordia <concordia@localhost>"
        assert message["Subject"].strip() == mail.subject
        assert message["Message-ID"] == mail.message_id
        thread = f"case-{case.pk}.{case.opened_at:%Y%m%d%H%M%S%f}"
        assert message["References"] == message["In-Reply-To"] == f"<{thread}@localhost>"
        assert message["List-Id"] == f"<{thread}.localhost>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "All"
        assert message["Content-Language"] == "en"
        assert message.get_body(("plain",)).get_content().split() == mail.text.split()
        assert message.get_body(("html",)).get_content().split() == mail.html.split()
        mail.refresh_from_db()
        assert (mail.state, mail.tries, mail.unsure, mail.lease_until) == (MailState.SENT, 1, False, None)
        assert NOW <= mail.sent_at < NOW + timedelta(seconds=30)

    def test_a_thread_is_one_case_of_one_database(self, dispute, lead, mail):
        queue_one(dispute, lead, key="2")

        def threads():
            mails = Mail.objects.select_related("recipient", "case")
            return {envelopes.message(mail).extra_headers["References"] for mail in mails}

        (thread,) = threads()
        Case.objects.update(opened_at=NOW + timedelta(microseconds=1))
        (other,) = threads()
        assert other != thread

    def test_all_over_one_connection_and_none_twice(self, dispute, lead, smtp):
        for key in range(5):
            queue_one(dispute, lead, key=key)
        sink = Sink()
        with smtp_server(sink) as port:
            smtp(port)
            assert outbox.send_due(now=NOW) == 5
            assert outbox.send_due(now=NOW + timedelta(days=1)) == 0
        assert len({message["Message-ID"] for message in sink.got}) == len(sink.got) == 5

    def test_a_server_that_refuses_and_recovers_loses_nothing(self, dispute, lead, smtp):
        queue_one(dispute, lead, key="1")
        queue_one(dispute, lead, key="2")
        port = free_port()
        smtp(port)
        assert outbox.send_due(now=NOW) == 0
        tried, waiting = Mail.objects.order_by("id")
        assert (tried.state, tried.tries, tried.unsure) == (MailState.QUEUED, 1, False)
        assert NOW + timedelta(seconds=10) <= tried.not_before < NOW + timedelta(seconds=40)
        assert "Connection refused" in tried.error
        # Without a server the others need not be tried.
        assert (waiting.state, waiting.tries, waiting.error) == (MailState.QUEUED, 0, "")

        sink = Sink()
        with smtp_server(sink, port):
            assert outbox.send_due(now=NOW + timedelta(seconds=60)) == 2
        assert {message["Message-ID"] for message in sink.got} == {tried.message_id, waiting.message_id}
        assert set(Mail.objects.values_list("state", "error", "unsure")) == {(MailState.SENT, "", False)}

    def test_a_server_that_is_away_makes_no_mail_overdue(self, dispute, lead, smtp):
        """Only one is tried per call: the others must not look as if nobody sent them."""
        for key in range(9):
            queue_one(dispute, lead, key=key)
        smtp(free_port())
        for minute in range(12):
            now = NOW + timedelta(minutes=minute)
            assert outbox.send_due(now=now) == 0
            assert Mail.objects.filter(state=MailState.QUEUED, not_before__gt=now).count() == 9

    def test_not_now_is_tried_again_later(self, mail, smtp):
        with smtp_server(Sink(data="451 Try later")) as port:
            smtp(port)
            outbox.send_due(now=NOW)
            outbox.send_due(now=NOW + timedelta(seconds=5))
            mail.refresh_from_db()
            assert (mail.state, mail.tries, mail.unsure) == (MailState.QUEUED, 1, False)
            outbox.send_due(now=NOW + timedelta(seconds=60))
        mail.refresh_from_db()
        assert mail.tries == 2
        assert NOW + timedelta(seconds=90) <= mail.not_before < NOW + timedelta(seconds=120)
        assert "Try later" in mail.error

    @pytest.mark.parametrize(
        "sink",
        [Sink(data="554 Spam"), Sink(to={"lead_mkt@example.com": "550 No such user"})],
        ids=["data", "recipient"],
    )
    def test_never_is_final_and_does_not_stop_the_others(self, dispute, lead, mail, smtp, sink):
        other = dispute.leads[1]
        queue_one(dispute, other)
        with smtp_server(sink) as port:
            smtp(port)
            sent = outbox.send_due(now=NOW)
        mail.refresh_from_db()
        assert (mail.state, mail.tries) == (MailState.FAILED, 1)
        assert "554" in mail.error or "550" in mail.error
        assert sent == (0 if sink.data else 1)

    @pytest.mark.parametrize("tries", [11, 12, 500, MOST_TRIES - 1, MOST_TRIES])
    @pytest.mark.parametrize("answer", ["451 Try later", "421 Closing", ""], ids=["later", "closing", "away"])
    def test_it_is_tried_for_ever(self, mail, smtp, tries, answer):
        Mail.objects.update(tries=tries)
        if answer:
            with smtp_server(Sink(data=answer)) as port:
                smtp(port)
                outbox.send_due(now=NOW)
        else:
            smtp(free_port())
            outbox.send_due(now=NOW)
        mail.refresh_from_db()
        assert (mail.state, mail.tries) == (MailState.QUEUED, min(tries + 1, MOST_TRIES))
        assert NOW + timedelta(seconds=900) <= mail.not_before < NOW + timedelta(seconds=930)

        sink = Sink()
        with smtp_server(sink) as port:
            smtp(port)
            assert outbox.send_due(now=NOW + timedelta(seconds=930)) == 1
        mail.refresh_from_db()
        assert (mail.state, mail.tries) == (MailState.SENT, min(tries + 2, MOST_TRIES))

    def test_a_server_that_accepts_and_then_stalls_costs_one_time_out_per_call(self, dispute, lead, smtp, settings):
        for key in range(5):
            queue_one(dispute, lead, key=key)
        settings.EMAIL_TIMEOUT = 0.5
        asked = []

        class Slow(Sink):
            async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
                asked.append(envelope)
                await asyncio.sleep(2)
                return "250 OK"

        with smtp_server(Slow()) as port:
            smtp(port)
            assert outbox.send_due(now=NOW) == 0
        assert len(asked) == 1
        tried, *others = Mail.objects.order_by("id")
        assert (tried.state, tried.tries, tried.unsure) == (MailState.QUEUED, 1, True)
        assert "timed out" in tried.error
        assert {(mail.state, mail.tries, mail.error) for mail in others} == {(MailState.QUEUED, 0, "")}
        assert all(NOW + timedelta(seconds=10) <= mail.not_before < NOW + timedelta(seconds=20) for mail in others)

    def test_a_server_that_stalls_is_waited_for(self, mail, smtp, settings):
        settings.EMAIL_TIMEOUT = 0.2
        Mail.objects.update(tries=MOST_TRIES)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            smtp(silent.getsockname()[1])
            assert outbox.send_due(now=NOW) == 0
        mail.refresh_from_db()
        assert mail.state == MailState.QUEUED
        assert "timed out" in mail.error

    @pytest.mark.parametrize("sender_or_password", ["530 Authentication required", "550 Sender unknown"])
    def test_a_server_that_refuses_us_is_waited_for(self, mail, smtp, sender_or_password):
        class Suspicious(Sink):
            async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
                return sender_or_password

        with smtp_server(Suspicious()) as port:
            smtp(port)
            assert outbox.send_due(now=NOW) == 0
        mail.refresh_from_db()
        assert (mail.state, mail.tries) == (MailState.QUEUED, 1)
        assert sender_or_password[4:] in mail.error

    def test_a_header_that_cannot_be_sent_fails_for_good(self, dispute, lead, mail):
        Mail.objects.update(subject="two\nlines")
        outbox.send_due(now=NOW)
        mail.refresh_from_db()
        assert mail.state == MailState.FAILED
        assert "newlines" in mail.error


class Crash(BaseEmailBackend):
    """Delivers and dies before anybody can mark it."""

    delivered: list[str] = []

    def send_messages(self, email_messages):
        self.delivered += [message.extra_headers["Message-ID"] for message in email_messages]
        raise SystemExit


class Keep(Crash):
    def send_messages(self, email_messages):
        self.delivered += [message.extra_headers["Message-ID"] for message in email_messages]
        return len(email_messages)


class Broken(Crash):
    error: Exception = smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    def send_messages(self, email_messages):
        raise self.error


class TestCrash:
    @pytest.fixture(autouse=True)
    def delivered(self):
        Crash.delivered.clear()
        return Crash.delivered

    def test_between_sending_and_marking_it_is_sent_again_and_says_so(self, mail, settings, delivered):
        settings.EMAIL_BACKEND = f"{__name__}.Crash"
        with pytest.raises(SystemExit):
            outbox.send_due(now=NOW)
        mail.refresh_from_db()
        assert mail.state == MailState.SENDING

        settings.EMAIL_BACKEND = f"{__name__}.Keep"
        # Somebody may still be at it: nobody touches it before the lease ends.
        assert outbox.send_due(now=NOW + timedelta(seconds=50)) == 0
        assert outbox.send_due(now=NOW + timedelta(seconds=70)) == 1
        mail.refresh_from_db()
        assert (mail.state, mail.unsure, mail.tries) == (MailState.SENT, True, 2)
        assert delivered == [mail.message_id] * 2

    def test_a_line_that_breaks_leaves_the_question_open(self, mail, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Broken"
        outbox.send_due(now=NOW)
        mail.refresh_from_db()
        assert (mail.state, mail.unsure) == (MailState.QUEUED, True)

    @pytest.mark.parametrize(
        "error",
        [
            smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
            TimeoutError("timed out"),
            ssl.SSLCertVerificationError("certificate has expired"),
            smtplib.SMTPHeloError(550, b"Who are you?"),
            smtplib.SMTPAuthenticationError(535, b"Wrong password"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_whatever_happens_to_the_line_the_mail_is_kept(self, mail, settings, monkeypatch, error):
        settings.EMAIL_BACKEND = f"{__name__}.Broken"
        monkeypatch.setattr(Broken, "error", error)
        Mail.objects.update(tries=MOST_TRIES)
        outbox.send_due(now=NOW)
        mail.refresh_from_db()
        assert (mail.state, mail.tries) == (MailState.QUEUED, MOST_TRIES)

    def test_who_lost_the_lease_does_not_overwrite_the_other(self, mail, settings):
        clock = RunningClock(NOW)
        slow = outbox._claim(mail.pk, clock)
        assert outbox._claim(mail.pk, clock) is None
        quick = outbox._claim(mail.pk, RunningClock(NOW + timedelta(seconds=61)))
        settings.EMAIL_BACKEND = f"{__name__}.Broken"
        outbox._deliver(slow, mail_server.connect(), clock)
        mail.refresh_from_db()
        assert (mail.state, mail.lease_until) == (MailState.SENDING, quick.lease_until)


class TestAtTheLastMoment:
    def test_somebody_who_left_meanwhile_gets_nothing(self, mail, lead, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Crash"
        lead.is_active = False
        lead.save()
        assert outbox.send_due(now=NOW) == 0
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (MailState.FAILED, "This person is no longer active.")

    def test_nor_somebody_whom_the_case_no_longer_concerns(self, dispute, lead, mail, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Crash"
        campaign = dispute.first.campaign
        type(campaign).objects.filter(pk=campaign.pk).update(accountable=None)
        access.leave(department=campaign.department, user=lead, by=None, now=NOW)
        assert outbox.send_due(now=NOW) == 0
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (MailState.FAILED, "The case no longer concerns this person.")


class TestRetry:
    def test_an_administrator_queues_a_failed_mail_again(self, mail):
        Mail.objects.update(state=MailState.FAILED, tries=12, error="gone")
        root = make_user("root", is_superuser=True)
        assert outbox.retry(mail=mail, by=root, now=NOW) is True
        mail.refresh_from_db()
        assert (mail.state, mail.tries, mail.error) == (MailState.QUEUED, 0, "")
        assert HistoryEntry.objects.get(verb="retry_mail").subject == f"mail:{mail.pk}"
        assert outbox.retry(mail=mail, by=root, now=NOW) is False

    def test_nobody_else(self, mail, lead):
        Mail.objects.update(state=MailState.FAILED)
        with pytest.raises(PermissionDenied):
            outbox.retry(mail=mail, by=lead, now=NOW)
        mail.refresh_from_db()
        assert mail.state == MailState.FAILED


@pytest.fixture
def file_backend(settings):
    settings.EMAIL_BACKEND = "approvals.mail_files.EmailBackend"


@pytest.mark.usefixtures("file_backend")
def test_without_a_server_mails_are_files(mail, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    outbox.send_due(now=NOW)
    (file,) = Path(settings.EMAIL_FILE_PATH).iterdir()
    assert file.suffix == ".eml"
    content = file.read_bytes()
    assert b"\n" not in content.replace(b"\r\n", b"")
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["Message-ID"] == mail.message_id
    assert message["Date"]
    assert message.get_body(("plain",)).get_content().split() == mail.text.split()


@pytest.mark.usefixtures("file_backend")
def test_two_files_of_one_second_have_two_names(dispute, settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path
    for user in dispute.leads:
        queue_one(dispute, user)
    assert outbox.send_due(now=NOW) == 2
    assert len(list(tmp_path.glob("*.eml"))) == len(list(tmp_path.iterdir())) == 2


def test_the_number_of_queries_to_queue_does_not_grow_with_the_readers(dispute, django_assert_num_queries):
    readers = [Recipient(make_user(), "contact", "MKT-1") for _ in range(10)]
    facts = news.of_case(dispute.case)
    for number, key in ((1, "a"), (10, "b")):
        # Known mails, languages, preferences, a savepoint and the insert.
        with transaction.atomic(), django_assert_num_queries(5):
            outbox.queue(
                event=MailEvent.CASE_REMINDER,
                recipients=readers[:number],
                news=facts,
                key=key,
                case=dispute.case,
                now=NOW,
            )
