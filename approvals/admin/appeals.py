"""What a department does before a case opens and after it is decided: open it now, appeal."""

import uuid

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import appeals, cases
from approvals.admin import case_page
from approvals.choices import CaseState
from approvals.forms.cases import AppealForm
from approvals.models import Case
from approvals.permissions import can_appeal


def open_now(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    key = request.POST.get("key") or str(uuid.uuid4())
    try:
        opened = cases.open_now(case=case, by=request.user, now=timezone.now(), key=key)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(case_page.url(case))
    if opened.state == CaseState.WITHDRAWN:
        messages.info(request, _("The campaigns no longer collide: there is nothing to agree about."))
    else:
        messages.success(request, _("The case is open. Both departments have been told."))
    return HttpResponseRedirect(case_page.url(case))


def appeal(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Show what it means (GET), or appeal (POST)."""
    if case.state != CaseState.DECIDED:
        messages.info(
            request, _("There is no decision in %(case)s that could be appealed now.") % {"case": case.label}
        )
        return HttpResponseRedirect(case_page.url(case))
    if not can_appeal(request.user, case):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns appeal."))
    form = AppealForm(request.POST or None)
    key = request.POST.get("key") or str(uuid.uuid4())
    if request.method == "POST" and form.is_valid() and (again := _appealed(request, case, form, key)):
        done = _("You appealed: another mediator decides, in %(case)s. Everybody concerned has been told.")
        messages.success(request, done % {"case": again.label})
        return HttpResponseRedirect(case_page.url(again))
    context = {**case_page.base_context(model_admin, request, case, _("Appeal")), "form": form, "key": key}
    return TemplateResponse(request, "approvals/appeal.html", context)


def _appealed(request: HttpRequest, case: Case, form: AppealForm, key: str) -> Case | None:
    try:
        return appeals.appeal(
            case=case, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now(), key=key
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None
