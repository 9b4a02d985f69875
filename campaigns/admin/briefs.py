"""The pages that write a brief: a new campaign, and the seven questions of an existing one."""

from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.actions import planning
from campaigns.admin import campaign_page
from campaigns.choices import CampaignStatus
from campaigns.forms import BriefForm, NewCampaignForm, ReasonForm, add_errors
from campaigns.models import Campaign, Department
from campaigns.permissions import can_change
from campaigns.rules.lifecycle import EDITABLE


def new(request: HttpRequest, model_admin: ModelAdmin, *, now: datetime) -> HttpResponse:
    """Start a draft; only leads do, each for their own departments."""
    led = Department.objects.filter(memberships__user=request.user, memberships__is_lead=True)
    if not led:
        raise PermissionDenied
    form = NewCampaignForm(request.POST or None, departments=led)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = planning.plan_campaign(by=request.user, now=now, **form.brief())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Draft saved. Add its offers, then submit it."))
            return HttpResponseRedirect(campaign_page.url(campaign))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("New campaign"),
        "form": form,
        "back": "..",
    }
    return TemplateResponse(request, "campaigns/brief.html", context)


def change(request: HttpRequest, model_admin: ModelAdmin, pk: int, *, now: datetime) -> HttpResponse:
    campaign = campaign_page.find(model_admin, request, pk)
    if not can_change(request.user, campaign):
        raise PermissionDenied
    if campaign.status not in EDITABLE:
        messages.warning(request, _("The brief cannot be changed while the campaign stands as it does now."))
        return HttpResponseRedirect(campaign_page.url(campaign))
    # The form fills the instance it is given; actions work on the stored one.
    form = BriefForm(request.POST or None, instance=Campaign.objects.get(pk=pk))
    is_draft = campaign.status == CampaignStatus.DRAFT
    why = ReasonForm(request.POST or None, needs_reason=False)
    if request.method == "POST" and form.is_valid() and why.is_valid():
        try:
            after = planning.change_campaign(
                campaign=campaign, by=request.user, now=now, reason=why.cleaned_data["reason"], **form.brief()
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            _tell(request, before=campaign.status, after=after.status)
            return HttpResponseRedirect(campaign_page.url(campaign))
    context = campaign_page.page(
        request,
        model_admin,
        campaign,
        _("Brief"),
        form=form,
        reason=None if is_draft else why["reason"],
        voids=campaign.status == CampaignStatus.APPROVED,
        back=campaign_page.url(campaign),
    )
    return TemplateResponse(request, "campaigns/brief.html", context)


def _tell(request: HttpRequest, *, before: str, after: str) -> None:
    if before == CampaignStatus.APPROVED and after == CampaignStatus.SUBMITTED:
        messages.warning(request, _("Saved. What was approved has changed, so the campaign waits for approval again."))
    else:
        messages.success(request, _("Saved."))
