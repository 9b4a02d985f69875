"""The outbox: a mail is a row written with what it tells of, and is sent afterwards, however often it takes.

How somebody hears of it, at once, in a digest or in their inbox alone, is decided when it is written.
It fails for good only if the server refuses it for good, cannot be written as a message, or must not reach the person.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from approvals.actions import envelopes, letters, mail_server
from approvals.choices import FOR_A_DIGEST, UNSENT, Delivery, MailEvent, MailState
from approvals.models import Case, Mail
from approvals.queries import digests
from approvals.queries.delivery import undeliverable, unreachable
from approvals.queries.mail_hold import held_since
from approvals.queries.news import News
from approvals.queries.preferences import language_of, languages_of, preferences_of
from approvals.queries.recipients import Recipient
from approvals.rules import notification
from approvals.rules.retries import LEASE, MOST_TRIES, PAUSES, pause_after
from campaigns.models import Campaign
from customers.actions import events, history
from customers.clock import RunningClock
from customers.permissions import is_administrator

SEND_TASK = "approvals.tasks.task_send_mail"
AT_ONCE = 200
_STATES = {
    Delivery.AT_ONCE: MailState.QUEUED,
    Delivery.DIGEST: MailState.DAILY,
    Delivery.NONE: MailState.KEPT,
}


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
    """Write one mail per recipient in the language they read, for now or for a digest as they prefer; call inside the
    transaction of the news.

    `key` names the news (`case:3:case_opened:1`); the same news to the same person is one mail, however often it is
    queued. Somebody whom no mail can reach gets a failed row, so that it shows.

    Returns the number of new mails.
    """
    assert connection.in_atomic_block, "a mail is written in the transaction of its news"
    keys = [f"{key}:u{recipient.user.pk}" for recipient in recipients]
    known = set(Mail.objects.filter(key__in=keys).values_list("key", flat=True))
    people = [recipient.user for recipient in recipients]
    languages, chosen = languages_of(people), preferences_of(people)
    mails = [
        _mail(
            event,
            recipient,
            news,
            mail_key,
            now,
            languages.get(recipient.user.pk, settings.LANGUAGE_CODE),
            notification.delivery(event, recipient.part, chosen.get(recipient.user.pk, {})),
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
    delivery: Delivery,
    case: Case | None,
    campaign: Campaign | None,
) -> Mail:
    with translation.override(language):
        letter = letters.write(event, news, recipient)
    state = _STATES[delivery]
    problem = unreachable(recipient.user) if state != MailState.KEPT else ""
    in_a_digest = notification.next_digest(now, timezone.get_default_timezone())
    return Mail(
        key=key,
        event=event,
        recipient=recipient.user,
        part=recipient.part,
        place=news.url.removeprefix(settings.SITE_URL),
        case=case,
        campaign=campaign,
        language=language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        calendar=letter.calendar,
        message_id=envelopes.message_id(key),
        state=MailState.FAILED if problem else state,
        error=problem,
        created_at=now,
        not_before=in_a_digest if state == MailState.DAILY and not problem else now,
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
    """Mails that nobody sends just now and somebody will: queued, for a digest, or left behind by a process that died."""
    return Mail.objects.filter(Q(state__in=UNSENT) | Q(state=MailState.SENDING, lease_until__lte=now))


def set_aside(*, now: datetime, why: str) -> int:
    """Fail what waits, so that it leaves only if an administrator sends it again. Returns how many there were."""
    return waiting(now=now).update(state=MailState.FAILED, lease_until=None, error=why)


def call_back(mails: QuerySet[Mail], *, why: str) -> int:
    """Fail those of `mails` that nobody has begun to send. Returns how many there were."""
    return mails.filter(state__in=UNSENT).update(state=MailState.FAILED, error=why)


def keep(mails: QuerySet[Mail]) -> int:
    """Leave those of `mails` that nobody has begun to send in the inbox alone. Returns how many there were."""
    return mails.filter(state__in=UNSENT).update(state=MailState.KEPT)


@transaction.atomic
def gather(*, key: str, person: User, mails: QuerySet[Mail], now: datetime) -> bool:
    """Have one digest tell of `mails`, those of them that wait for one; False if there is a digest of this key already.

    What it says is written when it is sent, as its reader may have lost some of it by then.
    """
    language = language_of(person)
    with translation.override(language):
        subject = _("[Concordia] Your digest")
        text = _("What a digest says is written when it is sent.")
    digest, is_new = Mail.objects.get_or_create(
        key=key,
        defaults={
            "event": MailEvent.DIGEST,
            "recipient": person,
            "part": "self",
            "language": language,
            "subject": subject,
            "text": text,
            "message_id": envelopes.message_id(key),
            "created_at": now,
            "not_before": now,
            "read_at": now,
        },
    )
    if is_new:
        mails.filter(state__in=FOR_A_DIGEST).update(state=MailState.DIGESTED, digest=digest)
        transaction.on_commit(_ring, robust=True)
    return is_new


def put_off(mails: QuerySet[Mail], *, until: datetime) -> int:
    """Leave what waits for a digest to the next one. Returns how many there were."""
    return mails.filter(state__in=FOR_A_DIGEST).update(not_before=until)


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
            server = server or mail_server.connect()
        except Exception as error:  # noqa: BLE001 - whatever keeps us from the server, the mail waits
            _put_back(mail, error, clock)
            _put_off_the_rest(clock)
            break
        failure = _deliver(mail, server, clock)
        if failure is None:
            sent += 1
            continue
        mail_server.hang_up(server)
        server = None
        if mail_server.stalls(failure):
            _put_off_the_rest(clock)
            break
    if server:
        mail_server.hang_up(server)
    return sent


def _claim(pk: int, clock: RunningClock) -> Mail | None:
    """Take the mail, unless somebody else has it or its reader has had too much this hour."""
    mail: Mail = Mail.objects.select_related("recipient", "case", "campaign").get(pk=pk)
    now = clock()
    seen = {"state": mail.state, "not_before": mail.not_before, "lease_until": mail.lease_until, "tries": mail.tries}
    mine = Mail.objects.filter(pk=pk, **seen)
    tries = Least(F("tries"), MOST_TRIES - 1) + 1
    if mail.state == MailState.QUEUED and mail.not_before <= now:
        with transaction.atomic():
            if _is_too_much(mail, now):
                mine.update(state=MailState.HOURLY, not_before=notification.end_of_hour(now))
                return None
            taken = mine.update(state=MailState.SENDING, lease_until=now + LEASE, tries=tries)
    elif mail.state == MailState.SENDING and mail.lease_until and mail.lease_until <= now:
        taken = mine.update(lease_until=now + LEASE, tries=tries, unsure=True)
    else:
        return None
    if not taken:
        return None
    mail.refresh_from_db(fields=["state", "lease_until", "tries", "unsure"])
    return mail


def _is_too_much(mail: Mail, now: datetime) -> bool:
    """Whether this person has had as many mails this hour as anybody shall. Of several senders one counts at a time."""
    if not notification.may_wait(mail.event, mail.part):
        return False
    User.objects.select_for_update(no_key=True).get(pk=mail.recipient_id)
    had = Q(state=MailState.SENT, sent_at__gte=notification.hour_of(now)) | Q(state=MailState.SENDING)
    number = Mail.objects.filter(had, recipient=mail.recipient_id).count()
    return notification.is_too_much(mail.event, mail.part, number)


def _deliver(mail: Mail, server: BaseEmailBackend, clock: RunningClock) -> Exception | None:
    """Send and mark; returns what went wrong, which is on the row as well."""
    try:
        if mail.event == MailEvent.DIGEST:
            _compose(mail, clock())
        server.send_messages([envelopes.message(mail)])
    except Exception as error:  # noqa: BLE001 - one mail that cannot be sent must not stop the others
        if mail_server.is_permanent(error):
            _give_up(mail, mail_server.said(error))
        else:
            _put_back(mail, error, clock, unsure=mail_server.may_have_arrived(error))
        return error
    _held(mail).update(state=MailState.SENT, sent_at=clock(), lease_until=None, error="")
    return None


def _compose(digest: Mail, now: datetime) -> None:
    """Write what it says as things stand now, in the language that its reader reads now."""
    digest.language = language_of(digest.recipient)
    with translation.override(digest.language):
        letter = letters.write(digest.event, digests.news_of(digest, now), Recipient(digest.recipient, "self"))
    digest.subject, digest.text, digest.html = letter.subject, letter.text, letter.html
    names = ("language", "subject", "text", "html")
    _held(digest).update(**{name: getattr(digest, name) for name in names})


def _put_back(mail: Mail, error: Exception, clock: RunningClock, *, unsure: bool = False) -> None:
    _held(mail).update(
        state=MailState.QUEUED,
        not_before=clock() + pause_after(mail.tries),
        lease_until=None,
        error=mail_server.said(error),
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
