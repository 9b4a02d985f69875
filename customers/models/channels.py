from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.visible import ReferenceQuerySet
from customers.rules.numbers import LARGEST_INTEGER
from customers.validators import Between, one_line


class Channel(models.Model):
    """A way to reach customers: e-mail, app, shop window. Quiet hours are local times and may span midnight."""

    code = models.CharField(_("code"), max_length=64, unique=True, validators=[one_line])
    name = models.CharField(_("name"), max_length=200, validators=[one_line])
    capacity_per_day = models.PositiveIntegerField(
        _("capacity per day"), null=True, blank=True, validators=[Between(0, LARGEST_INTEGER)]
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                name="channel_quiet_hours_have_both_ends",
                condition=models.Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                violation_error_message=_("Give both ends of the quiet hours, or neither."),
            ),
            models.CheckConstraint(
                name="channel_capacity_is_within_limits",
                condition=models.Q(capacity_per_day__isnull=True)
                | models.Q(capacity_per_day__gte=0, capacity_per_day__lte=LARGEST_INTEGER),
            ),
        ]

    def __str__(self) -> str:
        return self.name
