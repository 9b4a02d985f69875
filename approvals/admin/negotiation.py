"""The end of a negotiation: a party says that nobody will agree."""

import uuid

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import cases
from approvals.admin import case_page
from approvals.choices import CaseState
from approvals.forms.cases import NoAgreementForm
from approvals.models import Case
from approvals.permissions import can_escalate


def escalate(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Show what passing on means (GET), or pass on (POST)."""
    if case.state != CaseState.NEGOTIATION:
        messages.info(request, _("%(case)s is not in negotiation any more.") % {"case": case.label})
        return HttpResponseRedirect(case_page.url(case))
    if not can_escalate(request.user, case):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns end their negotiation."))
    form = NoAgreementForm(request.POST or None)
    key = request.POST.get("key") or str(uuid.uuid4())
    if request.method == "POST" and form.is_valid() and _escalated(request, case, form, key):
        messages.success(request, _("The case is in mediation now. Both departments have been told."))
        return HttpResponseRedirect(case_page.url(case))
    title = _("No agreement: pass to mediation")
    context = {**case_page.base_context(model_admin, request, case, title), "form": form, "key": key}
    return TemplateResponse(request, "approvals/escalate.html", context)


def _escalated(request: HttpRequest, case: Case, form: NoAgreementForm, key: str) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        cases.escalate(case=case, by=request.user, now=timezone.now(), key=key, reason=reason)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
