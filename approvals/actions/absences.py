"""Who is away, and who approves for them meanwhile. Everybody announces their own absence."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from approvals.models import Absence, Review
from campaigns.actions import access
from campaigns.models import AccessReason, Membership
from customers.actions import history
from customers.clock import local_day
from customers.permissions import colleagues, is_administrator

LONGEST_DAYS = 366
WHY = "stands in for "


def possible_stand_ins(user: User) -> QuerySet[User]:
    """Colleagues of the person's departments, who read the same plans; for who is in none, everybody."""
    mine = Membership.objects.filter(user=user).values("department")
    others = colleagues().exclude(pk=user.pk)
    return others.filter(memberships__department__in=mine).distinct() if mine.exists() else others


@transaction.atomic
def announce(*, user: User, stand_in: User, starts_on: date, ends_before: date, by: User, now: datetime) -> Absence:
    """Say that `user` is away from `starts_on` until before `ends_before`, and that `stand_in` approves for them.

    Raises:
        PermissionDenied: `by` is neither the person nor an administrator.
        ValidationError: by field.
    """
    _check_may(user, by)
    # Two who announce at once must not both find these days free.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not possible_stand_ins(user).filter(pk=stand_in.pk).exists():
        raise ValidationError({"stand_in": _("Choose a colleague of one of your departments who can sign in.")})
    if ends_before <= starts_on:
        raise ValidationError({"ends_before": _("The last day is before the first.")})
    if ends_before <= local_day(now):
        raise ValidationError({"ends_before": _("This absence would be over already.")})
    if (ends_before - starts_on).days > LONGEST_DAYS:
        raise ValidationError({"ends_before": _("An absence lasts a year at most.")})
    overlapping = Absence.objects.filter(user=user, starts_on__lt=ends_before, ends_before__gt=starts_on)
    if overlapping.exists():
        raise ValidationError({"starts_on": _("There is an absence in these days already: end it first.")})
    absence = Absence(user=user, stand_in=stand_in, starts_on=starts_on, ends_before=ends_before)
    absence.full_clean()
    absence.save()
    waiting = Review.objects.filter(named=user, closed_at__isnull=True).values_list("campaign", flat=True)
    let_read(waiting, absence)
    changes = {
        "starts_on": (None, starts_on),
        "ends_before": (None, ends_before),
        "stand_in": (None, stand_in.get_username()),
    }
    history.write(by=by, now=now, verb="announce_absence", subject=f"person:{user.username}", changes=changes)
    return absence


@transaction.atomic
def end(*, absence: Absence, by: User, now: datetime) -> None:
    """Take an absence back, or come back from it early: nobody stands in from now on.

    Raises:
        PermissionDenied: `by` is neither the person nor an administrator.
    """
    stored = Absence.objects.select_for_update(no_key=True, of=("self",)).get(pk=absence.pk)
    _check_may(stored.user, by)
    changes = {
        "starts_on": (stored.starts_on, None),
        "ends_before": (stored.ends_before, None),
        "stand_in": (stored.stand_in.get_username(), None),
    }
    subject = f"person:{stored.user.username}"
    _stop_reading(stored.user, stored.stand_in)
    stored.delete()
    history.write(by=by, now=now, verb="end_absence", subject=subject, changes=changes)


def let_read(campaign_ids: Iterable[int], absence: Absence) -> None:
    """Let the stand-in read plans that only a rule of the house brings before who is away."""
    access.add_reason(campaign_ids, user=absence.stand_in, why=why(absence.user))


def announced(users: Collection[int], *, now: datetime) -> QuerySet[Absence]:
    """Absences of these people that are not over."""
    return Absence.objects.filter(user__in=users, ends_before__gt=local_day(now)).select_related("user", "stand_in")


@transaction.atomic
def stop_what_is_over(*, now: datetime) -> None:
    """Whoever stood in for somebody who is back reads no plans for them any more."""
    over = Absence.objects.filter(ends_before__lte=local_day(now)).select_related("user", "stand_in")
    reading = AccessReason.objects.filter(why__startswith=WHY).values("user")
    for absence in over.filter(stand_in__in=reading):
        if not announced([absence.user_id], now=now).filter(stand_in=absence.stand_in).exists():
            _stop_reading(absence.user, absence.stand_in)


def why(user: User) -> str:
    """The reason for access of who stands in for this person; it must fit into AccessReason.why."""
    return f"{WHY}{user.pk}"


def _stop_reading(user: User, stand_in: User) -> None:
    rows = AccessReason.objects.filter(user=stand_in, why=why(user))
    if ids := list(rows.values_list("campaign", flat=True)):
        access.drop_reason(ids, user=stand_in, why=why(user))


def _check_may(user: User, by: User) -> None:
    if by.pk != user.pk and not is_administrator(by):
        raise PermissionDenied(_("Everybody announces their own absence."))
