from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import ReferenceQuerySet


class Department(models.Model):
    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    business_unit = models.CharField(_("business unit"), max_length=200, blank=True)
    value_proposition = models.TextField(_("value proposition"), blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person works in a department. Written by campaigns.actions.access, which keeps the grants right."""

    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("department")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    is_lead = models.BooleanField(_("leads the department"), default=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["department", "-is_lead", "user"]
        constraints = [
            models.UniqueConstraint(name="person_is_in_a_department_once", fields=["department", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.department}"
