"""When the house works: administrators write, everybody reads."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.actions import working_time
from approvals.admin.policy import AdministratorsWrite
from approvals.forms.policy import SpecialDayForm, WorkingHoursForm
from approvals.models import SpecialDay, WorkingHours
from approvals.queries.working_time import ends_soon
from customers.clock import local_day
from customers.visible_admin import VisibleModelAdmin


class YearFilter(SimpleListFilter):
    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = SpecialDay.objects.visible(request.user).dates("day", "year")
        return [(str(one.year), str(one.year)) for one in years]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not (value := self.value()):
            return queryset
        return queryset.filter(day__year=value) if value in dict(self.lookup_choices) else queryset.none()


@admin.register(SpecialDay)
class SpecialDayAdmin(AdministratorsWrite, VisibleModelAdmin):
    form = SpecialDayForm
    list_display = ("which_day", "name", "what", "whence")
    list_filter = (YearFilter,)
    fields = working_time.DAY_FIELDS
    change_list_template = "approvals/business_calendar.html"
    add_label = gettext_lazy("Add a day")
    empty_first = gettext_lazy(
        "Only weekends are off. Add the days on which nobody works; whoever operates Concordia can import public holidays."
    )
    empty_found = gettext_lazy("No day of that year stands in the calendar.")

    has_add_permission = AdministratorsWrite.has_change_permission
    has_delete_permission = AdministratorsWrite.has_change_permission

    @admin.display(description=gettext_lazy("day"), ordering="day")
    def which_day(self, row: SpecialDay) -> str:
        return date_format(row.day, f"D {get_format('DATE_FORMAT')}")

    @admin.display(description=gettext_lazy("what it is"), ordering="is_worked")
    def what(self, row: SpecialDay) -> str:
        return _("somebody works") if row.is_worked else _("day off")

    @admin.display(description=gettext_lazy("imported from"), ordering="source")
    def whence(self, row: SpecialDay) -> str:
        return row.source or _("entered by hand")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        facts = {"hours": WorkingHours.objects.get(), "ends_soon": ends_soon(local_day(timezone.now()))}
        return super().changelist_view(request, {**facts, **(extra_context or {})})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_why_not(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_why_not(request, super().delete_view, *args, **kwargs)

    @staticmethod
    def _or_why_not(
        request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A calendar in which nobody works is refused as a whole: no field is wrong."""
        try:
            return view(request, *args, **kwargs)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: SpecialDay, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        values = {field: form.cleaned_data[field] for field in self.fields}
        row = obj if change else None
        obj.pk = working_time.put_day(row=row, **values, by=request.user, now=timezone.now()).pk

    def delete_model(self, request: HttpRequest, obj: SpecialDay) -> None:
        working_time.remove_day(row=obj, by=request.user, now=timezone.now())


@admin.register(WorkingHours)
class WorkingHoursAdmin(AdministratorsWrite, VisibleModelAdmin):
    """One row: the entry in the navigation leads straight to its form."""

    form = WorkingHoursForm
    fields = working_time.HOURS_FIELDS
    change_form_template = "approvals/working_hours.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:approvals_workinghours_change", args=[1]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        crumbs = [{"title": _("Working hours")}]
        return super().change_view(request, object_id, form_url, {"crumbs": crumbs, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: WorkingHours, form: ModelForm, change: bool) -> None:  # noqa: FBT001 - Django's
        values = {field: form.cleaned_data[field] for field in self.fields}
        working_time.change_hours(**values, by=request.user, now=timezone.now())
