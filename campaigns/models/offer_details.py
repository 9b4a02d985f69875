"""What an offer says beside its terms: how it combines, what it promises in words, what it is expected to move."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.choices import AppliesTo, DiscountBase, ItemReuse, ReferencePricePolicy
from campaigns.models.limits import CENT, within
from customers.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY
from customers.validators import Between, one_line, prose

MOST_CONTACTS = 100


class OfferDetails(models.Model):
    applies_to = models.CharField(_("applies to"), max_length=8, choices=AppliesTo, default=AppliesTo.ITEM)
    max_discount = models.DecimalField(
        _("most discount per order"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(CENT, LARGEST_MONEY)],
    )
    only_one_of_its_kind = models.BooleanField(
        _("alone among its kind"),
        default=False,
        help_text=_("Never together with another discount of the same kind: on products, on orders, on shipping."),
    )
    combination_class = models.ForeignKey(
        "campaigns.CombinationClass",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("combination class"),
    )
    accepts = models.ManyToManyField(
        "campaigns.CombinationClass",
        related_name="+",
        blank=True,
        verbose_name=_("combines with"),
        help_text=_("None = with every class, if it combines at all."),
    )
    discount_base = models.CharField(_("counts from"), max_length=12, choices=DiscountBase, blank=True)
    redemption_code = models.CharField(_("coupon code"), max_length=32, blank=True, validators=[one_line])
    eligibility = models.CharField(_("who may use it"), max_length=200, blank=True, validators=[one_line])
    returns = models.CharField(_("returns"), max_length=200, blank=True, validators=[one_line])
    redemption_place = models.CharField(_("where it is redeemed"), max_length=200, blank=True, validators=[one_line])
    per_customer_limit = models.PositiveIntegerField(
        _("times per customer"), null=True, blank=True, validators=[Between(1, LARGEST_INTEGER)]
    )
    contacts = models.PositiveSmallIntegerField(
        _("messages per customer"),
        null=True,
        blank=True,
        validators=[Between(0, MOST_CONTACTS)],
        help_text=_("How often each customer is written to; empty = once."),
    )
    item_reuse = models.CharField(_("a product counts again"), max_length=12, choices=ItemReuse, blank=True)
    recommendation_placement = models.ForeignKey(
        "campaigns.Placement",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recommended in"),
    )
    max_recommendations = models.PositiveSmallIntegerField(
        _("recommendations at once"), default=1, validators=[Between(1, MOST_CONTACTS)]
    )
    expected_units = models.PositiveIntegerField(
        _("units expected"), null=True, blank=True, validators=[Between(0, LARGEST_INTEGER)]
    )
    forecast_source = models.CharField(_("source of the forecast"), max_length=200, blank=True, validators=[one_line])
    reference_price = models.DecimalField(
        _("earlier price shown"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[Between(CENT, LARGEST_MONEY)],
    )
    reference_price_policy = models.CharField(
        _("earlier price is"), max_length=12, choices=ReferencePricePolicy, blank=True
    )
    message = models.TextField(
        _("message"), blank=True, validators=[prose], help_text=_("What customers read, word for word.")
    )
    why_suggested = models.CharField(
        _("why you see this"),
        max_length=300,
        blank=True,
        validators=[one_line],
        help_text=_("One plain sentence to the customer: why this is suggested to them."),
    )

    class Meta:
        abstract = True


DETAIL_CONSTRAINTS = [
    models.CheckConstraint(
        name="offer_details_are_known_words",
        condition=Q(
            applies_to__in=AppliesTo.values,
            discount_base__in=["", *DiscountBase.values],
            item_reuse__in=["", *ItemReuse.values],
            reference_price_policy__in=["", *ReferencePricePolicy.values],
        ),
    ),
    models.CheckConstraint(
        name="offer_details_are_within_limits",
        condition=within("max_discount", CENT, LARGEST_MONEY)
        & within("reference_price", CENT, LARGEST_MONEY)
        & within("per_customer_limit", 1, LARGEST_INTEGER)
        & within("contacts", 0, MOST_CONTACTS)
        & within("max_recommendations", 1, MOST_CONTACTS)
        & within("expected_units", 0, LARGEST_INTEGER),
    ),
]
