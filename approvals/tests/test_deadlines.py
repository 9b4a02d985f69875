from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.deadlines import agree_by, remind_at

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def by(first_days=(), *, opened_at=NOW, hours=48, now=NOW, zone=MADRID):
    return agree_by(opened_at=opened_at, hours=hours, first_days=first_days, now=now, zone=zone)


@pytest.mark.parametrize(
    ("first_days", "expected"),
    [
        ([], datetime(2026, 11, 4, 9, tzinfo=UTC)),
        ([date(2026, 11, 20)], datetime(2026, 11, 4, 9, tzinfo=UTC)),
        # Midnight in Madrid is 23:00 UTC of the day before.
        ([date(2026, 11, 4)], datetime(2026, 11, 3, 23, tzinfo=UTC)),
        ([date(2026, 11, 20), date(2026, 11, 3)], datetime(2026, 11, 2, 23, tzinfo=UTC)),
        # What runs already, today included, does not shorten the time to talk.
        ([date(2026, 11, 2), date(2026, 10, 1)], datetime(2026, 11, 4, 9, tzinfo=UTC)),
    ],
)
def test_agree_by(first_days, expected):
    assert by(first_days) == expected


def test_48_hours_over_a_change_of_clocks_are_48_hours():
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=MADRID)
    assert by(opened_at=saturday, now=saturday) - saturday.astimezone(UTC) == timedelta(hours=48)


def test_a_deadline_that_has_passed_is_now():
    assert by(opened_at=NOW - timedelta(days=9)) == NOW


@given(
    st.lists(st.dates(date(2026, 10, 1), date(2026, 12, 1)), max_size=5),
    st.integers(1, 200),
    st.sampled_from(["Europe/Madrid", "Pacific/Apia", "America/Havana", "UTC"]),
)
def test_never_before_now_never_after_the_hours(first_days, hours, zone):
    moment = by(first_days, hours=hours, zone=ZoneInfo(zone))
    assert NOW <= moment <= NOW + timedelta(hours=hours)


def test_the_reminder_comes_before_the_deadline_or_not_at_all():
    deadline = NOW + timedelta(hours=48)
    assert remind_at(agree_by=deadline, hours_before=24, now=NOW) == NOW + timedelta(hours=24)
    assert remind_at(agree_by=NOW + timedelta(hours=24), hours_before=24, now=NOW) is None
