"""When the parties of a case must have agreed, and when they are reminded. Instants are aware, days are local."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from approvals.rules.precedents import FEW, MANY
from approvals.rules.working_time import NOTHING, Clock, after, between

# What an administrator may set. Of working hours, as for reviews, some two months.
LIMITS: Mapping[str, tuple[int, int]] = {
    "hours_to_agree": (1, 400),
    "hours_to_decide": (1, 400),
    "hours_before_start": (0, 30 * 24),
    "hours_to_extend": (0, 100),
    "minutes_before_opening": (0, 24 * 60),
    "hours_to_appeal": (0, 100),
    # Not hours, but decisions that are the same.
    "equal_outcomes": (FEW, MANY),
    "hours_to_object": (1, 400),
}

# Parts of the time to agree or to decide after which somebody is reminded, in percent.
RUNGS = (50, 80)

# Nobody reads, talks and changes an offer in less working time; nor reads both plans and decides.
LEAST_TO_AGREE = LEAST_TO_DECIDE = timedelta(hours=2)


@dataclass(frozen=True)
class Terms:
    """What a case runs by: working hours from when it opened, and an instant that it must not reach."""

    opened_at: datetime
    hours_to_agree: int
    settle_before: datetime | None

    def agree_by(self, clock: Clock) -> datetime:
        """The earlier of the two; it may have passed.

        Raises:
            NobodyWorks: the calendar has too few working days.
        """
        ends = after(self.opened_at, timedelta(hours=self.hours_to_agree), clock)
        return min(ends, self.settle_before) if self.settle_before else ends

    def is_too_late(self, agree_by: datetime, now: datetime, clock: Clock) -> bool:
        """Whether what collides begins so soon that what is left makes no sense as time to agree."""
        enough = min(LEAST_TO_AGREE, timedelta(hours=self.hours_to_agree))
        return agree_by == self.settle_before and between(now, agree_by, clock) < enough

    def reminders(self, agree_by: datetime, clock: Clock) -> dict[int, datetime]:
        """{rung: when}, in working time and before the deadline. A rung that would fall on it is left out."""
        return _rungs(self.opened_at, agree_by, clock)


@dataclass(frozen=True)
class TimeToDecide:
    """What a mediator has: working hours from when they got the case. `settle_before` is so many hours
    (`hours_before_start`) before the first collision begins; None if nothing lies ahead.
    """

    assigned_at: datetime
    hours_to_decide: int
    settle_before: datetime | None
    hours_before_start: int

    def decide_by(self, clock: Clock, *, seen_at: datetime | None = None) -> datetime:
        """The hours, but not past `settle_before`; where that leaves no time, not past the beginning itself.

        Where that leaves none either, the hours count alone: what is held stays held, and a deadline that has passed
        would only take the case from whoever reads it.

        Args:
            seen_at: since when it is known when the first collision begins; None = since they got the case.

        Raises:
            NobodyWorks: the calendar has too few working days.
        """
        ends = after(self.assigned_at, timedelta(hours=self.hours_to_decide), clock)
        if self.settle_before is None:
            return ends
        enough, since = min(LEAST_TO_DECIDE, timedelta(hours=self.hours_to_decide)), seen_at or self.assigned_at
        for limit in (self.settle_before, self.settle_before + timedelta(hours=self.hours_before_start)):
            if between(since, limit, clock) >= enough:
                return min(ends, limit)
        return ends

    def reminders(self, decide_by: datetime, clock: Clock) -> dict[int, datetime]:
        """As those of Terms."""
        return _rungs(self.assigned_at, decide_by, clock)


def _rungs(start: datetime, end: datetime, clock: Clock) -> dict[int, datetime]:
    whole = between(start, end, clock)
    found = {rung: in_working_time(after(start, whole * rung / 100, clock), clock) for rung in RUNGS}
    return {rung: at for rung, at in found.items() if whole and at < end}


def in_working_time(moment: datetime, clock: Clock) -> datetime:
    """The moment, or the next one in which somebody works: the end of a day is the beginning of the next."""
    return after(moment, NOTHING, clock)


def settle_before(first_days: Iterable[date], *, hours_before: int, now: datetime, clock: Clock) -> datetime | None:
    """So many hours before the local midnight in which the first of these days begins; None without such a day.

    Collisions that run already cannot be prevented any more, so they do not shorten the time to talk.
    """
    today = now.astimezone(clock.zone).date()
    ahead = [day for day in first_days if day > today]
    if not ahead:
        return None
    # In UTC: taking hours from a local time would count the hour that clocks skip in spring.
    midnight = datetime.combine(min(ahead), time.min, tzinfo=clock.zone).astimezone(UTC)
    return midnight - timedelta(hours=hours_before)
