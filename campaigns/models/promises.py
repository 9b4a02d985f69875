"""What an offer promises on single channels and in its messages, and what it takes of what all share."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import ClaimKind, Combination, PlacementGoal
from campaigns.models.limits import AFTER_LAST_DAY, CENT, FIRST_DAY, within
from customers.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY
from customers.validators import Between, day_to_plan, one_line


class OfferChannelTerms(models.Model):
    """Other terms on one channel, for a reason that stands beside them. Exactly one of the three values is given."""

    offer = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="channel_terms")
    channel = models.ForeignKey(
        "customers.Channel", on_delete=models.PROTECT, related_name="+", verbose_name=_("channel")
    )
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
    is_exclusive = models.BooleanField(
        _("only here"), default=False, help_text=_("Every message says that these terms hold on this channel alone.")
    )
    reason = models.CharField(_("reason"), max_length=200, validators=[one_line])

    class Meta:
        verbose_name = _("terms on a channel")
        verbose_name_plural = _("terms on channels")
        constraints = [
            models.UniqueConstraint(name="offer_has_terms_of_a_channel_once", fields=["offer", "channel"]),
            models.CheckConstraint(
                name="channel_terms_have_one_value",
                condition=Q(percent_off__isnull=False, amount_off__isnull=True, fixed_price__isnull=True)
                | Q(percent_off__isnull=True, amount_off__isnull=False, fixed_price__isnull=True)
                | Q(percent_off__isnull=True, amount_off__isnull=True, fixed_price__isnull=False),
                violation_error_message=_("Give one: a percentage, an amount or a price."),
            ),
            models.CheckConstraint(
                name="channel_terms_are_within_limits",
                condition=within("percent_off", CENT, 100)
                & within("amount_off", CENT, LARGEST_MONEY)
                & within("fixed_price", 0, LARGEST_MONEY),
            ),
        ]


class OfferClaim(models.Model):
    """A sentence that customers read and other offers can make untrue, with what its kind speaks of."""

    offer = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="claims")
    kind = models.CharField(_("kind"), max_length=24, choices=ClaimKind)
    text = models.CharField(_("sentence"), max_length=300, validators=[one_line])
    product = models.ForeignKey(
        "campaigns.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    brand = models.CharField(_("brand"), max_length=200, blank=True, validators=[one_line])
    channel = models.ForeignKey(
        "customers.Channel",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("channel"),
    )
    segment = models.ForeignKey(
        "customers.Segment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment"),
    )
    until = models.DateField(_("last day"), null=True, blank=True, validators=[day_to_plan])
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[Between(0, LARGEST_MONEY)]
    )
    quantity = models.PositiveIntegerField(
        _("quantity"), null=True, blank=True, validators=[Between(1, LARGEST_INTEGER)]
    )
    is_legal = models.BooleanField(_("the law asks for it"), default=False)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(name="claim_kind_is_known", condition=Q(kind__in=ClaimKind.values)),
            models.CheckConstraint(
                name="claim_numbers_are_within_limits",
                condition=within("amount", 0, LARGEST_MONEY) & within("quantity", 1, LARGEST_INTEGER),
            ),
        ]


class PlacementBooking(models.Model):
    """A share of a placement that an offer takes; without days of its own for as long as the offer runs."""

    offer = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="bookings")
    placement = models.ForeignKey(
        "campaigns.Placement", on_delete=models.PROTECT, related_name="+", verbose_name=_("placement")
    )
    starts_on = models.DateField(_("first day"), validators=[day_to_plan])
    ends_before = models.DateField(_("ends before"))
    share = models.DecimalField(
        _("share (%)"), max_digits=5, decimal_places=2, default=Decimal(100), validators=[Between(CENT, 100)]
    )
    goal = models.CharField(_("goal"), max_length=16, choices=PlacementGoal, blank=True)

    class Meta:
        verbose_name = _("booking of a placement")
        verbose_name_plural = _("bookings of placements")
        constraints = [
            models.CheckConstraint(
                name="booking_ends_after_it_starts",
                condition=Q(ends_before__gt=F("starts_on")),
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                name="booking_is_within_limits",
                condition=Q(starts_on__gte=FIRST_DAY, ends_before__lte=AFTER_LAST_DAY) & within("share", CENT, 100),
            ),
            models.CheckConstraint(name="booking_goal_is_known", condition=Q(goal__in=["", *PlacementGoal.values])),
        ]

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)


class FundDraw(models.Model):
    """What an offer plans to take out of a fund."""

    offer = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="draws")
    fund = models.ForeignKey("campaigns.Fund", on_delete=models.PROTECT, related_name="+", verbose_name=_("fund"))
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, validators=[Between(CENT, LARGEST_MONEY)]
    )

    class Meta:
        verbose_name = _("draw on a fund")
        verbose_name_plural = _("draws on funds")
        constraints = [
            models.UniqueConstraint(name="offer_draws_on_a_fund_once", fields=["offer", "fund"]),
            models.CheckConstraint(name="draw_is_within_limits", condition=within("amount", CENT, LARGEST_MONEY)),
        ]


class OfferCombination(models.Model):
    """A decision about two offers, stronger than what either says: they combine, or they do not."""

    offer_a = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="+")
    offer_b = models.ForeignKey("campaigns.Offer", on_delete=models.CASCADE, related_name="+")
    decision = models.CharField(_("decision"), max_length=8, choices=Combination)

    class Meta:
        verbose_name = _("combination of two offers")
        verbose_name_plural = _("combinations of offers")
        constraints = [
            models.UniqueConstraint(name="two_offers_have_one_decision", fields=["offer_a", "offer_b"]),
            models.CheckConstraint(name="combination_names_the_lower_id_first", condition=Q(offer_a__lt=F("offer_b"))),
            models.CheckConstraint(
                name="combination_is_allowed_or_denied", condition=Q(decision__in=Combination.values)
            ),
        ]
