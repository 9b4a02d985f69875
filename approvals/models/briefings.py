"""Which version of a plan everybody who works here may read as its briefing since when, and who has read which."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import ReferenceQuerySet


class Briefing(models.Model):
    """A version of a plan that was approved, as shop, call centre and social staff read it.

    What it says is computed from the version (see approvals.rules.briefings); whether it may be offered, from the
    status of the campaign.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("campaign")
    )
    version = models.OneToOneField(
        "campaigns.Version", on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )
    released_at = models.DateTimeField(_("since"))

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("briefing")
        verbose_name_plural = _("briefings")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.version)


class BriefingRead(models.Model):
    """The version of a briefing that somebody last said they had read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="+")
    briefing = models.ForeignKey(Briefing, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("read briefing")
        verbose_name_plural = _("read briefings")
        constraints = [
            models.UniqueConstraint(name="person_has_one_last_read_version", fields=["user", "campaign"]),
        ]
