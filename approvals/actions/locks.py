"""Locks of who guessed a password too often. axes sets them and lets them go; here they are lifted by hand."""

from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from customers.actions import history
from customers.permissions import is_administrator


@transaction.atomic
def lift(*, person: User, by: User | None, now: datetime) -> bool:
    """Forget the wrong passwords for this user name from every address; False when there were none.

    Raises:
        PermissionDenied: `by` is not an administrator; `by=None` is the command line.
    """
    if by is not None and not is_administrator(by):
        raise PermissionDenied
    if not AxesProxyHandler.reset_attempts(username=person.get_username()):
        return False
    history.write(by=by, now=now, verb="lift_lock", subject=f"person:{person.get_username()}")
    return True
