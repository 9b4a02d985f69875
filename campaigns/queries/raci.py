"""The RACI matrix of a campaign as it stands, activity by activity."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from campaigns.choices import RaciLetter, TemplateLetter
from campaigns.models import Activity, Campaign, Department, Membership, RaciRole, RaciTemplate, RaciTemplateRole
from campaigns.rules.raci import flaws


@dataclass(frozen=True)
class Row:
    """One activity. `departments` are the letters of whole departments by id, `people` those of single people.

    A person who has left the department that a letter was given for, or the house, no longer counts: `left`.
    """

    activity: Activity
    accountable: User | None
    is_inherited: bool
    departments: dict[int, RaciRole]
    people: list[RaciRole]
    left: list[RaciRole]
    flaws: list[str]


def roles_with_membership() -> QuerySet[RaciRole]:
    """All letters, with `is_member`: whether the person is in the department that the letter was given for."""
    membership = Membership.objects.filter(user=OuterRef("user"), department=OuterRef("department"))
    return RaciRole.objects.annotate(is_member=Exists(membership))


def matrix_of(campaign: Campaign) -> list[Row]:
    roles = Prefetch("roles", roles_with_membership().select_related("department", "user").order_by("id"))
    activities = campaign.activities.select_related("accountable", "added").prefetch_related(roles)
    return [_row(activity, campaign) for activity in activities.order_by("id")]


def _row(activity: Activity, campaign: Campaign) -> Row:
    departments, people, left = split(activity.roles.all())
    accountable = activity.accountable or campaign.accountable
    standing = [role.letter for role in (*departments.values(), *people)]
    is_there = accountable is not None and works_here(accountable)
    return Row(
        activity=activity,
        accountable=accountable,
        is_inherited=activity.accountable_id is None,
        departments=departments,
        people=people,
        left=left,
        flaws=flaws(has_accountable=is_there, letters=standing),
    )


def split(roles: Iterable[RaciRole]) -> tuple[dict[int, RaciRole], list[RaciRole], list[RaciRole]]:
    """Letters of one activity: of departments by id, of people who stand, of people who have left."""
    departments, people, left = {}, [], []
    for role in roles:
        if role.user_id is None:
            departments[role.department_id] = role
        else:
            (people if role.is_member and works_here(role.user) else left).append(role)
    return departments, people, left


@dataclass
class Cells:
    """A matrix to begin with, by the codes of activities: ids of those who answer, and letters.

    `accountable` are {activity: person or None}, `roles` {(activity, department): letter}, `people` {(activity, person,
    department): letter}; what stands in none of them is empty. `added` are the activities beside the seven.
    """

    accountable: dict[str, int | None] = field(default_factory=dict)
    roles: dict[tuple[str, int], str] = field(default_factory=dict)
    people: dict[tuple[str, int, int], str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)


def cells_of(matrix: Iterable[Row]) -> Cells:
    """What a matrix says to another one: who has left is not taken over."""
    cells = Cells()
    for row in matrix:
        code = row.activity.code
        if row.activity.added:
            cells.added.append(code)
        person = row.activity.accountable
        cells.accountable[code] = person.pk if person and person.is_active else None
        cells.roles |= {(code, department): role.letter for department, role in row.departments.items()}
        cells.people |= {(code, role.user_id, role.department_id): role.letter for role in row.people}
    return cells


def cells_of_template(template: RaciTemplate, owner: Department) -> Cells:
    """What a template says for a campaign of `owner`: its cells without a department are the owner's, A its lead."""
    cells, lead_of = Cells(), leads()
    for role in template.roles.select_related("added").order_by("id"):
        department = role.department_id or owner.pk
        if role.added and role.code not in cells.added:
            cells.added.append(role.code)
        if role.letter == TemplateLetter.ACCOUNTABLE:
            cells.accountable[role.code] = lead_of.get(department)
        # What the template says of a department by name comes before what it says of the owner.
        elif role.department_id or (role.code, department) not in cells.roles:
            cells.roles[role.code, department] = role.letter
    return cells


def leads() -> dict[int, int]:
    """Who answers for the plans of each department, by id: of several leads, the one named first."""
    rows = Membership.objects.filter(is_lead=True, user__is_active=True).order_by("-id")
    return dict(rows.values_list("department", "user"))


def is_consulted(user_id: int, campaign: Campaign) -> bool:
    """Whether a person has a C in the campaign, by name or with their department."""
    standing = roles_with_membership().filter(activity__campaign=campaign, letter=RaciLetter.CONSULTED)
    of_mine = Membership.objects.filter(user=user_id).values("department")
    return standing.filter(Q(user=user_id, is_member=True) | Q(user=None, department__in=of_mine)).exists()


def works_here(person: User) -> bool:
    """As customers.permissions.colleagues has it."""
    return person.is_active and person.is_staff


def rows_of_template(template: RaciTemplate) -> list[tuple[str, list[RaciTemplateRole]]]:
    """(activity, its cells) in the order of the activities."""
    rows: dict[str, list[RaciTemplateRole]] = {}
    for role in template.roles.select_related("added", "department").order_by("id"):
        rows.setdefault(role.code, []).append(role)
    return [(cells[0].label, cells) for cells in rows.values()]
