"""Proposing a change to the other side, and answering: each is one button of the page of the case."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import proposals
from approvals.admin import case_page
from approvals.forms import AnswerForm, ProposalForm
from approvals.models import Case, Proposal
from approvals.queries.disputes import collision_in


def propose(_model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    form = ProposalForm(request.POST)
    if not form.is_valid():
        return _refused(request, case, _texts(form))
    asked = form.cleaned_data
    collision = collision_in(case, asked.pop("collision"))
    if collision is None:
        raise Http404
    try:
        proposals.propose(case=case, collision=collision, by=request.user, now=timezone.now(), **asked)
    except ValidationError as error:
        return _refused(request, case, error.messages)
    messages.success(request, _("Proposed. The other department has been told."))
    return _back(case)


def answer(_model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _refused(request, case, _texts(form))
    proposal = Proposal.objects.filter(case=case, pk=form.cleaned_data["proposal"]).first()
    if proposal is None:
        raise Http404
    try:
        said = _take(form.cleaned_data["step"], proposal, form.cleaned_data["reason"], request)
    except ValidationError as error:
        return _refused(request, case, error.messages)
    messages.success(request, said)
    return _back(case)


def _take(step: str, proposal: Proposal, reason: str, request: HttpRequest) -> str:
    """What to tell who did it."""
    who = {"proposal": proposal, "by": request.user, "now": timezone.now()}
    if step == "accept":
        proposals.accept(**who)
        return _("Accepted: the change is made, and both departments have been told.")
    if step == "decline":
        proposals.decline(reason=reason, **who)
        return _("Declined. The other department has been told.")
    proposals.withdraw(**who)
    return _("Taken back.")


def _texts(form: Form) -> list[str]:
    return [str(text) for texts in form.errors.values() for text in texts]


def _refused(request: HttpRequest, case: Case, texts: list[str]) -> HttpResponse:
    for text in texts:
        messages.error(request, text)
    return _back(case)


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(f"{case_page.url(case)}#proposals")
