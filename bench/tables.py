"""The plan as tables, for everybody who does not bring a database of their own: Parquet files, and arrays to load."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.plans import Ints, Plan, load


def tables_of(plan: Plan) -> dict[str, dict[str, Any]]:
    """Columns by table. `postings` are the product's; `pairs` keeps how many customers two segments share."""
    ids = np.arange(1, len(plan.starts) + 1)
    items = plan.postings()
    at = items[:, 0] - 1
    return {
        "offers": {
            "offer": ids,
            "department": plan.departments,
            "starts": plan.starts,
            "ends": plan.ends,
            "audience": plan.audiences,
            "channels": plan.channels,
        },
        "products": {"product": np.arange(1, len(plan.category_of) + 1), "category": plan.category_of},
        "named": _two(plan.named, "product"),
        "whole": _two(plan.whole, "category"),
        "left_out": _two(plan.left_out, "product"),
        "postings": {
            "offer": items[:, 0],
            "kind": items[:, 1],
            "key": items[:, 2],
            "weight": items[:, 3],
            "starts": plan.starts[at],
            "ends": plan.ends[at],
            "department": plan.departments[at],
        },
        "sizes": {
            "segment": np.arange(len(plan.members) + 1),
            "size": np.array([plan.customers, *map(len, plan.members)]),
        },
    }


def _two(rows: Ints, name: str) -> dict[str, Ints]:
    return {"offer": rows[:, 0].copy(), name: rows[:, 1].copy()}


def build(folder: Path) -> None:
    """plan.duckdb, and a Parquet file of each table."""
    plan = load(folder)
    con = duckdb.connect(folder / "plan.duckdb")
    for name, columns in tables_of(plan).items():
        narrow = {column: values.astype(np.int32) for column, values in columns.items()}
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM narrow")
        del narrow
    membership = plan.membership()
    con.execute("CREATE TABLE members AS SELECT * FROM membership")
    del membership
    # Segments as DuckDB would store them to compare them whole.
    last = plan.customers - 1
    con.execute(
        f"CREATE TABLE bits AS SELECT segment, bitstring_agg(customer, 0, {last}) AS bits FROM members GROUP BY segment"
    )
    for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE table_name <> 'bits'").fetchall():
        con.execute(f"COPY {name} TO '{folder / name}.parquet'")
    con.close()


def keep(folder: Path) -> None:
    """Take over the kept table of shared customers from the product, once its counts were compared."""
    con = duckdb.connect(folder / "plan.duckdb")
    with np.load(folder / "pairs.npz") as kept:
        pairs = {name: kept[name].astype(np.int32) for name in kept.files}
    assert len(pairs["low"])
    con.execute("CREATE OR REPLACE TABLE pairs AS SELECT * FROM pairs")
    con.execute(f"COPY pairs TO '{folder / 'pairs'}.parquet'")
    con.close()
