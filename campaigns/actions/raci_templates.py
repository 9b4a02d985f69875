"""Keeping the matrix of a campaign as one that others begin with."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.choices import TemplateLetter
from campaigns.models import Campaign, RaciTemplate, RaciTemplateRole
from campaigns.permissions import can_keep_template
from campaigns.queries.raci import Row, lead_id, matrix_of
from customers.actions import history


@transaction.atomic
def keep(*, campaign: Campaign, name: str, by: AbstractBaseUser, now: datetime) -> RaciTemplate:
    """Make a template of a campaign's matrix as it is stored.

    What the campaign's own department does becomes what the owner of the next campaign does. Single people are left out;
    an A who leads a department becomes whoever leads it then.

    Raises:
        PermissionDenied: `by` neither says who does what in this campaign nor is an administrator.
        ValidationError: by field: the name is empty or taken; the matrix names nobody.
    """
    if not can_keep_template(by, campaign):
        raise PermissionDenied
    template = RaciTemplate(name=name)
    template.full_clean()
    roles = [role for row in matrix_of(campaign) for role in _cells(row, campaign)]
    if not roles:
        raise ValidationError({"name": _("Nobody has a part in this matrix yet: save it first.")})
    template.save()
    for role in roles:
        role.template = template
    RaciTemplateRole.objects.bulk_create(roles)
    history.write(
        by=by, now=now, verb="add", subject=f"raci_template:{name}", changes={"template of": (None, campaign.code)}
    )
    return template


def _cells(row: Row, campaign: Campaign) -> list[RaciTemplateRole]:
    activity, own = row.activity, campaign.department_id
    cells = [(department, role.letter) for department, role in row.departments.items()]
    if activity.accountable_id and (led := _led_by(activity.accountable_id, [own, *row.departments])):
        cells.append((led, TemplateLetter.ACCOUNTABLE))
    return [
        RaciTemplateRole(
            kind=activity.kind,
            added=activity.added,
            letter=letter,
            department_id=None if department == own else department,
        )
        for department, letter in cells
    ]


def _led_by(person: int, departments: list[int]) -> int | None:
    """The first of these departments whose plans this person answers for."""
    return next((department for department in departments if lead_id(department) == person), None)
