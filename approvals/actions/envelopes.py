"""A row of the outbox as a message of RFC 5322, with the headers that keep threads together and robots quiet."""

import hashlib
import secrets
from datetime import UTC
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from icalendar import Calendar

from approvals.actions.invitation_file import FILE_NAME
from approvals.models import Mail
from approvals.queries import one_click
from approvals.queries.party import name_of
from approvals.rules import notification

# How the keys of digests of an hour begin; all others are of a day.
OF_AN_HOUR = "hour:"


def message_id(key: str) -> str:
    """A new one for every call: a database that begins again counts its keys again, but is another sender of news.

    To be kept before the first try, so that a copy sent twice is one message to the reader's program.
    """
    return f"<{key.replace(':', '.')}.{secrets.token_hex(8)}@{host()}>"


def message(mail: Mail) -> EmailMultiAlternatives:
    """The mail as it goes out.

    Raises:
        ValueError: an address or a header that cannot be written.
    """
    headers = {
        "Message-ID": mail.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Concordia-Event": mail.event,
        "Content-Language": mail.language,
    }
    if thread := _thread(mail):
        headers |= {
            # The root of the thread is never sent: mail programs gather what refers to it.
            "In-Reply-To": f"<{thread}@{host()}>",
            "References": f"<{thread}@{host()}>",
            "List-Id": f"<{thread}.{host()}>",
        }
    if notification.may_be_switched_off(mail.event, mail.part) and not _is_of_an_hour(mail):
        kind = notification.kind_of(mail.event, mail.part)
        address = settings.SITE_URL + reverse("unsubscribe", args=[one_click.token_of(mail.recipient, kind)])
        headers |= {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    letter = EmailMultiAlternatives(mail.subject, mail.text, to=[_address(mail.recipient)], headers=headers)
    letter.attach_alternative(mail.html, "text/html")
    if mail.calendar:
        _enclose(letter, mail.calendar)
    return letter


def _enclose(letter: EmailMultiAlternatives, calendar: str) -> None:
    """The invitation twice, as programs differ: some act on the last alternative of the text, others open the file."""
    method = str(Calendar.from_ical(calendar)["METHOD"])
    letter.attach_alternative(calendar, f"text/calendar; method={method}")
    letter.attach(FILE_NAME, calendar.replace("\n", "\r\n").encode(), "application/ics")


def _is_of_an_hour(mail: Mail) -> bool:
    """A digest of what was too much for an hour: its lines are switched off kind by kind, and it with none of them."""
    return mail.key.startswith(OF_AN_HOUR)


def _thread(mail: Mail) -> str:
    """The same for every mail of the case or campaign, and another one for that of the same number in another database."""
    if case := mail.case:
        return f"case-{case.pk}.{case.opened_at.astimezone(UTC):%Y%m%d%H%M%S%f}"
    if campaign := mail.campaign:
        return f"campaign-{campaign.pk}.{hashlib.sha256(campaign.code.encode()).hexdigest()[:16]}"
    return ""


def _address(user: User) -> str:
    mailbox, _at, domain = user.email.rpartition("@")
    return formataddr((" ".join(name_of(user).split()), f"{mailbox}@{_ascii(domain)}"))


def host() -> str:
    """The host of SITE_URL in ASCII, as identifiers in mail headers need it."""
    return _ascii(urlsplit(settings.SITE_URL).hostname or "localhost")


def _ascii(host: str) -> str:
    return host.encode("idna").decode()
