"""The register: which department owns which tactic, who profits from it, and which tools each works with."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from campaigns.admin.catalogue import DepartmentFilter
from campaigns.admin.ground_rules import GroundRuleAdmin, number
from campaigns.admin.visible import roles
from campaigns.forms.ground_rules import TacticForm, ToolForm
from campaigns.models import Tactic, Tool
from campaigns.permissions import can_settle_for
from campaigns.queries.register import overlapping, with_overlaps


class OwnedAdmin(GroundRuleAdmin):
    """What departments say of themselves: their leads write it."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        writes = bool(roles(request) & {"lead", "administrator"})
        return writes and (obj is None or can_settle_for(request.user, obj.department_id))

    has_delete_permission = has_change_permission


@admin.register(Tactic)
class TacticAdmin(OwnedAdmin):
    form = TacticForm
    list_display = ("name", "code", "department", "who_profits", "since_when", "how_told")
    list_filter = (DepartmentFilter,)
    list_select_related = ("department",)
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("Code or name")
    ordering = ("name", "id")
    intro = gettext_lazy(
        "Who owns which way to reach customers, which other departments profit from it, and how they hear of it."
    )
    add_label = gettext_lazy("New tactic")
    empty_first = gettext_lazy(
        "No tactic yet. Add what your department owns: newsletter, pop-up, recommendation slot …"
    )
    empty_found = gettext_lazy("No tactic matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("department").prefetch_related("profits")

    @admin.display(description=gettext_lazy("who profits"))
    def who_profits(self, tactic: Tactic) -> str:
        return ", ".join(department.name for department in tactic.profits.all()) or "—"

    @admin.display(description=gettext_lazy("since"), ordering="since")
    def since_when(self, tactic: Tactic) -> str:
        return date_format(tactic.since, "DATE_FORMAT") if tactic.since else "—"


@admin.register(Tool)
class ToolAdmin(OwnedAdmin):
    form = ToolForm
    list_display = ("name", "department", "purpose", "number_overlaps", "note")
    list_filter = (DepartmentFilter, "purpose")
    list_select_related = ("department",)
    search_fields = ("name", "note")
    search_help_text = gettext_lazy("Name or note")
    ordering = ("purpose", "department__name", "name", "id")
    intro = gettext_lazy(
        "Which software each department works with, and which others have something for the same purpose."
    )
    add_label = gettext_lazy("New tool")
    empty_first = gettext_lazy(
        "No tool yet. Add what your department works with: others see where they overlap with you."
    )
    empty_found = gettext_lazy("No tool matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_overlaps(super().get_queryset(request).select_related("department"))

    def beside(self, request: HttpRequest, row: Tool) -> dict[str, Any]:
        return {"beside": "campaigns/parts/overlapping_tools.html", "tools": overlapping(row)}

    @admin.display(description=gettext_lazy("overlaps with"), ordering="overlaps")
    def number_overlaps(self, tool: Tool) -> str:
        if not tool.overlaps:
            return number(0)
        same = f"{reverse('admin:campaigns_tool_changelist')}?purpose__exact={tool.purpose}"
        return format_html('<a class="c-number" href="{}">{}</a>', same, number_format(tool.overlaps))
