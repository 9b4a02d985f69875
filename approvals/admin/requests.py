"""Customers' requests: the list, the form that records one, and the way to the page of each."""

import re

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from approvals.actions import requests as actions
from approvals.admin import request_page
from approvals.admin.request_filters import RequestTurnFilter
from approvals.choices import RequestState
from approvals.forms.requests import RecordForm
from approvals.models import CustomerRequest
from approvals.queries.requests import JOINED
from approvals.wording import contradicted, distance, overdue, request_state
from campaigns import wording
from campaigns.models import Department
from campaigns.permissions import departments_of
from customers.visible_admin import VisibleModelAdmin, once

LABEL = re.compile(r"^s-?(\d{1,18})$", re.IGNORECASE)
# Characters of what was asked, in the list.
SHOWN = 90


@admin.register(CustomerRequest)
class CustomerRequestAdmin(VisibleModelAdmin):
    list_display = ("label", "what", "channel", "where", "deadline", "state_badge")
    list_filter = (RequestTurnFilter, "channel")
    list_select_related = ("department", "owner", "standing")
    search_fields = ("asked",)
    search_help_text = gettext_lazy("S-3, or words of what was asked")
    ordering = ("answer_by",)
    add_label = gettext_lazy("Record a request")
    empty_first = gettext_lazy("No request waits. Record what a customer asks, and it has one owner and a deadline.")
    empty_found = gettext_lazy("No request matches these filters.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever works in a department: somebody there owns what is recorded."""
        return bool(once(request, "departments", lambda: departments_of(request.user)))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CustomerRequest], search_term: str
    ) -> tuple[QuerySet[CustomerRequest], bool]:
        if label := LABEL.match(search_term.strip()):
            return queryset.filter(pk=int(label[1])), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("request"), ordering="id")
    def label(self, request: CustomerRequest) -> str:
        return request.label

    @admin.display(description=gettext_lazy("what was asked"))
    def what(self, request: CustomerRequest) -> str:
        return _("Erased with the customer's data") if request.erased_at else Truncator(request.asked).chars(SHOWN)

    @admin.display(description=gettext_lazy("with"), ordering="department__name")
    def where(self, request: CustomerRequest) -> str:
        return _two_lines(request.department.name, wording.person(request.owner))

    @admin.display(description=gettext_lazy("answer by"), ordering="answer_by")
    def deadline(self, request: CustomerRequest) -> str:
        now = timezone.now()
        if request.state != RequestState.OPEN:
            return self.empty_value_display
        if request.answer_by <= now:
            return format_html("<div>{} {}</div>", overdue(), wording.moment(request.answer_by))
        return _two_lines(wording.moment(request.answer_by), distance(request.answer_by, now))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, request: CustomerRequest) -> str:
        if request.disputed_at:
            return format_html("{} {}", request_state(request.state), contradicted())
        return request_state(request.state)

    def get_urls(self) -> list[URLPattern]:
        def page(view):
            def loaded(request: HttpRequest, pk: int) -> HttpResponse:
                return view(self, request, self.request_or_404(request, pk))

            return self.admin_site.admin_view(require_POST(loaded))

        return [
            *(
                path(f"<int:pk>/{name}/", page(view), name=f"approvals_customerrequest_{name.replace('-', '_')}")
                for name, view in request_page.STEPS.items()
            ),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Record what a customer asks; `?campaign=` names what it is about."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        departments = Department.objects.filter(pk__in=departments_of(request.user)).order_by("name")
        initial = {"campaign": request.GET.get("campaign", "")[:64]}
        form = RecordForm(departments, request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            asked = dict(form.cleaned_data)
            token = asked.pop("key")
            try:
                made = actions.record(**asked, token=token, by=request.user, now=timezone.now())
            except ValidationError as error:
                for field, errors in error.error_dict.items():
                    form.add_error({"received_at": "received_on"}.get(field, field), errors)
            else:
                messages.success(request, _("%(request)s is recorded, and it is yours.") % {"request": made.label})
                return HttpResponseRedirect(request_page.url(made))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Record a request"),
            "crumbs": [
                {"title": _("Customer requests"), "url": reverse("admin:approvals_customerrequest_changelist")},
                {"title": _("Record a request")},
            ],
            "form": form,
        }
        return TemplateResponse(request, "approvals/request_new.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        return request_page.show(self, request, self.request_or_404(request, object_id))

    def request_or_404(self, request: HttpRequest, pk: object) -> CustomerRequest:
        """The only way to a request: whoever may not see it learns nothing, not even that it exists."""
        rows = self.get_queryset(request).select_related(*JOINED)
        found = rows.filter(pk=pk).first() if str(pk).isdecimal() and len(str(pk)) <= 18 else None
        if found is None:
            raise Http404
        return found


def _two_lines(first: str, second: str) -> str:
    return format_html('<div>{}<span class="c-minor">{}</span></div>', first, second)
