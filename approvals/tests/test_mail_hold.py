"""Mail that is held leaves only when somebody says so, and what waited is neither lost nor sent unasked."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from approvals.actions import escalation, mail_hold, outbox
from approvals.choices import MailState
from approvals.models import Mail, Timer
from approvals.queries.mail_hold import held_since
from approvals.tests.builders import NOW, make_user, open_dispute
from customers.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "approvals.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


@pytest.fixture
def waiting():
    """The number of mails that a case has just written."""
    open_dispute()
    return Mail.objects.filter(state=MailState.QUEUED).count()


def letters(folder):
    return len(list(folder.glob("*.eml")))


def entries():
    found = HistoryEntry.objects.filter(subject="mail:outbox").order_by("pk")
    return list(found.values_list("verb", "actor", "at", "changes", "reason"))


def test_nothing_leaves_while_mail_is_held(waiting, folder):
    assert waiting > 1
    assert mail_hold.hold(by=None, now=NOW, reason="restored")
    assert outbox.send_due(now=LATER) == 0
    assert letters(folder) == 0
    assert Mail.objects.filter(state=MailState.QUEUED, tries=0).count() == waiting
    assert held_since() == NOW
    assert entries() == [("hold_mail", "", NOW, {}, "restored")]


def test_without_it_they_leave(waiting, folder):
    assert outbox.send_due(now=LATER) == waiting == letters(folder)


def test_what_timers_write_meanwhile_waits_too(waiting, folder):
    mail_hold.hold(by=None, now=NOW)
    due = Timer.objects.filter(done_at=None).latest("due_at").due_at
    assert escalation.run_due_timers(now=due) > 0
    assert Mail.objects.count() > waiting
    assert outbox.send_due(now=due) == 0
    assert letters(folder) == 0


def test_holding_twice_is_holding_once(waiting):
    assert mail_hold.hold(by=None, now=NOW)
    assert not mail_hold.hold(by=None, now=LATER)
    assert [entry[0] for entry in entries()] == ["hold_mail"]
    assert held_since() == NOW


def test_released_to_be_sent(waiting, folder):
    mail_hold.hold(by=None, now=NOW)
    assert mail_hold.release(by=None, now=LATER, send_waiting=True, reason="the backup was new") == waiting
    assert entries()[1:] == [("release_mail", "", LATER, {"sent": [None, waiting]}, "the backup was new")]
    assert outbox.send_due(now=LATER) == waiting == letters(folder)


def test_released_and_set_aside(waiting, folder):
    """Also what a process was sending when the backup was made."""
    mail = Mail.objects.order_by("pk")[0]
    Mail.objects.filter(pk=mail.pk).update(state=MailState.SENDING, lease_until=NOW)
    mail_hold.hold(by=None, now=NOW)
    assert mail_hold.release(by=None, now=LATER, send_waiting=False) == waiting
    assert entries()[1:] == [("release_mail", "", LATER, {"set aside": [None, waiting]}, "")]
    assert outbox.send_due(now=LATER) == letters(folder) == 0
    kept = set(Mail.objects.values_list("state", "error", "lease_until"))
    assert kept == {("failed", "Set aside after a restore: it may have been sent before.", None)}

    # One that somebody misses is sent again by an administrator, as any failed mail.
    mail.refresh_from_db()
    assert outbox.retry(mail=mail, by=make_user("admin", is_superuser=True), now=LATER)
    assert outbox.send_due(now=LATER) == letters(folder) == 1


def test_news_after_the_release_is_sent(waiting, folder):
    mail_hold.hold(by=None, now=NOW)
    mail_hold.release(by=None, now=NOW, send_waiting=False)
    due = Timer.objects.filter(done_at=None).latest("due_at").due_at
    escalation.run_due_timers(now=due)
    assert outbox.send_due(now=due) == letters(folder) > 0


def test_a_mail_that_is_on_its_way_is_left_to_who_sends_it(waiting):
    mail = Mail.objects.order_by("pk")[0]
    Mail.objects.filter(pk=mail.pk).update(state=MailState.SENDING, lease_until=LATER + timedelta(seconds=1))
    mail_hold.hold(by=None, now=NOW)
    assert mail_hold.release(by=None, now=LATER, send_waiting=False) == waiting - 1
    mail.refresh_from_db()
    assert mail.state == MailState.SENDING


def test_releasing_what_is_not_held(waiting):
    assert mail_hold.release(by=None, now=NOW, send_waiting=False) is None
    assert entries() == []
    assert Mail.objects.filter(state=MailState.QUEUED).count() == waiting


def test_only_administrators(waiting):
    lead, admin = make_user("somebody"), make_user("admin", is_superuser=True)
    with pytest.raises(PermissionDenied, match="Only administrators hold or release mail"):
        mail_hold.hold(by=lead, now=NOW)
    assert held_since() is None
    assert mail_hold.hold(by=admin, now=NOW)
    with pytest.raises(PermissionDenied, match="Only administrators hold or release mail"):
        mail_hold.release(by=lead, now=NOW, send_waiting=True)
    assert held_since() == NOW
    assert mail_hold.release(by=admin, now=NOW, send_waiting=True) == waiting
    assert [entry[:2] for entry in entries()] == [("hold_mail", "admin"), ("release_mail", "admin")]


def test_the_commands(waiting):
    def say(*command):
        out = StringIO()
        call_command(*command, stdout=out)
        return out.getvalue().strip()

    assert say("hold_mail", "--reason=restored") == "Mail is held: nothing leaves until `manage.py release_mail`."
    assert say("hold_mail") == "Mail is held already."
    text = f"Mail is sent again; {waiting} mails that waited are set aside, see Sent mail."
    assert say("release_mail", "--set-aside", "--reason=told by telephone") == text
    assert say("release_mail", "--send") == "Mail was not held."
    say("hold_mail")
    assert say("release_mail", "--send") == "Mail is sent again; 0 mails waited."
    assert [entry[4] for entry in entries()] == ["restored", "told by telephone", "", ""]
