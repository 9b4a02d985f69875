"""DuckDB on a file of its own, in several formulations; the quickest of them counts."""

import time
from pathlib import Path
from typing import Any

import duckdb

from bench import rows

# Shared products of two offers that may meet at all: one formulation joins every product, the other postings.
MEET = """a.department <> b.department AND a.starts < b.ends AND b.starts < a.ends"""
TARGETS = """
targets AS MATERIALIZED (
    SELECT offer, product FROM named UNION ALL
    SELECT w.offer, p.product FROM whole w JOIN products p USING (category)
        ANTI JOIN left_out l ON l.offer = w.offer AND l.product = p.product),
dated AS (SELECT t.product, o.* FROM targets t JOIN offers o USING (offer)),
counted AS (
    SELECT a.offer AS one, b.offer AS two, count(*) AS products
    FROM dated a JOIN dated b ON a.product = b.product AND a.offer < b.offer AND {meet}
    GROUP BY ALL)"""
MATCHES = " UNION ALL ".join(
    f"""SELECT least(a.offer, b.offer) AS one, greatest(a.offer, b.offer) AS two, {weight} AS n
    FROM postings a JOIN postings b ON a.key = b.key AND a.offer {order} b.offer AND {{meet}}
    WHERE a.kind = {mine} AND b.kind = {theirs}"""  # noqa: S608 - constants of this file
    for mine, theirs, order, weight in (
        (0, 0, "<", "a.weight * b.weight"),
        (1, 1, "<", "a.weight"),
        (2, 1, "<>", "a.weight"),
    )
)
POSTINGS = f"""
matched AS ({MATCHES}),
counted AS (SELECT one, two, sum(n) AS products FROM matched GROUP BY ALL HAVING sum(n) > 0)"""
# Shared customers of two segments, each pair once.
MEMBERS = """
pairs AS (
    SELECT a.segment AS low, b.segment AS high, count(*) AS shared
    FROM members a JOIN members b ON a.customer = b.customer AND a.segment < b.segment GROUP BY ALL)"""
# One number for both segments, few enough of them for an array in the place of a hash table.
NUMBERED = """
numbered AS (
    SELECT a.segment::INTEGER * 2048 + b.segment AS place, count(*) AS shared
    FROM members a JOIN members b ON a.customer = b.customer AND a.segment < b.segment GROUP BY place),
pairs AS (SELECT place // 2048 AS low, place % 2048 AS high, shared FROM numbered)"""
# Each segment a string of bits, made from its rows.
BITS = """
bits AS MATERIALIZED (
    SELECT segment, bitstring_agg(customer, 0, {last}) AS bits
    FROM members GROUP BY segment),
pairs AS (
    SELECT a.segment AS low, b.segment AS high, bit_count(a.bits & b.bits) AS shared
    FROM bits a JOIN bits b ON a.segment < b.segment)"""
# Only what some candidates need.
NEEDED = """
needed AS (
    SELECT DISTINCT least(a.audience, b.audience) AS low, greatest(a.audience, b.audience) AS high
    FROM counted JOIN offers a ON a.offer = one JOIN offers b ON b.offer = two
    WHERE a.audience <> b.audience AND a.audience > 0 AND b.audience > 0),
pairs AS (
    SELECT low, high, count(*) AS shared FROM needed
    JOIN members a ON a.segment = low JOIN members b ON b.segment = high AND a.customer = b.customer GROUP BY ALL)"""
RESULT = """
SELECT one, two, greatest(a.starts, b.starts) AS starts, least(a.ends, b.ends) AS ends, products::BIGINT AS products,
    CASE WHEN a.audience = 0 THEN sb.size WHEN b.audience IN (0, a.audience) THEN sa.size ELSE shared END AS customers
FROM counted
JOIN offers a ON a.offer = one JOIN offers b ON b.offer = two
JOIN sizes sa ON sa.segment = a.audience JOIN sizes sb ON sb.segment = b.audience
LEFT JOIN pairs ON low = least(a.audience, b.audience) AND high = greatest(a.audience, b.audience)
WHERE (a.channels = 0 OR b.channels = 0 OR a.channels & b.channels <> 0) AND customers > 0"""

FULL = {
    "postings, members": (POSTINGS, MEMBERS),
    "postings, numbered pairs": (POSTINGS, NUMBERED),
    "postings, strings of bits": (POSTINGS, BITS),
    "postings, pairs needed": (POSTINGS, NEEDED),
    "products, members": (TARGETS, MEMBERS),
}
KEPT = {"postings": (POSTINGS,), "products": (TARGETS,)}
MODEST = "SET perfect_ht_threshold = 23"


def full(folder: Path, *, formulation: str) -> dict[str, Any]:
    return _run(folder, FULL[formulation])


def kept(folder: Path, *, formulation: str) -> dict[str, Any]:
    return _run(folder, KEPT[formulation])


def _run(folder: Path, parts: tuple[str, ...]) -> dict[str, Any]:
    with duckdb.connect(folder / "plan.duckdb", read_only=True) as con:
        con.execute(MODEST)
        (last,) = con.execute("SELECT size - 1 FROM sizes WHERE segment = 0").fetchone() or (0,)
        start = time.perf_counter()
        found = con.execute(f"WITH {', '.join(parts).format(meet=MEET, last=last)} {RESULT}").fetchnumpy()
        seconds = time.perf_counter() - start
    return rows.result(list(found.values()), seconds)
