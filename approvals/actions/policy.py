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
from approvals.rules.mandates import MOST_CASES
from campaigns.actions import collisions
from campaigns.models import Category, Department, Membership
from customers.actions import history
from customers.clock import local_day
from customers.permissions import is_administrator
from customers.rules import numbers

# The fields of a mandate, as its page and the API have them.
MANDATE = (
    "user",
    "department",
    "other_department",
    "category",
    "business_unit",
    "from_level",
    "most_cases",
    "stand_in",
)


def refusals_of_mediator(*, user: User | None, stand_in: User | None, **scope: Any) -> dict[str, list[str]]:
    """Why these people cannot have this mandate, by field; empty = they can. `scope` as in `name_mediator`.

    Whoever is refused here would be passed over in every case, as approvals.queries.impartiality reads it.
    Costs at most two queries.
    """
    departments = [one for one in (scope.get("department"), scope.get("other_department")) if one]
    members: dict[int, Department] = {}
    if departments:
        rows = Membership.objects.filter(department__in=departments).select_related("department")
        members = {row.user_id: row.department for row in rows}
    refusals = _refusals_of_scope(**scope)
    for field, person in {"user": user, "stand_in": stand_in}.items():
        names = {"person": person}
        if person is None:
            continue
        if not (person.is_active and person.is_staff):
            refusals[field] = [_("%(person)s cannot sign in: choose somebody who can.") % names]
        elif person.is_superuser:
            refusals[field] = [
                _("%(person)s is an administrator and names the mediators: choose somebody else.") % names
            ]
        elif department := members.get(person.pk):
            text = _("%(person)s works in %(department)s and would belong to a party: choose somebody else.")
            refusals[field] = [text % {**names, "department": department}]
    return refusals


def _refusals_of_scope(
    *,
    department: Department | None = None,
    other_department: Department | None = None,
    category: Category | None = None,
    business_unit: str = "",
    most_cases: int | None = None,
    **_others: Any,
) -> dict[str, list[str]]:
    """What a mandate cannot be for, beside the field that is wrong."""
    refusals = {}
    if other_department and not department:
        refusals["department"] = [_("Choose the first of the two departments.")]
    elif other_department and other_department == department:
        refusals["other_department"] = [_("Choose two different departments.")]
    if department and category:
        refusals["category"] = [_("Choose departments or a category, not both.")]
    if business_unit and (department or category):
        refusals["business_unit"] = [_("Choose departments, a category or a business unit, but only one of these.")]
    elif business_unit and not Department.objects.filter(business_unit=business_unit).exists():
        refusals["business_unit"] = [_("No department belongs to this business unit.")]
    if most_cases is not None and not MOST_CASES[0] <= most_cases <= MOST_CASES[1]:
        text = _("From %(least)d to %(most)d cases, or nothing for any number.")
        refusals["most_cases"] = [text % dict(zip(("least", "most"), MOST_CASES, strict=True))]
    return refusals


@transaction.atomic
def name_mediator(
    *,
    user: User,
    stand_in: User | None,
    department: Department | None = None,
    other_department: Department | None = None,
    category: Category | None = None,
    business_unit: str = "",
    from_level: str = "",
    most_cases: int | None = None,
    by: User,
    now: datetime,
) -> Mediator:
    """Designate who decides the cases between two departments, about a category, that touch a department or a business
    unit, or all (nothing given); of these the ones from a level on, and so many at once.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: the person has this mandate already, it is for several things, or one of the people cannot
            mediate, by field.
    """
    _only_administrators(by)
    values = {
        "user": user,
        "department": department,
        "other_department": other_department,
        "category": category,
        "business_unit": business_unit,
        "from_level": from_level,
        "most_cases": most_cases,
        "stand_in": stand_in,
    }
    return _keep_mediator(Mediator(), values, by, now, "name_mediator")


@transaction.atomic
def change_mediator(*, mediator: Mediator, by: User, now: datetime, **values: Any) -> Mediator:
    """Change what is given, named as in `name_mediator`; the rest stays. Open cases keep the mediator they have.

    Raises as `name_mediator`.
    """
    _only_administrators(by)
    stored = Mediator.objects.select_for_update(no_key=True).get(pk=mediator.pk)
    return _keep_mediator(stored, {**_fields_of(stored), **values}, by, now, "change_mediator")


@transaction.atomic
def dismiss_mediator(*, mediator: Mediator, by: User, now: datetime) -> None:
    """Take a mandate away; open cases keep the mediator they have.

    Raises:
        PermissionDenied: `by` is not an administrator.
    """
    _only_administrators(by)
    stored = Mediator.objects.select_for_update(no_key=True).get(pk=mediator.pk)
    subject = f"mediator:{stored.pk}"
    changes = {field: (value, None) for field, value in _mediator_values(stored).items() if value is not None}
    stored.delete()
    history.write(by=by, now=now, verb="dismiss_mediator", subject=subject, changes=changes)


@transaction.atomic
def change_policy(*, opens_at_level: str, by: User, now: datetime, **limits: int) -> EscalationPolicy:
    """Change when cases open and how long the parties and the mediator have; open cases keep the terms by which they opened.

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


def _keep_mediator(mediator: Mediator, values: dict[str, Any], by: User, now: datetime, verb: str) -> Mediator:
    if refusals := refusals_of_mediator(**values):
        raise ValidationError(refusals)
    before = _mediator_values(mediator) if mediator.pk else dict.fromkeys(MANDATE)
    for field, value in values.items():
        setattr(mediator, field, value)
    mediator.full_clean()
    changes = _differences(before, _mediator_values(mediator))
    if changes:
        mediator.save()
        history.write(by=by, now=now, verb=verb, subject=f"mediator:{mediator.pk}", changes=changes)
    return mediator


def _fields_of(mediator: Mediator) -> dict[str, Any]:
    return {field: getattr(mediator, field) for field in MANDATE}


def _mediator_values(mediator: Mediator) -> dict[str, Any]:
    """As the history tells them; what is empty is None."""
    stand_in = mediator.stand_in
    return {
        "user": mediator.user.get_username(),
        "department": mediator.department.code if mediator.department else None,
        "other_department": mediator.other_department.code if mediator.other_department else None,
        "category": mediator.category.code if mediator.category else None,
        "business_unit": mediator.business_unit or None,
        "from_level": mediator.from_level or None,
        "most_cases": mediator.most_cases,
        "stand_in": stand_in.get_username() if stand_in else None,
    }


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {field: (before[field], value) for field, value in after.items() if before[field] != value}
