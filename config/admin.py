"""Pages that belong to no one app: people with their parts in the house, and the history of everything."""

from copy import copy
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_static.admin import StaticDeviceAdmin  # noqa: F401 - registers what is taken out below
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDeviceAdmin  # noqa: F401 - the same
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from approvals.actions import locks, people, two_factor
from approvals.queries.locks import locked_addresses
from approvals.rules import timeline
from campaigns import chronicle, wording
from campaigns.models import Membership
from campaigns.queries.chronicles import with_names
from customers.form_fields import formfield
from customers.models import HistoryEntry
from customers.permissions import ANALYSTS, is_administrator
from customers.visible_admin import VisibleModelAdmin

# Ours replaces the first; nobody types groups in, and nobody reads other people's keys.
for model in (User, Group, TOTPDevice, StaticDevice):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class PartsMixin(forms.Form):
    """What a person is in the house. Rights on plans follow from department and RACI and are never typed in."""

    is_administrator = forms.BooleanField(
        label=gettext_lazy("Administrator"),
        required=False,
        help_text=gettext_lazy("Departments, people, mediators, policy; reads everything, writes no plans."),
        widget=UnfoldBooleanSwitchWidget,
    )
    is_analyst = forms.BooleanField(
        label=gettext_lazy("Analyst"),
        required=False,
        help_text=gettext_lazy("Customers, segments, catalogue and imports; no plans."),
        widget=UnfoldBooleanSwitchWidget,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", "—"), *settings.LANGUAGES],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.instance
        if person.pk:
            self.initial |= people.values_of(person)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = {name: cleaned.get(name) or "" for name in ("username", "email")}
        person = self.instance if self.instance.pk else None
        for field, texts in people.refusals_of_person(**named, person=person).items():
            self.add_error(field, texts)
        return cleaned


class PersonForm(PartsMixin, forms.ModelForm):
    class Meta:
        model = User
        formfield_callback = formfield
        fields = ["username", "first_name", "last_name", "email", "is_active"]


class NewPersonForm(PartsMixin, UserCreationForm):
    class Meta:
        model = User
        formfield_callback = formfield
        fields = ["username", "first_name", "last_name", "email"]


class PasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's
        password = self.cleaned_data["password1"] if self.cleaned_data["set_usable_password"] else None
        people.set_password(person=self.user, password=password, by=self.by, now=timezone.now())
        return self.user


@admin.register(User)
class PersonAdmin(VisibleModelAdmin, UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    list_display = ("name", "username", "email", "parts", "departments", "is_active")
    list_filter = ("is_active",)
    list_display_links = ("name",)
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = gettext_lazy("Name, user name or e-mail")
    ordering = ("first_name", "last_name", "username")
    filter_horizontal = ()
    readonly_fields = ("departments",)
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "language", "is_active")}),
        (gettext_lazy("Parts in the house"), {"fields": ("is_administrator", "is_analyst", "departments")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "language")}),
        (gettext_lazy("Password"), {"fields": ("password1", "password2")}),
        (gettext_lazy("Parts in the house"), {"fields": ("is_administrator", "is_analyst")}),
    )
    change_form_template = "admin/person.html"
    add_form_template = "admin/change_form.html"
    list_title = gettext_lazy("People")
    add_label = gettext_lazy("New person")
    empty_first = gettext_lazy("Nobody yet.")
    empty_found = gettext_lazy("Nobody matches.")

    def allows(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        works_in = Membership.objects.select_related("department").order_by("department__name")
        rows = User.objects.all() if is_administrator(request.user) else User.objects.none()
        return rows.prefetch_related("groups", Prefetch("memberships", works_in)).order_by(*self.ordering)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self.allows(request)

    def get_urls(self) -> list[URLPattern]:
        ways = [
            path(f"<int:pk>/{route}/", self.admin_site.admin_view(require_POST(view)), name=f"auth_user_{route}")
            for route, view in (("device", self.take_device), ("unlock", self.unlock))
        ]
        return [*ways, *super().get_urls()]

    def take_device(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if two_factor.take_away(person=person, by=request.user, now=timezone.now()):
            text = _(
                "The device is taken away: %(name)s signs in with the password alone until they set one up again."
            )
            messages.success(request, text % {"name": wording.person(person)})
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[pk]))

    def unlock(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if locks.lift(person=person, by=request.user, now=timezone.now()):
            messages.success(
                request, _("The lock is lifted: %(name)s can sign in.") % {"name": wording.person(person)}
            )
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[pk]))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        return super().add_view(request, form_url, {"title": self.add_label, "crumbs": _crumbs(self.add_label)})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        extra = {"crumbs": _crumbs(wording.person(person)), "name": wording.person(person)}
        if person and self.allows(request):
            extra |= {
                "two_factor": TOTPDevice.objects.filter(user=person).exists(),
                "locks": locked_addresses(person, now=timezone.now()),
            }
        return super().change_view(request, object_id, form_url, extra)

    @admin.display(description=gettext_lazy("name"), ordering="first_name")
    def name(self, person: User) -> str:
        return wording.person(person)

    @admin.display(description=gettext_lazy("parts"))
    def parts(self, person: User) -> str:
        parts = [_("administrator")] if person.is_superuser else []
        if any(group.name == ANALYSTS for group in person.groups.all()):
            parts.append(_("analyst"))
        if any(membership.is_lead for membership in person.memberships.all()):
            parts.append(_("lead"))
        return ", ".join(parts) or "—"

    @admin.display(description=gettext_lazy("departments"))
    def departments(self, person: User) -> str:
        return ", ".join(membership.department.name for membership in person.memberships.all()) or "—"

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        page = copy(self)
        page.change_password_form = partial(PasswordForm, by=request.user)
        response = super(PersonAdmin, page).user_change_password(request, id, form_url)
        if isinstance(response, TemplateResponse):
            person = response.context_data["original"]
            address = reverse("admin:auth_user_change", args=[person.pk])
            response.context_data["crumbs"] = _crumbs(wording.person(person), address, _("Password"))
        return response

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:  # noqa: FBT001
        fields = {name: form.cleaned_data[name] for name in people.FIELDS if name in form.cleaned_data}
        who = {"by": request.user, "now": timezone.now()}
        if change:
            people.change_person(person=obj, fields=fields, **who)
        else:
            obj.pk = people.add_person(fields=fields, password=form.cleaned_data["password1"], **who).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Nothing: groups were set above, and nobody types permissions in."""


def _crumbs(here: Any, address: str = "", below: str = "") -> list[dict[str, Any]]:
    """The way from the list of people to one of them and, with `address`, to a page below."""
    way = [{"title": _("People"), "url": reverse("admin:auth_user_changelist")}, {"title": here, "url": address}]
    return [*way, {"title": below}] if below else way


@admin.register(HistoryEntry)
class HistoryAdmin(VisibleModelAdmin):
    list_display = ("moment", "who", "what", "about", "changed", "reason")
    list_display_links = None
    search_fields = ("^subject", "^scope", "=actor")
    search_help_text = gettext_lazy("campaign:CODE, offer:CODE, user name")
    ordering = ("-id",)
    list_title = gettext_lazy("History")
    empty_first = gettext_lazy("Nothing has happened yet.")
    empty_found = gettext_lazy("No entry matches.")

    def allows(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        raise Http404

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """A step of a case is also written on the pages of both campaigns; here it is told once."""
        rows = super().get_queryset(request).exclude(subject__startswith="case:", scope__startswith="campaign:")
        return with_names(rows)

    @admin.display(description=gettext_lazy("at"), ordering="id")
    def moment(self, entry: HistoryEntry) -> SafeString:
        return format_html('<span class="c-nowrap">{}</span>', wording.moment(entry.at))

    @admin.display(description=gettext_lazy("who"))
    def who(self, entry: HistoryEntry) -> SafeString | str:
        if entry.who == entry.actor:
            return entry.actor or _("the system")
        # The login too: it is what the search takes.
        return format_html('{}<span class="c-minor">{}</span>', entry.who, entry.actor)

    @admin.display(description=gettext_lazy("what"))
    def what(self, entry: HistoryEntry) -> str:
        return timeline.words(entry.verb) if entry.verb in timeline.STEPS else chronicle.what(entry)

    @admin.display(description=gettext_lazy("about"))
    def about(self, entry: HistoryEntry) -> str:
        return chronicle.subject(entry)

    @admin.display(description=gettext_lazy("changes"))
    def changed(self, entry: HistoryEntry) -> SafeString | str:
        lines = [(one["field"], one["before"], one["after"]) for one in chronicle.changes(entry)]
        return format_html_join("", '<span class="c-small c-block">{}: {} → {}</span>', lines) or "—"
