"""The shared calendar as arithmetic: which days it shows, in which columns, and where on them a bar stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from customers.rules.days import FIRST_YEAR, LAST_YEAR


class Zoom(StrEnum):
    WEEK = "week"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Scale:
    """Days shown, days of a column, days of a place (the finest a bar can say), and places that a name takes."""

    days: int
    column: int
    place: int
    name: int


# Whole weeks, so that columns are ISO weeks or some of them.
SCALES: Mapping[Zoom, Scale] = {
    Zoom.WEEK: Scale(days=7, column=1, place=1, name=2),
    Zoom.QUARTER: Scale(days=91, column=7, place=1, name=20),
    Zoom.YEAR: Scale(days=364, column=28, place=7, name=11),
}
# One step closer; the closest stays.
CLOSER: Mapping[Zoom, Zoom] = {Zoom.YEAR: Zoom.QUARTER, Zoom.QUARTER: Zoom.WEEK, Zoom.WEEK: Zoom.WEEK}


@dataclass(frozen=True)
class Filters:
    """Which cards somebody wants to see; nothing chosen is everything. Departments and channels by code."""

    departments: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    mine: bool = False
    collisions: bool = False

    def __bool__(self) -> bool:
        return self != Filters()

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "departments": list(self.departments),
            "channels": list(self.channels),
            "statuses": list(self.statuses),
            "mine": self.mine,
            "collisions": self.collisions,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Filters":
        """From what `kept` gave; what is missing is not chosen."""
        return cls(
            departments=tuple(kept.get("departments", ())),
            channels=tuple(kept.get("channels", ())),
            statuses=tuple(kept.get("statuses", ())),
            mine=bool(kept.get("mine", False)),
            collisions=bool(kept.get("collisions", False)),
        )


@dataclass(frozen=True)
class Column:
    """Some whole days, `ends_before` exclusive."""

    starts_on: date
    ends_before: date

    @property
    def last(self) -> date:
        return self.ends_before - timedelta(days=1)

    @property
    def weeks(self) -> str:
        """Number of the ISO week, or of the first and the last."""
        first, last = self.starts_on.isocalendar().week, self.last.isocalendar().week
        return str(first) if first == last else f"{first}–{last}"

    def holds(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_before


@dataclass(frozen=True)
class Place:
    """Where a bar stands, in places from 0, ends exclusive.

    `first` and `last` hold bar and name: a bar shorter than its name has room beside it, before it at the right edge
    (`is_late`). `bar_first` and `bar_last` are the bar's, counted from `first`.
    """

    first: int
    last: int
    bar_first: int
    bar_last: int
    begins_earlier: bool
    goes_on: bool

    @property
    def is_late(self) -> bool:
        return self.bar_first > 0


@dataclass(frozen=True)
class Window:
    """The days that a calendar shows, from a Monday."""

    zoom: Zoom
    start: date

    @classmethod
    def around(cls, zoom: Zoom, day: date) -> "Window":
        """The window that begins with the ISO week of a day, within the years that plans may have."""
        first = _monday(date(FIRST_YEAR, 1, 7))
        return cls(zoom, max(first, _monday(day)))

    @property
    def scale(self) -> Scale:
        return SCALES[self.zoom]

    @property
    def end(self) -> date:
        """The first day after it."""
        return self.start + timedelta(days=self.scale.days)

    @property
    def days(self) -> Column:
        """All of them as one column."""
        return Column(self.start, self.end)

    @property
    def week_count(self) -> int:
        return self.scale.days // 7

    @property
    def earlier(self) -> date | None:
        """Where the window before begins; None where there is none."""
        start = self.start - timedelta(days=self.scale.days)
        return start if start >= date(FIRST_YEAR, 1, 1) else None

    @property
    def later(self) -> date | None:
        return self.end if self.end <= date(LAST_YEAR, 12, 31) else None

    @property
    def places(self) -> int:
        return self.scale.days // self.scale.place

    @property
    def columns(self) -> list[Column]:
        step = timedelta(days=self.scale.column)
        first = [self.start + number * step for number in range(self.scale.days // self.scale.column)]
        return [Column(day, day + step) for day in first]

    def place_of(self, day: date) -> int | None:
        """The place in which a day lies, if it is shown at all."""
        return (day - self.start).days // self.scale.place if self.start <= day < self.end else None

    def place(self, starts_on: date, ends_before: date) -> Place:
        """Where a plan of these days stands, which must have a day in the window."""
        size = self.scale.place
        first = max((starts_on - self.start).days, 0) // size
        last = -(-(min(ends_before, self.end) - self.start).days // size)
        box_last = min(max(last, first + self.scale.name), self.places)
        box_first = min(first, max(box_last - self.scale.name, 0))
        return Place(
            first=box_first,
            last=box_last,
            bar_first=first - box_first,
            bar_last=last - box_first,
            begins_earlier=starts_on < self.start,
            goes_on=ends_before > self.end,
        )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
