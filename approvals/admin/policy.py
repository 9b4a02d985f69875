"""Who mediates and by which policy: administrators only, written through approvals.actions.policy."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.actions import policy
from approvals.forms import MediatorForm, PolicyForm
from approvals.models import EscalationPolicy, Mediator
from approvals.rules.deadlines import LIMITS
from campaigns import wording
from customers.permissions import is_administrator
from customers.visible_admin import VisibleModelAdmin


class AdministratorsWrite:
    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return is_administrator(request.user)


@admin.register(Mediator)
class MediatorAdmin(AdministratorsWrite, VisibleModelAdmin):
    form = MediatorForm
    list_display = ("mediator_name", "scope", "stand_in_name")
    list_select_related = ("user", "department", "stand_in")
    fields = ("user", "department", "stand_in")
    add_label = _("Name a mediator")
    empty_first = _(
        "Nobody mediates yet: cases whose departments do not agree would wait. Name a mediator for every department."
    )

    has_add_permission = AdministratorsWrite.has_change_permission
    has_delete_permission = AdministratorsWrite.has_change_permission

    @admin.display(description=_("mediator"), ordering="user__last_name")
    def mediator_name(self, mediator: Mediator) -> str:
        return wording.person(mediator.user)

    @admin.display(description=_("cases of"), ordering="department__name")
    def scope(self, mediator: Mediator) -> str:
        return str(mediator.department or _("every department"))

    @admin.display(description=_("stand-in"))
    def stand_in_name(self, mediator: Mediator) -> str:
        return wording.person(mediator.stand_in) or self.empty_value_display

    def save_model(self, request: HttpRequest, obj: Mediator, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        people = {"user": obj.user, "department": obj.department, "stand_in": obj.stand_in}
        if change:
            policy.change_mediator(mediator=obj, **people, by=request.user, now=timezone.now())
        else:
            obj.pk = policy.name_mediator(**people, by=request.user, now=timezone.now()).pk

    def delete_model(self, request: HttpRequest, obj: Mediator) -> None:
        policy.dismiss_mediator(mediator=obj, by=request.user, now=timezone.now())


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(AdministratorsWrite, VisibleModelAdmin):
    """One row: the entry in the navigation leads straight to its form."""

    form = PolicyForm
    fields = ("opens_at_level", *LIMITS)
    change_form_template = "approvals/policy.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:approvals_escalationpolicy_change", args=[1]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        crumbs = [{"title": _("Escalation policy")}]
        return super().change_view(request, object_id, form_url, {"crumbs": crumbs, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: EscalationPolicy, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        values = {field: form.cleaned_data[field] for field in self.fields}
        policy.change_policy(**values, by=request.user, now=timezone.now())
