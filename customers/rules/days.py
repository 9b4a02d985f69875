"""Days as people and files write them: year-month-day, in years that somebody plans in.

Days of plans are local days without a time, so no hour that a change of the clock skips or repeats can be meant.
"""

import re
from datetime import date

from django.utils.translation import gettext as _

from customers.rules.text import shown

FIRST_YEAR, LAST_YEAR = 2000, 2200
# Two years: a plan longer than this is a typing error in a year.
LONGEST_PLAN_DAYS = 2 * 366

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?", re.ASCII)


class WrongDay(ValueError):
    """`code` names the kind for programs: invalid, out_of_range, ends_early, too_long. The message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def day(value: object) -> date:
    """A day from `2026-11-30`, from FIRST_YEAR to LAST_YEAR.

    Raises:
        WrongDay: another way to write days, a day that no calendar has, or a year beyond those.
    """
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    if _SERIAL.fullmatch(text):
        message = _("“%(value)s” is how a spreadsheet counts days: write year-month-day, such as 2026-11-30")
        raise WrongDay("invalid", message % {"value": shown(text)})
    if not _ISO.fullmatch(text):
        message = _("“%(value)s” is not a day: write year-month-day, such as 2026-11-30")
        raise WrongDay("invalid", message % {"value": shown(text)})
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise WrongDay("invalid", _("“%(value)s” is no day of any calendar") % {"value": shown(text)}) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        message = _("“%(value)s” is no year to plan in: from %(first)s to %(last)s")
        raise WrongDay("out_of_range", message % {"value": text, "first": FIRST_YEAR, "last": LAST_YEAR})
    return found


def check_period(first: date, last: date) -> None:
    """Whether a plan may run from `first` to `last`, both included.

    Raises:
        WrongDay: it ends before it starts, or is longer than LONGEST_PLAN_DAYS.
    """
    if last < first:
        raise WrongDay("ends_early", ends_early(first, last))
    if (last - first).days >= LONGEST_PLAN_DAYS:
        raise WrongDay("too_long", too_long(first, last))


def ends_early(first: date, last: date) -> str:
    text = _("the last day %(last)s is before the first day %(first)s")
    return text % {"first": first.isoformat(), "last": last.isoformat()}


def too_long(first: date, last: date) -> str:
    text = _("from %(first)s to %(last)s is longer than %(days)d days: check the years")
    return text % {"first": first.isoformat(), "last": last.isoformat(), "days": LONGEST_PLAN_DAYS}
