"""Deciding a case in two steps: look at the effect, which saves nothing, then decide exactly that."""

import uuid

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import rulings
from approvals.actions.deadlines import takes_effect_at
from approvals.actions.rulings import StaleFacts
from approvals.admin import case_page
from approvals.choices import CaseState
from approvals.forms.cases import DecisionForm
from approvals.forms.precedents import CitationForm
from approvals.models import Case
from approvals.permissions import can_decide
from approvals.queries.cases import facts_hash, waiting_for
from approvals.queries.meetings import sides_of
from approvals.queries.precedents import shown_for
from approvals.rules.operations import describe
from campaigns import wording
from customers.clock import local_day


def review(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Show what the decision would do; nothing is saved."""
    if answer := _refused(request, case):
        return answer
    form, citations = _sent(request, case)
    valid = [form.is_valid(), citations.is_valid()]
    if "back" in request.POST or not all(valid):
        return case_page.show(model_admin, request, case, form=form, citations=citations)
    facts, now = facts_hash(case), timezone.now()
    try:
        effect = rulings.preview(case=case, operations=form.operations, by=request.user, now=now)
    except ValidationError as error:
        _add_refusal(form, error)
        return case_page.show(model_admin, request, case, form=form, citations=citations)
    context = {
        **case_page.base_context(model_admin, request, case, _("Effect of the decision")),
        "form": form,
        "citations": citations,
        "cited": [(one, said.stance, said.why) for one, said in zip(citations.shown, citations.said, strict=True)],
        "orders": [describe(operation) for operation in form.operations],
        "effect": effect,
        "takes_effect_at": takes_effect_at(case, now=now) if case.hours_to_appeal else None,
        "facts": facts,
        "key": uuid.uuid4(),
    }
    return TemplateResponse(request, "approvals/review.html", context)


def decide(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Decide what was reviewed: `facts` and `key` come from that page."""
    form, citations = _sent(request, case)
    valid = [form.is_valid(), citations.is_valid()]
    if not all(valid):
        return _refused(request, case) or case_page.show(model_admin, request, case, form=form, citations=citations)
    try:
        rulings.decide(
            case=case,
            operations=form.operations,
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=timezone.now(),
            facts=request.POST.get("facts", ""),
            key=request.POST.get("key", ""),
            citations=citations.said,
        )
    except ValidationError as error:
        case.refresh_from_db()
        if answer := _refused(request, case):
            return answer
        _add_refusal(form, error)
        return case_page.show(model_admin, request, case, form=form, citations=citations)
    messages.success(request, _done(case))
    return HttpResponseRedirect(_next(request, case))


def _done(case: Case) -> str:
    case.refresh_from_db()
    if case.state == CaseState.DECIDED:
        text = _(
            "Decided: %(case)s takes effect on %(moment)s, unless one of the two departments appeals before. Everybody "
            "concerned is told."
        )
        return text % {"case": case.label, "moment": wording.moment(case.takes_effect_at)}
    return _("Decided: %(case)s is closed and everybody concerned is told.") % {"case": case.label}


def _sent(request: HttpRequest, case: Case) -> tuple[DecisionForm, CitationForm]:
    shown = shown_for(case, request.user, today=local_day(timezone.now())) if case.state == CaseState.MEDIATION else []
    return DecisionForm(sides_of(case), request.POST), CitationForm(shown, request.POST)


def _refused(request: HttpRequest, case: Case) -> HttpResponse | None:
    """Where somebody goes who came too late; who has no right at all gets no further."""
    if can_decide(request.user, case):
        return None
    if case.state != CaseState.MEDIATION and request.user.pk == case.mediator_id:
        messages.info(request, _("%(case)s is closed already: nothing was changed.") % {"case": case.label})
        return HttpResponseRedirect(case_page.url(case))
    raise PermissionDenied(
        _("Only the mediator of this case decides it, and only while nothing ties them to a party.")
    )


def _add_refusal(form: DecisionForm, error: ValidationError) -> None:
    """Put what the action refused where the mediator can mend it, with what to do next."""
    if isinstance(error, StaleFacts):
        text = _(
            "The plans changed after you looked at the effect, so nothing was decided. What you typed is still here: "
            "read the evidence again and review the effect once more."
        )
        form.add_error(None, text)
        return
    form.add_refusal(error)


def _next(request: HttpRequest, case: Case) -> str:
    """The next case that waits for this mediator, nearest deadline first; without one, the case just closed."""
    waiting = waiting_for(request.user, timezone.now()).decide
    if not waiting:
        return case_page.url(case)
    following = waiting[0]
    messages.info(request, _("Next case for you: %(case)s.") % {"case": following.label})
    return case_page.reverse("admin:approvals_case_change", args=[following.pk])
