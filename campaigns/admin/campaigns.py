"""Campaigns: the list, one page that tells all, and the pages that change something."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.admin import briefs, calendar, campaign_page, joint_planning, matrix, steps, workload
from campaigns.admin.visible import VisibleModelAdmin, VisibleRelatedFilter, once, roles
from campaigns.choices import CampaignStatus, RaciLetter
from campaigns.models import Campaign, Department
from campaigns.permissions import departments_of, sees_plans
from campaigns.queries.counts import open_collisions, with_my_letter
from customers.clock import local_day


class DepartmentFilter(VisibleRelatedFilter):
    title = _("department")
    field = "department"
    model = Department


class StatusFilter(SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("planned", _("Planned and running")), *CampaignStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "planned":
            return queryset.exclude(status__in=[CampaignStatus.ENDED, CampaignStatus.CANCELLED])
        return queryset.filter(status=self.value()) if self.value() else queryset


class MineFilter(SimpleListFilter):
    title = _("whose")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("a", _("I am accountable (A)")), ("department", _("of my department"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "a":
            return queryset.filter(accountable=request.user)
        if self.value() == "department":
            return queryset.filter(department__memberships__user=request.user)
        return queryset


@admin.register(Campaign)
class CampaignAdmin(VisibleModelAdmin):
    list_display = ("title", "department_name", "days", "status_badge", "a", "number_collisions", "my_part")
    list_display_links = None
    list_filter = (StatusFilter, DepartmentFilter, MineFilter)
    list_select_related = ("department", "accountable")
    search_fields = ("code", "name")
    search_help_text = _("Name or code")
    ordering = ("-starts_on", "code")
    add_label = _("New campaign")
    empty_first = _(
        "You see no campaign yet: those of your department, and those in which you have a part, appear here."
    )
    empty_found = _("No campaign matches.")

    def allows(self, request: HttpRequest) -> bool:
        return sees_plans(roles(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return "lead" in roles(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        departments = once(request, "departments", lambda: departments_of(request.user))
        rows = with_my_letter(rows, request.user, departments)
        return rows.annotate(open_collisions=open_collisions(request.user))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("plan/", wrap(self.plan), name="campaigns_plan"),
            path("<int:pk>/brief/", wrap(self.brief), name="campaigns_campaign_brief"),
            path("workload/", wrap(self.workload), name="campaigns_campaign_workload"),
            path("<int:pk>/raci/", wrap(self.raci), name="campaigns_campaign_raci"),
            path("<int:pk>/raci.csv", wrap(self.raci_file), name="campaigns_campaign_raci_file"),
            path("<int:pk>/joint-group/", wrap(self.joint_group), name="campaigns_campaign_joint_group"),
            path("<int:pk>/step/<slug:step>/", wrap(self.step), name="campaigns_campaign_step"),
        ]
        return own + super().get_urls()

    @admin.display(description=_("campaign"), ordering="name")
    def title(self, campaign: Campaign) -> str:
        return format_html(
            '<a href="{}">{}</a><span class="c-minor">{}</span>',
            campaign_page.url(campaign),
            campaign.name,
            campaign.code,
        )

    @admin.display(description=_("department"), ordering="department__name")
    def department_name(self, campaign: Campaign) -> str:
        return campaign.department.name

    @admin.display(description=_("days"), ordering="starts_on")
    def days(self, campaign: Campaign) -> str:
        return format_html(
            '<span class="c-nowrap">{}</span>', wording.period(campaign.starts_on, campaign.ends_before)
        )

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, campaign: Campaign) -> str:
        return wording.campaign_status(campaign.status)

    @admin.display(description=_("A · answers for it"), ordering="accountable__first_name")
    def a(self, campaign: Campaign) -> str:
        return wording.person(campaign.accountable) or format_html(
            '<span class="c-badge c-badge--medium"><span class="material-symbols-outlined" aria-hidden="true">person_off'
            "</span>{}</span>",
            _("nobody yet"),
        )

    @admin.display(description=_("open collisions"), ordering="open_collisions")
    def number_collisions(self, campaign: Campaign) -> str:
        return campaign_page.collisions_link(campaign, campaign.open_collisions)

    @admin.display(description=_("my part"))
    def my_part(self, campaign: Campaign) -> str:
        if campaign.my_a:
            return _("A · answers for it")
        letters = [letter for letter in "rci" if getattr(campaign, f"my_{letter}")]
        return RaciLetter(letters[0].upper()).label if letters else "—"

    def plan(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return calendar.show(request, self, today=local_day(timezone.now()))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        return briefs.new(request, self, now=timezone.now())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return campaign_page.show(request, self, object_id, now=timezone.now())

    def brief(self, request: HttpRequest, pk: int) -> HttpResponse:
        return briefs.change(request, self, pk, now=timezone.now())

    def raci(self, request: HttpRequest, pk: int) -> HttpResponse:
        return matrix.change(request, self, pk, now=timezone.now())

    def raci_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        return matrix.download(request, self, pk)

    def workload(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return workload.show(request, self, today=local_day(timezone.now()))

    def joint_group(self, request: HttpRequest, pk: int) -> HttpResponse:
        return joint_planning.change(request, self, pk, now=timezone.now())

    def step(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        return steps.take(request, self, pk, step, now=timezone.now())
