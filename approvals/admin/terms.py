"""Agreeing on a case: terms are looked at, proposed, answered by one button each; and more time is asked for."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import agreement, extensions, terms
from approvals.actions.enforcement import Effect
from approvals.admin import case_page
from approvals.choices import AGREEING_STATES
from approvals.forms.terms import MoreTimeForm, TermsAnswerForm, TermsForm, TimeAnswerForm
from approvals.models import Case, Terms
from approvals.permissions import can_negotiate
from approvals.queries.effects import as_seen
from approvals.queries.meetings import sides_of
from approvals.rules.operations import describe


def review(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Show what the terms would do; nothing is saved."""
    if answer := _refused(request, case):
        return answer
    form = TermsForm(sides_of(case), request.POST)
    if "back" in request.POST or not form.is_valid():
        return case_page.show(model_admin, request, case, terms_form=form)
    try:
        found = terms.preview(case=case, operations=form.operations, by=request.user, now=timezone.now())
    except ValidationError as error:
        form.add_refusal(error)
        return case_page.show(model_admin, request, case, terms_form=form)
    context = {
        **case_page.base_context(model_admin, request, case, _("Effect of the terms")),
        "form": form,
        "orders": [describe(operation) for operation in form.operations],
        "effect": Effect.from_json(as_seen(found.effect.as_json(), case, request.user)),
        "terms_hash": found.terms_hash,
        "supersedes": case.terms.filter(state="open").exists(),
    }
    return TemplateResponse(request, "approvals/terms_review.html", context)


def propose(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Propose what was reviewed: `terms_hash` comes from that page."""
    if answer := _refused(request, case):
        return answer
    form = TermsForm(sides_of(case), request.POST)
    if not form.is_valid():
        return case_page.show(model_admin, request, case, terms_form=form)
    try:
        terms.propose(
            case=case,
            operations=form.operations,
            message=form.cleaned_data["message"],
            posted_hash=request.POST.get("terms_hash", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ValidationError as error:
        case.refresh_from_db()
        form.add_refusal(error)
        return _refused(request, case) or case_page.show(model_admin, request, case, terms_form=form)
    messages.success(request, _("Proposed. The other department has been told."))
    return _back(case)


def answer(_model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    form = TermsAnswerForm(request.POST)
    if not form.is_valid():
        return _said(request, case, [str(text) for texts in form.errors.values() for text in texts])
    asked = Terms.objects.filter(case=case, pk=form.cleaned_data["terms"]).first()
    if asked is None:
        raise Http404
    try:
        said = _take(asked, form.cleaned_data, request)
    except ValidationError as error:
        return _said(request, case, error.messages)
    messages.success(request, said)
    return _back(case)


def more_time(model_admin: ModelAdmin, request: HttpRequest, case: Case) -> HttpResponse:
    """Ask the other side for more time, or answer what it asks."""
    who = {"case": case, "by": request.user, "now": timezone.now()}
    try:
        if "step" in request.POST:
            said = _answer_about_time(request, who)
        else:
            form = MoreTimeForm(case.hours_to_extend, request.POST)
            if not form.is_valid():
                return case_page.show(model_admin, request, case, time_form=form)
            extensions.ask(**who, **form.cleaned_data)
            said = _("Asked. The other department has been told.")
    except ValidationError as error:
        return _said(request, case, error.messages)
    messages.success(request, said)
    return _back(case)


def _answer_about_time(request: HttpRequest, who: dict) -> str:
    form = TimeAnswerForm(request.POST)
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.as_data().values() for text in texts])
    if form.cleaned_data["step"] == "grant":
        extensions.grant(**who)
        return _("Granted: the deadline is put off, and both departments have been told.")
    extensions.decline(**who, reason=form.cleaned_data["reason"])
    return _("Declined: the deadline stays, and the other department has been told.")


def _take(asked: Terms, given: dict, request: HttpRequest) -> str:
    """What to tell who did it."""
    who = {"terms": asked, "by": request.user, "now": timezone.now()}
    if given["step"] == "accept":
        signed = agreement.accept(**who, posted_hash=given["terms_hash"])
        if signed.state == "open":
            return _("Accepted for your side. The terms wait for the other department.")
        return _("Agreed: the terms are carried out, the case is closed, and everybody concerned is told.")
    if given["step"] == "decline":
        terms.decline(**who, reason=given["reason"])
        return _("Declined. The other department has been told.")
    terms.withdraw(**who)
    return _("Taken back.")


def _refused(request: HttpRequest, case: Case) -> HttpResponse | None:
    """Where somebody goes who came too late; who has no right at all gets no further."""
    if can_negotiate(request.user, case):
        return None
    if case.state not in AGREEING_STATES:
        messages.info(
            request,
            _(
                "%(case)s is in the state “%(state)s” now: terms are proposed as long as the departments are agreeing or a "
                "mediator has the case."
            )
            % {"case": case.label, "state": case.get_state_display()},
        )
        return HttpResponseRedirect(case_page.url(case))
    raise PermissionDenied(_("Only the two departments of the case propose terms to each other."))


def _said(request: HttpRequest, case: Case, texts: list[str]) -> HttpResponse:
    for text in texts:
        messages.error(request, text)
    return _back(case)


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(f"{case_page.url(case)}#terms")
