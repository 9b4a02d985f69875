"""Who decides, from which level a case opens, and how long the parties have."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import working_time
from approvals.models import EscalationPolicy, Mediator
from approvals.queries.disputes import open_collisions
from approvals.rules.deadlines import LIMITS
from campaigns.actions import collisions
from campaigns.models import Department, Membership
from customers.actions import history
from customers.clock import local_day
from customers.permissions import is_administrator
from customers.rules import numbers


def refusals_of_mediator(
    *, user: User | None, department: Department | None, stand_in: User | None
) -> dict[str, list[str]]:
    """Why these people cannot mediate for `department` (None = every department), by field; empty = they can.

    Whoever is refused here would be passed over in every case, as approvals.queries.impartiality reads it.
    Costs at most one query.
    """
    members: set[int] = set()
    if department is not None:
        members = set(Membership.objects.filter(department=department).values_list("user_id", flat=True))
    refusals = {}
    for field, person in {"user": user, "stand_in": stand_in}.items():
        names = {"person": person, "department": department}
        if person is None:
            continue
        if not (person.is_active and person.is_staff):
            refusals[field] = [_("%(person)s cannot sign in: choose somebody who can.") % names]
        elif person.is_superuser:
            refusals[field] = [
                _("%(person)s is an administrator and names the mediators: choose somebody else.") % names
            ]
        elif person.pk in members:
            text = _("%(person)s works in %(department)s and would belong to a party: choose somebody else.")
            refusals[field] = [text % names]
    return refusals


@transaction.atomic
def name_mediator(
    *, user: User, department: Department | None, stand_in: User | None, by: User, now: datetime
) -> Mediator:
    """Designate who decides the cases that touch `department` (None = every department).

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: the scope has a mediator already, or one of the people cannot mediate, by field.
    """
    _only_administrators(by)
    return _keep_mediator(Mediator(), user, department, stand_in, by, now, "name_mediator")


@transaction.atomic
def change_mediator(
    *,
    mediator: Mediator,
    user: User,
    department: Department | None,
    stand_in: User | None,
    by: User,
    now: datetime,
) -> Mediator:
    """Put other people or another scope; open cases keep the mediator they have. Raises as `name_mediator`."""
    _only_administrators(by)
    stored = Mediator.objects.select_for_update(no_key=True).get(pk=mediator.pk)
    return _keep_mediator(stored, user, department, stand_in, by, now, "change_mediator")


@transaction.atomic
def dismiss_mediator(*, mediator: Mediator, by: User, now: datetime) -> None:
    """Leave a scope without its own mediator; open cases keep the mediator they have.

    Raises:
        PermissionDenied: `by` is not an administrator.
    """
    _only_administrators(by)
    stored = Mediator.objects.select_for_update(no_key=True).get(pk=mediator.pk)
    subject = f"mediator:{stored.pk}"
    changes = {field: (value, None) for field, value in _mediator_values(stored).items()}
    stored.delete()
    history.write(by=by, now=now, verb="dismiss_mediator", subject=subject, changes=changes)


@transaction.atomic
def change_policy(*, opens_at_level: str, by: User, now: datetime, **limits: int) -> EscalationPolicy:
    """Change when cases open and how long the parties have; open cases keep the terms by which they opened.

    `limits` are any of approvals.rules.deadlines.LIMITS; the others stay.

    With another level everybody hears again of what collides: collisions that were too light for a case may open one.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: an unknown level, hours out of range, or more of them than somebody works in a year.
    """
    _only_administrators(by)
    policy: EscalationPolicy = EscalationPolicy.objects.select_for_update(no_key=True).get()
    fields = ("opens_at_level", *LIMITS)
    before = {field: getattr(policy, field) for field in fields}
    policy.opens_at_level = opens_at_level
    for field, value in limits.items():
        _check_limit(field, value)
        setattr(policy, field, value)
    policy.full_clean()
    changes = _differences(before, {field: getattr(policy, field) for field in fields})
    if changes:
        policy.save(update_fields=fields)
        working_time.check_somebody_works(now=now)
        if "opens_at_level" in changes:
            still_open = open_collisions(local_day(now)).values_list("offer_a", "offer_b")
            collisions.announce(list(still_open), now=now)
        history.write(by=by, now=now, verb="change_policy", subject="policy:1", changes=changes)
    return policy


def _check_limit(field: str, value: int) -> None:
    try:
        numbers.integer(value, low=LIMITS[field][0], high=LIMITS[field][1])
    except numbers.WrongNumber as error:
        raise ValidationError({field: error.message}, code=error.code) from error


def _only_administrators(by: User) -> None:
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators change who mediates and by which policy."))


def _keep_mediator(
    mediator: Mediator,
    user: User,
    department: Department | None,
    stand_in: User | None,
    by: User,
    now: datetime,
    verb: str,
) -> Mediator:
    if refusals := refusals_of_mediator(user=user, department=department, stand_in=stand_in):
        raise ValidationError(refusals)
    before = _mediator_values(mediator) if mediator.pk else {"user": None, "department": None, "stand_in": None}
    mediator.user, mediator.department, mediator.stand_in = user, department, stand_in
    mediator.full_clean()
    changes = _differences(before, _mediator_values(mediator))
    if changes:
        mediator.save()
        history.write(by=by, now=now, verb=verb, subject=f"mediator:{mediator.pk}", changes=changes)
    return mediator


def _mediator_values(mediator: Mediator) -> dict[str, str | None]:
    return {
        "user": mediator.user.get_username(),
        "department": mediator.department.code if mediator.department else None,
        "stand_in": mediator.stand_in.get_username() if mediator.stand_in else None,
    }


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {field: (before[field], value) for field, value in after.items() if before[field] != value}
