"""What would clear a collision of a case; asking the other side for it, and answering, by one button each."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import proposals
from approvals.admin import case_page
from approvals.forms.cases import AnswerForm, ProposalForm
from approvals.models import Case, Proposal
from approvals.models.proposals import LONGEST_TEXT
from approvals.queries.disputes import collision_in, open_between
from approvals.queries.proposals import options_of
from campaigns.models import Collision
from campaigns.queries.explanation import explain, offers_in, reader_of
from campaigns.queries.suggested import is_counted
from customers.clock import local_day


def remedies(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """What would clear one collision (`?collision=`), or the most severe one that is open."""
    row = _collision(request, case)
    reader, today = reader_of(request.user), local_day(timezone.now())
    context = {
        **case_page.base_context(model_admin, request, case, _("What would clear it")),
        "collision": row,
        "why": explain(row, reader),
        "offers": offers_in(row),
        "waits": not is_counted(row),
        "options": options_of(case, row, request.user, reader, today=today) if is_counted(row) else [],
        "longest": LONGEST_TEXT,
    }
    return TemplateResponse(request, "approvals/case_remedies.html", context)


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


def _collision(request: HttpRequest, case: Case) -> Collision:
    asked = request.GET.get("collision")
    if asked is None:
        pair = (case.campaign_a_id, case.campaign_b_id)
        asked = next((str(one.pk) for one in open_between([pair], local_day(timezone.now()))[pair]), "")
    row = collision_in(case, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
    if row is None:
        raise Http404
    return row


def _texts(form: Form) -> list[str]:
    return [str(text) for texts in form.errors.values() for text in texts]


def _refused(request: HttpRequest, case: Case, texts: list[str]) -> HttpResponse:
    for text in texts:
        messages.error(request, text)
    return _back(case)


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(f"{case_page.url(case)}#proposals")
