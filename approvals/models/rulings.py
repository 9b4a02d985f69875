from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.visible import OfCaseQuerySet


class Ruling(models.Model):
    """What the mediator decided, as typed operations (approvals.rules.operations). The database refuses changes."""

    case = models.OneToOneField(
        "approvals.Case", on_delete=models.PROTECT, related_name="ruling", verbose_name=_("case")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("mediator")
    )
    decided_at = models.DateTimeField(_("decided"))
    reason = models.TextField(_("reason"))
    operations = models.JSONField(_("operations"))
    effect = models.JSONField(_("effect"))

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        constraints = [
            models.CheckConstraint(name="ruling_has_a_reason", condition=~models.Q(reason="")),
        ]
