"""What RACI matrices are made of: activities beside the seven, and templates to begin with."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from campaigns.admin.ground_rules import GroundRuleAdmin, number
from campaigns.forms.ground_rules import AddedActivityForm, RaciTemplateForm
from campaigns.models import AddedActivity, RaciTemplate
from campaigns.queries.raci import rows_of_template


@admin.register(AddedActivity)
class AddedActivityAdmin(GroundRuleAdmin):
    form = AddedActivityForm
    list_display = ("name", "code", "is_retired")
    list_filter = ("is_retired",)
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("Code or name")
    ordering = ("name", "id")
    intro = gettext_lazy(
        "Tasks that your campaigns have beside the seven. New campaigns begin with those that are not retired."
    )
    add_label = gettext_lazy("New activity")
    empty_first = gettext_lazy("Campaigns have the seven activities. Add what your departments do besides.")
    empty_found = gettext_lazy("No activity matches.")


@admin.register(RaciTemplate)
class RaciTemplateAdmin(GroundRuleAdmin):
    """Templates are made on the page of a matrix, renamed and removed here."""

    form = RaciTemplateForm
    list_display = ("name", "number_cells", "number_departments")
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("name", "id")
    intro = gettext_lazy(
        "Matrices to begin with. They are made on the page of a campaign's RACI matrix: “Keep as a template”."
    )
    empty_first = gettext_lazy("No template yet. Open the RACI matrix of a campaign and keep it as a template.")
    empty_found = gettext_lazy("No template matches.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        counts = {"departments": Count("roles__department", distinct=True), "cells": Count("roles", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    def beside(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"beside": "campaigns/parts/raci_template.html", "template_rows": rows_of_template(row)}

    @admin.display(description=gettext_lazy("cells"), ordering="cells")
    def number_cells(self, template: RaciTemplate) -> str:
        return number(template.cells)

    @admin.display(description=gettext_lazy("departments"), ordering="departments")
    def number_departments(self, template: RaciTemplate) -> str:
        return number(template.departments)
