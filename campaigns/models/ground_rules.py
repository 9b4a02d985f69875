"""What the house has settled for all plans: what combines, what is shared, what is protected, how rules are set."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import Combination, Level, ProtectionKind, RuleMode
from campaigns.models.limits import AFTER_LAST_DAY, FIRST_DAY, within
from customers.models.visible import ReferenceQuerySet
from customers.rules.numbers import LARGEST_MONEY
from customers.validators import Between, day_to_plan, one_line, prose


class Named(models.Model):
    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class CombinationClass(Named):
    """A kind of offers, such as loyalty or season, that says what it combines with."""

    class Meta(Named.Meta):
        verbose_name = _("combination class")
        verbose_name_plural = _("combination classes")


class CombinationPolicy(models.Model):
    """Whether offers of two classes combine where they say nothing themselves; a class may be paired with itself."""

    low = models.ForeignKey(CombinationClass, on_delete=models.CASCADE, related_name="+", verbose_name=_("class"))
    high = models.ForeignKey(CombinationClass, on_delete=models.CASCADE, related_name="+", verbose_name=_("class"))
    decision = models.CharField(_("decision"), max_length=8, choices=Combination)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("combination policy")
        verbose_name_plural = _("combination policies")
        ordering = ["low__name", "high__name", "id"]
        constraints = [
            models.UniqueConstraint(name="two_classes_have_one_policy", fields=["low", "high"]),
            models.CheckConstraint(name="policy_names_the_lower_id_first", condition=Q(low__lte=F("high"))),
            models.CheckConstraint(name="policy_is_allow_or_deny", condition=Q(decision__in=Combination.values)),
        ]

    def __str__(self) -> str:
        return f"{self.low} + {self.high}"


class JointGroup(Named):
    """Departments plan some campaigns together: within a group nothing is a collision."""

    class Meta(Named.Meta):
        verbose_name = _("joint group")
        verbose_name_plural = _("joint groups")


class Placement(Named):
    """A place that offers share: a banner, a pop-up, a shelf end. `page` groups those that one customer sees together."""

    page = models.CharField(_("page"), max_length=100, blank=True, validators=[one_line])
    slots = models.PositiveSmallIntegerField(_("slots"), default=1, validators=[Between(1, 100)])

    class Meta(Named.Meta):
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [models.CheckConstraint(name="placement_has_slots", condition=within("slots", 1, 100))]


class _InDays(models.Model):
    starts_on = models.DateField(_("first day"), validators=[day_to_plan])
    ends_before = models.DateField(_("ends before"))

    class Meta:
        abstract = True

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)


def _period(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{name}_has_days_within_limits",
        condition=Q(ends_before__gt=F("starts_on"), starts_on__gte=FIRST_DAY, ends_before__lte=AFTER_LAST_DAY),
        violation_error_message=_("The last day is before the first."),
    )


class Fund(Named, _InDays):
    """Money that offers of several departments draw on, for offers that start within its days."""

    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, validators=[Between(0, LARGEST_MONEY)])

    class Meta(Named.Meta):
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        constraints = [
            _period("fund"),
            models.CheckConstraint(name="fund_is_within_limits", condition=within("amount", 0, LARGEST_MONEY)),
        ]


class Substitution(models.Model):
    """Of the units that a product sells more, the part `rate` (0 to 1) is missing from its substitute."""

    product = models.ForeignKey(
        "campaigns.Product", on_delete=models.CASCADE, related_name="+", verbose_name=_("product")
    )
    substitute = models.ForeignKey(
        "campaigns.Product", on_delete=models.CASCADE, related_name="+", verbose_name=_("substitute")
    )
    rate = models.DecimalField(_("rate"), max_digits=4, decimal_places=3, validators=[Between(0, 1)])
    source = models.CharField(_("source"), max_length=200, blank=True, validators=[one_line])

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        ordering = ["product__name", "substitute__name", "id"]
        constraints = [
            models.UniqueConstraint(name="product_has_a_substitute_once", fields=["product", "substitute"]),
            models.CheckConstraint(name="substitute_is_another_product", condition=~Q(product=F("substitute"))),
            models.CheckConstraint(name="substitution_rate_is_a_part", condition=within("rate", 0, 1)),
        ]

    def __str__(self) -> str:
        return f"{self.product} → {self.substitute}"


class ProtectedScope(_InDays):
    """Products that offers keep out of: a brand, a category or one product, for a time, for everybody or for others."""

    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    kind = models.CharField(_("kind"), max_length=16, choices=ProtectionKind)
    brand = models.CharField(_("brand"), max_length=200, blank=True, validators=[one_line])
    category = models.ForeignKey(
        "campaigns.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    product = models.ForeignKey(
        "campaigns.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    department = models.ForeignKey(
        "campaigns.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reserved for"),
        help_text=_("None = nobody may promote it."),
    )
    min_price = models.DecimalField(
        _("minimum price"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(0, LARGEST_MONEY)],
    )
    is_hard = models.BooleanField(_("binding"), default=True, help_text=_("Off = a wish, which weighs half."))
    reason = models.TextField(_("reason"), blank=True, validators=[prose], help_text=_("Such as the contract."))

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("protected scope")
        verbose_name_plural = _("protected scopes")
        ordering = ["name", "id"]
        constraints = [
            _period("protection"),
            models.CheckConstraint(name="protection_kind_is_known", condition=Q(kind__in=ProtectionKind.values)),
            models.CheckConstraint(
                name="protection_names_one_scope",
                condition=~Q(brand="") & Q(category__isnull=True, product__isnull=True)
                | Q(brand="", category__isnull=False, product__isnull=True)
                | Q(brand="", category__isnull=True, product__isnull=False),
                violation_error_message=_("Name one: a brand, a category or a product."),
            ),
            models.CheckConstraint(
                name="minimum_price_belongs_to_its_kind",
                condition=Q(kind="minimum_price", min_price__isnull=False)
                | ~Q(kind="minimum_price") & Q(min_price__isnull=True),
                violation_error_message=_("A minimum price is given for that kind, and for no other."),
            ),
            models.CheckConstraint(
                name="minimum_price_is_within_limits", condition=within("min_price", 0, LARGEST_MONEY)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AnnouncedPrice(_InDays):
    """A price at which a product was announced, with its days: what later reductions are measured against."""

    product = models.ForeignKey(
        "campaigns.Product", on_delete=models.CASCADE, related_name="+", verbose_name=_("product")
    )
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, validators=[Between(0, LARGEST_MONEY)])
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("announced price")
        verbose_name_plural = _("announced prices")
        ordering = ["-starts_on", "product__name", "id"]
        constraints = [
            _period("announced_price"),
            models.UniqueConstraint(name="price_is_announced_once", fields=["product", "starts_on", "price"]),
            models.CheckConstraint(
                name="announced_price_is_within_limits", condition=within("price", 0, LARGEST_MONEY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.price}"


class RuleSetting(models.Model):
    """How a collision rule is set where it differs from its module: `options` {name: decimal as text}.

    `base` null = the module's base points; `opens_from` "" = the level of the escalation policy.
    """

    rule = models.CharField(_("rule"), max_length=32, unique=True)
    mode = models.CharField(_("mode"), max_length=8, choices=RuleMode, default=RuleMode.ON)
    base = models.PositiveSmallIntegerField(_("base points"), null=True, blank=True, validators=[Between(0, 100)])
    options: Any = models.JSONField(_("options"), default=dict, blank=True)
    opens_from = models.CharField(_("opens a case from"), max_length=8, choices=Level, blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("setting of a rule")
        verbose_name_plural = _("settings of rules")
        ordering = ["rule"]
        constraints = [
            models.CheckConstraint(name="rule_mode_is_known", condition=Q(mode__in=RuleMode.values)),
            models.CheckConstraint(name="rule_opens_from_a_level", condition=Q(opens_from__in=["", *Level.values])),
            models.CheckConstraint(name="rule_base_is_within_limits", condition=within("base", 0, 100)),
        ]

    def __str__(self) -> str:
        return self.rule
