"""Departments and who works in them: administrators only; membership is written by campaigns.actions.access."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import wording
from campaigns.actions import access
from campaigns.admin.visible import ReferenceModelAdmin, visible
from campaigns.forms.briefs import PersonField
from campaigns.models import Department, Membership
from customers.permissions import is_administrator


class MemberForm(forms.Form):
    person = PersonField(label=gettext_lazy("person"))
    is_lead = forms.BooleanField(label=gettext_lazy("leads the department"), required=False)


@admin.register(Department)
class DepartmentAdmin(ReferenceModelAdmin):
    list_display = ("name", "code", "business_unit", "leads", "number_people", "number_campaigns")
    search_fields = ("code", "name", "business_unit")
    search_help_text = gettext_lazy("Name, code or business unit")
    ordering = ("name", "id")
    fields = ("code", "name", "business_unit", "value_proposition")
    change_form_template = "campaigns/department.html"
    add_label = gettext_lazy("New department")
    empty_first = gettext_lazy("No department yet. Add the first, then its lead and members.")
    empty_found = gettext_lazy("No department matches.")

    def allows(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        leads = Membership.objects.filter(is_lead=True).select_related("user").order_by("id")
        return (
            super()
            .get_queryset(request)
            .annotate(members=Count("memberships", distinct=True), plans=Count("campaigns", distinct=True))
            .prefetch_related(Prefetch("memberships", leads, to_attr="led_by"))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Department | None = None) -> tuple[str, ...]:
        # Other systems and the history name a department by its code.
        return ("code",) if obj else ()

    def get_urls(self) -> list[URLPattern]:
        def wrap(view):
            return self.admin_site.admin_view(require_POST(view))

        own = [
            path("<int:pk>/join/", wrap(self.join), name="campaigns_department_join"),
            path("<int:pk>/leave/<int:user_pk>/", wrap(self.leave), name="campaigns_department_leave"),
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("led by"))
    def leads(self, department: Department) -> str:
        return ", ".join(wording.person(membership.user) for membership in department.led_by) or "—"

    @admin.display(description=gettext_lazy("members"), ordering="members")
    def number_people(self, department: Department) -> str:
        return format_html('<span class="c-number">{}</span>', number_format(department.members))

    @admin.display(description=gettext_lazy("campaigns"), ordering="plans")
    def number_campaigns(self, department: Department) -> str:
        address = reverse("admin:campaigns_campaign_changelist") + f"?department={department.pk}"
        return format_html('<a class="c-number" href="{}">{}</a>', address, number_format(department.plans))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        members = Membership.objects.filter(department=object_id if object_id.isdecimal() else None)
        extra = {
            "members": members.select_related("user").order_by("-is_lead", "user__first_name", "user__username"),
            "member_form": MemberForm(),
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, extra)

    def join(self, request: HttpRequest, pk: int) -> HttpResponse:
        department = self._writable(request, pk)
        form = MemberForm(request.POST)
        if form.is_valid():
            person = form.cleaned_data["person"]
            access.join(
                department=department,
                user=person,
                is_lead=form.cleaned_data["is_lead"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(
                request, _("%(person)s now works here; rights follow.") % {"person": wording.person(person)}
            )
        else:
            messages.error(request, _("Choose a person from the list."))
        return HttpResponseRedirect(reverse("admin:campaigns_department_change", args=[pk]) + "#members")

    def leave(self, request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
        department = self._writable(request, pk)
        person = get_object_or_404(User, pk=user_pk)
        access.leave(department=department, user=person, by=request.user, now=timezone.now())
        messages.success(
            request, _("%(person)s no longer works here; rights follow.") % {"person": wording.person(person)}
        )
        return HttpResponseRedirect(reverse("admin:campaigns_department_change", args=[pk]) + "#members")

    def _writable(self, request: HttpRequest, pk: int) -> Department:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(visible(Department, request.user), pk=pk)
