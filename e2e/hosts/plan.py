"""What a machine does with the plan: `python -m e2e.hosts.plan fill | alone | ask | sweep | rows`, as JSON."""

import json
import os
import sys


def fill() -> None:
    """A plan around today, of which nobody has told."""
    from django.db import transaction
    from django.utils import timezone

    from campaigns.tests import random_plan
    from customers.models import Event

    random_plan.NOW, random_plan.DAY = timezone.now(), timezone.localdate()
    with transaction.atomic():
        random_plan.RandomPlan(7, offers=120)
    Event.objects.update(handled_at=timezone.now())


def alone() -> list:
    """What one process finds in one piece; undone."""
    from django.conf import settings
    from django.db import transaction

    from campaigns.actions import collisions
    from customers import clock

    settings.DETECTION_SHARDS = 1
    with transaction.atomic():
        collisions.detect_everything(now=clock.shared_now())
        found = rows()
        transaction.set_rollback(True)
    return found


def ask() -> None:
    """As somebody who presses the button."""
    from django.utils import timezone

    from campaigns.actions import collisions

    collisions.request_detection(by=None, now=timezone.now())


def sweep() -> None:
    """As beat does every minute, and for both machines."""
    from customers.actions.events import ring

    for _ in range(4):
        ring("campaigns.tasks.task_sweep")


def rows() -> list:
    """The stored collisions, without ids and moments."""
    from campaigns.models import Collision

    columns = ["rule", "key", "offer_a__code", "offer_b__code", "version_a", "version_b", "starts_on", "ends_before"]
    columns += ["shared_products", "shared_customers", "score", "level", "state", "certainty", "evidence"]
    return list(Collision.objects.order_by(*columns[:4]).values_list(*columns))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    wanted = {work.__name__: work for work in (fill, alone, ask, sweep, rows)}
    print(json.dumps(wanted[sys.argv[1]](), default=str))  # noqa: T201 - the test reads it
