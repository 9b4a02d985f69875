"""Stored grants on campaigns. campaigns.actions.access is their only writer; nobody types them in."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase


class CampaignUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE)


class CampaignGroupObjectPermission(GroupObjectPermissionBase):
    """Empty: guardian asks for the pair of tables; grants go to people, through their department."""

    content_object = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE)


class AccessReason(models.Model):
    """Why somebody outside RACI and department may see a campaign, for example as the mediator of a case."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("reason for access")
        verbose_name_plural = _("reasons for access")
        constraints = [
            models.UniqueConstraint(name="access_reason_is_given_once", fields=["campaign", "user", "why"]),
        ]
