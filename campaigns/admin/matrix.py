"""The RACI matrix as a form: activities down, one select per department, one column for the A."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.actions import planning
from campaigns.admin import campaign_page
from campaigns.admin.visible import visible
from campaigns.choices import RaciLetter
from campaigns.forms import stamp
from campaigns.models import Activity, Campaign, Department, RaciRole
from campaigns.permissions import can_appoint
from campaigns.rules.lifecycle import EDITABLE

LETTERS = ["", *RaciLetter.values]


def change(request: HttpRequest, model_admin: ModelAdmin, pk: int, *, now: datetime) -> HttpResponse:
    campaign = campaign_page.find(model_admin, request, pk)
    if not can_appoint(request.user, campaign) or campaign.status not in EDITABLE:
        raise PermissionDenied
    grid = _Grid(campaign, request)
    errors: list[str] = []
    if request.method == "POST":
        errors = grid.read(request.POST)
        if not errors:
            try:
                planning.set_raci(
                    campaign=campaign, by=request.user, now=now, accountable=grid.accountable, roles=grid.roles
                )
            except ValidationError as error:
                errors = error.messages
            else:
                messages.success(request, _("Matrix saved; rights follow it from now on."))
                return HttpResponseRedirect(campaign_page.url(campaign) + "#raci")
    context = campaign_page.page(
        request, model_admin, campaign, _("RACI matrix"), grid=grid, rows=grid.rows(), errors=errors
    )
    return TemplateResponse(request, "campaigns/raci.html", context)


class _Grid:
    """The matrix as shown and as posted: `accountable` by activity id, `roles` by (activity id, department id)."""

    def __init__(self, campaign: Campaign, request: HttpRequest) -> None:
        self.campaign = campaign
        self.activities: Sequence[Activity] = list(campaign.activities.order_by("id"))
        self.departments: Sequence[Department] = list(visible(Department, request.user))
        self.people: Sequence[User] = list(visible(User, request.user))
        self.accountable: dict[int, User | None] = {}
        self.roles: dict[tuple[int, int], str] = {}
        stored = RaciRole.objects.filter(activity__in=self.activities, user__isnull=True)
        self.stored_roles = {(role.activity_id, role.department_id): role.letter for role in stored}
        self.stored_a = {activity.pk: activity.accountable_id for activity in self.activities}
        self.seen = stamp([sorted(self.stored_a.items()), sorted(self.stored_roles.items())])

    def read(self, data: Mapping[str, str]) -> list[str]:
        """Take what was posted; returns what is wrong with it. A cell that is not posted stays as it is."""
        known = {str(person.pk): person for person in self.people}
        wrong = set()
        for activity in self.activities:
            if (name := f"a-{activity.pk}") in data:
                value = data[name]
                if value and value not in known and value != str(self.stored_a[activity.pk]):
                    wrong.add(_("Choose the A of “%(activity)s” from the list.") % {"activity": activity})
                elif value != str(self.stored_a[activity.pk] or ""):
                    self.accountable[activity.pk] = known.get(value)
            for department in self.departments:
                value = data.get(f"r-{activity.pk}-{department.pk}")
                if value in LETTERS:
                    self.roles[activity.pk, department.pk] = value
                elif value is not None:
                    wrong.add(_("Roles are R, C or I."))
        if data.get("seen") != self.seen:
            wrong.add(
                _(
                    "Somebody else saved the matrix while you were editing. Your cells are below: compare and save again."
                )
            )
        return sorted(wrong)

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "activity": activity,
                "a": self._a(activity),
                "cells": [
                    {
                        "name": f"r-{activity.pk}-{department.pk}",
                        "label": _("%(activity)s, %(department)s")
                        % {"activity": activity.get_kind_display(), "department": department.name},
                        "department": department.name,
                        "letter": self._letter(activity, department),
                    }
                    for department in self.departments
                ],
            }
            for activity in self.activities
        ]

    def _a(self, activity: Activity) -> int | None:
        if activity.pk in self.accountable:
            person = self.accountable[activity.pk]
            return person.pk if person else None
        return self.stored_a[activity.pk]

    def _letter(self, activity: Activity, department: Department) -> str:
        key = (activity.pk, department.pk)
        return self.roles.get(key, self.stored_roles.get(key, ""))

    def choices(self) -> list[tuple[int, str]]:
        return [(person.pk, wording.person(person)) for person in self.people]
