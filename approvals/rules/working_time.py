"""Counting in working hours: Monday to Friday, between two times of the day. Instants are aware, days are local."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FIRST_DAY_OFF = 5  # Saturday


@dataclass(frozen=True)
class WorkingDay:
    """From `opens_at` to `closes_at` on the clocks of `zone`."""

    opens_at: time
    closes_at: time
    zone: tzinfo

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """The instants (UTC) in which somebody works on this day; None on a day off.

        Each end is turned into UTC by itself: on the days on which clocks change, local times cannot be subtracted.
        """
        if day.weekday() >= FIRST_DAY_OFF:
            return None
        opens = datetime.combine(day, self.opens_at, tzinfo=self.zone).astimezone(UTC)
        closes = datetime.combine(day, self.closes_at, tzinfo=self.zone).astimezone(UTC)
        return (opens, closes) if opens < closes else None


def after(start: datetime, working: timedelta, day: WorkingDay) -> datetime:
    """The instant (UTC) at which so much working time has passed since `start`.

    With nothing to wait for it is the next moment in which somebody works.

    Raises:
        ValueError: nobody works within a year.
    """
    now, left = start.astimezone(UTC), working
    local = now.astimezone(day.zone).date()
    for number in range(-1, 366):
        window = day.window(local + timedelta(days=number))
        if window is None or window[1] <= now:
            continue
        begins = max(now, window[0])
        if begins + left < window[1] or (left and begins + left == window[1]):
            return begins + left
        left -= window[1] - begins
    raise ValueError("nobody works within a year")
