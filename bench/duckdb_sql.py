"""DuckDB on a file of its own."""

import time
from pathlib import Path
from typing import Any

import duckdb

from bench import rows, sql


def full(folder: Path, *, formulation: str) -> dict[str, Any]:
    return _run(folder, sql.FULL[formulation])


def kept(folder: Path, *, formulation: str) -> dict[str, Any]:
    return _run(folder, sql.KEPT[formulation])


def _run(folder: Path, parts: tuple[str, ...]) -> dict[str, Any]:
    with duckdb.connect(folder / "plan.duckdb", read_only=True) as con:
        # Counting by one number for two segments can then use an array in the place of a hash table.
        con.execute("SET perfect_ht_threshold = 23")
        start = time.perf_counter()
        found = con.execute(sql.statement(parts)).fetchnumpy()
        seconds = time.perf_counter() - start
    return rows.result(list(found.values()), seconds)
