"""Validators of model fields: what the rules refuse is refused by full_clean() too, whoever calls it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible

from customers.rules import days, numbers, text


def one_line(value: str) -> None:
    if value and (message := text.wrong(value)):
        raise ValidationError(message, code="character")


def prose(value: str) -> None:
    try:
        text.prose(value)
    except text.WrongText as error:
        raise ValidationError(error.message, code=error.code) from error


def day_to_plan(value: date) -> None:
    """A day from days.FIRST_YEAR to days.LAST_YEAR."""
    try:
        days.day(value)
    except days.WrongDay as error:
        raise ValidationError(error.message, code=error.code) from error


@deconstructible
@dataclass
class Between:
    """A number from `low` to `high`, both included."""

    low: Decimal | int
    high: Decimal | int

    def __call__(self, value: Decimal | int) -> None:
        if not self.low <= value <= self.high:
            error = numbers.out_of_range(numbers.plain(value), self.low, self.high)
            raise ValidationError(error.message, code=error.code)
