"""PostgreSQL on a throw-away server, with memory and parallel workers as somebody would give it who knows it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg

from bench import rows, sql
from bench.child import peak

NARROW = {"kind", "department", "segment", "channels", "low", "high"}
MEMORY = "SET work_mem = '1GB'; SET maintenance_work_mem = '1GB'; SET hash_mem_multiplier = 2"
PARALLEL = "SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0"
INDEXES = {
    "members": "(segment, customer)",
    "postings": "(kind, key, starts)",
    "offers": "(offer)",
    "sizes": "(segment)",
}


@contextmanager
def _connected(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as con:
        con.execute(f"{MEMORY}; {PARALLEL}; SET jit = off; SET synchronous_commit = off")
        yield con


def build(folder: Path, *, dsn: str, bits: bool) -> None:
    """All tables of plan.duckdb, with indexes and statistics; `bits`: segments as strings of bits, too."""
    with _connected(dsn) as con, duckdb.connect(folder / "plan.duckdb", read_only=True) as source:
        for (name,) in source.execute("SELECT table_name FROM duckdb_tables() WHERE table_name <> 'bits'").fetchall():
            _copy(con, source, name, folder)
            if name in INDEXES:
                con.execute(f"CREATE INDEX ON {name} {INDEXES[name]}")
        if bits:
            _copy_bits(con, source)
        con.execute("VACUUM ANALYZE")


def keep(folder: Path, *, dsn: str) -> None:
    with _connected(dsn) as con, duckdb.connect(folder / "plan.duckdb", read_only=True) as source:
        _copy(con, source, "pairs", folder)
        con.execute("CREATE INDEX ON pairs (low, high); ANALYZE pairs")


def _copy(con: psycopg.Connection[Any], source: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    file = folder / f"{name}.csv"
    source.execute(f"COPY {name} TO '{file}' (HEADER false)")
    columns = [row[0] for row in source.execute(f"DESCRIBE {name}").fetchall()]
    types = ", ".join(f"{column} {'smallint' if column in NARROW else 'integer'}" for column in columns)
    con.execute(f"DROP TABLE IF EXISTS {name}; CREATE UNLOGGED TABLE {name} ({types})")
    with con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy, file.open("rb") as lines:
        while some := lines.read(1 << 20):
            copy.write(some)
    file.unlink()


def _copy_bits(con: psycopg.Connection[Any], source: duckdb.DuckDBPyConnection) -> None:
    (customers,) = source.execute("SELECT size FROM sizes WHERE segment = 0").fetchone() or (0,)
    con.execute(f"DROP TABLE IF EXISTS bits; CREATE UNLOGGED TABLE bits (segment smallint, bits bit({customers}))")
    con.execute("ALTER TABLE bits ALTER bits SET STORAGE EXTERNAL")
    with con.cursor().copy("COPY bits FROM STDIN") as copy:
        for (segment,) in source.execute("SELECT DISTINCT segment FROM members").fetchall():
            numbers = source.execute("SELECT customer FROM members WHERE segment = ?", [segment]).fetchnumpy()
            digits = np.full(customers, ord("0"), np.uint8)
            digits[numbers["customer"]] = ord("1")
            copy.write(b"%d\t%s\n" % (segment, digits.tobytes()))
    con.execute("CREATE INDEX ON bits (segment)")


def full(folder: Path, *, dsn: str, formulation: str) -> dict[str, Any]:
    return _run(dsn, sql.FULL[formulation])


def kept(folder: Path, *, dsn: str, formulation: str) -> dict[str, Any]:
    return _run(dsn, sql.KEPT[formulation])


def _run(dsn: str, parts: tuple[str, ...]) -> dict[str, Any]:
    with _connected(dsn) as con:
        start = time.perf_counter()
        found = con.execute(sql.statement(parts)).fetchall()
        seconds = time.perf_counter() - start
        memory = peak(con.info.backend_pid)
    # What its helpers used is gone with them.
    return rows.result(np.array(found, np.int64).T, seconds, memory=memory)
