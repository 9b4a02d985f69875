"""Between which ends the numbers and days of plans lie: for the forms, for full_clean() and for the database."""

from datetime import date
from decimal import Decimal
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db.models import Q

from customers.rules import days

CENT = Decimal("0.01")
LARGEST_TARGET = Decimal("9999999999.9999")
LARGEST_FACTOR = Decimal("999.99")
LARGEST_FLOOR = Decimal("99.99")
FIRST_DAY, AFTER_LAST_DAY = date(days.FIRST_YEAR, 1, 1), date(days.LAST_YEAR + 1, 1, 1)


class Planned(Protocol):
    starts_on: date
    ends_before: date


def within(column: str, low: Decimal | int, high: Decimal | int) -> Q:
    """The condition that a column is empty or between two ends, both included."""
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": low, f"{column}__lte": high})


def check_period(plan: Planned) -> None:
    """Raise ValidationError if a plan is longer than plans are; its ends are judged by other rules."""
    if not isinstance(plan.starts_on, date) or not isinstance(plan.ends_before, date):
        return
    if plan.ends_before > AFTER_LAST_DAY:
        last = date.fromordinal(plan.ends_before.toordinal() - 1)
        try:
            days.day(last)
        except days.WrongDay as error:
            raise ValidationError({"ends_before": error.message}, code=error.code) from error
    if (plan.ends_before - plan.starts_on).days > days.LONGEST_PLAN_DAYS:
        last = date.fromordinal(plan.ends_before.toordinal() - 1)
        raise ValidationError({"ends_before": days.too_long(plan.starts_on, last)}, code="too_long")
