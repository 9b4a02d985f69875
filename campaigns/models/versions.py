"""What was planned when, as approvals refer to it. Written by campaigns.actions.versions and .signatures; append-only."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.visible import OfCampaignQuerySet

# "offers:" and the code of a department.
LONGEST_SECTION = 80


class SectionContent(models.Model):
    """A section of a plan (see campaigns.rules.sections) as it once was, by its hash."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=LONGEST_SECTION)
    hash = models.CharField(max_length=64)
    content = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("section of a plan")
        verbose_name_plural = _("sections of plans")
        constraints = [
            models.UniqueConstraint(name="section_is_kept_once", fields=["campaign", "section", "hash"]),
        ]


class Version(models.Model):
    """A plan as it stood, once it was submitted. `sections` are the hashes of its sections, {section: hash}."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    content_hash = models.CharField(max_length=64)
    sections = models.JSONField()
    made_at = models.DateTimeField(_("since"))

    objects = OfCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(name="versions_of_a_plan_are_numbered", fields=["campaign", "number"]),
            models.CheckConstraint(name="versions_begin_with_one", condition=models.Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.code} v{self.number}"


class CarriedSignature(models.Model):
    """A signature on `before` counts for `after` as well, because a ruling or a withdrawal led from one to the other.

    `before` is empty where a file said that the campaign is approved: that stands for all signatures.
    """

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=LONGEST_SECTION)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("carried signature")
        verbose_name_plural = _("carried signatures")
        ordering = ["id"]
