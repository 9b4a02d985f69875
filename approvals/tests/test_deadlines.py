"""The deadline of a case as arithmetic: no database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.deadlines import LEAST_TO_AGREE, LEAST_TO_DECIDE, Terms, TimeToDecide, settle_before
from approvals.rules.working_time import Clock, after, between, is_working

MADRID = ZoneInfo("Europe/Madrid")
CLOCK = Clock(time(9), time(18), MADRID)
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Madrid
HOUR = timedelta(hours=1)


def begins(*days, hours_before=0):
    return settle_before(days, hours_before=hours_before, now=NOW, clock=CLOCK)


def terms(*days, hours=18, hours_before=0):
    return Terms(NOW, hours, begins(*days, hours_before=hours_before))


@pytest.mark.parametrize(
    ("first_days", "hours_before", "expected"),
    [
        ([], 0, datetime(2026, 11, 4, 9, tzinfo=UTC)),
        ([date(2026, 11, 20)], 0, datetime(2026, 11, 4, 9, tzinfo=UTC)),
        # Midnight in Madrid is 23:00 UTC of the day before.
        ([date(2026, 11, 4)], 0, datetime(2026, 11, 3, 23, tzinfo=UTC)),
        ([date(2026, 11, 20), date(2026, 11, 3)], 0, datetime(2026, 11, 2, 23, tzinfo=UTC)),
        ([date(2026, 11, 5)], 36, datetime(2026, 11, 3, 11, tzinfo=UTC)),
        # What runs already, today included, does not shorten the time to talk.
        ([date(2026, 11, 2), date(2026, 10, 1)], 24, datetime(2026, 11, 4, 9, tzinfo=UTC)),
    ],
)
def test_the_deadline_is_the_earlier_of_the_working_hours_and_the_first_day(first_days, hours_before, expected):
    assert terms(*first_days, hours_before=hours_before).agree_by(CLOCK) == expected


def test_hours_before_the_start_are_real_hours_when_clocks_change():
    # 29 March 2026 has 23 hours in Madrid.
    found = settle_before([date(2026, 3, 30)], hours_before=24, now=datetime(2026, 3, 20, tzinfo=UTC), clock=CLOCK)
    assert found == datetime(2026, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first_day", "hours_before", "too_late"),
    [
        (date(2026, 11, 3), 24, True),  # tomorrow less a day has passed
        (date(2026, 11, 3), 0, False),  # the rest of today
        (date(2026, 11, 3), 7, False),  # two hours are left
        (date(2026, 11, 3), 13, True),  # one
        (date(2026, 12, 1), 24, False),
    ],
)
def test_without_sensible_time_there_is_none(first_day, hours_before, too_late):
    asked = terms(first_day, hours_before=hours_before)
    assert asked.is_too_late(asked.agree_by(CLOCK), NOW, CLOCK) is too_late


def test_a_weekend_is_no_time_to_agree():
    friday = datetime(2026, 11, 6, 16, 30, tzinfo=UTC)  # 17:30 in Madrid; what collides begins on Monday
    asked = Terms(friday, 18, settle_before([date(2026, 11, 9)], hours_before=0, now=friday, clock=CLOCK))
    assert asked.is_too_late(asked.agree_by(CLOCK), friday, CLOCK)
    assert asked.agree_by(CLOCK) - friday > timedelta(days=2)


def test_a_policy_of_one_hour_is_not_too_late_by_itself():
    asked = terms(date(2026, 11, 3), hours=1)
    assert asked.agree_by(CLOCK) == NOW + HOUR
    assert not asked.is_too_late(NOW + HOUR, NOW, CLOCK)
    assert HOUR < LEAST_TO_AGREE


def test_reminders_come_at_half_and_four_fifths_of_the_working_time():
    asked = terms()
    # 9 and 14.4 of 18 hours, from 10:00 of a Monday.
    expected = {50: datetime(2026, 11, 3, 9, tzinfo=UTC), 80: datetime(2026, 11, 3, 14, 24, tzinfo=UTC)}
    assert asked.reminders(asked.agree_by(CLOCK), CLOCK) == expected


def test_a_reminder_at_the_end_of_a_day_waits_for_the_next():
    nine = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)  # when the day begins: half of two days is its end
    asked = Terms(nine, 18, None)
    assert asked.agree_by(CLOCK) == datetime(2026, 11, 3, 17, tzinfo=UTC)
    assert asked.reminders(asked.agree_by(CLOCK), CLOCK)[50] == datetime(2026, 11, 3, 8, tzinfo=UTC)


def test_without_working_time_nobody_is_reminded():
    assert terms().reminders(NOW, CLOCK) == {}


@given(
    minutes=st.integers(0, 700 * 24 * 60),
    days=st.lists(st.integers(1, 60), max_size=3),
    hours=st.integers(1, 60),
    hours_before=st.integers(0, 200),
    zone=st.sampled_from(["Europe/Madrid", "Pacific/Apia", "America/Havana"]),
)
def test_reminders_fall_in_working_time_and_before_the_deadline(minutes, days, hours, hours_before, zone):
    opened_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    clock = Clock(time(9), time(18), ZoneInfo(zone))
    today = opened_at.astimezone(clock.zone).date()
    first = [today + timedelta(days=number) for number in days]
    asked = Terms(opened_at, hours, settle_before(first, hours_before=hours_before, now=opened_at, clock=clock))
    agree_by = asked.agree_by(clock)
    assert agree_by <= after(opened_at, timedelta(hours=hours), clock)
    if asked.is_too_late(agree_by, opened_at, clock):
        assert between(opened_at, agree_by, clock) < LEAST_TO_AGREE
        return
    assert agree_by > opened_at
    found = asked.reminders(agree_by, clock)
    assert list(found) == [50, 80]
    assert opened_at <= found[50] <= found[80] < agree_by
    assert all(is_working(at, clock) for at in found.values())


class TestTimeToDecide:
    """NOW is ten o'clock of a Monday; 18 working hours later is ten o'clock of Wednesday."""

    def decide_by(self, settle_before, hours=18, hours_before=24):
        return TimeToDecide(NOW, hours, settle_before, hours_before).decide_by(CLOCK)

    @pytest.mark.parametrize(
        ("settle_before", "expected"),
        [
            # Nothing ahead, or far away: the hours.
            (None, NOW + timedelta(days=2)),
            (NOW + timedelta(days=9), NOW + timedelta(days=2)),
            # It leaves time: not past it.
            (NOW + timedelta(days=1), NOW + timedelta(days=1)),
            (NOW + 2 * HOUR, NOW + 2 * HOUR),
            # It leaves none, or has passed: not past the beginning, a day later.
            (NOW + HOUR, NOW + HOUR + timedelta(days=1)),
            (NOW - 3 * HOUR, NOW - 3 * HOUR + timedelta(days=1)),
            # It begins within two working hours, or has begun: the hours alone.
            (NOW - timedelta(hours=23), NOW + timedelta(days=2)),
            (NOW - timedelta(days=5), NOW + timedelta(days=2)),
        ],
    )
    def test_what_limits_it(self, settle_before, expected):
        assert self.decide_by(settle_before) == expected

    def test_a_policy_of_one_hour_is_limited_too(self):
        assert self.decide_by(NOW + HOUR / 2, hours=1, hours_before=0) == NOW + HOUR
        assert self.decide_by(NOW + HOUR, hours=1, hours_before=0) == NOW + HOUR

    def test_reminders_come_as_those_of_the_parties(self):
        terms_ = TimeToDecide(NOW, 18, None, 24)
        assert terms_.reminders(terms_.decide_by(CLOCK), CLOCK) == terms().reminders(NOW + timedelta(days=2), CLOCK)


@given(
    minutes=st.integers(0, 700 * 24 * 60),
    ahead=st.none() | st.integers(-20 * 24 * 60, 20 * 24 * 60),
    hours=st.integers(1, 60),
    hours_before=st.integers(0, 200),
)
def test_there_is_always_time_to_decide(minutes, ahead, hours, hours_before):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    limit = None if ahead is None else start + timedelta(minutes=ahead)
    asked = TimeToDecide(start, hours, limit, hours_before)
    end = asked.decide_by(CLOCK)
    assert min(timedelta(hours=hours), LEAST_TO_DECIDE) <= between(start, end, CLOCK) <= timedelta(hours=hours)
    assert all(start <= at < end and is_working(at, CLOCK) for at in asked.reminders(end, CLOCK).values())
