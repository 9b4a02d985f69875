"""Holding all mail back, as after a restore: what a backup shows as waiting may have been sent since it was made."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import outbox
from approvals.queries.mail_hold import HOLD, OUTBOX, RELEASE, held_since
from customers.actions import events, heartbeats, history
from customers.permissions import is_administrator

_LOCK = "hold mail"


@transaction.atomic
def hold(*, by: User | None, now: datetime, reason: str = "") -> bool:
    """From now on no mail leaves; new ones are written and wait. False if it is held already.

    Raises:
        PermissionDenied: `by` is a person and no administrator.
    """
    _permit(by)
    heartbeats.lock(_LOCK)
    if held_since():
        return False
    history.write(by=by, now=now, verb=HOLD, subject=OUTBOX, reason=reason)
    return True


@transaction.atomic
def release(*, by: User | None, now: datetime, send_waiting: bool, reason: str = "") -> int | None:
    """Send mail again. What waits now is sent, or else set aside as failed: an administrator can send each again.

    Returns the number of mails that were waiting, or None if mail was not held.

    Raises:
        PermissionDenied: `by` is a person and no administrator.
    """
    _permit(by)
    heartbeats.lock(_LOCK)
    if not held_since():
        return None
    waiting = outbox.waiting(now=now).count()
    if not send_waiting:
        outbox.set_aside(now=now, why=_("Set aside after a restore: it may have been sent before."))
    changes = {"sent" if send_waiting else "set aside": (None, waiting)}
    history.write(by=by, now=now, verb=RELEASE, subject=OUTBOX, changes=changes, reason=reason)
    transaction.on_commit(lambda: events.ring(outbox.SEND_TASK), robust=True)
    return waiting


def _permit(by: User | None) -> None:
    if by is not None and not is_administrator(by):
        raise PermissionDenied(_("Only administrators hold or release mail."))
