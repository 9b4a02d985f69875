"""The company's calendar day, and the one clock by which sweeps decide what is due."""

import time
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone


def local_day(now: datetime) -> date:
    """The day it is for the company (setting TIME_ZONE) at an instant."""
    return timezone.localtime(now, timezone.get_default_timezone()).date()


def shared_now() -> datetime:
    """The instant by the database's clock, so that workers on several machines agree about what is due.

    A worker whose own clock is ahead would escalate too early and take mails from those that are sending them. SQLite
    has no clock of its own: it lives on one machine.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


class RunningClock:
    """`now` as the caller gave it, going on with the time that really passes: leases must not be born expired."""

    def __init__(self, now: datetime) -> None:
        self._now, self._start = now, time.monotonic()

    def __call__(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._start)
