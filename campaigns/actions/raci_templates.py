"""Keeping the matrix of a campaign as one that others begin with."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.choices import TemplateLetter
from campaigns.models import Campaign, RaciTemplate, RaciTemplateRole
from campaigns.permissions import can_keep_template
from campaigns.queries.raci import Row, leads, matrix_of
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
    lead_of = leads()
    roles = [role for row in matrix_of(campaign) for role in _cells(row, campaign, lead_of)]
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


def _cells(row: Row, campaign: Campaign, lead_of: Mapping[int, int]) -> list[RaciTemplateRole]:
    activity, own = row.activity, campaign.department_id
    cells = [(department, role.letter) for department, role in row.departments.items()]
    led = [department for department in (own, *row.departments) if lead_of.get(department) == activity.accountable_id]
    if activity.accountable_id and led:
        cells.append((led[0], TemplateLetter.ACCOUNTABLE))
    return [
        RaciTemplateRole(
            kind=activity.kind,
            added=activity.added,
            letter=letter,
            department_id=None if department == own else department,
        )
        for department, letter in cells
    ]
