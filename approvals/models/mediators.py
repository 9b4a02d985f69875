from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from approvals.rules.deadlines import LIMITS
from campaigns.choices import CASE_LEVELS, Level
from customers.models.visible import ReferenceQuerySet


class Mediator(models.Model):
    """Who decides cases of a department's campaigns (empty = of every department), and who stands in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("mediator")
    )
    department = models.ForeignKey(
        "campaigns.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
        help_text=_("Cases that touch this department; empty = every department."),
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("stand-in"),
        help_text=_("Decides when the mediator belongs to a party or is no longer active."),
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediator")
        verbose_name_plural = _("mediators")
        ordering = ["department", "id"]
        constraints = [
            # NULL never equals NULL, so that "every department" is given a number to be unique with.
            models.UniqueConstraint(
                Coalesce("department", 0),
                name="one_mediator_per_scope",
                violation_error_message=_("This scope has a mediator already."),
            ),
            models.CheckConstraint(
                name="mediator_does_not_stand_in_for_themselves",
                condition=Q(stand_in__isnull=True) | ~Q(stand_in=F("user")),
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.get_full_name() or self.user} · {self.department or _('every department')}"


class EscalationPolicy(models.Model):
    """From which level a case opens and how long the parties have. One row, made by the first migration."""

    opens_at_level = models.CharField(
        _("a case opens from level"), max_length=8, choices=CASE_LEVELS, default=Level.MEDIUM
    )
    hours_to_agree = models.PositiveIntegerField(_("working hours to agree"), default=18)
    hours_before_start = models.PositiveIntegerField(
        _("at least so many hours before it begins"),
        default=24,
        help_text=_(
            "The deadline is that much before the midnight in which the first collision begins: a mediator can still decide."
        ),
    )
    equal_outcomes = models.PositiveIntegerField(
        _("equal decisions that suggest a standing rule"),
        default=3,
        help_text=_("On the same facts, one after the other."),
    )
    hours_to_object = models.PositiveIntegerField(
        _("working hours to object to a standing rule"),
        default=9,
        help_text=_("Both sides are told first; if neither objects by then, the rule is applied to their case."),
    )

    hours_to_extend = models.PositiveIntegerField(
        _("more working hours, once"),
        default=9,
        help_text=_("By so much, at most, the two departments may put off the deadline together. 0 = not at all."),
    )

    objects = ReferenceQuerySet.as_manager()

    minutes_before_opening = models.PositiveIntegerField(
        _("minutes before a case opens"),
        default=0,
        help_text=_(
            "A collision that is gone within that time bothers nobody; the departments may open the case themselves. "
            "0 = it opens at once."
        ),
    )
    hours_to_appeal = models.PositiveIntegerField(
        _("working hours to appeal a decision"),
        default=0,
        help_text=_(
            "So long a department can ask for another mediator, and the decision is not carried out before. "
            "0 = it takes effect at once and nobody appeals."
        ),
    )

    class Meta:
        verbose_name = _("escalation policy")
        verbose_name_plural = _("escalation policy")
        constraints = [
            models.CheckConstraint(name="there_is_one_escalation_policy", condition=Q(id=1)),
            models.CheckConstraint(
                name="policy_level_is_known", condition=Q(opens_at_level__in=[level for level, _label in CASE_LEVELS])
            ),
            *(
                models.CheckConstraint(
                    name=f"policy_{column}_is_within_limits",
                    condition=Q(**{f"{column}__gte": least, f"{column}__lte": most}),
                )
                for column, (least, most) in LIMITS.items()
            ),
        ]

    def __str__(self) -> str:
        return str(_("escalation policy"))
