"""Polars over Parquet files, lazily, in its streaming engine."""

import time
from pathlib import Path
from typing import Any

import polars as pl

from bench import rows


def full(folder: Path) -> dict[str, Any]:
    return _run(folder, _count_shared(folder))


def kept(folder: Path) -> dict[str, Any]:
    return _run(folder, _read(folder, "pairs"))


def _read(folder: Path, name: str) -> pl.LazyFrame:
    return pl.scan_parquet(folder / f"{name}.parquet")


def _run(folder: Path, pairs: pl.LazyFrame) -> dict[str, Any]:
    start = time.perf_counter()
    found = _found(folder, pairs).collect(engine="streaming")
    seconds = time.perf_counter() - start
    return rows.result(found.to_numpy().T, seconds)


def _count_shared(folder: Path) -> pl.LazyFrame:
    members = _read(folder, "members")
    return (
        members.join(members, on="customer", suffix="_b")
        .filter(pl.col("segment") < pl.col("segment_b"))
        .group_by(low=pl.col("segment"), high=pl.col("segment_b"))
        .agg(shared=pl.len())
    )


def _matches(folder: Path) -> pl.LazyFrame:
    """Shared products of two offers that may meet, in parts to be added."""
    postings = _read(folder, "postings")
    a, b = pl.col("offer"), pl.col("offer_b")
    weight = pl.col("weight")
    parts = []
    for mine, theirs, once, counted in (
        (0, 0, a < b, weight * pl.col("weight_b")),
        (1, 1, a < b, weight),
        (2, 1, a != b, weight),
    ):
        both = postings.filter(kind=mine).join(postings.filter(kind=theirs), on="key", suffix="_b")
        meet = (
            (pl.col("department") != pl.col("department_b"))
            & (pl.col("starts") < pl.col("ends_b"))
            & (pl.col("starts_b") < pl.col("ends"))
        )
        parts.append(
            both.filter(once & meet).select(
                one=pl.min_horizontal(a, b), two=pl.max_horizontal(a, b), n=counted.cast(pl.Int64)
            )
        )
    return pl.concat(parts).group_by("one", "two").agg(products=pl.col("n").sum()).filter(pl.col("products") > 0)


def _found(folder: Path, pairs: pl.LazyFrame) -> pl.LazyFrame:
    sizes = _read(folder, "sizes").select(audience=pl.col("segment"), size=pl.col("size"))
    offers = _read(folder, "offers").drop("department").join(sizes, on="audience")
    both = _matches(folder).join(offers, left_on="one", right_on="offer")
    both = both.join(offers, left_on="two", right_on="offer", suffix="_b")
    audience, other = pl.col("audience"), pl.col("audience_b")
    both = both.filter(
        (pl.col("channels") == 0) | (pl.col("channels_b") == 0) | (pl.col("channels") & pl.col("channels_b") != 0)
    ).with_columns(low=pl.min_horizontal(audience, other), high=pl.max_horizontal(audience, other))
    kinds = pl.col("low").cast(pl.Int32), pl.col("high").cast(pl.Int32), pl.col("shared").cast(pl.Int64)
    both = both.join(pairs.select(*kinds), on=["low", "high"], how="left")
    shared = (
        pl.when(audience == 0)
        .then(pl.col("size_b"))
        .when((other == 0) | (other == audience))
        .then(pl.col("size"))
        .otherwise(pl.col("shared").fill_null(0))
    )
    return both.select(
        "one",
        "two",
        starts=pl.max_horizontal("starts", "starts_b"),
        ends=pl.min_horizontal("ends", "ends_b"),
        products="products",
        customers=shared,
    ).filter(pl.col("customers") > 0)
