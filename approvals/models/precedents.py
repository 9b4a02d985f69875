from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from approvals.choices import Stance
from approvals.models.visible import User
from approvals.rules.outcomes import Outcome
from approvals.rules.precedents import Facts

# Characters of why a precedent is another matter.
LONGEST_WHY = 500


class OfFacts(models.Model):
    """The facts of a case as approvals.rules.precedents computes them, and an outcome as approvals.rules.outcomes writes it.

    `department_a.pk < department_b.pk`; `kinds` are codes of rules with a comma between; bands are places in the lists of
    the rules, `shallower` and `deeper` those of the two discounts; `stages` are the journey stages of both sides, sorted,
    with a "+" between. The outcome speaks of the side of `toward_department`, `toward_age`, `toward_depth`.
    """

    leading = models.CharField(_("most severe collision"), max_length=32)
    kinds = models.CharField(_("kinds of collisions"), max_length=1000)
    department_a = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    department_b = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    category = models.ForeignKey(
        "campaigns.Category", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("shared category")
    )
    days = models.PositiveSmallIntegerField(_("days in common"))
    customers = models.PositiveSmallIntegerField(_("customers in both"))
    shallower = models.PositiveSmallIntegerField(_("smaller discount"))
    deeper = models.PositiveSmallIntegerField(_("deeper discount"))
    stages = models.CharField(_("journey stages"), max_length=40)
    shape = models.CharField(_("outcome"), max_length=120)
    toward_department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("gives way")
    )
    toward_age = models.CharField(max_length=8, blank=True)
    toward_depth = models.CharField(max_length=10, blank=True)

    class Meta:
        abstract = True

    @property
    def facts(self) -> Facts:
        first, _plus, second = self.stages.partition("+")
        return Facts(
            leading=self.leading,
            kinds=tuple(self.kinds.split(",")) if self.kinds else (),
            departments=(self.department_a_id, self.department_b_id),
            category=self.category_id,
            days=self.days,
            customers=self.customers,
            discounts=(self.shallower, self.deeper),
            stages=(first, second),
        )

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.shape, self.toward_department_id, self.toward_age, self.toward_depth)


def columns_of(facts: Facts) -> dict[str, object]:
    """The columns that hold these facts."""
    return {
        "leading": facts.leading,
        "kinds": ",".join(facts.kinds),
        "department_a_id": facts.departments[0],
        "department_b_id": facts.departments[1],
        "category_id": facts.category,
        "days": facts.days,
        "customers": facts.customers,
        "shallower": facts.discounts[0],
        "deeper": facts.discounts[1],
        "stages": "+".join(facts.stages),
    }


def columns_of_outcome(outcome: Outcome) -> dict[str, object]:
    """The columns that hold this outcome."""
    return {
        "shape": outcome.shape,
        "toward_department_id": outcome.department,
        "toward_age": outcome.age,
        "toward_depth": outcome.depth,
    }


class OfRulingQuerySet(models.QuerySet):
    """Rows that belong to a ruling are seen with its case. What others may know, approvals.queries.precedents tells."""

    def visible(self, user: User) -> Self:
        from approvals.models.cases import Case  # that module imports this package for its manager

        return self.filter(ruling__case__in=Case.objects.visible(user))


class Precedent(OfFacts):
    """A decision of a mediator with the facts that it was about. The database refuses changes."""

    ruling = models.OneToOneField("approvals.Ruling", on_delete=models.PROTECT, related_name="precedent")
    decided_at = models.DateTimeField(_("decided"))

    objects = OfRulingQuerySet.as_manager()

    class Meta:
        verbose_name = _("precedent")
        verbose_name_plural = _("precedents")
        ordering = ["-decided_at", "-id"]
        indexes = [
            models.Index(name="precedent_by_departments", fields=["department_a", "department_b", "-decided_at"]),
            models.Index(name="precedent_by_rule", fields=["leading", "-decided_at"]),
            models.Index(name="precedent_by_category", fields=["category", "-decided_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="precedent_names_its_departments_in_order",
                condition=Q(department_a__lt=F("department_b")),
            ),
        ]

    def __str__(self) -> str:
        return f"precedent {self.pk}"


class Citation(models.Model):
    """What a mediator said of a precedent that was shown to them. The database refuses changes."""

    ruling = models.ForeignKey("approvals.Ruling", on_delete=models.PROTECT, related_name="citations")
    precedent = models.ForeignKey(Precedent, on_delete=models.PROTECT, related_name="+")
    stance = models.CharField(_("says"), max_length=16, choices=Stance)
    why = models.TextField(_("why it is another matter"), blank=True)

    objects = OfRulingQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation of a precedent")
        verbose_name_plural = _("citations of precedents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="ruling_cites_a_precedent_once", fields=["ruling", "precedent"]),
            models.CheckConstraint(name="citation_stance_is_known", condition=Q(stance__in=Stance.values)),
            models.CheckConstraint(
                name="who_distinguishes_says_why",
                condition=Q(stance="distinguishes") & ~Q(why="") | ~Q(stance="distinguishes") & Q(why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ruling_id} {self.stance} {self.precedent_id}"
