"""What departments want and what their offers keep to: their leads write it, everybody reads it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.actions.ground_rules import subject_of
from campaigns.admin.catalogue import DepartmentFilter
from campaigns.admin.ground_rules import GroundRuleAdmin, number
from campaigns.admin.register import OwnedAdmin
from campaigns.forms.ground_rules import BrandRulesForm, DepartmentGoalForm, WordToAvoidForm
from campaigns.models import BrandRules, DepartmentGoal, WordToAvoid
from campaigns.models.strategy import lines_of
from campaigns.queries.chronicles import history_of_subject
from campaigns.queries.counts import with_campaigns

SHOWN = 10


class _WithHistory(OwnedAdmin):
    """Whoever reads a row reads how it came to be so."""

    def beside(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        entries = history_of_subject(subject_of(row)).order_by("-id")[:SHOWN]
        return {"beside": "campaigns/parts/history.html", "history": entries}


@admin.register(DepartmentGoal)
class DepartmentGoalAdmin(_WithHistory):
    form = DepartmentGoalForm
    list_display = ("name", "code", "department", "note", "number_campaigns", "standing")
    list_filter = (DepartmentFilter, "is_retired")
    list_select_related = ("department",)
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("Code or name")
    ordering = ("department__name", "name", "id")
    intro = gettext_lazy("What each department wants to reach. Campaigns say which of these goals they serve.")
    add_label = gettext_lazy("New goal")
    empty_first = gettext_lazy("No goal yet. Say what your department wants to reach, so that campaigns can serve it.")
    empty_found = gettext_lazy("No goal matches.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_campaigns(super().get_queryset(request).select_related("department"))

    @admin.display(description=gettext_lazy("campaigns"), ordering="campaigns")
    def number_campaigns(self, goal: DepartmentGoal) -> str:
        return number(goal.campaigns)

    @admin.display(description=gettext_lazy("state"), ordering="is_retired")
    def standing(self, goal: DepartmentGoal) -> str:
        if goal.is_retired:
            return wording.badge("neutral", "inventory", _("met or given up"))
        return wording.badge("good", "flag", _("pursued"))


@admin.register(BrandRules)
class BrandRulesAdmin(_WithHistory):
    form = BrandRulesForm
    list_display = ("title", "deepest", "brands", "words")
    list_display_links = ("title",)
    list_filter = (DepartmentFilter,)
    list_select_related = ("department",)
    search_fields = ("department__name", "protected_brands", "never_words")
    search_help_text = gettext_lazy("Department, brand or word")
    ordering = ("department__name", "id")
    intro = gettext_lazy(
        "What the offers of a department keep to. What lies outside is flagged while it is planned, and never refused."
        " What others may not promote at all is a protected scope, which administrators keep."
    )
    add_label = gettext_lazy("New brand rules")
    empty_first = gettext_lazy(
        "No brand rules yet. Say how deep your department's discounts go and what it never says."
    )
    empty_found = gettext_lazy("No brand rules match.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("department")

    @admin.display(description=gettext_lazy("department"), ordering="department__name")
    def title(self, row: BrandRules) -> str:
        return row.department.name

    @admin.display(description=gettext_lazy("deepest discount"), ordering="deepest_discount")
    def deepest(self, row: BrandRules) -> str:
        if row.deepest_discount is None:
            return "—"
        return _("%(percent)s %%") % {"percent": number_format(f"{row.deepest_discount.normalize():f}")}

    @admin.display(description=gettext_lazy("protected brands"))
    def brands(self, row: BrandRules) -> str:
        return ", ".join(lines_of(row.protected_brands)) or "—"

    @admin.display(description=gettext_lazy("words never used"))
    def words(self, row: BrandRules) -> str:
        return ", ".join(lines_of(row.never_words)) or "—"


@admin.register(WordToAvoid)
class WordToAvoidAdmin(GroundRuleAdmin):
    form = WordToAvoidForm
    list_display = ("phrase", "language", "kind", "advice")
    list_filter = ("language", "kind")
    search_fields = ("phrase", "advice")
    search_help_text = gettext_lazy("Word or advice")
    ordering = ("phrase", "language", "id")
    intro = gettext_lazy(
        "Texts for customers are held against these lists, those of both languages: exaggeration that nobody believes, jargon"
        " and unclear terms. What is found is flagged with your advice, and never refused."
    )
    add_label = gettext_lazy("New word")
    empty_first = gettext_lazy("No word yet. Add what customers do not believe or understand.")
    empty_found = gettext_lazy("No word matches.")
