"""What the house has settled for all plans: everybody reads it, administrators (and of what is measured, analysts) keep it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.actions import ground_rules
from campaigns.admin.visible import VisibleModelAdmin, once
from campaigns.forms import add_errors
from campaigns.forms.ground_rules import GroundRuleForm
from campaigns.permissions import MEASURED, can_settle
from campaigns.queries.ground_rules import reasons_to_keep


class GroundRuleAdmin(VisibleModelAdmin):
    """The pages of one kind; `intro` says what it is for."""

    form: type[GroundRuleForm]
    change_list_template = "campaigns/ground_rules.html"
    intro: Any = ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The two questions that can_settle asks, each once for all kinds.
        name = "data" if self.model in MEASURED else "administrator"
        return once(request, name, lambda: can_settle(request.user, self.model))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    has_delete_permission = has_change_permission

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.form(request.POST or None, by=request.user)
        if request.method == "POST" and self._put(request, form):
            return HttpResponseRedirect(self._list_url())
        return self._page(request, "campaigns/ground_rule_form.html", self.add_label, form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        row = self._find(request, object_id)
        context = {"row": row, **self.beside(request, row)}
        if not self.has_change_permission(request, row):
            if request.method != "GET":
                raise PermissionDenied
            facts = list(self._facts(row, self.list_display))
            return self._page(request, "campaigns/ground_rule.html", str(row), facts=facts, **context)
        # The form fills the instance it is given; the page tells of the stored one.
        form = self.form(request.POST or None, instance=self._find(request, object_id), by=request.user)
        if request.method == "POST" and self._put(request, form):
            return HttpResponseRedirect(self._list_url())
        facts = list(self._facts(row, ground_rules.KINDS[self.model].fixed))
        return self._page(request, "campaigns/ground_rule_form.html", str(row), form=form, facts=facts, **context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        if not self.has_delete_permission(request):
            raise PermissionDenied
        row = self._find(request, object_id)
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        title = str(row)
        if request.method == "POST":
            try:
                ground_rules.remove(row=row, by=request.user, now=timezone.now())
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, _("Removed: %(name)s.") % {"name": title})
            return HttpResponseRedirect(self._list_url())
        facts = list(self._facts(row, self.list_display))
        reasons = reasons_to_keep(row)
        return self._page(request, "campaigns/ground_rule_remove.html", title, row=row, facts=facts, reasons=reasons)

    def beside(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of a row shows below it: the part of a page (`beside`) and what that part needs."""
        return {}

    def _put(self, request: HttpRequest, form: GroundRuleForm) -> bool:
        if not form.is_valid():
            return False
        try:
            ground_rules.put(row=form.row(), many=form.many(), by=request.user, now=timezone.now())
        except ValidationError as error:
            add_errors(form, error)
            return False
        judged = ground_rules.KINDS[self.model].is_judged
        messages.success(request, _("Saved. Collisions are counted again within seconds.") if judged else _("Saved."))
        return True

    def _find(self, request: HttpRequest, object_id: str) -> Any:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request):
            raise Http404
        return row

    def _facts(self, row: Any, names: Any) -> Iterator[tuple[str, Any]]:
        for name in names:
            field, _attribute, value = lookup_field(name, row, self)
            if getattr(field, "choices", None):
                value = getattr(row, f"get_{name}_display")()
            elif isinstance(value, bool):
                value = _("yes") if value else _("no")
            yield capfirst(label_for_field(name, self.model, self)), value if value not in (None, "") else "—"

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _page(self, request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
        name = capfirst(self.opts.verbose_name_plural)
        around = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "crumbs": [{"title": name, "url": self._list_url()}, {"title": title}],
            "kind": self,
            "back": self._list_url(),
        }
        return TemplateResponse(request, template, around | context)


class InDays:
    """For kinds that hold for some days."""

    @admin.display(description=gettext_lazy("days"), ordering="starts_on")
    def days(self, row: Any) -> str:
        return format_html('<span class="c-nowrap">{}</span>', wording.period(row.starts_on, row.ends_before))


def number(value: Any, places: int | None = None) -> str:
    return format_html('<span class="c-number">{}</span>', "—" if value is None else number_format(value, places))
