from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import DataQuerySet
from customers.validators import one_line


class Customer(models.Model):
    """A person (or household) who may be contacted.

    `number` is the customer's bit in every bitmap: dense from 0, given under a lock, never given twice.
    """

    number = models.BigIntegerField(_("number"), unique=True, editable=False)
    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    household = models.CharField(_("household"), max_length=64, blank=True, validators=[one_line])
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, validators=[one_line])
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)

    objects = DataQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                name="customer_number_fits_a_32_bit_bitmap",
                condition=models.Q(number__gte=0, number__lt=2**32),
            ),
        ]

    def __str__(self) -> str:
        return self.code
