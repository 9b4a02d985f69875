"""Requests that may be sent again: taken, answered, forgotten."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from customers.models import IdempotentRequest

# Longer than any request may take: the web server ends it before.
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=2)


class OtherRequest(Exception):
    """The key was used for another request before."""


class StillRunning(Exception):
    """The same request is being worked on right now."""


def take(*, user: User, key: str, fingerprint: str, now: datetime) -> IdempotentRequest:
    """Take a request, or find the one that was answered already (`http_status` is set).

    Never call it inside a transaction: others must see that it is taken.

    Raises:
        OtherRequest: the key belongs to another request.
        StillRunning: somebody is working on it.
    """
    row, is_new = IdempotentRequest.objects.get_or_create(
        user=user,
        key=key,
        defaults={"fingerprint": fingerprint, "created_at": now, "lease_until": now + LEASE},
    )
    if row.fingerprint != fingerprint:
        raise OtherRequest
    if is_new or row.http_status is not None:
        return row
    left = IdempotentRequest.objects.filter(pk=row.pk, http_status__isnull=True, lease_until__lte=now)
    if not left.update(lease_until=now + LEASE):
        row = IdempotentRequest.objects.filter(pk=row.pk).first() or row
        if row.http_status is not None:
            return row
        raise StillRunning
    row.lease_until = now + LEASE
    return row


def answer(row: IdempotentRequest, *, status: int, body: str, headers: dict[str, Any]) -> None:
    """Keep the answer; call in the transaction of what the request did.

    Raises:
        StillRunning: the lease ended and somebody else has the request now: what this transaction did must go.
    """
    mine = IdempotentRequest.objects.filter(pk=row.pk, http_status__isnull=True, lease_until=row.lease_until)
    if not mine.update(http_status=status, body=body, headers=headers, lease_until=None):
        raise StillRunning


def release(row: IdempotentRequest) -> None:
    """Give a request back that ended without an answer, so that it can be sent again."""
    IdempotentRequest.objects.filter(pk=row.pk, http_status__isnull=True, lease_until=row.lease_until).delete()


@transaction.atomic
def forget(*, now: datetime) -> int:
    """Drop answers nobody will ask for again; returns how many."""
    old = Q(created_at__lt=now - KEPT) & (Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    return IdempotentRequest.objects.filter(old).delete()[0]
