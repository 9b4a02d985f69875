from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from approvals.choices import ENDED_STATES, OPEN_STATES, CaseOutcome, CaseState, ReopenedBecause
from approvals.models.visible import CaseQuerySet, OfCaseQuerySet
from campaigns.choices import Level


class Case(models.Model):
    """The disagreement of two campaigns of different departments: holds their collisions of today and later.

    `campaign_a.code < campaign_b.code` as text. At most one open case per pair. `state` is written by
    approvals.actions.cases alone; `mediator` is set by escalation, with `mediator_trail` telling who was passed over
    and why: `[{"user": "marta", "why": "party"}]`, and `mediator_why` for what this person has a mandate, and whose
    stand-in they are: `{"scope": "pair", "names": ["CRM", "Sales"], "from_level": "", "instead_of": "", "is_full": false}`.
    `mandates` are those that held the case when it first went to mediation, as approvals.queries.mandates stores them;
    null before. Whoever has the case decides until `decide_by`, counted from `assigned_at`.

    `agree_by` is when it escalates: after `hours_to_agree` of working time or at `settle_before`, what comes first. These
    terms were settled by the policy when the case opened; what collides earlier brings `settle_before` nearer, by the
    `hours_before_start` of then. The sides may agree once on up to `hours_to_extend` more; `hours_extended` are those
    that were granted.

    What a mediator decided takes effect at `takes_effect_at`, unless a party appeals before: after `hours_to_appeal` of
    working time, 0 = at once and without appeal. A case never opens again: another one takes it up and says why.
    """

    campaign_a = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("campaign")
    )
    campaign_b = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="+", verbose_name=_("campaign")
    )
    state = models.CharField(_("state"), max_length=12, choices=CaseState, default=CaseState.NEGOTIATION)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    detected_at = models.DateTimeField(_("found"))
    opened_at = models.DateTimeField(_("opened"))
    hours_to_agree = models.PositiveIntegerField(_("working hours to agree"))
    hours_before_start = models.PositiveIntegerField(_("at least so many hours before it begins"))
    hours_to_appeal = models.PositiveIntegerField(_("working hours to appeal"), default=0)
    hours_to_extend = models.PositiveIntegerField(_("working hours that may be granted"), default=0)
    hours_extended = models.PositiveIntegerField(_("working hours granted"), default=0)
    hours_to_decide = models.PositiveIntegerField(_("working hours to decide"), default=18)
    settle_before = models.DateTimeField(null=True)
    agree_by = models.DateTimeField(_("agree by"))
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    mediator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("mediator"),
    )
    mediator_trail = models.JSONField(default=list)
    mediator_why = models.JSONField(null=True)
    mandates = models.JSONField(null=True)
    assigned_at = models.DateTimeField(_("given to the mediator"), null=True)
    decide_by = models.DateTimeField(_("decide by"), null=True)
    takes_effect_at = models.DateTimeField(_("takes effect"), null=True)
    reopened_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="taken_up_by", verbose_name=_("takes up")
    )
    reopened_because = models.CharField(_("because"), max_length=12, choices=ReopenedBecause, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=CaseOutcome, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_because = models.TextField(_("why it closed"), blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                # Whichever of the two is named first: two orders of one pair are one pair.
                Least("campaign_a", "campaign_b"),
                Greatest("campaign_a", "campaign_b"),
                name="one_open_case_per_pair_of_campaigns",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.CheckConstraint(
                name="case_is_extended_by_what_may_be_granted",
                condition=Q(hours_extended__lte=F("hours_to_extend")),
            ),
            models.CheckConstraint(name="case_state_is_known", condition=Q(state__in=CaseState.values)),
            models.CheckConstraint(name="case_level_is_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(name="case_outcome_is_known", condition=Q(outcome__in=["", *CaseOutcome.values])),
            models.CheckConstraint(name="case_is_between_two_campaigns", condition=~Q(campaign_a=F("campaign_b"))),
            models.CheckConstraint(
                name="ended_case_says_when_and_how",
                condition=Q(state__in=ENDED_STATES, closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(state__in=ENDED_STATES) & Q(closed_at__isnull=True, outcome=""),
            ),
            models.CheckConstraint(
                name="case_ends_as_its_outcome_says",
                condition=Q(state="withdrawn", outcome="vanished")
                | Q(state="waived", outcome="waived")
                | ~Q(state__in=["withdrawn", "waived"]) & ~Q(outcome__in=["vanished", "waived"]),
            ),
            models.CheckConstraint(
                name="case_in_mediation_was_escalated",
                condition=~Q(state__in=["mediation", "decided"]) | Q(escalated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_with_a_mediator_says_until_when",
                condition=~Q(state="mediation")
                | Q(mediator__isnull=True, assigned_at__isnull=True, decide_by__isnull=True)
                | Q(mediator__isnull=False, assigned_at__isnull=False, decide_by__isnull=False),
            ),
            models.CheckConstraint(
                name="case_in_negotiation_has_no_mediator",
                condition=~Q(state__in=["detected", "negotiation"])
                | Q(mediator__isnull=True, escalated_at__isnull=True),
            ),
            models.CheckConstraint(
                name="decided_case_says_who_decided_and_when_it_takes_effect",
                condition=~Q(state="decided") | Q(mediator__isnull=False, takes_effect_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_that_takes_up_another_says_why",
                condition=Q(reopened_from__isnull=True, reopened_because="")
                | Q(reopened_from__isnull=False, reopened_because__in=ReopenedBecause.values),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"K-{self.pk}"


class CaseCollision(models.Model):
    """A collision that belongs, or once belonged, to a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="collision_rows")
    collision = models.ForeignKey("campaigns.Collision", on_delete=models.PROTECT, related_name="+")

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("collision of a case")
        verbose_name_plural = _("collisions of a case")
        constraints = [
            models.UniqueConstraint(name="case_names_a_collision_once", fields=["case", "collision"]),
        ]
