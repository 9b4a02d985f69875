"""The days off of a country or a region, copied into the house's own table. Deadlines are counted from the table alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import working_time
from approvals.models import SpecialDay
from approvals.models.working_time import LONGEST_NAME
from approvals.rules.days_off import Difference, SourceDay, difference
from customers.actions import history
from customers.rules.days import FIRST_YEAR, LAST_YEAR


class UnknownDays(ValueError):
    """Nobody knows the days off of that country, region or year. The message is for people."""


@dataclass(frozen=True)
class DaysOffReport:
    """`source` as it is written into the rows; `is_written` whether they were."""

    source: str
    found: Difference
    is_written: bool


@transaction.atomic
def import_days_off(
    *, region: str, years: Collection[int], write: bool, by: User | None, now: datetime, language: str = ""
) -> DaysOffReport:
    """Compare the days of `region` ("ES", "ES-MD") in `years` with the table and, with `write`, make it the same.

    Days that somebody entered by hand stay as they are. `language` is that of the names, if the package has it.

    Raises:
        PermissionDenied: `by` is neither an administrator nor the command line (None).
        UnknownDays: the package has no days for that.
        ValidationError: nobody would work any more.
    """
    working_time.only_administrators(by)
    source = region.strip().upper()
    wanted = _days_of(source, sorted(set(years)), language or settings.LANGUAGE_CODE)
    rows = SpecialDay.objects.select_for_update(no_key=True).filter(day__year__in=list(years))
    stored = {row.day: row for row in rows.order_by("day")}
    found = difference(
        {day: SourceDay(row.name, row.is_worked) for day, row in stored.items() if row.source},
        wanted,
        by_hand={day for day, row in stored.items() if not row.source},
    )
    if write:
        _write(found, stored, source, by=by, now=now)
    return DaysOffReport(source, found, is_written=write)


def _write(
    found: Difference, stored: Mapping[date, SpecialDay], source: str, *, by: User | None, now: datetime
) -> None:
    SpecialDay.objects.filter(day__in=list(found.removed)).delete()
    for day, (_before, wanted) in found.everything().items():
        if wanted:
            row = stored.get(day) or SpecialDay(day=day)
            row.name, row.is_worked, row.source = wanted.name, wanted.is_worked, source
            row.full_clean()
            row.save()
    # What stays the same may have come from another region.
    SpecialDay.objects.filter(pk__in=[row.pk for row in stored.values() if row.source]).update(source=source)
    changes: dict[str, Any] = {
        day.isoformat(): (before and before.name, wanted and wanted.name)
        for day, (before, wanted) in found.everything().items()
    }
    if changes:
        subject = f"business_calendar:{source}"
        history.write(by=by, now=now, verb="import_days_off", subject=subject, changes=changes)
        working_time.announce(changes, by=by, now=now)


def _days_of(source: str, years: Collection[int], language: str) -> dict[date, SourceDay]:
    import holidays  # here alone: no page and no worker ever waits for it, and no deadline depends on its version

    if not years or not all(FIRST_YEAR <= year <= LAST_YEAR for year in years):
        text = _("Give years to plan in, from %(first)d to %(last)d.")
        raise UnknownDays(text % {"first": FIRST_YEAR, "last": LAST_YEAR})
    country, _hyphen, subdivision = source.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=years, language=language)
    except NotImplementedError:
        text = _(
            "Nothing is known of “%(region)s”: write the code of a country or of one of its regions, such as ES or ES-MD."
        )
        raise UnknownDays(text % {"region": source}) from None
    days = {day: SourceDay(name[:LONGEST_NAME], is_worked=False) for day, name in found.items()}
    for day in found.weekend_workdays:
        if day.year in years:
            days.setdefault(day, SourceDay(_("working day"), is_worked=True))
    for year in years:
        if not any(day.year == year for day in days):
            raise UnknownDays(_("No day off of %(region)s is known in %(year)d.") % {"region": source, "year": year})
    return dict(sorted(days.items()))
