"""From a dataset folder to the exported file, as users do it, against SQL that knows nothing but the CSV files."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from bench import folders, plans

ROOT = Path(__file__).parent.parent

COLUMNS = {
    "products": ["code", "category"],
    "customers": ["code"],
    "segment_members": ["segment", "customer"],
    "campaigns": ["code", "department", "starts_on", "ends_on", "status"],
    "offers": ["code", "campaign", "department", "starts_on", "ends_on", "segments", "channels"],
    "offer_products": ["offer", "product", "role"],
    "offer_categories": ["offer", "category", "role", "mode"],
}
# Nothing here knows of postings, bitmaps or kept counts: categories are spelled out, members joined with members.
STEPS = """
CREATE TABLE person AS SELECT code, row_number() OVER ()::INTEGER AS number FROM customers;
CREATE TABLE offer AS
    SELECT o.code, o.campaign, coalesce(o.department, k.department) AS department,
        CAST(coalesce(o.starts_on, k.starts_on) AS DATE) AS first, CAST(coalesce(o.ends_on, k.ends_on) AS DATE) AS last,
        o.segments, string_split(o.channels, '|') AS channels
    FROM offers o JOIN campaigns k ON k.code = o.campaign WHERE coalesce(k.status, 'draft') <> 'draft';
CREATE TABLE target AS
    WITH named AS (
        SELECT offer, p.code, coalesce(mode, 'include') AS mode FROM offer_categories c JOIN products p USING (category)
        WHERE coalesce(role, 'target') = 'target')
    SELECT offer, product FROM offer_products WHERE coalesce(role, 'target') = 'target'
    UNION SELECT offer, code FROM named WHERE mode = 'include' EXCEPT SELECT offer, code FROM named WHERE mode = 'exclude';
CREATE TABLE crowd AS SELECT row_number() OVER ()::INTEGER AS id, segments FROM (SELECT DISTINCT segments FROM offer);
CREATE TABLE member AS
    SELECT DISTINCT id, number
    FROM (SELECT id, unnest(string_split(segments, '|')) AS segment FROM crowd)
    JOIN segment_members USING (segment) JOIN person ON person.code = customer;
CREATE TABLE crowd_size AS
    SELECT id, CASE WHEN segments IS NULL THEN (SELECT count(*) FROM person)
        ELSE (SELECT count(*) FROM member m WHERE m.id = crowd.id) END AS n
    FROM crowd;
CREATE TABLE product_count AS SELECT offer, count(*) AS n FROM target GROUP BY offer;
CREATE TABLE goods AS
    WITH dated AS (SELECT t.product, o.* FROM target t JOIN offer o ON o.code = t.offer)
    SELECT a.code AS one, b.code AS two, count(*) AS n
    FROM dated a JOIN dated b ON a.product = b.product AND a.code < b.code AND a.department <> b.department
        AND a.first <= b.last AND b.first <= a.last
        AND (a.channels IS NULL OR b.channels IS NULL OR len(list_intersect(a.channels, b.channels)) > 0)
    GROUP BY ALL;
CREATE TABLE meeting AS
    SELECT a.id AS one, b.id AS two, count(*) AS n FROM member a JOIN member b ON a.number = b.number AND a.id <= b.id
    GROUP BY ALL
"""
RESULT = """
SELECT goods.one, goods.two, a.campaign, b.campaign, a.department, b.department, greatest(a.first, b.first), least(a.last, b.last),
    goods.n, CASE WHEN a.segments IS NULL THEN sb.n WHEN b.segments IS NULL THEN sa.n ELSE meeting.n END AS people,
    pa.n, pb.n, sa.n, sb.n, a.last - a.first + 1, b.last - b.first + 1
