"""Steps of a campaign's life after it was approved, each on a page of its own that shows what it does before it is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from campaigns.actions import lifecycle
from campaigns.choices import CollisionState
from campaigns.forms import ReasonForm, add_errors
from campaigns.models import Campaign
from campaigns.permissions import answers_for, can_change, steps_now


@dataclass(frozen=True)
class Step:
    """What a person may do with a campaign; `does` tells what follows."""

    name: str
    button: Promise
    title: Promise
    does: Promise
    done: Promise
    kind: str = ""
    needs_reason: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "resume",
            gettext_lazy("Resume"),
            gettext_lazy("Resume the campaign"),
            gettext_lazy("Its offers go live again within a minute."),
            gettext_lazy("Resumed: its offers go live again within a minute."),
            kind="primary",
        ),
        Step(
            "pause",
            gettext_lazy("Pause"),
            gettext_lazy("Pause the campaign"),
            gettext_lazy("Its offers stop being live at once, and the plan can be changed until you resume it."),
            gettext_lazy("Paused: its offers are no longer live."),
            needs_reason=True,
        ),
        Step(
            "cancel",
            gettext_lazy("Cancel the campaign"),
            gettext_lazy("Cancel the campaign"),
            gettext_lazy(
                "It ends for good. Its offers stop, its collisions are cleared, and nobody can take it up again."
            ),
            gettext_lazy("Cancelled."),
            kind="danger",
            needs_reason=True,
        ),
    )
}


def possible(campaign: Campaign, user: AbstractBaseUser) -> list[Step]:
    """The steps this reader may take now, the most likely first."""
    return [STEPS[name] for name in steps_now(user, campaign) if name in STEPS]


def take(request: HttpRequest, model_admin: ModelAdmin, pk: int, name: str, *, now: datetime) -> HttpResponse:
    """Show what a step does (GET), or do it (POST)."""
    from campaigns.admin import campaign_page  # which lists the possible steps

    campaign = campaign_page.find(model_admin, request, pk)
    step = STEPS.get(name)
    if step is None:
        raise Http404
    if not (can_change(request.user, campaign) or answers_for(request.user, campaign)):
        raise PermissionDenied
    form = ReasonForm(request.POST or None, needs_reason=step.needs_reason)
    if request.method == "POST" and form.is_valid() and _do(request, campaign, step, form, now=now):
        messages.success(request, step.done)
        return HttpResponseRedirect(campaign_page.url(campaign))
    campaign.refresh_from_db(fields=["status"])
    context = campaign_page.page(
        request,
        model_admin,
        campaign,
        str(step.title),
        step=step,
        form=form,
        is_possible=step in possible(campaign, request.user),
        **campaign_page.offers_of(campaign),
        open_collisions=campaign_page.collisions_of(campaign).filter(state=CollisionState.OPEN).count(),
    )
    return TemplateResponse(request, "campaigns/step.html", context)


def _do(request: HttpRequest, campaign: Campaign, step: Step, form: ReasonForm, *, now: datetime) -> bool:
    """Call the step's action; what it refuses becomes an error of the form."""
    arguments: dict[str, Any] = {"campaign": campaign, "by": request.user, "now": now}
    arguments["reason"] = form.cleaned_data["reason"]
    try:
        getattr(lifecycle, step.name)(**arguments)
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True
