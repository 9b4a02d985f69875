from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.limits import within
from customers.models.visible import ReferenceQuerySet
from customers.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY
from customers.validators import Between, one_line


class Category(models.Model):
    """`size` is the number of its products; campaigns.actions.catalogue keeps it."""

    code = models.CharField(_("code"), max_length=200, unique=True, validators=[one_line])
    size = models.PositiveIntegerField(_("products"), default=0, editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Product(models.Model):
    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    brand = models.CharField(_("brand"), max_length=200, blank=True, validators=[one_line])
    department = models.ForeignKey(
        "campaigns.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[Between(0, LARGEST_MONEY)]
    )
    cost = models.DecimalField(
        _("cost"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[Between(0, LARGEST_MONEY)]
    )
    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True, validators=[Between(0, LARGEST_INTEGER)])
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                name="product_price_is_not_negative",
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0),
            ),
            models.CheckConstraint(
                name="product_cost_is_not_negative", condition=models.Q(cost__isnull=True) | models.Q(cost__gte=0)
            ),
            models.CheckConstraint(
                name="product_numbers_are_within_limits",
                condition=within("price", 0, LARGEST_MONEY)
                & within("cost", 0, LARGEST_MONEY)
                & within("stock", 0, LARGEST_INTEGER),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"
