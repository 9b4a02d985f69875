"""A made-up plan as a dataset folder, as docs/dataset.md describes it."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.house import campaigns_of
from bench.plans import CHANNELS, DEPARTMENTS, Ints, Plan


def write(plan: Plan, folder: Path, seed: int) -> None:
    """Some offers get two segments, and a category that they exclude although they name a product of it."""
    dice = np.random.default_rng(seed)
    folder.mkdir()
    con = duckdb.connect()
    for name, columns in _tables(plan, dice).items():
        texts = {column: np.asarray(values) for column, values in columns.items()}
        con.execute("CREATE OR REPLACE TABLE one AS SELECT * FROM texts")
        con.execute(f"COPY one TO '{folder / name}.csv' (HEADER)")
        del texts
    membership = plan.membership()
    con.execute(
        "CREATE OR REPLACE TABLE one AS SELECT 'S' || segment AS segment, 'C' || customer AS customer FROM membership"
    )
    con.execute(f"COPY one TO '{folder / 'segment_members'}.csv' (HEADER)")
    del membership
    con.close()


def _tables(plan: Plan, dice: np.random.Generator) -> dict[str, dict[str, Any]]:
    campaigns = campaigns_of(plan)
    count = int(campaigns.max())
    starts, ends = np.full(count + 1, 2**40), np.zeros(count + 1, np.int64)
    np.minimum.at(starts, campaigns, plan.starts)
    np.maximum.at(ends, campaigns, plan.ends)
    owners = np.zeros(count + 1, np.int64)
    owners[campaigns] = plan.departments
    offers = np.arange(1, len(plan.starts) + 1)
    modes = _excluded(plan, dice)
    return {
        "departments": _named("D", np.arange(1, DEPARTMENTS + 1)),
        "channels": _named("ch", np.arange(1, CHANNELS + 1)),
        "products": _named("P", np.arange(1, len(plan.category_of) + 1)) | {"category": _codes("c", plan.category_of)},
        "customers": {"code": _codes("C", np.arange(plan.customers))},
        "segments": _named("S", np.arange(1, len(plan.members) + 1)),
        "campaigns": _named("K", np.arange(1, count + 1))
        | {
            "department": _codes("D", owners[1:]),
            "starts_on": _days(starts[1:]),
            "ends_on": _days(ends[1:] - 1),
            "status": np.where(dice.random(count) < 0.03, "draft", "submitted"),
        },
        "offers": _named("O", offers)
        | {
            "campaign": _codes("K", campaigns),
            "starts_on": _days(plan.starts),
            "ends_on": _days(plan.ends - 1),
            "segments": _segments(plan, dice),
            "channels": [
                "|".join(f"ch{bit + 1}" for bit in range(CHANNELS) if mask >> bit & 1)
                for mask in plan.channels.tolist()
            ],
        },
        "offer_products": {"offer": _codes("O", plan.named[:, 0]), "product": _codes("P", plan.named[:, 1])},
        "offer_categories": {
            "offer": _codes("O", np.concatenate([plan.whole[:, 0], modes[:, 0]])),
            "category": _codes("c", np.concatenate([plan.whole[:, 1], modes[:, 1]])),
            "mode": ["include"] * len(plan.whole) + ["exclude"] * len(modes),
        },
    }


def _excluded(plan: Plan, dice: np.random.Generator) -> Ints:
    """Offers and the category of a product that they name, for some of them."""
    first = np.unique(plan.named[:, 0], return_index=True)[1]
    some = plan.named[first[dice.random(len(first)) < 0.05]]
    return np.stack([some[:, 0], plan.category_of[some[:, 1] - 1]], 1)


def _segments(plan: Plan, dice: np.random.Generator) -> list[str]:
    others = np.where(
        dice.random(len(plan.audiences)) < 0.01, dice.integers(1, len(plan.members) + 1, len(plan.audiences)), 0
    )
    return [
        "|".join(f"S{number}" for number in sorted({one, other} - {0})) if one else ""
        for one, other in zip(plan.audiences.tolist(), others.tolist(), strict=True)
    ]


def _named(letter: str, numbers: Ints) -> dict[str, Any]:
    codes = _codes(letter, numbers)
    return {"code": codes, "name": codes}


def _codes(letter: str, numbers: Ints) -> list[str]:
    return [f"{letter}{number}" for number in numbers.tolist()]


def _days(ordinals: Ints) -> list[str]:
    return [date.fromordinal(day).isoformat() for day in ordinals.tolist()]
