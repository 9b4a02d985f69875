from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.choices import ActivityKind, RaciLetter


class Activity(models.Model):
    """One of the seven tasks of a campaign. `accountable` empty: the campaign's A answers for it."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="activities", verbose_name=_("campaign")
    )
    kind = models.CharField(_("activity"), max_length=16, choices=ActivityKind)
    accountable = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("A · approves, answers for it"),
    )

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["campaign", "id"]
        constraints = [
            models.CheckConstraint(name="activity_kind_is_known", condition=models.Q(kind__in=ActivityKind.values)),
            models.UniqueConstraint(name="campaign_has_an_activity_once", fields=["campaign", "kind"]),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class RaciRole(models.Model):
    """R, C or I of a department in an activity; with `user`, of that person for the department."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="roles", verbose_name=_("activity"))
    letter = models.CharField(_("role"), max_length=1, choices=RaciLetter)
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )

    class Meta:
        verbose_name = _("RACI role")
        verbose_name_plural = _("RACI roles")
        ordering = ["activity", "letter", "department"]
        constraints = [
            models.CheckConstraint(name="raci_letter_is_known", condition=models.Q(letter__in=RaciLetter.values)),
            models.UniqueConstraint(
                name="department_has_one_letter_in_an_activity",
                fields=["activity", "department"],
                condition=models.Q(user__isnull=True),
            ),
            models.UniqueConstraint(
                name="person_has_one_letter_in_an_activity",
                fields=["activity", "user"],
                condition=models.Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} · {self.user or self.department}"
