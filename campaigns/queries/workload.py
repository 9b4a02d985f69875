"""Who carries how many activities, department by department and person by person: in the open for everybody who plans.

Counted are the activities of all campaigns that are not over, drafts included, also of those that the reader does not see:
the numbers are everybody's, the campaigns behind them are not.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns.models import Activity, Campaign, Department, RaciRole
from campaigns.queries.raci import roles_with_membership
from campaigns.rules.lifecycle import OVER
from campaigns.rules.raci import against_average
from customers.permissions import colleagues

Letters = Mapping[str, int]


@dataclass(frozen=True)
class Load:
    """What a department or a person carries: activities by letter. `more` is how far what they do, or for a person what
    they do and answer for, is above the average, in percent; None while nobody carries anything."""

    of: Any
    letters: Letters
    more: int | None

    @property
    def carried(self) -> int:
        return _carried(self.letters)


def _carried(letters: Letters) -> int:
    return letters.get("R", 0) + letters.get("A", 0)


def running(*, today: date, within_days: int = 0) -> QuerySet[Campaign]:
    """Campaigns that are not over; with `within_days`, those that run some day from today on for so many days."""
    rows = Campaign.objects.exclude(status__in=OVER)
    if within_days:
        rows = rows.filter(starts_on__lt=today + timedelta(days=within_days), ends_before__gt=today)
    return rows


def loads_of_departments(campaigns: QuerySet[Campaign]) -> list[Load]:
    """All departments, those that do most first; a person's letter counts for the department it was given for."""
    cells = _standing(campaigns).values_list("department", "letter")
    found = cells.annotate(n=Count("activity", distinct=True)).order_by()
    return _loads(list(Department.objects.all()), found)


def loads_of_people(campaigns: QuerySet[Campaign]) -> list[Load]:
    """Everybody who answers for an activity or has a letter by name, those who carry most first."""
    letters = _standing(campaigns).filter(user__isnull=False).values_list("user", "letter")
    answers = Activity.objects.filter(campaign__in=campaigns.values("pk")).annotate(
        person=Coalesce("accountable", "campaign__accountable")
    )
    counted = answers.filter(person__isnull=False).values_list("person").annotate(n=Count("pk")).order_by()
    found = [*letters.annotate(n=Count("pk")).order_by(), *((person, "A", n) for person, n in counted)]
    carrying = {person for person, _letter, _n in found}
    return _loads(list(colleagues().filter(pk__in=carrying)), found)


def parts_of(
    campaigns: QuerySet[Campaign], reader: AbstractBaseUser | AnonymousUser, *, of: Department | User
) -> tuple[QuerySet[Campaign], int]:
    """Of the campaigns in which `of` carries something, those that the reader may read; and how many others there are."""
    if isinstance(of, Department):
        part = Q(pk__in=_standing(campaigns).filter(department=of).values("activity__campaign"))
    else:
        named = _standing(campaigns).filter(user=of).values("activity__campaign")
        answers = Activity.objects.filter(accountable=of).values("campaign")
        inherited = Activity.objects.filter(accountable__isnull=True, campaign__accountable=of).values("campaign")
        part = Q(pk__in=named) | Q(pk__in=answers) | Q(pk__in=inherited)
    rows = campaigns.filter(part)
    seen = Campaign.objects.visible(reader).filter(pk__in=rows.values("pk"))
    return seen.select_related("department").order_by("starts_on", "code"), rows.count() - seen.count()


def cells_of(campaigns: Collection[Campaign], *, of: Department | User) -> dict[int, list[tuple[str, str]]]:
    """(activity, letter) of a department or a person, by the ids of these campaigns; in two queries at most."""
    keys = [campaign.pk for campaign in campaigns]
    cells: dict[int, list[tuple[str, str]]] = {pk: [] for pk in keys}
    whose = Q(department=of) if isinstance(of, Department) else Q(user=of)
    if isinstance(of, User):
        answers = Activity.objects.filter(campaign__in=keys).filter(
            Q(accountable=of) | Q(accountable__isnull=True, campaign__accountable=of)
        )
        for activity in answers.select_related("added").order_by("id"):
            cells[activity.campaign_id].append((activity.label, "A"))
    standing = _standing(Campaign.objects.filter(pk__in=keys)).filter(whose)
    for role in standing.select_related("activity__added").order_by("activity", "id"):
        cells[role.activity.campaign_id].append((role.activity.label, role.letter))
    return {pk: list(dict.fromkeys(found)) for pk, found in cells.items()}


def _standing(campaigns: QuerySet[Campaign]) -> QuerySet[RaciRole]:
    standing = Q(user=None) | Q(is_member=True, user__is_active=True)
    return roles_with_membership().filter(standing, activity__campaign__in=campaigns.values("pk"))


def _loads(carriers: Iterable[Any], found: Iterable[tuple[int, str, int]]) -> list[Load]:
    letters: dict[int, Counter[str]] = {one.pk: Counter() for one in carriers}
    for carrier, letter, number in found:
        if carrier in letters:
            letters[carrier][letter] += number
    numbers = [_carried(one) for one in letters.values()]
    loads = [Load(one, letters[one.pk], against_average(_carried(letters[one.pk]), numbers)) for one in carriers]
    return sorted(loads, key=lambda load: (-load.carried, -sum(load.letters.values()), str(load.of)))
