from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.visible import OfCaseQuerySet


class Ruling(models.Model):
    """What the mediator decided, as typed operations (approvals.rules.operations). The database refuses changes.

    `facts` is approvals.queries.facts.facts_hash of the case just after: what the decision was made about. It takes
    effect only on these. `supersedes` is the one that was appealed against.
    """

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

    facts = models.CharField(max_length=64, blank=True)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by", verbose_name=_("supersedes")
    )

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        constraints = [
            models.CheckConstraint(name="ruling_has_a_reason", condition=~models.Q(reason="")),
        ]
