"""The page of one customer's request: what was asked, whose it is, what one may do, and what happened."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.actions import request_answers, requests
from approvals.forms import requests as forms
from approvals.models import CustomerRequest
from approvals.queries.requests import hand_over_targets, steps_of, thread_of
from approvals.rules import requests as rules
from customers.permissions import works_with_data


def url(request: CustomerRequest) -> str:
    return reverse("admin:approvals_customerrequest_change", args=[request.pk])


def show(
    model_admin: ModelAdmin,
    request: HttpRequest,
    one: CustomerRequest,
    sent: dict[str, Form] | None = None,
) -> HttpResponse:
    """The page; `sent` is a form that came back with errors, by its step, and keeps what was typed."""
    may = steps_of(request.user, one)
    forms_by_step = {step: (sent or {}).get(step) or _form(step, one) for step in may | (sent or {}).keys()}
    thread = thread_of(one)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"{one.label} · {one.get_channel_display()}",
        "crumbs": [
            {"title": _("Customer requests"), "url": reverse("admin:approvals_customerrequest_changelist")},
            {"title": one.label},
        ],
        "one": one,
        "may": may,
        "forms": forms_by_step,
        "wrong": next((form for form in (sent or {}).values() if form.errors), None),
        "answers": [moment for moment in thread if moment.kind == "answer"],
        "thread": list(reversed(thread)),
        "sees_customers": works_with_data(request.user),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "approvals/request.html", context)


def _form(step: str, one: CustomerRequest, data: Any = None) -> Form:
    match step:
        case rules.TAKE:
            return forms.TakeForm(data, initial={"owner": one.owner_id})
        case rules.HAND_OVER:
            return forms.HandOverForm(hand_over_targets(one), data)
        case rules.ANSWER | rules.ANSWER_TOO:
            return forms.AnswerRequestForm(data)
        case rules.SETTLE:
            return forms.SettleForm(one.answers.select_related("department"), data)
        case rules.WITHDRAW:
            return forms.NoAnswerForm(data)
    return forms.CloseForm(data)


Step = Callable[[ModelAdmin, HttpRequest, CustomerRequest], HttpResponse]


def _step(step: str, act: Callable[..., CustomerRequest], done: Callable[[CustomerRequest], str]) -> Step:
    """A view that takes a step, or shows the page again with what was sent and what is wrong with it."""

    def view(model_admin: ModelAdmin, request: HttpRequest, one: CustomerRequest) -> HttpResponse:
        may = steps_of(request.user, one)
        name = rules.ANSWER_TOO if step == rules.ANSWER and rules.ANSWER_TOO in may else step
        form = _form(name, one, request.POST)
        if form.is_valid():
            try:
                after = act(request=one, **form.cleaned_data, by=request.user, now=timezone.now())
            except ValidationError as error:
                _add(form, error)
            else:
                messages.success(request, done(after))
                return HttpResponseRedirect(url(one))
        if not form.visible_fields() or (name not in may and not form.non_field_errors()):
            # There is nothing typed that could be lost, or no right to type it.
            messages.error(request, " ".join(form.non_field_errors()) or _("Look at the page again, then decide."))
            return HttpResponseRedirect(url(one))
        return show(model_admin, request, model_admin.request_or_404(request, one.pk), {name: form})

    return view


def _add(form: Form, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, errors in error.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)


def _take(*, owner: int, **asked: Any) -> CustomerRequest:
    # Whoever is nobody owns nothing, so that the action says who does.
    return requests.take(instead_of=User(pk=owner), **asked)


def _answered(after: CustomerRequest) -> str:
    if after.disputed_at:
        return _(
            "Kept. Another department answers or answered this customer: the leads were told, and one of them settles."
        )
    return _("Kept: this is the answer.")


STEPS: dict[str, Step] = {
    "take": _step(rules.TAKE, _take, lambda _after: _("It is yours now.")),
    "hand-over": _step(
        rules.HAND_OVER,
        requests.hand_over,
        lambda after: _("Handed over to %(department)s; its leads were told.") % {"department": after.department.name},
    ),
    "answer": _step(rules.ANSWER, request_answers.answer, _answered),
    "settle": _step(
        rules.SETTLE,
        request_answers.settle,
        lambda _after: _("Settled. Everybody concerned was told which answer stands."),
    ),
    "close": _step(rules.CLOSE, requests.close, lambda _after: _("Closed.")),
    "withdraw": _step(rules.WITHDRAW, requests.withdraw, lambda _after: _("Put away: nobody waits for an answer.")),
}
