"""The approval of campaigns: what is asked when, who said what to which content, and who stands in for whom."""

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import Measure, VoteDecision
from campaigns.models.versions import LONGEST_SECTION
from campaigns.models.visible import OfCampaignQuerySet
from customers.models.visible import ReferenceQuerySet
from customers.validators import Between, prose

LONGEST_REMARK = 2000
MOST_HOURS_TO_REVIEW = 400


class ReviewPolicy(models.Model):
    """How long reviewers have, and who answers customers, in working hours. One row, made by a migration."""

    hours_to_review = models.PositiveIntegerField(
        _("working hours to review"), default=16, validators=[Between(1, MOST_HOURS_TO_REVIEW)]
    )
    hours_to_answer = models.PositiveIntegerField(
        _("working hours to answer a customer"), default=8, validators=[Between(1, MOST_HOURS_TO_REVIEW)]
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("review policy")
        verbose_name_plural = _("review policy")
        constraints = [
            models.CheckConstraint(name="there_is_one_review_policy", condition=Q(id=1)),
            models.CheckConstraint(
                name="hours_to_review_are_within_limits",
                condition=Q(hours_to_review__gte=1, hours_to_review__lte=MOST_HOURS_TO_REVIEW),
            ),
            models.CheckConstraint(
                name="hours_to_answer_are_within_limits",
                condition=Q(hours_to_answer__gte=1, hours_to_answer__lte=MOST_HOURS_TO_REVIEW),
            ),
        ]

    def __str__(self) -> str:
        return str(_("review policy"))


class ApprovalRule(models.Model):
    """Whose approval plans need besides those whom they concern: always, or above a size."""

    department = models.ForeignKey(
        "campaigns.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaigns of"),
        help_text=_("Empty = of every department."),
    )
    measure = models.CharField(_("where"), max_length=12, choices=Measure, default=Measure.ALWAYS)
    above = models.DecimalField(
        _("is above"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[Between(0, 10**10)],
        help_text=_("Customers, budget, or percent. One more person approves, in addition to all others."),
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who approves")
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering = ["department__name", "measure", "above", "id"]
        constraints = [
            models.CheckConstraint(name="measure_of_approval_rule_is_known", condition=Q(measure__in=Measure.values)),
            models.CheckConstraint(name="approval_rule_is_above_something", condition=Q(above__gte=0)),
            models.UniqueConstraint(
                name="person_is_named_once_for_a_measure", fields=["department", "measure", "approver"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department or _('every department')} · {self.get_measure_display()}"


class Review(models.Model):
    """One round in which the approval of a plan is asked for.

    `rules` are those of the house as they stood when it began: [{"key", "measure", "above", "approver", "department"}], and
    `named` the people whom they ask.
    `hours_to_review` is what the policy gave then. `next_at` is when reviewers are reminded next, `reminders` how often
    they were.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="reviews", verbose_name=_("campaign")
    )
    opened_at = models.DateTimeField(_("asked for"))
    rules = models.JSONField(default=list)
    named = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    hours_to_review = models.PositiveIntegerField()
    due_at = models.DateTimeField(_("due"))
    next_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = OfCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["due_at", "id"]
        indexes = [models.Index(name="review_reminds", fields=["next_at"], condition=Q(closed_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                name="campaign_has_one_open_review", fields=["campaign"], condition=Q(closed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)


class Vote(models.Model):
    """What somebody said to one section of a plan as they read it, `content_hash`.

    `parts` are the requirements it was given for (see approvals.rules.routing), `stands_for` who was absent then. A vote
    counts as long as the section says what was read; it can be revoked, and is never changed otherwise. `fell_at`: the
    voter was told that the section says something else now.
    """

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="votes")
    section = models.CharField(_("section"), max_length=LONGEST_SECTION)
    content_hash = models.CharField(max_length=64)
    decision = models.CharField(_("decision"), max_length=8, choices=VoteDecision)
    comment = models.TextField(_("comment"), blank=True, max_length=LONGEST_REMARK, validators=[prose])
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    stands_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("for")
    )
    parts = models.JSONField(default=list)
    voted_at = models.DateTimeField(_("when"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    fell_at = models.DateTimeField(null=True)

    objects = OfCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="vote_decides_something_known", condition=Q(decision__in=VoteDecision.values)),
            models.UniqueConstraint(
                name="person_votes_once_on_a_content",
                fields=["campaign", "section", "content_hash", "voter"],
                condition=Q(revoked_at__isnull=True) & ~Q(decision=VoteDecision.COMMENT),
            ),
            models.CheckConstraint(
                name="changes_and_comments_say_what",
                condition=Q(decision=VoteDecision.APPROVE) | ~Q(comment=""),
            ),
            models.CheckConstraint(
                name="nobody_stands_in_for_themselves",
                condition=Q(stands_for__isnull=True) | ~Q(stands_for=F("voter")),
            ),
        ]


class Absence(models.Model):
    """While somebody is away, a colleague approves for them. `ends_before` is exclusive."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who is away")
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("stand-in"),
        help_text=_("A colleague of one of your departments; approves for you in these days."),
    )
    starts_on = models.DateField(_("first day"))
    ends_before = models.DateField(_("ends before"))

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_starts",
                condition=Q(ends_before__gt=F("starts_on")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                name="who_is_away_has_another_stand_in",
                condition=~Q(stand_in=F("user")),
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.user.get_full_name() or self.user} → {self.stand_in.get_full_name() or self.stand_in}"
