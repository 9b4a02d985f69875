"""Who mediates and by which policy: administrators only, written through approvals.actions.policy."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from approvals.actions import policy
from approvals.forms.mediators import MediatorForm
from approvals.forms.policy import PolicyForm
from approvals.models import EscalationPolicy, Mediator
from approvals.queries.mandates import JOINED, load_of
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
    list_display = ("mediator_name", "cases", "number_load", "stand_in_name")
    list_select_related = JOINED
    fieldsets = (
        (None, {"fields": ("user", "stand_in")}),
        (
            _("Whose cases"),
            {
                "fields": ("department", "other_department", "category", "business_unit", "from_level"),
                "description": _(
                    "Nothing chosen here: every case. The most specific mandate comes first: two departments, then a "
                    "category, a department, a business unit, every case; of equal ones who has the fewest cases."
                ),
            },
        ),
        (_("How many"), {"fields": ("most_cases",)}),
    )
    add_label = _("Name a mediator")
    empty_first = _(
        "Nobody mediates yet: cases whose departments do not agree would wait. Name a mediator for every department."
    )

    has_add_permission = AdministratorsWrite.has_change_permission
    has_delete_permission = AdministratorsWrite.has_change_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mediator]:
        return super().get_queryset(request).annotate(load=load_of(OuterRef("user")))

    @admin.display(description=_("mediator"), ordering="user__last_name")
    def mediator_name(self, mediator: Mediator) -> str:
        return wording.person(mediator.user)

    @admin.display(description=_("cases of"), ordering="department__name")
    def cases(self, mediator: Mediator) -> str:
        return mediator.scope_in_words

    @admin.display(description=_("cases now"), ordering="load")
    def number_load(self, mediator: Mediator) -> str:
        """How many cases they have to decide, by whatever mandate, and how many this one lets them have."""
        said = number_format(mediator.load)
        if mediator.most_cases is not None:
            said = _("%(n)s of %(most)s") % {"n": said, "most": number_format(mediator.most_cases)}
        return format_html('<span class="c-number">{}</span>', said)

    @admin.display(description=_("stand-in"))
    def stand_in_name(self, mediator: Mediator) -> str:
        return wording.person(mediator.stand_in) or self.empty_value_display

    def save_model(self, request: HttpRequest, obj: Mediator, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        values = {field: form.cleaned_data[field] for field in policy.MANDATE}
        if change:
            policy.change_mediator(mediator=obj, **values, by=request.user, now=timezone.now())
        else:
            obj.pk = policy.name_mediator(**values, by=request.user, now=timezone.now()).pk

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
