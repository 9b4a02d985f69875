"""Numbers as people and files write them: digits of ASCII and a decimal point, between two ends.

Python reads `1_000`, digits of other scripts, `1e9` and `NaN` as numbers; nobody who types them means the same.
"""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from customers.rules.text import shown

# What the columns of both databases hold.
LARGEST_INTEGER = 2**31 - 1
LARGEST_MONEY = Decimal("9999999999.99")
LARGEST_SMALL = 2**15 - 1

_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
# No range has so many digits; longer ones would only take time.
_LONGEST = 50


class WrongNumber(ValueError):
    """`code` names the kind for programs: invalid, out_of_range, too_many_places. The message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def integer(value: object, *, low: int = -LARGEST_INTEGER, high: int = LARGEST_INTEGER) -> int:
    """A whole number from text (or from an int; never from a bool), `low` and `high` included.

    Raises:
        WrongNumber: not such a number, or out of range.
    """
    text = _text(value)
    if not _INTEGER.fullmatch(text):
        raise WrongNumber("invalid", _("“%(value)s” is not a whole number, such as 12") % {"value": shown(text)})
    if len(text) > _LONGEST or not low <= int(text) <= high:
        raise out_of_range(text, low, high)
    return int(text)


def decimal(value: object, *, low: Decimal, high: Decimal, places: int) -> Decimal:
    """A decimal number from text (or a number; never a bool) with at most `places` digits behind the point.

    Raises:
        WrongNumber: not such a number, out of range, or finer than `places`.
    """
    text = _text(value)
    if not _DECIMAL.fullmatch(text):
        message = _("“%(value)s” is not a number: digits and a decimal point, such as 12.50")
        raise WrongNumber("invalid", message % {"value": shown(text)})
    if len(text) > _LONGEST or not low <= Decimal(text) <= high:
        raise out_of_range(text, low, high)
    number = Decimal(text)
    exact = number.quantize(Decimal(1).scaleb(-places))
    if exact != number:
        message = _("“%(value)s” has more than %(places)d decimal places")
        raise WrongNumber("too_many_places", message % {"value": shown(text), "places": places})
    # Nobody means minus nothing.
    return exact or abs(exact)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return plain(value) if isinstance(value, Decimal) else str(value).strip()


def largest(*, digits: int, places: int) -> Decimal:
    """The largest number of so many digits, `places` of them behind the point: what a column of that size holds."""
    return Decimal(10) ** (digits - places) - Decimal(1).scaleb(-places)


def out_of_range(text: str, low: Decimal | int, high: Decimal | int) -> WrongNumber:
    message = _("“%(value)s” is out of range: from %(low)s to %(high)s")
    return WrongNumber("out_of_range", message % {"value": shown(text), "low": plain(low), "high": plain(high)})


def plain(number: Decimal | int) -> str:
    return f"{number:f}" if isinstance(number, Decimal) else str(number)
