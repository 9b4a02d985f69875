from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import RulingSource
from approvals.models.visible import OfCaseQuerySet


class Ruling(models.Model):
    """What becomes of a case, as typed operations (approvals.rules.operations). The database refuses changes.

    A mediator decided it, or both sides agreed on `terms`: then `decided_by` gave the acceptance that was missing, and
    the reason is what was written with the terms, if anything.

    `facts` is approvals.queries.facts.facts_hash of the case just after: what the decision was made about. It takes
    effect only on these. `supersedes` is the one that was appealed against.
    """

    case = models.OneToOneField(
        "approvals.Case", on_delete=models.PROTECT, related_name="ruling", verbose_name=_("case")
    )
    source = models.CharField(_("source"), max_length=8, choices=RulingSource, default=RulingSource.RULED)
    terms = models.OneToOneField(
        "approvals.Terms", on_delete=models.PROTECT, null=True, related_name="ruling", verbose_name=_("terms")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"))
    reason = models.TextField(_("reason"), blank=True)
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
            models.CheckConstraint(name="mediators_ruling_has_a_reason", condition=Q(source="agreed") | ~Q(reason="")),
            models.CheckConstraint(
                name="agreed_ruling_names_its_terms",
                condition=Q(source__in=["ruled", "rule"], terms__isnull=True)
                | Q(source="agreed", terms__isnull=False),
            ),
        ]
