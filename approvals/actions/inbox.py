"""What people have read of their news. No history of it: nobody else's work depends on what somebody has read."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from approvals.models import Mail


@transaction.atomic
def mark_read(*, mails: Collection[int], by: User, now: datetime) -> int:
    """Note that `by` has read these; what is not theirs, or was read before, stays as it is. Returns how many were new.

    Raises:
        PermissionDenied: `by` does not work here.
    """
    return _unread(by).filter(pk__in=mails).update(read_at=now)


@transaction.atomic
def mark_all_read(*, up_to: int, by: User, now: datetime) -> int:
    """Note that `by` has read everything up to the row `up_to`, the newest that they were shown; what came since is unread.

    Returns how many were new.

    Raises:
        PermissionDenied: `by` does not work here.
    """
    return _unread(by).filter(pk__lte=up_to).update(read_at=now)


def _unread(by: User) -> QuerySet[Mail]:
    if not (by.is_active and by.is_staff):
        raise PermissionDenied
    return Mail.objects.unread(by)
