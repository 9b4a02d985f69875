"""Time is passed in: whatever happens at a moment in the past leaves no trace of the moment in which the test runs."""

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db.models import DateTimeField
from django.utils import timezone

from approvals.actions import appeals, escalation, outbox, rulings
from approvals.models import EscalationPolicy
from approvals.queries.cases import facts_hash
from approvals.rules.operations import ShiftDates
from approvals.tests.builders import NOW, REASON, make_dispute, make_mediator, make_user, settle_down
from customers.models import Event

pytestmark = pytest.mark.django_db

# Django's own: when somebody was entered.
NOT_OURS = {"auth.User.date_joined"}


@pytest.fixture
def from_the_beginning():
    """What tests of other modules and migrations left is of another time."""
    return {name: set(rows) for name, rows in moments().items()}


def moments():
    """{column: (pk, value) of each row that has one}, of all our tables."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            name = f"{model._meta.label}.{field.name}"
            if isinstance(field, DateTimeField) and name not in NOT_OURS:
                rows = model._base_manager.exclude(**{field.name: None}).values_list("pk", field.name)
                found[name] = list(rows)
    return found


def test_a_whole_case_of_the_past_happens_in_the_past(from_the_beginning):
    EscalationPolicy.objects.update(minutes_before_opening=10, hours_to_appeal=9)
    make_mediator(stand_in=make_user("sara"))
    dispute = make_dispute()
    settle_down()
    later = NOW + timedelta(minutes=10)
    escalation.run_due_timers(now=later)
    case = dispute.case
    for moment in (case.opened_at + timedelta(hours=9), case.agree_by):
        escalation.run_due_timers(now=moment)
        outbox.send_due(now=moment)
    decide(dispute.case, case.agree_by)
    again = appeals.appeal(case=case, reason=REASON, by=dispute.leads[0], now=case.agree_by, key="a")
    decide(again, case.agree_by)
    settle_down(case.agree_by)
    outbox.send_due(now=case.agree_by)

    today = timezone.now()
    late = [
        (name, pk, value)
        for name, rows in moments().items()
        for pk, value in rows
        if (pk, value) not in from_the_beginning[name] and abs(value - today) < timedelta(days=1)
    ]
    assert late == []


def decide(case, now):
    case.refresh_from_db()
    rulings.decide(
        case=case,
        operations=[ShiftDates("SAL-1", 14)],
        reason=REASON,
        by=case.mediator,
        now=now,
        facts=facts_hash(case),
        key=case.label,
    )


def test_the_search_finds_what_is_of_today(from_the_beginning):
    user = make_user("anna")
    user.last_login = timezone.now()
    user.save()
    found = [name for name, rows in moments().items() if set(rows) - from_the_beginning[name]]
    assert found == ["auth.User.last_login"]


def test_a_moment_without_a_zone_is_refused():
    """Each machine would take it for another one."""
    with pytest.raises(RuntimeWarning, match="naive datetime"):
        Event.objects.create(topic="any", payload={}, created_at=datetime(2026, 11, 2, 9))  # noqa: DTZ001
