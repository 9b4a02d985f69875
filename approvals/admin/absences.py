"""Who is away, and who approves for them: everybody sees all and announces their own."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from approvals.actions import absences
from approvals.forms.policy import AbsenceForm
from approvals.models import Absence
from customers.clock import local_day
from customers.permissions import is_administrator
from customers.visible_admin import VisibleModelAdmin, visible

LIST = "approvals_absence_changelist"


@admin.register(Absence)
class AbsenceAdmin(VisibleModelAdmin):
    """One page holds the list and the form; there are no others."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.page), name=LIST),
            path("<int:pk>/end/", wrap(require_POST(self.end)), name="approvals_absence_end"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        form = AbsenceForm(absences.possible_stand_ins(request.user), request.POST or None)
        if request.method == "POST" and form.is_valid():
            asked = {name: form.cleaned_data[name] for name in ("starts_on", "ends_before", "stand_in")}
            try:
                absences.announce(user=request.user, **asked, by=request.user, now=timezone.now())
            except ValidationError as error:
                for field, errors in error.error_dict.items():
                    form.add_error({"ends_before": "last_day"}.get(field, field), errors)
            else:
                messages.success(request, _("Announced: your stand-in approves for you in these days."))
                return HttpResponseRedirect(reverse(f"admin:{LIST}"))
        today = local_day(timezone.now())
        rows = visible(Absence, request.user).filter(ends_before__gt=today).select_related("user", "stand_in")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Absences"),
            "crumbs": [{"title": _("Absences")}],
            "form": form,
            "rows": rows.order_by("starts_on", "id"),
            "may_end_all": is_administrator(request.user),
        }
        return TemplateResponse(request, "approvals/absences.html", context)

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        absence = visible(Absence, request.user).filter(pk=pk).first() if pk < 2**63 else None
        if absence is None:
            raise Http404
        absences.end(absence=absence, by=request.user, now=timezone.now())
        messages.success(request, _("Ended: nobody stands in from now on."))
        return HttpResponseRedirect(reverse(f"admin:{LIST}"))
