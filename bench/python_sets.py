"""What one writes first: sets, and a loop over the offers in the order of their first days."""

import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from bench import rows


def full(folder: Path) -> dict[str, Any]:
    start = time.perf_counter()
    found = list(_find(folder))
    seconds = time.perf_counter() - start
    return rows.result(list(zip(*found, strict=True)), seconds)


def _find(folder: Path) -> Any:
    offers, targets, members, everybody = _read(folder)
    shared: dict[tuple[int, int], int] = {}
    running: list[tuple[int, ...]] = []
    for b in offers:
        running = [a for a in running if a[3] > b[2]]
        for a in running:
            if a[1] == b[1] or (a[5] and b[5] and not a[5] & b[5]):
                continue
            products = len(targets[a[0]] & targets[b[0]])
            if not products:
                continue
            pair = (min(a[4], b[4]), max(a[4], b[4]))
            if pair not in shared:
                one, two = (everybody if segment == 0 else members[segment] for segment in pair)
                shared[pair] = len(one & two)
            if shared[pair]:
                yield min(a[0], b[0]), max(a[0], b[0]), b[2], min(a[3], b[3]), products, shared[pair]
        running.append(b)


def _read(folder: Path) -> Any:
    with duckdb.connect(folder / "plan.duckdb", read_only=True) as con:
        offers = con.execute("SELECT * FROM offers ORDER BY starts, offer").fetchall()
        in_category = defaultdict(set)
        for product, category in con.execute("SELECT * FROM products").fetchall():
            in_category[category].add(product)
        targets = defaultdict(set)
        for offer, product in con.execute("SELECT * FROM named").fetchall():
            targets[offer].add(product)
        for offer, category in con.execute("SELECT * FROM whole").fetchall():
            targets[offer] |= in_category[category]
        for offer, product in con.execute("SELECT * FROM left_out").fetchall():
            targets[offer].discard(product)
        members = defaultdict(set)
        for segment, size in con.execute("SELECT * FROM sizes WHERE segment > 0").fetchall():
            numbers = con.execute("SELECT customer FROM members WHERE segment = ?", [segment]).fetchnumpy()
            members[segment] = set(numbers["customer"].tolist())
            assert len(members[segment]) == size
        (customers,) = con.execute("SELECT size FROM sizes WHERE segment = 0").fetchone() or (0,)
    return offers, targets, members, set(range(customers))
