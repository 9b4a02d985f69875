from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.working_time import Clock, NobodyWorks, after, between

MADRID = ZoneInfo("Europe/Madrid")
NINE_TO_SIX = Clock(time(9), time(18), MADRID)
ZONES = ["Europe/Madrid", "America/New_York", "Australia/Sydney"]
HOLIDAY = date(2026, 12, 8)  # a Tuesday
WORKED = date(2026, 12, 12)  # a Saturday


def at(text, zone=MADRID):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def clock(opens=9, closes=18, zone=MADRID, **special):
    return Clock(time(opens), time(closes), zone, {HOLIDAY: False, WORKED: True} | special)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-27 10:00", 4, "2026-11-27 14:00"),  # within a Friday
        ("2026-11-27 10:00", 8, "2026-11-27 18:00"),  # until it closes
        ("2026-11-27 15:00", 4, "2026-11-30 10:00"),  # over the weekend
        ("2026-11-28 12:00", 1, "2026-11-30 10:00"),  # from a Saturday
        ("2026-11-27 07:00", 0.5, "2026-11-27 09:30"),  # before it opens
        ("2026-11-27 20:00", 0, "2026-11-30 09:00"),  # nothing to wait for, in the evening
        ("2026-03-27 15:00", 4, "2026-03-30 10:00"),  # clocks jump forward on Sunday morning
        ("2026-10-23 15:00", 4, "2026-10-26 10:00"),  # and back
        ("2026-11-27 09:00", 40, "2026-12-03 13:00"),
        ("2026-12-07 15:00", 4, "2026-12-09 10:00"),  # over a day off
        ("2026-12-08 12:00", 1, "2026-12-09 10:00"),  # from a day off
        ("2026-12-11 15:00", 4, "2026-12-12 10:00"),  # a Saturday that is worked
    ],
)
def test_time_passes_while_somebody_works(start, hours, end):
    assert after(at(start), timedelta(hours=hours), clock()) == at(end)
    assert between(at(start), at(end), clock()) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("opens", "closes", "zone", "start", "hours", "end"),
    [
        # Work ends at 17:00: four hours from three o'clock are two on Friday and two on Monday.
        (9, 17, "Europe/Madrid", "2026-03-27 15:00", 4, "2026-03-30 11:00"),
        (9, 17, "Europe/Madrid", "2026-10-23 15:00", 4, "2026-10-26 11:00"),
        # Until the end of the day.
        (20, 0, "Europe/Madrid", "2026-11-26 23:00", 2, "2026-11-27 21:00"),
        (20, 0, "Europe/Madrid", "2026-11-26 23:00", 1, "2026-11-27 00:00"),
        # Around the clock: Friday's last two hours, Monday's first two.
        (0, 0, "Europe/Madrid", "2026-03-27 22:00", 4, "2026-03-30 02:00"),
        (0, 0, "Europe/Madrid", "2026-11-24 22:00", 26, "2026-11-26 00:00"),
        # A day of 23 hours and one of 25 that are worked.
        (0, 0, "Africa/Cairo", "2026-04-23 23:00", 24, "2026-04-25 00:00"),
        (0, 0, "Africa/Cairo", "2026-10-29 00:00", 24, "2026-10-29 23:00"),
        # Clocks change while somebody works, on Sunday night in between.
        (9, 18, "America/New_York", "2026-03-06 15:00", 4, "2026-03-09 10:00"),
        (9, 18, "Australia/Sydney", "2026-10-02 15:00", 4, "2026-10-05 10:00"),
    ],
)
def test_fixed_cases_around_changes_of_clocks(opens, closes, zone, start, hours, end):
    zone = ZoneInfo(zone)
    one = clock(opens, closes, zone)
    found = after(at(start, zone), timedelta(hours=hours), one)
    assert found.astimezone(zone).strftime("%Y-%m-%d %H:%M") == end
    assert between(at(start, zone), found, one) == timedelta(hours=hours)


def test_a_window_on_the_day_that_clocks_change_has_its_real_hours():
    sunday = date(2026, 3, 29)
    spring = Clock(time(1), time(5), MADRID, {sunday: True})
    opens, closes = spring.window(sunday)
    assert closes - opens == timedelta(hours=3)
    autumn = Clock(time(1), time(5), MADRID, {date(2026, 10, 25): True})
    opens, closes = autumn.window(date(2026, 10, 25))
    assert closes - opens == timedelta(hours=5)
    assert NINE_TO_SIX.window(sunday) is None


@pytest.mark.parametrize(("opens", "closes"), [(9, 9), (18, 9), (1, 1)])
def test_a_working_day_without_hours_is_refused(opens, closes):
    with pytest.raises(ValueError, match="begins before it ends"):
        Clock(time(opens), time(closes), MADRID)


def test_a_calendar_that_ends_says_so():
    with pytest.raises(NobodyWorks, match="within 366 days of 2026-11-27"):
        after(at("2026-11-27 10:00"), timedelta(hours=5000), NINE_TO_SIX)
    off = {date(2026, 11, 27) + timedelta(days=number): False for number in range(400)}
    with pytest.raises(NobodyWorks):
        after(at("2026-11-27 10:00"), timedelta(0), Clock(time(9), time(18), MADRID, off))


def test_nothing_lies_between_an_instant_and_an_earlier_one():
    assert between(at("2026-11-27 12:00"), at("2026-11-27 10:00"), NINE_TO_SIX) == timedelta(0)


@given(
    minutes=st.integers(0, 700 * 24 * 60),
    worked=st.integers(1, 60 * 60),
    zone=st.sampled_from(ZONES),
    hours=st.sampled_from([(9, 18), (0, 0), (14, 0), (0, 6)]),
    special=st.dictionaries(st.integers(0, 720), st.booleans(), max_size=30),
)
def test_what_passed_between_is_what_was_added(minutes, worked, zone, hours, special):
    days = {date(2026, 1, 1) + timedelta(days=number): is_worked for number, is_worked in special.items()}
    one = Clock(time(hours[0]), time(hours[1]), ZoneInfo(zone), days)
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = after(start, timedelta(minutes=worked), one)
    assert between(start, end, one) == timedelta(minutes=worked)
    assert one.special.get((end - timedelta(seconds=1)).astimezone(one.zone).date(), True)


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
