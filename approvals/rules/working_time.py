"""Counting in working time: on weekdays that are not days off, between two times of the day.

Instants are aware, days are local.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FIRST_DAY_OFF = 5  # Saturday
MIDNIGHT = time(0)
NOTHING = timedelta(0)
# Whoever waits longer than this for somebody to work waits for a calendar that is wrong.
LONGEST_DAYS = 366


class NobodyWorks(ValueError):
    """So much working time does not come within LONGEST_DAYS: the calendar has too few working days or hours."""


@dataclass(frozen=True)
class Clock:
    """From `opens_at` to `closes_at` on the clocks of `zone`; `closes_at` 00:00 is the end of the day.

    `special`: days that are not as the day of the week says, True where somebody works.

    Raises:
        ValueError: the working day has no hours.
    """

    opens_at: time
    closes_at: time
    zone: tzinfo
    special: Mapping[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.opens_at >= self.closes_at != MIDNIGHT:
            raise ValueError("a working day begins before it ends")

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """The instants (UTC) in which somebody works on this day; None on a day off.

        Each end is turned into UTC by itself: on the days on which clocks change, local times cannot be subtracted.
        """
        if not self.special.get(day, day.weekday() < FIRST_DAY_OFF):
            return None
        last = day + timedelta(days=1) if self.closes_at == MIDNIGHT else day
        opens = datetime.combine(day, self.opens_at, tzinfo=self.zone).astimezone(UTC)
        closes = datetime.combine(last, self.closes_at, tzinfo=self.zone).astimezone(UTC)
        return (opens, closes) if opens < closes else None


def after(start: datetime, working: timedelta, clock: Clock) -> datetime:
    """The instant (UTC) at which so much working time has passed since `start`.

    With nothing to wait for it is the next moment in which somebody works.

    Raises:
        NobodyWorks: not within LONGEST_DAYS.
    """
    left = working
    for begins, closes in _windows(start.astimezone(UTC), clock):
        if begins + left < closes or (left and begins + left == closes):
            return begins + left
        left -= closes - begins
    raise NobodyWorks(f"no {working} of working time within {LONGEST_DAYS} days of {start:%Y-%m-%d}")


def between(start: datetime, end: datetime, clock: Clock) -> timedelta:
    """How much working time lies between two instants; nothing if the second comes first.

    At most that of LONGEST_DAYS.
    """
    passed = NOTHING
    for begins, closes in _windows(start.astimezone(UTC), clock):
        if begins >= end:
            break
        passed += min(closes, end) - begins
    return passed


def is_working(moment: datetime, clock: Clock) -> bool:
    return after(moment, NOTHING, clock) == moment


def _windows(start: datetime, clock: Clock) -> Iterator[tuple[datetime, datetime]]:
    """What is left of each working day from `start` (UTC) on."""
    local = start.astimezone(clock.zone).date()
    for number in range(-1, LONGEST_DAYS):
        window = clock.window(local + timedelta(days=number))
        if window and window[1] > start:
            yield max(start, window[0]), window[1]
