"""The page on which administrators say with which others a campaign was planned."""

from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.actions.ground_rules import set_joint_group
from campaigns.admin import campaign_page
from campaigns.forms import add_errors
from campaigns.forms.ground_rules import CampaignGroupForm
from customers.permissions import is_administrator


def change(request: HttpRequest, model_admin: ModelAdmin, pk: int, *, now: datetime) -> HttpResponse:
    campaign = campaign_page.find(model_admin, request, pk)
    if not is_administrator(request.user):
        raise PermissionDenied
    form = CampaignGroupForm(request.POST or None, initial={"group": campaign.joint_group_id})
    if request.method == "POST" and form.is_valid():
        try:
            set_joint_group(campaign=campaign, group=form.cleaned_data["group"], by=request.user, now=now)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved. Collisions are counted again within seconds."))
            return HttpResponseRedirect(campaign_page.url(campaign))
    context = campaign_page.page(request, model_admin, campaign, _("Joint group"), form=form)
    return TemplateResponse(request, "campaigns/joint_group.html", context)
