"""The page on which everybody sees who carries how much."""

from datetime import date
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.admin.visible import number, visible
from campaigns.choices import TemplateLetter
from campaigns.models import Department
from campaigns.queries.workload import Load, cells_of, loads_of_departments, loads_of_people, parts_of, running
from customers.permissions import colleagues

PERIODS = (30, 90)
# Campaigns of one department or person that are told one by one.
SHOWN = 25
# So far above the average is worth a word.
MUCH = 50


def show(request: HttpRequest, model_admin: ModelAdmin, *, today: date) -> HttpResponse:
    asked = request.GET.get("within", "")
    within = next((days for days in PERIODS if str(days) == asked), 0)
    campaigns = running(today=today, within_days=within)
    departments, people = loads_of_departments(campaigns), loads_of_people(campaigns)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Workload"),
        "crumbs": [{"title": _("Workload")}],
        "periods": [(days, _("the next %(n)d days") % {"n": days}) for days in PERIODS],
        "within": within,
        "departments": [_line(load, departments, load.of.name) for load in departments],
        "people": [_line(load, people, wording.person(load.of)) for load in people],
        **_behind(request, campaigns),
    }
    return TemplateResponse(request, "campaigns/workload.html", context)


def _line(load: Load, loads: list[Load], name: str) -> dict[str, Any]:
    most = max((one.carried for one in loads), default=0)
    return {
        "pk": load.of.pk,
        "name": name,
        "letters": load.letters,
        "carried": load.carried,
        "more": "—" if load.more is None else _("%(percent)s %%") % {"percent": f"{load.more:+d}".replace("-", "−")},
        "has_much": load.more is not None and load.more >= MUCH,
        "share": round(100 * load.carried / most) if most else 0,
    }


def _behind(request: HttpRequest, campaigns: Any) -> dict[str, Any]:
    """The campaigns behind one number (?department= or ?person=), as far as the reader may read them."""
    department, person = request.GET.get("department", ""), request.GET.get("person", "")
    chosen: Department | User | None = None
    if department:
        chosen = visible(Department, request.user).filter(pk=number(department)).first()
    elif person:
        chosen = colleagues().filter(pk=number(person)).first()
    if chosen is None:
        return {}
    rows, unseen = parts_of(campaigns, request.user, of=chosen)
    first = list(rows[:SHOWN])
    cells = cells_of(first, of=chosen)
    return {
        "chosen": chosen.name if isinstance(chosen, Department) else wording.person(chosen),
        "parts": [{"campaign": campaign, "cells": _by_letter(cells[campaign.pk])} for campaign in first],
        "part_count": rows.count(),
        "shown": SHOWN,
        "unseen": unseen,
    }


def _by_letter(cells: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """(letter in words, activities), in the order in which people read the letters."""
    found: dict[str, list[str]] = {letter: [] for letter in TemplateLetter.values}
    for activity, letter in cells:
        found[letter].append(activity)
    return [(str(TemplateLetter(letter).label), activities) for letter, activities in found.items() if activities]
