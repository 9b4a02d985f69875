"""When the house works: the hours of a working day, and the days that are not as the day of the week says."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models.visible import ReferenceQuerySet
from customers.validators import day_to_plan, one_line

LONGEST_NAME = 100
LONGEST_SOURCE = 10


class WorkingHours(models.Model):
    """From when to when somebody works; `closes_at` 00:00 is the end of the day. One row, made by a migration."""

    opens_at = models.TimeField(_("working day begins"), default="09:00")
    closes_at = models.TimeField(_("working day ends"), default="18:00", help_text=_("00:00 is the end of the day."))

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        constraints = [
            models.CheckConstraint(name="there_are_the_working_hours_of_one_house", condition=Q(id=1)),
            models.CheckConstraint(
                name="working_day_begins_before_it_ends",
                condition=Q(opens_at__lt=F("closes_at")) | Q(closes_at="00:00"),
                violation_error_message=_("The working day begins before it ends."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("working hours"))


class SpecialDay(models.Model):
    """A day off although a weekday, or a day that is worked although a weekend.

    `source`: the country or region whose days the command imported, "ES-MD"; empty when somebody entered it by hand.
    """

    day = models.DateField(_("day"), unique=True, validators=[day_to_plan])
    name = models.CharField(_("name"), max_length=LONGEST_NAME, validators=[one_line])
    is_worked = models.BooleanField(
        _("somebody works"), default=False, help_text=_("Although it is a weekend, or a day off of the country.")
    )
    source = models.CharField(_("imported from"), max_length=LONGEST_SOURCE, blank=True, editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of the business calendar")
        verbose_name_plural = _("business calendar")
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(name="special_day_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.name}"
