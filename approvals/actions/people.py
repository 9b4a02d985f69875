"""Colleagues: added, changed, given a password. They are never deleted: history and rulings name them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from approvals.models import StaffProfile
from campaigns import wording
from customers.actions import history
from customers.permissions import ANALYSTS, is_administrator

_NAMES = ("username", "email")
COLUMNS = ("username", "first_name", "last_name", "email", "is_active")
# `language` is None while the person has chosen none.
FIELDS = (*COLUMNS, "is_administrator", "is_analyst", "language")


@sensitive_variables("password")
@transaction.atomic
def add_person(*, fields: Mapping[str, Any], password: str | None, by: User, now: datetime) -> User:
    """Add a colleague; `fields` are some of FIELDS. Without a password they cannot sign in until they are given one.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field; also for a password that is too easy.
    """
    _only_administrators(by)
    person = User(is_staff=True)
    nobody = dict.fromkeys(FIELDS) | {"is_administrator": False, "is_analyst": False}
    _set_password(person, password, fields)
    _write(person, nobody, fields, by, now, "add")
    return person


@transaction.atomic
def change_person(*, person: User, fields: Mapping[str, Any], by: User, now: datetime) -> User:
    """Change what `fields` names, some of FIELDS. Raises as `add_person`."""
    _only_administrators(by)
    stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    _write(stored, values_of(stored), fields, by, now, "change")
    return stored


@sensitive_variables("password")
@transaction.atomic
def set_password(*, person: User, password: str | None, by: User, now: datetime) -> None:
    """Give a colleague another password, which ends their sessions; None = they cannot sign in. Raises as `add_person`."""
    _only_administrators(by)
    _set_password(person, password, {})
    person.save(update_fields=["password"])
    history.write(by=by, now=now, verb="set_password", subject=f"person:{person.get_username()}")


def refusals_of_person(*, username: str, email: str, person: User | None) -> dict[str, list[str]]:
    """Why `person` (None = somebody new) cannot be called so, by field: compared in any case, as mail servers do."""
    others = User.objects.exclude(pk=person.pk) if person else User.objects.all()
    refusals = {}
    if username and others.filter(username__iexact=username).exclude(username=username).exists():
        refusals["username"] = [_("Somebody has this user name already, written in other letters.")]
    if email and (other := others.filter(email__iexact=email).first()):
        text = _("This is the address of %(person)s already.")
        refusals["email"] = [text % {"person": wording.person(other)}]
    return refusals


def values_of(person: User) -> dict[str, Any]:
    """What FIELDS are now."""
    profile = StaffProfile.objects.filter(user=person).first()
    return {name: getattr(person, name) for name in COLUMNS} | {
        "is_administrator": person.is_superuser,
        "is_analyst": person.groups.filter(name=ANALYSTS).exists(),
        "language": profile.language if profile else None,
    }


def _only_administrators(by: User) -> None:
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators add and change people."))


def _set_password(person: User, password: str | None, fields: Mapping[str, Any]) -> None:
    if password is None:
        person.set_unusable_password()
        return
    # The validators compare it with the names.
    named = User(**{name: fields.get(name, getattr(person, name)) for name in COLUMNS})
    try:
        validate_password(password, named)
    except ValidationError as error:
        raise ValidationError({"password": error}) from error
    person.set_password(password)


def _write(
    person: User, before: Mapping[str, Any], fields: Mapping[str, Any], by: User, now: datetime, verb: str
) -> None:
    for name in COLUMNS:
        setattr(person, name, fields.get(name, getattr(person, name)))
    person.is_superuser = fields.get("is_administrator", person.is_superuser)
    person.full_clean()
    # Only what is new: who has the address of somebody else already can still be shut out.
    named = {name: getattr(person, name) if getattr(person, name) != before[name] else "" for name in _NAMES}
    if refusals := refusals_of_person(**named, person=person if person.pk else None):
        raise ValidationError(refusals)
    person.save()
    if "is_analyst" in fields:
        analysts = Group.objects.get(name=ANALYSTS)
        (person.groups.add if fields["is_analyst"] else person.groups.remove)(analysts)
    if fields.get("language"):
        StaffProfile.objects.update_or_create(user=person, defaults={"language": fields["language"]})
    after = values_of(person)
    changes = {name: (before[name], after[name]) for name in FIELDS if (before[name] or "") != (after[name] or "")}
    if changes:
        history.write(by=by, now=now, verb=verb, subject=f"person:{person.get_username()}", changes=changes)
