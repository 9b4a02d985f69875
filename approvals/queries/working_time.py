"""The working time of the house as rules count it, and how far its days off are known."""

from datetime import date, timedelta

from django.db.models import Max
from django.utils import timezone

from approvals.models import SpecialDay, WorkingHours
from approvals.rules.working_time import Clock

# So far ahead the days off have to be known: who plans now has deadlines until then.
KNOWN_AHEAD = timedelta(days=120)


def house_clock() -> Clock:
    """In two queries, however many deadlines it then gives."""
    hours = WorkingHours.objects.get()
    special = dict(SpecialDay.objects.values_list("day", "is_worked"))
    return Clock(hours.opens_at, hours.closes_at, timezone.get_default_timezone(), special)


def known_until() -> date | None:
    """The last day of the last year whose days off were imported; None if never."""
    last = SpecialDay.objects.exclude(source="").aggregate(last=Max("day"))["last"]
    return date(last.year, 12, 31) if last else None


def ends_soon(today: date) -> date | None:
    """The last day that the table covers, if that is less than KNOWN_AHEAD away; None otherwise."""
    last = known_until()
    return last if last and last < today + KNOWN_AHEAD else None