FROM goods
JOIN offer a ON a.code = goods.one JOIN offer b ON b.code = goods.two
JOIN crowd ca ON ca.segments IS NOT DISTINCT FROM a.segments JOIN crowd_size sa ON sa.id = ca.id
JOIN crowd cb ON cb.segments IS NOT DISTINCT FROM b.segments JOIN crowd_size sb ON sb.id = cb.id
LEFT JOIN meeting ON meeting.one = least(ca.id, cb.id) AND meeting.two = greatest(ca.id, cb.id)
JOIN product_count pa ON pa.offer = a.code JOIN product_count pb ON pb.offer = b.code
WHERE people > 0
"""


def made_up(folder: Path, *, size: str, seed: int) -> dict[str, Any]:
    data = folder / "data"
    folders.write(plans.make(plans.SIZES[size], seed), data, seed)
    return _compare(folder, data)


def real(folder: Path) -> dict[str, Any]:
    """The public data set that the demo shows."""
    from campaigns.actions.dataset.completejourney import data_of_package, write_folder

    data = folder / "real"
    data.mkdir()
    write_folder(data, source=data_of_package())
    return _compare(folder, data)


def _compare(folder: Path, data: Path) -> dict[str, Any]:
    database = folder / f"{data.name}.sqlite3"
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": "bench",
        "VAR_DIR": str(folder),
        "LANGUAGE_CODE": "en",
    }

    def manage(*command: str) -> float:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "manage.py", *command], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        return time.perf_counter() - start

    exported = folder / "found.csv"
    manage("migrate")
    times = {"import": manage("import_dataset", str(data))}
    _ask_the_base_fact_alone(database)
    times["detect"] = manage("detect_collisions", "--all")
    times["export"] = manage("export_collisions", "-o", str(exported))
    with exported.open(encoding="utf-8", newline="") as file:
        _header, *found = csv.reader(file)
    expected = expected_rows(data)
    if found != expected:
        wrong = sorted({tuple(row) for row in found} ^ {tuple(row) for row in expected})
        raise AssertionError(f"{len(wrong)} rows differ, such as {wrong[:4]}")
    return {"rows": len(found), "times": times}


def _ask_the_base_fact_alone(database: Path) -> None:
    """The other rules have tests of their own, and SQL knows nothing of them."""
    import sqlite3

    from bench import house

    house.enter(database)
    from campaigns.rules.collisions import RULES

    with sqlite3.connect(database) as con:
        con.executemany(
            "INSERT INTO campaigns_rulesetting (rule, mode, options, opens_from) VALUES (?, 'off', '{}', '')",
            [(rule.CODE,) for rule in RULES if rule.CODE != "overlap"],
        )


def _read(con: duckdb.DuckDBPyConnection, data: Path, table: str, columns: list[str]) -> None:
    """A view with all columns that we look at; what the folder does not have is NULL."""
    source = f"read_csv('{data / table}.csv', all_varchar = true, header = true)"
    if (data / f"{table}.parquet").exists():
        source = f"read_parquet('{data / table}.parquet')"
    elif not (data / f"{table}.csv").exists():
        source = f"(SELECT {', '.join(f'NULL::VARCHAR AS {column}' for column in columns)} WHERE false)"
    there = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    chosen = [column if column in there else f"NULL::VARCHAR AS {column}" for column in columns]
    con.execute(f"CREATE VIEW {table} AS SELECT {', '.join(chosen)} FROM {source}")


def expected_rows(data: Path) -> list[list[str]]:
    """The rows of the export, in its order."""
    from campaigns.tests.independent import level_of

    con = duckdb.connect()
    for table, columns in COLUMNS.items():
        _read(con, data, table, columns)
    for step in STEPS.split(";\n"):
        con.execute(step)
    rows = []
    for *names, first, last, products, customers, pa, pb, ca, cb, da, db in con.execute(RESULT).fetchall():
        days = (last - first).days + 1
        level = level_of(products, (pa, pb), customers, (ca, cb), days, (da, db))
        numbers = map(str, (days, products, customers))
        rows.append(["overlap", *names, first.isoformat(), last.isoformat(), *numbers, level])
    con.close()
    return sorted(rows)
