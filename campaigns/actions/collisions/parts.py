"""The pairs of one extent of the plan: computed here, perhaps kept as bytes, and stored by `storing`.

Imports SciPy, which takes a third of a second and 40 MB: whoever serves web pages imports this in a function.
"""

import io
import json
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from campaigns.queries.plan_arrays import read_plan
from campaigns.queries.plan_facts import Extent, Facts
from campaigns.rules.collisions.sparse import Ints, Pairs, overlaps

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Part:
    """What was found in an extent, and of what: `facts` of the offers, and how many customers there were.

    `one` and `two` of `pairs` are ids of offers.
    """

    extent: Extent
    pairs: Pairs
    facts: frozenset[Facts]
    customers: int

    def changed(self, plan: Collection[Facts], customers: int) -> set[int]:
        """Ids of offers for which something else may be found by now; `plan` has those of all slices."""
        now = self.extent.of(plan)
        changed = {one.offer for one in self.facts.symmetric_difference(now)}
        if customers != self.customers:
            changed |= {one.offer for one in now if one.audience is None}
        return changed


def compute(extent: Extent, progress: Progress | None = None) -> Part:
    """Find the pairs that belong to an extent: those of which one offer starts in it."""
    snapshot = read_plan(extent)
    pairs = overlaps(snapshot.plan, progress, since=extent.starts_from.toordinal())
    ids = np.fromiter((one.offer for one in snapshot.offers), np.int64, len(snapshot.offers))
    by_id = Pairs(ids[pairs.one], ids[pairs.two], *pairs.columns[2:])
    return Part(extent, by_id, frozenset(snapshot.offers), snapshot.customers)


_NAMES = tuple(field.name for field in fields(Pairs))


def pack(part: Part) -> bytes:
    """A part without its extent."""
    arrays: dict[str, Any] = {name: _narrowed(column) for name, column in zip(_NAMES, part.pairs.columns, strict=True)}
    facts = json.dumps(sorted(part.facts), default=date.isoformat).encode()
    file = io.BytesIO()
    np.savez(file, facts=np.frombuffer(facts, np.uint8), customers=np.array(part.customers), **arrays)
    return zlib.compress(file.getbuffer(), 1)


def unpack(content: bytes, extent: Extent) -> Part:
    with np.load(io.BytesIO(zlib.decompress(content)), allow_pickle=False) as arrays:
        return Part(
            extent=extent,
            pairs=Pairs(*(arrays[name].astype(np.int64) for name in _NAMES)),
            facts=frozenset(_read(json.loads(arrays["facts"].tobytes()))),
            customers=int(arrays["customers"]),
        )


def _read(rows: Iterable[list[Any]]) -> Iterable[Facts]:
    for one in map(Facts._make, rows):
        starts_on, ends_before = (date.fromisoformat(str(day)) for day in (one.starts_on, one.ends_before))
        yield one._replace(starts_on=starts_on, ends_before=ends_before)


def _narrowed(column: Ints) -> Ints:
    """In as few bytes as hold its numbers."""
    return column.astype(np.min_scalar_type(int(column.max(initial=0))))
