"""Marks of recurring jobs, and their lock."""

from datetime import datetime

from customers.models import Heartbeat


def lock(name: str) -> Heartbeat:
    """Hold the row of `name` until the transaction ends, so that only one process does this job at a time."""
    Heartbeat.objects.get_or_create(name=name)
    return Heartbeat.objects.select_for_update(no_key=True).get(name=name)


def beat(name: str, *, now: datetime) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"last_ok_at": now})
