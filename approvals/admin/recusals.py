"""A mediator leaves a case: by one click of their own, or because a party challenges them."""

import uuid

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import recusals
from approvals.admin import case_page
from approvals.forms.cases import ChallengeForm
from approvals.models import Case
from approvals.permissions import answers_for_sides, sides_to_challenge


def step_aside(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    key = request.POST.get("key") or str(uuid.uuid4())
    try:
        recusals.step_aside(case=case, by=request.user, now=timezone.now(), key=key)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(case_page.url(case))
    done = _("You stepped aside: %(case)s goes to the next person, and both departments have been told.")
    messages.success(request, done % {"case": case.label})
    return HttpResponseRedirect(reverse("admin:index"))


def challenge(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Show what it means (GET), or challenge (POST)."""
    if not answers_for_sides(request.user, case):
        raise PermissionDenied(_("Only the leads and the accountables of the two campaigns challenge a mediator."))
    if request.method == "GET" and not sides_to_challenge(request.user, case):
        messages.info(request, _("There is nobody whom you could challenge in %(case)s now.") % {"case": case.label})
        return HttpResponseRedirect(case_page.url(case))
    form = ChallengeForm(request.POST or None)
    key = request.POST.get("key") or str(uuid.uuid4())
    if request.method == "POST" and form.is_valid() and _challenged(request, case, form, key):
        messages.success(request, _("The case goes to the next person. Both departments have been told."))
        return HttpResponseRedirect(case_page.url(case))
    context = {
        **case_page.base_context(model_admin, request, case, _("Challenge the mediator")),
        "form": form,
        "key": key,
        "mediator": request.POST.get("mediator") or case.mediator_id,
    }
    return TemplateResponse(request, "approvals/challenge.html", context)


def _challenged(request: HttpRequest, case: Case, form: ChallengeForm, key: str) -> bool:
    shown = request.POST.get("mediator", "")
    mediator = User.objects.filter(pk=shown).first() if shown.isdecimal() and len(shown) < 19 else None
    try:
        recusals.challenge(
            case=case,
            mediator=mediator,
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=timezone.now(),
            key=key,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
