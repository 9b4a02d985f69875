"""When a meeting of the parties of a case can be."""

from datetime import datetime, timedelta

# Minutes.
SHORTEST, LONGEST = 15, 480
# Whoever plans further ahead mistook the year.
FARTHEST = timedelta(days=366)


def is_too_late(starts_at: datetime, now: datetime) -> bool:
    return starts_at <= now


def is_too_far(starts_at: datetime, now: datetime) -> bool:
    return starts_at > now + FARTHEST
