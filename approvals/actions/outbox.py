"""The outbox: a mail is a row written with what it tells of, and is sent afterwards, however often it takes.

It fails for good only if the server refuses it for good, cannot be written as a message, or must not reach the person.
"""

import smtplib
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least
from django.utils import translation
from django.utils.translation import gettext as _

from approvals.actions import envelopes, letters
from approvals.choices import MailState
from approvals.models import Case, Mail, StaffProfile
from approvals.queries.delivery import undeliverable, unreachable
from approvals.queries.mail_hold import held_since
from approvals.queries.news import News
from approvals.queries.recipients import Recipient
from approvals.rules.retries import LEASE, MOST_TRIES, PAUSES, is_final, pause_after
from campaigns.models import Campaign
from customers.actions import events, history
from customers.clock import RunningClock
from customers.permissions import is_administrator

SEND_TASK = "approvals.tasks.task_send_mail"
AT_ONCE = 200


def queue(
    *,
    event: str,
    recipients: Collection[Recipient],
    news: News,
    key: str,
    now: datetime,
    case: Case | None = None,
    campaign: Campaign | None = None,
) -> int:
    """Write one mail per recipient in the language they read; call inside the transaction of the news.

    `key` names the news (`case:3:case_opened:1`); the same news to the same person is one mail, however often it is
    queued. Somebody whom no mail can reach gets a failed row, so that it shows.

    Returns the number of new mails.
    """
    assert connection.in_atomic_block, "a mail is written in the transaction of its news"
    keys = [f"{key}:u{recipient.user.pk}" for recipient in recipients]
    known = set(Mail.objects.filter(key__in=keys).values_list("key", flat=True))
    languages = dict(
        StaffProfile.objects.filter(user__in=[recipient.user for recipient in recipients]).values_list(
            "user", "language"
        )
    )
    mails = [
        _mail(
            event,
            recipient,
            news,
            mail_key,
            now,
            languages.get(recipient.user.pk, settings.LANGUAGE_CODE),
            case,
            campaign,
        )
        for recipient, mail_key in zip(recipients, keys, strict=True)
        if mail_key not in known
    ]
    Mail.objects.bulk_create(mails, ignore_conflicts=True)
    if mails and not any(function is _ring for _, function, *_ in connection.run_on_commit):
        transaction.on_commit(_ring, robust=True)
    return len(mails)


def _ring() -> None:
    events.ring_unless_resting(SEND_TASK)


def _mail(
    event: str,
    recipient: Recipient,
    news: News,
    key: str,
    now: datetime,
    language: str,
    case: Case | None,
    campaign: Campaign | None,
) -> Mail:
    with translation.override(language):
        letter = letters.write(event, news, recipient)
    problem = unreachable(recipient.user)
    return Mail(
        key=key,
        event=event,
        recipient=recipient.user,
        case=case,
        campaign=campaign,
        language=language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=envelopes.message_id(key),
        state=MailState.FAILED if problem else MailState.QUEUED,
        error=problem,
        created_at=now,
        not_before=now,
    )


@transaction.atomic
def retry(*, mail: Mail, by: User, now: datetime) -> bool:
    """Queue a failed mail again; False if it is not a failed one any more.

    Raises:
        PermissionDenied: `by` is not an administrator.
    """
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators send mails again."))
    failed = Mail.objects.filter(pk=mail.pk, state=MailState.FAILED)
    if not failed.update(state=MailState.QUEUED, tries=0, not_before=now, lease_until=None, error=""):
        return False
    history.write(
        by=by,
        now=now,
        verb="retry_mail",
        subject=f"mail:{mail.pk}",
        changes={"state": (MailState.FAILED, MailState.QUEUED)},
    )
    transaction.on_commit(_ring, robust=True)
    return True


def waiting(*, now: datetime) -> QuerySet[Mail]:
    """Mails that nobody sends just now and somebody will: queued, or left behind by a process that died."""
    return Mail.objects.filter(Q(state=MailState.QUEUED) | Q(state=MailState.SENDING, lease_until__lte=now))


def set_aside(*, now: datetime, why: str) -> int:
    """Fail what waits, so that it leaves only if an administrator sends it again. Returns how many there were."""
    return waiting(now=now).update(state=MailState.FAILED, lease_until=None, error=why)


def call_back(mails: QuerySet[Mail], *, why: str) -> int:
    """Fail those of `mails` that nobody has begun to send. Returns how many there were."""
    return mails.filter(state=MailState.QUEUED).update(state=MailState.FAILED, error=why)


