"""Storing what was found: the product's way, which compares, tells and keeps history, against a bare bulk insert."""

import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench import house
from bench.plans import FIRST_DAY


def compare(folder: Path) -> dict[str, Any]:
    """Both into the empty table, each undone."""
    house.enter(folder / "product.sqlite3")
    from django.db import connection, transaction

    from campaigns.actions.collisions import parts, storing
    from campaigns.models import Collision, DetectionRun
    from campaigns.queries.plan_facts import Extent
    from customers import clock

    now = clock.shared_now()
    run = DetectionRun(requested_at=now, started_at=now)
    extent = Extent(date.fromordinal(FIRST_DAY), with_past=False)
    part = parts.compute(extent)
    columns = [field.column for field in Collision._meta.concrete_fields if field.column != "id"]
    with transaction.atomic():
        run.save()
        start = time.perf_counter()
        storing.store_all(run, [part], extent, now=now, clock=lambda: now)
        ours = time.perf_counter() - start
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM campaigns_collision")
            stored = cursor.fetchall()
        transaction.set_rollback(True)
    with transaction.atomic(), connection.cursor() as cursor:
        bare = [tuple(map(_plain, row)) for row in stored]
        places = ", ".join(["%s"] * len(columns))
        start = time.perf_counter()
        cursor.executemany(f"INSERT INTO campaigns_collision ({names}) VALUES ({places})", bare)
        raw = time.perf_counter() - start
        assert Collision.objects.count() == len(stored)
        transaction.set_rollback(True)
    return {"rows": len(stored), "ours": ours, "raw": raw}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | datetime) else value
