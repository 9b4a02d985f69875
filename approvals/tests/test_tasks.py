from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.db.models import Count

from approvals import tasks
from approvals.choices import CaseState, MailState
from approvals.models import Case, Mail, Timer
from approvals.tests.builders import make_dispute, make_mediator
from campaigns.actions import collisions
from customers import clock
from customers.actions import events
from customers.models import Event, Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon(monkeypatch):
    """The tasks ask the clock; here it stands where the builders plan."""
    moment = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "shared_now", lambda: moment)
    return moment


@pytest.mark.parametrize("topic", ["collisions.changed", "campaign.unled"])
def test_whoever_records_news_of_collisions_rings_task_react(topic, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(events, "ring", lambda task, **_: rung.append(task))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        events.record(topic, now=datetime.now(UTC), pairs=[])
    assert rung == ["approvals.tasks.task_react"]


def test_a_task_opens_the_case_and_another_sends_the_mails(noon):
    make_dispute()
    collisions.refresh_due(now=noon)
    tasks.task_react()
    assert Case.objects.get().opened_at == noon
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.QUEUED, MailState.DAILY}
    tasks.task_send_mail()
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT, MailState.DAILY}


def test_the_sweep_does_all_of_it_and_says_that_it_ran(noon):
    make_mediator()
    make_dispute()
    collisions.refresh_due(now=noon)
    tasks.task_sweep()
    assert not Event.objects.filter(topic="collisions.changed", handled_at=None).exists()
    assert Heartbeat.objects.get(name="approvals sweep").last_ok_at == noon

    Timer.objects.update(due_at=noon)
    Case.objects.update(agree_by=noon)
    tasks.task_sweep()
    assert Case.objects.get().state == CaseState.MEDIATION
    # 4 of the opening, 4 of the escalation, 1 to the mediator; that the campaigns were submitted waits for the digests
    # of their contacts.
    states = Mail.objects.order_by().values_list("state").annotate(n=Count("id"))
    assert dict(states) == {MailState.SENT: 9, MailState.DAILY: 2}

    Mail.objects.filter(state=MailState.DAILY).update(not_before=noon)
    tasks.task_sweep()
    assert dict(states.all()) == {MailState.SENT: 11, MailState.DIGESTED: 2}
