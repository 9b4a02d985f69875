"""When the parties of a case must have agreed, and when they are reminded. Instants are aware, days are local."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

# What an administrator may set, in hours: a quarter of a year at most.
LEAST_HOURS = {"hours_to_agree": 1, "remind_hours_before": 0}
MOST_HOURS = 90 * 24


def agree_by(*, opened_at: datetime, hours: int, first_days: Iterable[date], now: datetime, zone: tzinfo) -> datetime:
    """The earlier of: `hours` after the case opened, and the local midnight in which its next collision begins.

    Collisions that run already cannot be prevented any more, so they do not shorten the time to talk. Never
    before `now`.
    """
    today = now.astimezone(zone).date()
    # In UTC: adding hours to a local time would count the hour that clocks skip in spring.
    ends = [opened_at.astimezone(UTC) + timedelta(hours=hours)]
    ends += [datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC) for day in first_days if day > today]
    return max(min(ends), now.astimezone(UTC))


def remind_at(*, agree_by: datetime, hours_before: int, now: datetime) -> datetime | None:
    """When to remind; None if that moment has passed, as the news of the case itself names the deadline."""
    at = agree_by - timedelta(hours=hours_before)
    return at if at > now else None
