"""The second factor of a sign-in: an app that shows codes, and recovery codes for when it is lost.

Wrong codes are no errors but answers (None or False): django-otp counts them in the same transaction, and makes
people wait twice as long after each. What it judges, it judges by the clock, not by `now`.
"""

import secrets
from base64 import urlsafe_b64encode
from binascii import unhexlify
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from approvals.actions import outbox
from approvals.choices import MailEvent
from approvals.queries.news import of_account
from approvals.queries.recipients import Recipient
from approvals.rules import two_factor
from customers.actions import history
from customers.permissions import is_administrator


def new_secret() -> str:
    """A key for an app, in hexadecimal; nothing keeps it until `set_up`."""
    return str(random_hex(20))


@transaction.atomic
def set_up(*, secret: str, code: str, by: User, now: datetime) -> list[str]:
    """Take the app that holds `secret` as the second factor of `by`; returns the recovery codes, readable only now.

    Raises:
        ValidationError: the code is not the app's, or there is a second factor already.
    """
    # Of two windows that set up at once, the second finds the device of the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if TOTPDevice.objects.filter(user=by).exists():
        raise ValidationError(_("Two-factor sign-in is on already. Turn it off first to use another app."))
    app = TOTP(unhexlify(secret))
    app.time = now.timestamp()
    code = two_factor.plain(code)
    if not two_factor.is_of_app(code) or not app.verify(int(code), tolerance=1):
        raise ValidationError(
            _("That is not the code that belongs to this key. Wait for the next one and type it in.")
        )
    # Its time is remembered, so that the code just shown opens no door later.
    TOTPDevice.objects.create(user=by, name="app", key=secret, drift=app.drift, last_t=app.t())
    history.write(by=by, now=now, verb="two_factor_on", subject=_subject(by))
    return _new_codes(by)


@transaction.atomic
def show(*, code: str, by: User, now: datetime) -> int | None:
    """Check a code of the app or a recovery code, which is used up by it; returns the number of the device."""
    # Locked, so that one code does not open two doors at once.
    device: TOTPDevice | None = (
        TOTPDevice.objects.select_for_update(no_key=True).filter(user=by, confirmed=True).first()
    )
    if device is None:
        return None
    code = two_factor.plain(code)
    if two_factor.is_of_app(code):
        return int(device.pk) if device.verify_token(code) else None
    paper = StaticDevice.objects.select_for_update(no_key=True).filter(user=by).first()
    if paper is None or not paper.verify_token(_digest(by, code)):
        return None
    left = paper.token_set.count()
    history.write(
        by=by, now=now, verb="use_recovery_code", subject=_subject(by), changes={"recovery codes": (left + 1, left)}
    )
    return int(device.pk)


@transaction.atomic
def renew_codes(*, code: str, by: User, now: datetime) -> list[str] | None:
    """Replace the recovery codes, old ones included that were never used; None when `code` is wrong."""
    if show(code=code, by=by, now=now) is None:
        return None
    history.write(by=by, now=now, verb="renew_recovery_codes", subject=_subject(by))
    return _new_codes(by)


@transaction.atomic
def turn_off(*, code: str, by: User, now: datetime) -> bool:
    """Forget the app and the recovery codes of `by`; False when `code` is wrong."""
    if show(code=code, by=by, now=now) is None:
        return False
    _forget(by)
    history.write(by=by, now=now, verb="two_factor_off", subject=_subject(by))
    return True


@transaction.atomic
def take_away(*, person: User, by: User | None, now: datetime) -> bool:
    """Forget the lost app of somebody else and tell them; False when there was none. `by=None` is the command line.

    Raises:
        PermissionDenied: `by` is not an administrator.
    """
    if by is not None and not is_administrator(by):
        raise PermissionDenied
    if not _forget(person):
        return False
    entry = history.write(by=by, now=now, verb="take_two_factor_away", subject=_subject(person))
    outbox.queue(
        event=MailEvent.DEVICE_TAKEN_AWAY,
        recipients=[Recipient(person, "self")],
        news=of_account(by=by, at=now),
        key=f"person:{person.pk}:{MailEvent.DEVICE_TAKEN_AWAY}:{entry.pk}",
        now=now,
    )
    return True


def _forget(person: User) -> bool:
    StaticDevice.objects.filter(user=person).delete()
    return bool(TOTPDevice.objects.filter(user=person).delete()[0])


def _new_codes(person: User) -> list[str]:
    paper, _made = StaticDevice.objects.get_or_create(user=person, defaults={"name": "recovery codes"})
    StaticToken.objects.filter(device=paper).delete()
    codes = ["".join(map(secrets.choice, _alphabets())) for _number in range(two_factor.RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=paper, token=_digest(person, code)) for code in codes)
    return [two_factor.readable(code) for code in codes]


def _alphabets() -> list[str]:
    return [two_factor.RECOVERY_ALPHABET] * two_factor.RECOVERY_LENGTH


def _digest(person: User, code: str) -> str:
    """What is kept of a recovery code: 96 bits that say nothing of it to whoever has no SECRET_KEY."""
    digest = salted_hmac("approvals.recovery_code", f"{person.pk}:{code}", algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:12]).decode()


def _subject(person: User) -> str:
    return f"person:{person.get_username()}"
