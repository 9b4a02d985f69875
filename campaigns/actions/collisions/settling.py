"""Allowing collisions by decision."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from campaigns.actions.collisions.rows import LOCK, announce
from campaigns.choices import CollisionState
from campaigns.models import Collision
from customers.actions import heartbeats, history
from customers.actions.history import Entry


@transaction.atomic
def settle(*, collision_ids: Collection[int], by: AbstractBaseUser | None, now: datetime, reason: str) -> int:
    """Allow open collisions as they are: they reopen when an offer changes or the level rises.

    The caller has checked that `by` may decide. Collisions that are no longer open are left alone.

    Returns the number of collisions settled.
    """
    heartbeats.lock(LOCK)
    rows = Collision.objects.filter(pk__in=list(collision_ids), state=CollisionState.OPEN).order_by("pk")
    offers = list(rows.values_list("offer_a", "offer_b", "offer_a__campaign__code", "offer_b__campaign__code"))
    settled = rows.order_by().update(state=CollisionState.SETTLED, settled_level=F("level"), changed_at=now)
    allowed = Counter(code for _, _, a, b in offers for code in {a, b})
    entries = [
        Entry("settle", f"campaign:{code}", changes={"collisions": (number, 0)}, reason=reason)
        for code, number in sorted(allowed.items())
    ]
    history.write_many(entries, by=by, now=now)
    announce([(a, b) for a, b, _, _ in offers], now=now)
    return settled
