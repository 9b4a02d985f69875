from datetime import date, timedelta
from functools import reduce
from operator import and_, or_

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import Mechanic, Mode, ScopeRole
from campaigns.models.limits import (
    AFTER_LAST_DAY,
    CENT,
    FIRST_DAY,
    LARGEST_FACTOR,
    LARGEST_FLOOR,
    check_period,
    within,
)
from campaigns.models.offer_details import DETAIL_CONSTRAINTS, OfferDetails
from campaigns.models.visible import OfCampaignQuerySet
from campaigns.rules.terms import TERM_COLUMNS, TERMS
from customers.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY, LARGEST_SMALL
from customers.validators import Between, day_to_plan, one_line


def _terms_fit_the_mechanic() -> Q:
    return reduce(
        or_,
        (
            Q(
                mechanic=mechanic,
                **{f"{column}__isnull": column not in needs for column in TERM_COLUMNS if column not in may},
            )
            for mechanic, (needs, may) in TERMS.items()
        ),
    )


def _are_empty_or_positive(*columns: str) -> Q:
    return reduce(and_, (Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gt": 0}) for column in columns))


class Offer(OfferDetails):
    """What a campaign promises to whom, on which products, when and where.

    `mechanic` empty means that nobody stated the terms yet. `version` counts changes of content. An offer has no
    status: `held` (a case stops it), `withdrawn_at` and `live_since` are facts, the rest follows from the campaign
    and the dates. `audience` is derived from the OfferAudience rows, null = every customer;
    `posted` counts rewrites of the OfferItem rows, so that a detection knows which scope it read. `approved_products`: how
    many were on offer when the campaign was last approved, null = it never was; categories grow by themselves.
    """

    code = models.CharField(_("code"), max_length=128, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="offers", verbose_name=_("campaign")
    )
    department = models.ForeignKey(
        "campaigns.Department", on_delete=models.PROTECT, related_name="+", verbose_name=_("department")
    )
    starts_on = models.DateField(_("first day"), validators=[day_to_plan])
    ends_before = models.DateField(_("ends before"))
    mechanic = models.CharField(_("mechanic"), max_length=16, choices=Mechanic, blank=True)
    percent_off = models.DecimalField(
        _("percent off"), max_digits=5, decimal_places=2, null=True, blank=True, validators=[Between(CENT, 100)]
    )
    amount_off = models.DecimalField(
        _("amount off"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(CENT, LARGEST_MONEY)],
    )
    fixed_price = models.DecimalField(
        _("fixed price"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(0, LARGEST_MONEY)],
    )
    buy_quantity = models.PositiveIntegerField(
        _("buy"), null=True, blank=True, validators=[Between(1, LARGEST_INTEGER)]
    )
    get_quantity = models.PositiveIntegerField(
        _("get free"), null=True, blank=True, validators=[Between(1, LARGEST_INTEGER)]
    )
    min_spend = models.DecimalField(
        _("minimum spend"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(0, LARGEST_MONEY)],
    )
    points_multiplier = models.DecimalField(
        _("points multiplier"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(CENT, LARGEST_FACTOR)],
    )
    gift_product = models.ForeignKey(
        "campaigns.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("gift"),
    )
    stackable = models.BooleanField(
        _("combines with other offers"), null=True, blank=True, help_text=_("Leave open if nobody decided yet.")
    )
    margin_floor_pct = models.DecimalField(
        _("margin floor (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(0, LARGEST_FLOOR)],
    )
    priority = models.SmallIntegerField(
        _("priority"),
        null=True,
        blank=True,
        validators=[Between(-LARGEST_SMALL, LARGEST_SMALL)],
        help_text=_("Lower goes first at the till."),
    )
    channels = models.ManyToManyField(
        "customers.Channel",
        related_name="+",
        blank=True,
        verbose_name=_("channels"),
        help_text=_("None = every channel."),
    )
    audience = models.ForeignKey(
        "customers.Segment", on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    approved_products = models.PositiveIntegerField(null=True, editable=False)
    posted = models.PositiveIntegerField(default=0, editable=False)
    held = models.BooleanField(_("held by a case"), default=False, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    live_since = models.DateTimeField(_("live since"), null=True, editable=False)

    objects = OfCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["starts_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="offer_ends_after_it_starts",
                condition=Q(ends_before__gt=F("starts_on")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                name="offer_terms_fit_its_mechanic",
                condition=_terms_fit_the_mechanic(),
                violation_error_message=_("Fill exactly the fields that the mechanic needs."),
            ),
            models.CheckConstraint(
                name="offer_percent_is_above_0_and_at_most_100",
                condition=Q(percent_off__isnull=True) | Q(percent_off__gt=0, percent_off__lte=100),
                violation_error_message=_("The percentage is above 0 and at most 100."),
            ),
            models.CheckConstraint(
                name="offer_amounts_are_positive",
                condition=_are_empty_or_positive("amount_off", "buy_quantity", "get_quantity", "points_multiplier"),
                violation_error_message=_("Amounts and quantities are above 0."),
            ),
            models.CheckConstraint(
                name="offer_prices_are_not_negative",
                condition=(Q(fixed_price__isnull=True) | Q(fixed_price__gte=0))
                & (Q(min_spend__isnull=True) | Q(min_spend__gte=0)),
                violation_error_message=_("Prices are not negative."),
            ),
            models.CheckConstraint(
                name="offer_margin_floor_is_a_percentage",
                condition=Q(margin_floor_pct__isnull=True) | Q(margin_floor_pct__gte=0, margin_floor_pct__lt=100),
                violation_error_message=_("The margin floor is from 0 to below 100."),
            ),
            models.CheckConstraint(
                name="offer_numbers_are_within_limits",
                condition=within("amount_off", 0, LARGEST_MONEY)
                & within("fixed_price", 0, LARGEST_MONEY)
                & within("min_spend", 0, LARGEST_MONEY)
                & within("points_multiplier", 0, LARGEST_FACTOR)
                & within("buy_quantity", 0, LARGEST_INTEGER)
                & within("get_quantity", 0, LARGEST_INTEGER)
                & within("priority", -LARGEST_SMALL, LARGEST_SMALL),
            ),
            models.CheckConstraint(
                name="offer_days_are_within_limits",
                condition=Q(starts_on__gte=FIRST_DAY, ends_before__lte=AFTER_LAST_DAY),
            ),
            models.CheckConstraint(
                name="held_offer_is_never_live",
                condition=Q(held=False) | Q(live_since__isnull=True),
                violation_error_message=_("A case holds this offer: it cannot go live before the case is decided."),
            ),
            models.CheckConstraint(
                name="withdrawn_offer_is_neither_held_nor_live",
                condition=Q(withdrawn_at__isnull=True) | Q(held=False, live_since__isnull=True),
            ),
            *DETAIL_CONSTRAINTS,
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def clean(self) -> None:
        check_period(self)

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)


class OfferAudience(models.Model):
    """A named segment that an offer includes or excludes. No included segment = every customer."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="audience_rows")
    segment = models.ForeignKey("customers.Segment", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.INCLUDE)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        constraints = [
            models.CheckConstraint(name="audience_of_an_offer_has_a_known_mode", condition=Q(mode__in=Mode.values)),
            models.UniqueConstraint(name="offer_names_a_segment_once", fields=["offer", "segment"]),
        ]


class OfferProduct(models.Model):
    """A product as entered into the scope of an offer, never expanded from a category."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="product_rows")
    product = models.ForeignKey("campaigns.Product", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=ScopeRole, default=ScopeRole.TARGET)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.INCLUDE)

    class Meta:
        verbose_name = _("product of an offer")
        verbose_name_plural = _("products of an offer")
        constraints = [
            models.CheckConstraint(
                name="product_of_an_offer_has_a_known_role_and_mode",
                condition=Q(role__in=ScopeRole.values, mode__in=Mode.values),
            ),
            models.UniqueConstraint(name="offer_names_a_product_once_per_role", fields=["offer", "product", "role"]),
        ]


class OfferCategory(models.Model):
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="category_rows")
    category = models.ForeignKey("campaigns.Category", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=ScopeRole, default=ScopeRole.TARGET)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.INCLUDE)

    class Meta:
        verbose_name = _("category of an offer")
        verbose_name_plural = _("categories of an offer")
        constraints = [
            models.CheckConstraint(
                name="category_of_an_offer_has_a_known_role_and_mode",
                condition=Q(role__in=ScopeRole.values, mode__in=Mode.values),
            ),
            models.UniqueConstraint(name="offer_names_a_category_once_per_role", fields=["offer", "category", "role"]),
        ]
