"""Digests: at 08:00 what people want to hear once a day, and at the end of an hour what was too much for it."""

from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import envelopes, outbox
from approvals.choices import FOR_A_DIGEST, MailState
from approvals.models import Mail
from approvals.models.visible import MailQuerySet
from approvals.queries.delivery import unreachable
from approvals.queries.mail_hold import held_since
from approvals.rules import notification


def write_due(*, now: datetime) -> int:
    """Write the digests that are due, one per person and local day or hour, and none that would be empty.

    Whoever comes second finds them written, and what a process that died left lying is written by the next. While mail
    is held, nothing is. Returns the number of digests.
    """
    if held_since():
        return 0
    people = User.objects.filter(pk__in=_due(now).order_by().values("recipient")).order_by("pk")
    return sum(_write(person, now) for person in people)


def _due(now: datetime) -> MailQuerySet:
    return Mail.objects.filter(state__in=FOR_A_DIGEST, not_before__lte=now)


def _write(person: User, now: datetime) -> int:
    """What the daily digest tells anyway is not told by one of the hour."""
    due = _due(now).filter(recipient=person)
    if problem := unreachable(person):
        outbox.call_back(due, why=problem)
        return 0
    readable = list(due.inbox(person).values_list("pk", flat=True))
    outbox.call_back(due.exclude(pk__in=readable), why=_("This person may no longer read what this is about."))
    zone = timezone.get_default_timezone()
    written = 0
    if due.filter(state=MailState.DAILY).exists():
        key = f"day:{notification.digest_day(now, zone)}:u{person.pk}"
        written += outbox.gather(key=key, person=person, mails=due.filter(pk__in=readable), now=now)
        outbox.put_off(due.filter(state=MailState.DAILY), until=notification.next_digest(now, zone))
    if due.filter(state=MailState.HOURLY).exists():
        key = f"{envelopes.OF_AN_HOUR}{notification.hour_of(now).astimezone(UTC):%Y-%m-%dT%H}:u{person.pk}"
        written += outbox.gather(key=key, person=person, mails=due.filter(pk__in=readable), now=now)
        outbox.put_off(due.filter(state=MailState.HOURLY), until=notification.end_of_hour(now))
    return written
