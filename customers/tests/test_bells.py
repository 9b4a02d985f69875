"""Whoever reacts to events is woken once per transaction, however many events it records."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from customers.actions import events

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def bells(monkeypatch):
    monkeypatch.setattr(events, "_bells", {"one": "tasks.a", "two": "tasks.a", "three": "tasks.b"})


def rung(callbacks):
    return sorted(callback.args[0] for callback in callbacks)


def test_each_task_rings_once(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        for topic in ("one", "two", "one", "three", "nobody"):
            events.record(topic, now=NOW)
    assert rung(callbacks) == ["tasks.a", "tasks.b"]


def test_ring_of_a_rolled_back_savepoint_does_not_silence_a_later_one(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            events.record("one", now=NOW)
            transaction.set_rollback(True)
        events.record("one", now=NOW)
    assert rung(callbacks) == ["tasks.a"]


def test_a_broker_that_does_not_answer_is_left_alone_for_a_while(monkeypatch, django_capture_on_commit_callbacks):
    """Each ring into a broker that swallows everything costs seconds, and pages would wait for it."""
    sent, clock = [], [100.0]

    def nobody_answers(task, **options):
        sent.append(task)
        raise ConnectionError

    def save_something():
        connection.run_on_commit.clear()  # the test's own transaction never commits, so that they stay
        with django_capture_on_commit_callbacks(execute=True):
            events.record("one", now=NOW)

    monkeypatch.setattr(events.current_app, "send_task", nobody_answers)
    monkeypatch.setattr(events.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(events, "_rests_until", 0.0)
    save_something()
    clock[0] += events.REST - 1
    save_something()
    assert sent == ["tasks.a"]
    # Who asks for a ring by name gets one.
    events.ring("tasks.b")
    assert sent == ["tasks.a", "tasks.b"]
    clock[0] += events.REST
    save_something()
    assert sent == ["tasks.a", "tasks.b", "tasks.a"]
