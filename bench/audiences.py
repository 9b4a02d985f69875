"""Boolean audiences from the database: bitmaps of the product against set operations of PostgreSQL over rows."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench import house
from bench.plans import load


def expressions(folder: Path, *, seed: int, count: int = 40) -> list[tuple[list[int], list[int]]]:
    """(included, excluded) ids of segments that have members: one to four of the first kind, up to two of the other."""
    dice = np.random.default_rng(seed)
    some = [number for number, members in enumerate(load(folder).members, 1) if len(members)]
    found = []
    for _ in range(count):
        picked = dice.choice(some, 6, replace=False).tolist()
        found.append((picked[: dice.integers(2, 5)], picked[4 : 4 + dice.integers(0, 3)]))
    return found


def ours(folder: Path, *, seed: int) -> dict[str, Any]:
    wanted = expressions(folder, seed=seed)
    house.enter(folder / "product.sqlite3")
    from pyroaring import BitMap

    from customers.actions.segments import members
    from customers.models import Segment

    def size(include: list[int], exclude: list[int]) -> int:
        bitmaps = {one.pk: members(one) for one in Segment.objects.filter(pk__in=include + exclude)}
        numbers = BitMap.union(*(bitmaps[pk] for pk in include))
        return len(numbers - BitMap.union(*(bitmaps[pk] for pk in exclude)) if exclude else numbers)

    return _timed(size, wanted)


def postgres(folder: Path, *, seed: int, dsn: str, form: str) -> dict[str, Any]:
    """`form`: UNION and EXCEPT, or one pass with a condition on the group of each customer."""
    with psycopg.connect(dsn, autocommit=True) as con:
        con.execute("SET work_mem = '1GB'; SET jit = off; SET max_parallel_workers_per_gather = 2")

        def size(include: list[int], exclude: list[int]) -> int:
            (found,) = con.execute(_STATEMENTS[form], {"include": include, "exclude": exclude}).fetchone() or (0,)
            return int(found)

        return _timed(size, expressions(folder, seed=seed))


_STATEMENTS = {
    "except": """
        SELECT count(*) FROM (
            SELECT customer FROM members WHERE segment = ANY(%(include)s::smallint[])
            EXCEPT SELECT customer FROM members WHERE segment = ANY(%(exclude)s::smallint[])) audience""",
    "anti join": """
        SELECT count(*) FROM (SELECT DISTINCT customer FROM members WHERE segment = ANY(%(include)s::smallint[])) i
        WHERE NOT EXISTS (
            SELECT 1 FROM members e WHERE e.customer = i.customer AND e.segment = ANY(%(exclude)s::smallint[]))""",
    "groups": """
        SELECT count(*) FROM (
            SELECT customer FROM members WHERE segment = ANY(%(include)s::smallint[] || %(exclude)s::smallint[])
            GROUP BY customer HAVING NOT bool_or(segment = ANY(%(exclude)s::smallint[]))) audience""",
}


def _timed(size: Any, wanted: list[tuple[list[int], list[int]]]) -> dict[str, Any]:
    found, times = [], []
    size(*wanted[0])
    for include, exclude in wanted:
        start = time.perf_counter()
        found.append(size(include, exclude))
        times.append(1000 * (time.perf_counter() - start))
    return {"checksum": str(found), "times": times}
