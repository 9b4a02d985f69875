"""Tokens of programs: made, used, revoked. The secret itself is never stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from customers.actions import history
from customers.models import ApiToken
from customers.permissions import is_administrator

PREFIX = "concordia_"
MOST_DAYS = 366
# How exactly "last used" is known; every request writing it would make reading a writer.
USE_IS_NOTED_EVERY = timedelta(minutes=10)


@transaction.atomic
def create_token(
    *, user: User, name: str, scope: str, days: int, by: User | None, now: datetime
) -> tuple[ApiToken, str]:
    """Make a token that acts for `user` for `days` days; returns its row and the secret, which nobody can read again.

    `by=None` is an operator at the command line.

    Raises:
        PermissionDenied: `by` is somebody else: a token lets its holder act under another name.
        ValidationError: by field, or because `user` cannot sign in.
    """
    if by is not None and by != user:
        raise PermissionDenied(_("Everybody makes their own tokens."))
    if not (user.is_active and user.is_staff):
        raise ValidationError({"user": _("%(person)s cannot sign in.") % {"person": user.get_username()}})
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": _("Between 1 and %(most)d days.") % {"most": MOST_DAYS}})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name.strip(),
        scope=scope,
        start=secret[: len(PREFIX) + 4],
        digest=digest_of(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    token.full_clean()
    token.save()
    history.write(
        by=by,
        now=now,
        verb="create_token",
        subject=f"token:{token.pk}",
        scope=f"person:{user.get_username()}",
        changes={"name": (None, token.name), "scope": (None, scope), "expires_at": (None, token.expires_at)},
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User, now: datetime) -> bool:
    """End a token now; False if it had been revoked already.

    Raises:
        PermissionDenied: it is somebody else's, and `by` is not an administrator.
    """
    if token.user_id != by.pk and not is_administrator(by):
        raise PermissionDenied(_("This token is somebody else's."))
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        return False
    subject = f"token:{token.pk}"
    scope = f"person:{token.user.get_username()}"
    history.write(by=by, now=now, verb="revoke_token", subject=subject, scope=scope)
    return True


def use_token(secret: str, *, now: datetime) -> ApiToken | None:
    """The token of this secret, if it lets somebody in now; notes that it was used."""
    rows = ApiToken.objects.select_related("user").filter(revoked_at__isnull=True, expires_at__gt=now)
    token: ApiToken | None = rows.filter(digest=digest_of(secret), user__is_active=True, user__is_staff=True).first()
    if token:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
        if token.last_used_at is None or token.last_used_at <= now - USE_IS_NOTED_EVERY:
            ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
