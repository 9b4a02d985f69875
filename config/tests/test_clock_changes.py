"""The nights in which clocks change: a day of 23 or 25 hours begins and ends once, and a deadline counts real hours.

Whatever the clocks of the machine say: days are those of the house.
"""

import os
import time as clocks
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from approvals.actions import escalation
from approvals.choices import CaseState
from approvals.models import Case, EscalationPolicy, SpecialDay, WorkingHours
from approvals.tests.builders import make_mediator, settle_down
from campaigns.actions import lifecycle
from campaigns.tests import factories
from campaigns.tests.factories import agreed, approve, make_campaign, make_offer, make_products, make_segment, submit
from customers.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NIGHTS = [
    ("Europe/Berlin", date(2026, 3, 29), 23),
    ("Europe/Berlin", date(2026, 10, 25), 25),
    ("America/New_York", date(2026, 3, 8), 23),
    ("America/New_York", date(2026, 11, 1), 25),
]


@pytest.fixture(params=NIGHTS, ids=lambda night: f"{night[0]} {night[1]}")
def night(request, settings, monkeypatch):
    """(zone, the day whose clocks change, its hours); what builders plan is planned in the evening before."""
    name, day, hours = request.param
    settings.TIME_ZONE = name
    zone = ZoneInfo(name)
    monkeypatch.setattr(factories, "NOW", midnight(day, zone) - timedelta(hours=4))
    return zone, day, hours


@pytest.fixture
def in_apia(night):
    """The clocks of the process are half a day ahead of the house, to which Django sets them."""
    zone_of_the_house = os.environ["TZ"]
    os.environ["TZ"] = "Pacific/Apia"
    clocks.tzset()
    assert clocks.strftime("%z") == "+1300"
    yield
    os.environ["TZ"] = zone_of_the_house
    clocks.tzset()


def midnight(day, zone):
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def sweeps(start, end, minutes=10):
    while start <= end:
        yield start
        start += timedelta(minutes=minutes)


def steps_around(begins, ends, day):
    """What a campaign of that one day does between the evening before and the morning after."""
    campaign = make_campaign(code="DAY-1", starts_on=day, days=1)
    make_offer(campaign, "DAY-1-A", products=make_products(1))
    approve(campaign)
    for now in sweeps(begins - timedelta(hours=3), ends + timedelta(hours=3)):
        lifecycle.keep_dates(now=now, agreed=agreed)
        settle_down(now)
    steps = HistoryEntry.objects.filter(scope="campaign:DAY-1", verb__in=["go_live", "end"]).order_by("id")
    return list(steps.values_list("verb", "subject", "at"))


def test_a_day_begins_and_ends_once(night):
    zone, day, hours = night
    begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    assert ends - begins == timedelta(hours=hours)
    assert steps_around(begins, ends, day) == [
        ("go_live", "campaign:DAY-1", begins),
        ("go_live", "offer:DAY-1-A", begins),
        ("end", "campaign:DAY-1", ends),
    ]


def test_with_the_hours_of_one_season_it_begins_or_ends_at_another_hour(night, monkeypatch):
    """Without the protection: a clock that keeps the distance from UTC that it had at noon."""
    zone, day, _hours = night
    noon = datetime.combine(day, time(12), tzinfo=zone).utcoffset()
    monkeypatch.setattr(lifecycle, "local_day", lambda now: (now + noon).date())
    begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    assert [at for _verb, _subject, at in steps_around(begins, ends, day)] != [begins, begins, ends]


def test_the_time_to_agree_is_counted_in_real_hours(night):
    zone, day, _hours = night
    opened_at = midnight(day, zone) + timedelta(hours=1)
    # A house that works around the clock, on that Sunday too.
    WorkingHours.objects.update(opens_at="00:00", closes_at="00:00")
    SpecialDay.objects.create(day=day, name="Stocktaking", is_worked=True)
    EscalationPolicy.objects.update(hours_to_agree=48)
    make_mediator()
    segment, products = make_segment(numbers=range(50)), make_products(3)
    for _ in range(2):
        campaign = make_campaign(starts_on=day + timedelta(days=12))
        make_offer(campaign, segments=[segment], products=products)
        submit(campaign)
    settle_down(opened_at)
    due = opened_at + timedelta(hours=48)
    assert Case.objects.get().agree_by == due
    runs = [now for now in sweeps(opened_at, due + timedelta(hours=2)) if escalation.run_due_timers(now=now)]
    # At half, at the first sweep after four fifths (38 hours and 24 minutes), and at the end.
    assert runs == [due - timedelta(hours=24), due - timedelta(hours=9, minutes=30), due]
    assert Case.objects.get().state == CaseState.MEDIATION
    assert HistoryEntry.objects.filter(verb="escalate", subject=f"case:{Case.objects.get()}").count() == 3


@pytest.mark.usefixtures("in_apia")
@pytest.mark.parametrize("night", NIGHTS[:1], indirect=True)
@pytest.mark.parametrize("holds", [test_a_day_begins_and_ends_once, test_the_time_to_agree_is_counted_in_real_hours])
def test_the_clocks_of_the_process_make_no_difference(night, holds):
    holds(night)


@pytest.mark.usefixtures("in_apia")
@pytest.mark.parametrize("night", NIGHTS[:1], indirect=True)
def test_with_the_days_of_the_process_it_begins_at_another_hour(night, monkeypatch):
    """Without the protection: the day that it is where the machine stands."""
    zone, day, _hours = night
    monkeypatch.setattr(lifecycle, "local_day", lambda now: now.astimezone().date())
    begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    assert [at for _verb, _subject, at in steps_around(begins, ends, day)] != [begins, begins, ends]
