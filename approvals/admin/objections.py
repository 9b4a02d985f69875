"""A side objects to the standing rule that was announced in its case."""

import uuid

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import rule_notices
from approvals.admin import case_page
from approvals.forms.precedents import ObjectionForm
from approvals.models import Case
from approvals.permissions import answers_for_sides


def object_to(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    if not answers_for_sides(request.user, case):
        raise PermissionDenied(
            _("Only the leads and the accountables of the two campaigns object to a standing rule.")
        )
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return case_page.show(model_admin, request, case, objection=form)
    key = request.POST.get("key") or str(uuid.uuid4())
    try:
        rule_notices.object_to(
            case=case, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now(), key=key
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The rule is not applied. Both departments have been told; go on agreeing."))
    return HttpResponseRedirect(case_page.url(case))
