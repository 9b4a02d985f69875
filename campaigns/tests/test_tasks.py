import logging

import pytest

from campaigns import tasks
from customers.models import Heartbeat, HistoryEntry

pytestmark = pytest.mark.django_db


def test_the_sweep_seals_what_a_dying_process_left_and_logs_the_head_once_a_day(caplog):
    caplog.set_level(logging.INFO, "customers.actions.history")
    HistoryEntry.objects.create(at="2026-11-02T09:00Z", verb="plan", subject="campaign:X", scope="campaign:X")
    tasks.task_sweep()
    tasks.task_sweep()
    entry = HistoryEntry.objects.get()
    assert entry.seq == 1
    assert [record.message for record in caplog.records] == [f"the history ends at 1:{entry.digest}"]
    assert Heartbeat.objects.filter(name="campaigns sweep", last_ok_at__isnull=False).exists()
