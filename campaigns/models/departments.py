from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from customers.models.visible import ReferenceQuerySet
from customers.rules.text import folded
from customers.validators import one_line, prose


class Department(models.Model):
    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    business_unit = models.CharField(_("business unit"), max_length=200, blank=True, validators=[one_line])
    value_proposition = models.TextField(_("value proposition"), blank=True, validators=[prose])

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name", "id"]
        constraints = [
            # SQLite folds the letters of English alone; clean() sees the others.
            models.UniqueConstraint(Lower("code"), name="department_code_is_unique_in_any_case"),
            models.UniqueConstraint(Lower("name"), name="department_name_is_unique_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """People tell departments apart by reading: “crm” and “CRM” are one."""
        others = list(Department.objects.exclude(pk=self.pk).values("code", "name"))
        for field in ("code", "name"):
            mine = folded(getattr(self, field) or "")
            if other := next((one[field] for one in others if mine == folded(one[field])), None):
                raise ValidationError({field: _("There is “%(other)s” already.") % {"other": other}})


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
