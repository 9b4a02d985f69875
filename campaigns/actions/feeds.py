"""Calendar feeds: made, read, revoked. The secret in their address is never stored."""

import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import CalendarFeed, Department
from campaigns.permissions import sees_plans, staff_role
from campaigns.queries.plan import STATES
from campaigns.rules.calendar import Filters
from customers.actions import history
from customers.actions.tokens import USE_IS_NOTED_EVERY, digest_of
from customers.models import Channel
from customers.permissions import is_administrator

# Of one person at a time; each is an address that somebody must remember to revoke.
MOST_FEEDS = 20


@transaction.atomic
def create_feed(*, name: str, filters: Filters, by: User, now: datetime) -> tuple[CalendarFeed, str]:
    """Make a feed for oneself; returns its row and the secret of its address, which nobody can read again.

    Raises:
        PermissionDenied: `by` sees no calendar.
        ValidationError: by field: the name; departments, channels or a status that there are not; or too many feeds.
    """
    if not (by.is_active and by.is_staff and sees_plans(staff_role(by))):
        raise PermissionDenied(_("You see no plans, so a calendar would be empty."))
    _check(filters)
    # Two that are made at the same time are counted one after the other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if CalendarFeed.objects.filter(user=by, revoked_at__isnull=True).count() >= MOST_FEEDS:
        raise ValidationError(
            _("You have %(most)d feeds, and that is the most. Revoke one that nobody reads.") % {"most": MOST_FEEDS}
        )
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        user=by,
        name=name.strip(),
        filters=filters.kept(),
        start=secret[:4],
        digest=digest_of(secret),
        created_at=now,
    )
    feed.full_clean()
    feed.save()
    history.write(
        by=by,
        now=now,
        verb="create_feed",
        subject=f"feed:{feed.pk}",
        scope=f"person:{by.get_username()}",
        changes={"name": (None, feed.name)},
    )
    return feed, secret


def _check(filters: Filters) -> None:
    there = {
        "departments": set(Department.objects.filter(code__in=filters.departments).values_list("code", flat=True)),
        "channels": set(Channel.objects.filter(code__in=filters.channels).values_list("code", flat=True)),
        "statuses": {status.value for status in STATES},
    }
    wrong = {
        field: _("There is no “%(code)s”.") % {"code": code}
        for field, known in there.items()
        for code in getattr(filters, field)
        if code not in known
    }
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def revoke_feed(*, feed: CalendarFeed, by: User, now: datetime) -> bool:
    """End a feed now: its address leads nowhere; False if it had been revoked already.

    Raises:
        PermissionDenied: it is somebody else's, and `by` is not an administrator.
    """
    if feed.user_id != by.pk and not is_administrator(by):
        raise PermissionDenied(_("This feed is somebody else's."))
    if not CalendarFeed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=now):
        return False
    scope = f"person:{feed.user.get_username()}"
    history.write(by=by, now=now, verb="revoke_feed", subject=f"feed:{feed.pk}", scope=scope)
    return True


def use_feed(secret: str, *, now: datetime) -> CalendarFeed | None:
    """The feed of this secret with its person, if it may be read now; notes that it was used.

    One query whether it is unknown, revoked, or of somebody who cannot sign in.
    """
    rows = CalendarFeed.objects.select_related("user").filter(revoked_at__isnull=True)
    feed: CalendarFeed | None = rows.filter(
        digest=digest_of(secret), user__is_active=True, user__is_staff=True
    ).first()
    if feed is None or not sees_plans(staff_role(feed.user)):
        return None
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
    if feed.last_used_at is None or feed.last_used_at <= now - USE_IS_NOTED_EVERY:
        CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_used_at=now)
    return feed
