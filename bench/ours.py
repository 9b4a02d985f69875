"""The product: its own queries and rules, on its own database."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import house, rows
from bench.plans import FIRST_DAY, Ints


def full(folder: Path) -> dict[str, Any]:
    """From the bitmaps of segments and the postings of offers to all pairs."""
    house.enter(folder / "product.sqlite3")
    plan_arrays, sparse, extent = _engine()
    start = time.perf_counter()
    snapshot = plan_arrays.read_plan(extent)
    plan = snapshot.plan
    pairs = sparse.overlaps(_as_if_all_shared(plan))
    # What meets in every other way is few: only their audiences are counted.
    customers = _count_needed(snapshot, pairs)
    pairs = replace(pairs, shared_customers=customers).where(customers > 0)
    return _result(snapshot, pairs, time.perf_counter() - start)


def kept(folder: Path) -> dict[str, Any]:
    """The same where it is kept how many customers segments share."""
    house.enter(folder / "product.sqlite3")
    plan_arrays, sparse, extent = _engine()
    start = time.perf_counter()
    snapshot = plan_arrays.read_plan(extent)
    read = time.perf_counter() - start
    pairs = sparse.overlaps(snapshot.plan)
    return _result(snapshot, pairs, time.perf_counter() - start) | {"reading": read}


def keep(folder: Path) -> dict[str, Any]:
    """Fill the table that `kept` reads; how large the bitmaps are and how long counting takes."""
    house.enter(folder / "product.sqlite3")
    from django.db.models import Sum
    from django.db.models.functions import Length

    from customers.models import Segment

    ids = np.array(Segment.objects.order_by("pk").values_list("pk", flat=True))
    low, high = (ids[at] for at in np.triu_indices(len(ids), 1))
    start = time.perf_counter()
    shared = _count_shared(low, high)
    seconds = time.perf_counter() - start
    some = shared > 0
    np.savez(folder / "pairs.npz", low=low[some], high=high[some], shared=shared[some])
    house.fill_overlaps(low[some], high[some], shared[some])
    sizes = Segment.objects.aggregate(bytes=Sum(Length("members")), memberships=Sum("size"))
    return {"seconds": seconds, "pairs": len(low), **sizes}


def _engine() -> Any:
    from datetime import date

    from django.db import connection

    from campaigns.queries import plan_arrays
    from campaigns.queries.plan_facts import Extent
    from campaigns.rules.collisions import sparse

    connection.ensure_connection()
    return plan_arrays, sparse, Extent(date.fromordinal(FIRST_DAY), with_past=False)


def _as_if_all_shared(plan: Any) -> Any:
    """The plan where any two audiences share somebody unless one of them is empty."""
    some = np.flatnonzero(plan.audience_sizes)
    low, high = (some[at] for at in np.triu_indices(len(some), 1))
    sizes = plan.audience_sizes
    return replace(plan, pair_keys=low * len(sizes) + high, pair_shared=np.minimum(sizes[low], sizes[high]))


def _count_needed(snapshot: Any, pairs: Any) -> Ints:
    """How many customers the offers of each pair share."""
    segments = np.array([one.audience or 0 for one in snapshot.offers])
    one, two = segments[pairs.one], segments[pairs.two]
    counted = (one != two) & (one > 0) & (two > 0)
    low, high = np.minimum(one, two)[counted], np.maximum(one, two)[counted]
    keys, place = np.unique(low * 2**32 + high, return_inverse=True)
    # The plan holds what everybody shares with a segment, and a segment with itself.
    customers = pairs.shared_customers.copy()
    customers[counted] = _count_shared(keys // 2**32, keys % 2**32)[place]
    return customers


def _count_shared(low: Ints, high: Ints) -> Ints:
    """How many customers these segments share, by ids."""
    from customers.actions.segments import _read
    from customers.models import Segment

    bitmaps = {pk: _read(raw) for pk, raw in Segment.objects.values_list("pk", "members").iterator(100)}
    one, two = ([bitmaps[pk] for pk in ids.tolist()] for ids in (low, high))
    return np.fromiter(map(type(bitmaps[1]).intersection_cardinality, one, two), np.int64, len(low))


def _result(snapshot: Any, pairs: Any, seconds: float) -> dict[str, Any]:
    ids = np.array([one.offer for one in snapshot.offers])
    one, two = ids[pairs.one], ids[pairs.two]
    columns = np.minimum(one, two), np.maximum(one, two), *pairs.columns[2:6]
    return rows.result(columns, seconds)
