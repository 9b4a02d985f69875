from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import CampaignStatus, JourneyStage
from campaigns.models.limits import AFTER_LAST_DAY, FIRST_DAY, LARGEST_TARGET, check_period, within
from campaigns.models.visible import CampaignQuerySet
from customers.rules.numbers import LARGEST_MONEY
from customers.validators import Between, day_to_plan, one_line, prose


class Campaign(models.Model):
    """A department's plan, told as the answers to seven questions: what, who, where, when, how, how much, why.

    `starts_on` and `ends_before` (exclusive) are local days of the company. `status` is written by
    campaigns.actions.lifecycle alone. `approved_hash` is the content that was approved: a critical change no longer
    matches it and sends the campaign back to submitted.
    """

    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("department")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=CampaignStatus, default=CampaignStatus.DRAFT, editable=False
    )
    accountable = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accountable (A)"),
        help_text=_("Approves the campaign and answers for it."),
    )
    contact_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact person"),
        help_text=_("Links the departments; other teams ask here first."),
    )
    what = models.TextField(_("What?"), blank=True, validators=[prose], help_text=_("Message and intention."))
    who = models.TextField(
        _("Who?"), blank=True, validators=[prose], help_text=_("For whom it is, in words; offers name the segments.")
    )
    where = models.TextField(
        _("Where?"), blank=True, validators=[prose], help_text=_("Channels and places; offers name the channels.")
    )
    starts_on = models.DateField(_("first day"), validators=[day_to_plan])
    ends_before = models.DateField(_("ends before"))
    how = models.TextField(
        _("How?"), blank=True, validators=[prose], help_text=_("Form, and how each channel adapts it.")
    )
    budget = models.DecimalField(
        _("How much?"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[Between(0, LARGEST_MONEY)]
    )
    goal = models.TextField(_("Why?"), blank=True, validators=[prose], help_text=_("The goal this campaign serves."))
    kpi = models.CharField(_("measured by (KPI)"), max_length=200, blank=True, validators=[one_line])
    kpi_target = models.DecimalField(_("target of the KPI"), max_digits=14, decimal_places=4, null=True, blank=True)
    serves = models.ManyToManyField(
        "campaigns.DepartmentGoal",
        blank=True,
        related_name="+",
        verbose_name=_("goals it serves"),
        help_text=_("Of your department or of others."),
    )
    journey_stage = models.CharField(_("journey stage"), max_length=16, choices=JourneyStage, blank=True)
    control_group = models.ForeignKey(
        "customers.Segment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("control group"),
        help_text=_("Customers who get nothing of this campaign, so that its effect can be measured."),
    )
    joint_group = models.ForeignKey(
        "campaigns.JointGroup",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("joint group"),
    )
    approved_hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["starts_on", "code"]
        # guardian's stock permissions, less "add" and "delete": nobody is granted those on one campaign.
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                name="campaign_ends_after_it_starts",
                condition=Q(ends_before__gt=F("starts_on")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                name="campaign_budget_is_not_negative", condition=Q(budget__isnull=True) | Q(budget__gte=0)
            ),
            models.CheckConstraint(
                name="campaign_numbers_are_within_limits",
                condition=within("budget", 0, LARGEST_MONEY) & within("kpi_target", -LARGEST_TARGET, LARGEST_TARGET),
            ),
            models.CheckConstraint(
                name="campaign_days_are_within_limits",
                condition=Q(starts_on__gte=FIRST_DAY, ends_before__lte=AFTER_LAST_DAY),
            ),
            models.CheckConstraint(name="campaign_status_is_known", condition=Q(status__in=CampaignStatus.values)),
            models.CheckConstraint(
                name="campaign_past_review_has_an_approval",
                condition=~Q(status__in=["approved", "live"]) | ~Q(approved_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def clean(self) -> None:
        check_period(self)

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)
