"""Writing who does what in a campaign."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.actions import access, lifecycle, planning
from campaigns.choices import CampaignStatus, RaciLetter
from campaigns.models import Activity, AddedActivity, Campaign, Department, Membership, RaciRole
from campaigns.permissions import can_appoint
from customers.actions import history

LETTERS = ("", *RaciLetter.values)

# What changed, as the history keeps it: {field: (before, after)}.
Changes = dict[str, tuple[Any, Any]]


@transaction.atomic
def set_matrix(
    *,
    campaign: Campaign,
    by: AbstractBaseUser,
    now: datetime,
    accountable: Mapping[str, User | None] | None = None,
    roles: Mapping[tuple[str, int], str] | None = None,
    people: Mapping[tuple[str, int, int], str] | None = None,
    added: Collection[str] | None = None,
) -> None:
    """Write cells of the matrix; a cell that is not named stays. Activities are named by their codes.

    `roles` are {(activity, department id): letter}, `people` {(activity, person id, department id): letter}, and a letter is
    "R", "C", "I" or "" for none. `added` are the activities that the campaign has beside the seven; None leaves them.

    Raises:
        PermissionDenied: `by` may not change this plan, or not say who does what in it.
        ValidationError: an activity that the campaign does not have, an unknown letter, somebody who left, or somebody
            who judges a case of this campaign.
    """
    accountable, roles, people = accountable or {}, roles or {}, people or {}
    access.lock_departments({pk for _activity, pk in roles} | {pk for _activity, _person, pk in people})
    campaign = lifecycle.lock_campaign(campaign)
    planning.check_editable(campaign, by)
    if not can_appoint(by, campaign):
        raise PermissionDenied
    changes: Changes = {} if added is None else _set_added(campaign, added)
    activities = {one.code: one for one in campaign.activities.select_related("accountable", "added").order_by("id")}
    _check_known(activities, accountable, roles, people)
    _check_judges(campaign, activities, accountable, roles, people)
    changes |= _set_accountable(activities, accountable)
    changes |= _set_departments(activities, roles)
    changes |= _set_people(activities, people)
    if changes:
        history.write(by=by, now=now, verb="raci", subject=f"campaign:{campaign.code}", changes=changes)
        access.reconcile([campaign.pk])
        if campaign.status != CampaignStatus.DRAFT:
            lifecycle.tell_reviewers([campaign.pk], by=by, now=now)


def _check_known(
    activities: Mapping[str, Activity],
    accountable: Mapping[str, User | None],
    roles: Mapping[tuple[str, int], str],
    people: Mapping[tuple[str, int, int], str],
) -> None:
    named = {*accountable, *(code for code, *_who in roles), *(code for code, *_who in people)}
    if not named <= activities.keys():
        raise ValidationError(_("An activity that this campaign does not have was named. Reload the page."))
    if not {*roles.values(), *people.values()} <= set(LETTERS):
        raise ValidationError(_("Roles are R, C or I."))
    given = Counter((code, person) for (code, person, _department), letter in people.items() if letter)
    for (code, person), number in given.items():
        if number > 1:
            text = _("%(person)s gets two letters in “%(activity)s”: one of them, for one department.")
            raise ValidationError(text % {"person": _name(person), "activity": activities[code].label})


def _check_judges(
    campaign: Campaign,
    activities: Mapping[str, Activity],
    accountable: Mapping[str, User | None],
    roles: Mapping[tuple[str, int], str],
    people: Mapping[tuple[str, int, int], str],
) -> None:
    new = [user for code, user in accountable.items() if user != activities[code].accountable]
    working = [pk for (_activity, pk, _department), letter in people.items() if letter == RaciLetter.RESPONSIBLE]
    workers = [pk for (_activity, pk), letter in roles.items() if letter == RaciLetter.RESPONSIBLE]
    access.check_no_judge(campaign, [*new, *User.objects.filter(pk__in=working)], workers)


def _set_added(campaign: Campaign, added: Collection[str]) -> Changes:
    stored = {one.code: one for one in campaign.activities.exclude(added=None).select_related("added")}
    changes: Changes = {}
    for code in sorted(stored.keys() - set(added)):
        stored[code].delete()
        changes[f"{code}: activity"] = (stored[code].label, None)
    known = {one.code: one for one in AddedActivity.objects.filter(code__in=set(added) - stored.keys())}
    if unknown := sorted(set(added) - stored.keys() - known.keys()):
        raise ValidationError(_("There is no activity “%(code)s”.") % {"code": unknown[0]})
    for code, one in sorted(known.items()):
        Activity.objects.create(campaign=campaign, added=one)
        changes[f"{code}: activity"] = (None, one.name)
    return changes


def _set_accountable(activities: Mapping[str, Activity], accountable: Mapping[str, User | None]) -> Changes:
    changes: Changes = {}
    for code, user in accountable.items():
        activity = activities[code]
        if activity.accountable == user:
            continue
        if user is not None and not user.is_active:
            raise ValidationError(
                _("%(person)s no longer works here: choose another A for “%(activity)s”.")
                % {"person": user, "activity": activity}
            )
        before = activity.accountable.get_username() if activity.accountable else None
        changes[f"{code}: A"] = (before, user.get_username() if user else None)
        activity.accountable = user
        activity.save(update_fields=["accountable"])
    return changes


def _set_departments(activities: Mapping[str, Activity], roles: Mapping[tuple[str, int], str]) -> Changes:
    stored = {
        (role.activity_id, role.department_id): role
        for role in RaciRole.objects.filter(activity__in=activities.values(), user__isnull=True)
    }
    names = dict(Department.objects.filter(pk__in={pk for _activity, pk in roles}).values_list("pk", "code"))
    changes: Changes = {}
    for (code, department), letter in roles.items():
        if department not in names:
            raise ValidationError(_("A department that is gone was named. Reload the page."))
        row = RaciRole(activity=activities[code], department_id=department, letter=letter)
        if pair := _write(stored.get((row.activity_id, department)), row):
            changes[f"{code}: {names[department]}"] = pair
    return changes


def _set_people(activities: Mapping[str, Activity], people: Mapping[tuple[str, int, int], str]) -> Changes:
    """A person has one letter in an activity: one given for another department takes the place of the first."""
    stored = {
        (role.activity_id, role.user_id): role
        for role in RaciRole.objects.filter(activity__in=activities.values(), user__isnull=False)
    }
    ids = {person for _activity, person, _department in people}
    members = Membership.objects.filter(user__in=ids, user__is_active=True).select_related("user", "department")
    at_work = {(one.user_id, one.department_id): f"{one.user.username} ({one.department.code})" for one in members}
    changes: Changes = {}
    # Taken away first, so that a person whose letter moves to another department keeps the new one.
    for (code, person, department), letter in sorted(people.items(), key=lambda cell: cell[1] != ""):
        held = stored.get((activities[code].pk, person))
        if held is not None and not letter and held.department_id != department:
            continue
        if letter and (person, department) not in at_work:
            raise ValidationError(_("Somebody who does not work in that department was named. Reload the page."))
        row = RaciRole(activity=activities[code], user_id=person, department_id=department, letter=letter)
        if not letter:
            stored.pop((row.activity_id, person), None)
        if pair := _write(held, row):
            changes[f"{code}: {at_work.get((person, department)) or _name(person)}"] = pair
    return changes


def _name(person: int) -> str:
    return str(User.objects.values_list("username", flat=True).get(pk=person))


def _write(stored: RaciRole | None, row: RaciRole) -> tuple[Any, Any] | None:
    """Let `row` take the place of what is stored; returns the letters before and after, None if nothing differs."""
    before = stored.letter if stored else ""
    if before == row.letter and (stored is None or stored.department_id == row.department_id):
        return None
    if stored and not row.letter:
        stored.delete()
    elif stored:
        RaciRole.objects.filter(pk=stored.pk).update(letter=row.letter, department_id=row.department_id)
    else:
        row.save()
    return before or None, row.letter or None
