"""Counting in working hours, over nights, weekends and the nights in which clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.working_time import WorkingDay, after

MADRID = ZoneInfo("Europe/Madrid")
NINE_TO_SIX = WorkingDay(time(9), time(18), MADRID)


def at(text, zone=MADRID):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-27 10:00", 4, "2026-11-27 14:00"),
        ("2026-11-27 15:00", 4, "2026-11-30 10:00"),  # Friday afternoon
        ("2026-11-27 20:00", 1, "2026-11-30 10:00"),
        ("2026-11-28 12:00", 0, "2026-11-30 09:00"),  # Saturday
        ("2026-11-30 03:00", 9, "2026-11-30 18:00"),
        ("2026-11-30 09:00", 9.5, "2026-12-01 09:30"),
        ("2026-03-27 17:00", 2, "2026-03-30 10:00"),  # clocks go forward on the 29th
        ("2026-10-23 17:00", 2, "2026-10-26 10:00"),  # and back on the 25th
        ("2026-11-30 09:00", 45, "2026-12-04 18:00"),
    ],
)
def test_working_hours_pass_while_somebody_works(start, hours, end):
    assert after(at(start), timedelta(hours=hours), NINE_TO_SIX) == at(end)


def test_a_working_day_of_which_the_clocks_skip_an_hour_is_shorter():
    night_shift = WorkingDay(time(0), time(6), ZoneInfo("Asia/Beirut"))  # whose clocks change at midnight to Sunday
    assert night_shift.window(at("2026-03-29 00:00").date()) is None, "a Sunday"
    sydney = WorkingDay(time(1), time(5), ZoneInfo("Australia/Sydney"))
    opens, closes = sydney.window(datetime(2026, 10, 5, tzinfo=UTC).date())
    assert closes - opens == timedelta(hours=4)


def test_nobody_who_never_works_is_waited_for():
    with pytest.raises(ValueError, match="nobody works"):
        after(at("2026-11-27 10:00"), timedelta(hours=5000), NINE_TO_SIX)


@given(
    start=st.integers(0, 700 * 24 * 60).map(lambda minutes: at("2026-01-01 00:00", UTC) + timedelta(minutes=minutes)),
    first=st.integers(0, 40 * 60),
    second=st.integers(1, 40 * 60),
)
def test_waiting_twice_is_waiting_once_as_long(start, first, second):
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    assert after(after(start, one, NINE_TO_SIX), two, NINE_TO_SIX) == after(start, one + two, NINE_TO_SIX)
    end = after(start, two, NINE_TO_SIX).astimezone(MADRID)
    assert end.weekday() < 5
    assert time(9) <= end.time() <= time(18)
