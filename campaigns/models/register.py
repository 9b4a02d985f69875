"""What each department works with: the tactics that it owns, and its tools."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import ToolPurpose
from campaigns.models.ground_rules import Named
from customers.models.visible import ReferenceQuerySet
from customers.validators import day_to_plan, one_line, prose


class Tactic(Named):
    """A way to reach customers that one department owns, such as a newsletter, and from which others profit."""

    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    profits = models.ManyToManyField(
        "campaigns.Department",
        blank=True,
        related_name="+",
        verbose_name=_("who profits"),
        help_text=_("Other departments to which it brings customers or knowledge."),
    )
    since = models.DateField(_("since"), null=True, blank=True, validators=[day_to_plan])
    how_told = models.TextField(
        _("how they are told"),
        blank=True,
        validators=[prose],
        help_text=_("How those who profit hear of it: meeting, report, channel; how often."),
    )

    class Meta(Named.Meta):
        verbose_name = _("tactic")
        verbose_name_plural = _("tactics")


class Tool(models.Model):
    """Software that a department works with. Two departments with tools for one purpose overlap."""

    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=ToolPurpose)
    note = models.TextField(_("note"), blank=True, validators=[prose])

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("tool")
        verbose_name_plural = _("tools")
        ordering = ["purpose", "department__name", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="department_names_a_tool_once_for_a_purpose", fields=["department", "name", "purpose"]
            ),
            models.CheckConstraint(name="tool_purpose_is_known", condition=Q(purpose__in=ToolPurpose.values)),
        ]

    def __str__(self) -> str:
        return self.name
