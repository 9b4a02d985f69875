"""Whoever reacts to events is woken once per transaction, however many events it records."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

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
