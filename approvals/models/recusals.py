from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import RecusalKind
from approvals.models.visible import OfCaseQuerySet

# Characters of why somebody should not judge.
LONGEST_REASON = 1000


class Recusal(models.Model):
    """Somebody who was the mediator of a case and will not judge it any more. The database refuses changes.

    They stepped aside themselves, or a party challenged them: then `campaign` is the side that did, which can do so
    once in a case. Nobody examines a challenge: the next person of the chain decides. Or their time to decide was over,
    which nobody says and is no fault.
    """

    case = models.ForeignKey(
        "approvals.Case", on_delete=models.PROTECT, related_name="recusals", verbose_name=_("case")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("mediator")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=RecusalKind)
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("campaign")
    )
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("said by")
    )
    said_at = models.DateTimeField(_("said"))
    reason = models.TextField(_("reason"), blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="mediator_leaves_a_case_once", fields=["case", "person"]),
            models.UniqueConstraint(
                name="each_side_challenges_once_in_a_case", fields=["case", "campaign"], condition=Q(kind="challenged")
            ),
            models.CheckConstraint(
                name="who_steps_aside_says_so_themselves",
                condition=~Q(kind="recused") | Q(campaign__isnull=True, said_by__isnull=False, person=F("said_by")),
            ),
            models.CheckConstraint(
                name="challenge_names_its_side_and_says_why",
                condition=Q(kind__in=["recused", "timeout"])
                | Q(kind="challenged", campaign__isnull=False, said_by__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="timeout_is_said_by_nobody",
                condition=~Q(kind="timeout") | Q(campaign__isnull=True, said_by__isnull=True, reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} · {self.person}"
