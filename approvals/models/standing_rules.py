from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import NoticeState, StandingRuleState
from approvals.models.precedents import OfFacts, Precedent
from approvals.models.visible import OfCaseQuerySet, User
from campaigns.models import Membership
from customers.permissions import is_administrator

# Characters of why a rule is approved, or objected to.
LONGEST_REASON = 2000


class StandingRuleQuerySet(models.QuerySet):
    def visible(self, user: User) -> Self:
        """Administrators and designated mediators see all; the two departments those that were ever approved."""
        if not user.is_active or not getattr(user, "is_staff", False):
            return self.none()
        from approvals.models.mediators import Mediator  # both are parts of one package

        designated = Q(user_id=user.pk) | Q(stand_in_id=user.pk)
        if is_administrator(user) or Mediator.objects.filter(designated).exists():
            return self
        mine = Membership.objects.filter(user_id=user.pk).values("department")
        known = self.filter(approved_at__isnull=False)
        return known.filter(Q(department_a__in=mine) | Q(department_b__in=mine))


class StandingRule(OfFacts):
    """What mediators decided again and again on the same facts, to be applied without asking one each time.

    Suggested by the decision that made it a habit; approved, rejected, suspended and withdrawn by people. `state` is
    written by approvals.actions.standing_rules alone. `reason` is why it was approved or rejected.
    """

    state = models.CharField(_("state"), max_length=12, choices=StandingRuleState, default=StandingRuleState.SUGGESTED)
    suggested_at = models.DateTimeField(_("suggested"))
    approved_at = models.DateTimeField(_("approved"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved or rejected by"),
    )
    reason = models.TextField(_("reason"), blank=True)
    grounds = models.ManyToManyField(Precedent, related_name="+", verbose_name=_("decisions that it comes from"))

    objects = StandingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing rule")
        verbose_name_plural = _("standing rules")
        ordering = ["-id"]
        indexes = [models.Index(name="standing_rule_by_facts", fields=["department_a", "department_b", "state"])]
        constraints = [
            models.CheckConstraint(
                name="standing_rule_state_is_known", condition=Q(state__in=StandingRuleState.values)
            ),
            models.CheckConstraint(
                name="standing_rule_names_its_departments_in_order", condition=Q(department_a__lt=F("department_b"))
            ),
            models.CheckConstraint(
                name="who_decides_on_a_standing_rule_says_why",
                condition=Q(state="suggested", decided_by__isnull=True, reason="", approved_at__isnull=True)
                | ~Q(state="suggested") & Q(decided_by__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="standing_rule_in_force_was_approved",
                condition=Q(state__in=["suggested", "rejected"]) | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"R-{self.pk}"


class RuleNotice(models.Model):
    """A standing rule that was announced in a case: applied at `apply_at`, unless a side objects before.

    `facts` is approvals.queries.facts.disputed_hash of when it was announced: of other facts it is not applied. `ended_why`
    says why it lapsed, as approvals.rules.timeline has words for it. `state` is written by approvals.actions.rule_notices
    alone.
    """

    case = models.OneToOneField(
        "approvals.Case", on_delete=models.PROTECT, related_name="rule_notice", verbose_name=_("case")
    )
    rule = models.ForeignKey(
        StandingRule, on_delete=models.PROTECT, related_name="notices", verbose_name=_("standing rule")
    )
    state = models.CharField(_("state"), max_length=12, choices=NoticeState, default=NoticeState.ANNOUNCED)
    announced_at = models.DateTimeField(_("announced"))
    apply_at = models.DateTimeField(_("to be applied"))
    operations = models.JSONField(_("operations"))
    effect = models.JSONField(_("effect"))
    facts = models.CharField(max_length=64)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_why = models.CharField(max_length=32, blank=True)
    objected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("objected by")
    )
    objection = models.TextField(_("objection"), blank=True)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice of a standing rule")
        verbose_name_plural = _("notices of standing rules")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="rule_notice_state_is_known", condition=Q(state__in=NoticeState.values)),
            models.CheckConstraint(
                name="rule_notice_ends_when_it_is_over",
                condition=Q(state="announced", ended_at__isnull=True)
                | ~Q(state="announced") & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="who_objects_to_a_rule_says_why",
                condition=Q(state="objected", objected_by__isnull=False) & ~Q(objection="")
                | ~Q(state="objected") & Q(objected_by__isnull=True, objection=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.case}"
