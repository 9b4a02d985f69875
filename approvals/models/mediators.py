from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext_lazy as _

from approvals.rules import mandates
from approvals.rules.deadlines import LIMITS
from approvals.rules.mandates import MOST_CASES
from campaigns.choices import CASE_LEVELS, Level
from customers.models.visible import ReferenceQuerySet


class Mediator(models.Model):
    """A mandate: whose cases somebody decides, and who stands in.

    Of cases between two departments, of those about products of a category, of one department, of a business unit, or,
    with nothing filled in, of every case; and of these the ones from a level up. Several people may have the same.
    """

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
        help_text=_("Cases that touch this department; with nothing chosen below either, every case."),
    )
    other_department = models.ForeignKey(
        "campaigns.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("and this one"),
        help_text=_("Only cases between the two departments."),
    )
    category = models.ForeignKey(
        "campaigns.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Instead of departments: cases in which both sides have products of this category on offer."),
    )
    business_unit = models.CharField(
        _("business unit"),
        max_length=200,
        blank=True,
        help_text=_("Instead of departments: cases that touch a department of this business unit."),
    )
    from_level = models.CharField(
        _("from level"),
        max_length=8,
        choices=CASE_LEVELS,
        blank=True,
        help_text=_("Only cases that are at least so severe; nothing chosen = of every level."),
    )
    most_cases = models.PositiveSmallIntegerField(
        _("cases at once, at most"),
        null=True,
        blank=True,
        help_text=_("With so many cases to decide, the next person is asked first. Empty = any number."),
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("stand-in"),
        help_text=_("Decides when the mediator belongs to a party, is away or full, or is no longer active."),
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediator")
        verbose_name_plural = _("mediators")
        ordering = ["department", "id"]
        constraints = [
            models.UniqueConstraint(
                # NULL never equals NULL, so that what is empty is given a number to be unique with; and a pair is one
                # pair in either order.
                "user",
                Least(Coalesce("department", 0), Coalesce("other_department", 0)),
                Greatest(Coalesce("department", 0), Coalesce("other_department", 0)),
                Coalesce("category", 0),
                "business_unit",
                "from_level",
                name="somebody_has_a_mandate_once",
                violation_error_message=_("This person has this mandate already."),
            ),
            models.CheckConstraint(
                name="mandate_is_for_one_thing",
                condition=Q(department__isnull=True, category__isnull=True)
                | Q(department__isnull=True, business_unit="")
                | Q(category__isnull=True, business_unit=""),
                violation_error_message=_("Choose departments, a category or a business unit, but only one of these."),
            ),
            models.CheckConstraint(
                name="mandate_for_a_pair_names_two_departments",
                condition=Q(other_department__isnull=True)
                | Q(department__isnull=False) & ~Q(department=F("other_department")),
                violation_error_message=_("A mandate for a pair names two different departments."),
            ),
            models.CheckConstraint(
                name="mandate_begins_at_a_known_level",
                condition=Q(from_level__in=["", *(level for level, _label in CASE_LEVELS)]),
            ),
            models.CheckConstraint(
                name="mandate_allows_a_number_of_cases",
                condition=Q(most_cases__isnull=True) | Q(most_cases__gte=MOST_CASES[0], most_cases__lte=MOST_CASES[1]),
            ),
            models.CheckConstraint(
                name="mediator_does_not_stand_in_for_themselves",
                condition=Q(stand_in__isnull=True) | ~Q(stand_in=F("user")),
                violation_error_message=_("Nobody stands in for themselves."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.get_full_name() or self.user} · {self.scope_in_words}"

    @property
    def scope(self) -> str:
        return mandates.scope_of(
            department=self.department_id,
            other_department=self.other_department_id,
            category=self.category_id,
            business_unit=self.business_unit,
        )

    @property
    def names(self) -> list[str]:
        """What the mandate is for, as it is called; departments alphabetically."""
        if self.category or self.business_unit:
            return [self.category.code if self.category else self.business_unit]
        return sorted(one.name for one in (self.department, self.other_department) if one)

    @property
    def scope_in_words(self) -> str:
        return mandates.words(self.scope, self.names, self.from_level)


class EscalationPolicy(models.Model):
    """From which level a case opens, and how long the parties and the mediator have. One row, made by the first migration."""

    opens_at_level = models.CharField(
        _("a case opens from level"), max_length=8, choices=CASE_LEVELS, default=Level.MEDIUM
    )
    hours_to_agree = models.PositiveIntegerField(_("working hours to agree"), default=18)
    hours_to_decide = models.PositiveIntegerField(
        _("working hours to decide"),
        default=18,
        help_text=_("So long a mediator has a case; then it passes to the next one."),
    )
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
