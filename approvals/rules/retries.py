"""How long to wait before a mail is tried again."""

from datetime import timedelta

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 900))
MAX_TRIES = 12
LEASE = timedelta(seconds=60)


def pause_after(tries: int) -> timedelta | None:
    """The pause after the `tries`-th failed try (from 1); None = give up."""
    if tries >= MAX_TRIES:
        return None
    return PAUSES[min(tries, len(PAUSES)) - 1]