def send_due(*, now: datetime) -> int:
    """Send what is due, one by one over one connection. Never call it inside a transaction.

    A row is taken by compare-and-swap and leased; whoever dies between sending and marking leaves it leased, and the
    next one sends it again with the same Message-ID, marked `unsure`. If the server cannot be reached or does not
    answer in time, the rest waits for a later call. While mail is held (see approvals.actions.mail_hold), nothing is.

    Returns the number of mails sent.
    """
    if held_since():
        return 0
    clock = RunningClock(now)
    due = Q(state=MailState.QUEUED, not_before__lte=now) | Q(state=MailState.SENDING, lease_until__lte=now)
    ids = list(Mail.objects.filter(due).order_by("not_before", "id").values_list("pk", flat=True)[:AT_ONCE])
    sent = 0
    server: BaseEmailBackend | None = None
    for pk in ids:
        mail = _claim(pk, clock)
        if mail is None:
            continue
        if problem := undeliverable(mail):
            _give_up(mail, problem)
            continue
        try:
            server = server or _connect()
        except Exception as error:  # noqa: BLE001 - whatever keeps us from the server, the mail waits
            _put_back(mail, error, clock)
            _put_off_the_rest(clock)
            break
        failure = _deliver(mail, server, clock)
        if failure is None:
            sent += 1
            continue
        _hang_up(server)
        server = None
        if _stalls(failure):
            _put_off_the_rest(clock)
            break
    if server:
        _hang_up(server)
    return sent


def _claim(pk: int, clock: RunningClock) -> Mail | None:
    """Take the mail, unless somebody else has it."""
    mail: Mail = Mail.objects.select_related("recipient", "case", "campaign").get(pk=pk)
    now = clock()
    seen = {"state": mail.state, "not_before": mail.not_before, "lease_until": mail.lease_until, "tries": mail.tries}
    mine = Mail.objects.filter(pk=pk, **seen)
    tries = Least(F("tries"), MOST_TRIES - 1) + 1
    if mail.state == MailState.QUEUED and mail.not_before <= now:
        taken = mine.update(state=MailState.SENDING, lease_until=now + LEASE, tries=tries)
    elif mail.state == MailState.SENDING and mail.lease_until and mail.lease_until <= now:
        taken = mine.update(lease_until=now + LEASE, tries=tries, unsure=True)
    else:
        return None
    if not taken:
        return None
    mail.refresh_from_db(fields=["state", "lease_until", "tries", "unsure"])
    return mail


def _deliver(mail: Mail, server: BaseEmailBackend, clock: RunningClock) -> Exception | None:
    """Send and mark; returns what went wrong, which is on the row as well."""
    try:
        server.send_messages([envelopes.message(mail)])
    except Exception as error:  # noqa: BLE001 - one mail that cannot be sent must not stop the others
        if _is_permanent(error):
            _give_up(mail, _said(error))
        else:
            _put_back(mail, error, clock, unsure=_may_have_arrived(error))
        return error
    _held(mail).update(state=MailState.SENT, sent_at=clock(), lease_until=None, error="")
    return None


def _put_back(mail: Mail, error: Exception, clock: RunningClock, *, unsure: bool = False) -> None:
    _held(mail).update(
        state=MailState.QUEUED,
        not_before=clock() + pause_after(mail.tries),
        lease_until=None,
        error=_said(error),
        unsure=mail.unsure or unsure,
    )


def _put_off_the_rest(clock: RunningClock) -> None:
    """Without a server that answers the others wait untried: they are not overdue, so nobody must take the outbox for stuck."""
    now = clock()
    Mail.objects.filter(state=MailState.QUEUED, not_before__lte=now).update(not_before=now + PAUSES[0])


def _give_up(mail: Mail, problem: str) -> None:
    _held(mail).update(state=MailState.FAILED, lease_until=None, error=problem)


def _held(mail: Mail) -> QuerySet[Mail]:
    """The row as long as this process holds it: after an expired lease it is somebody else's."""
    return Mail.objects.filter(pk=mail.pk, state=MailState.SENDING, lease_until=mail.lease_until)


def _connect() -> BaseEmailBackend:
    server = get_connection()
    server.open()
    return server


def _hang_up(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (smtplib.SMTPException, OSError):
        # The server hung up first; what it accepted is marked already.
        return


def _is_permanent(error: Exception) -> bool:
    """The server refuses this recipient or this message for good, or it cannot be written as a message at all."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(is_final(code) for code, _reply in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return is_final(error.smtp_code)
    # Other answers refuse our name, password or sender address: the mail is sent once somebody has put that right.
    # A certificate that does not fit is a ValueError too, but says nothing of the mail.
    return isinstance(error, ValueError) and not isinstance(error, OSError)


def _may_have_arrived(error: Exception) -> bool:
    """The line broke before the answer came: the server may have taken the mail."""
    return isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)


def _stalls(error: Exception) -> bool:
    """The server let the time run out (EMAIL_TIMEOUT), and would do so again with every other mail."""
    # smtplib hides the time-out behind a broken line.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
