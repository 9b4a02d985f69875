"""The overlaps of a whole plan at once, with sparse matrices: the same findings as `overlap.judge` pair by pair.

Offers are sorted by (first day, position), so the partners of an offer that start during it stand right after it. For a
block of offers and its window of partners one sparse product gives all shared products, categories never expanded:

    [E | C | Y | C] x [E | C·size | C | Y]'

with E explicit products (+1, or -1 when taken out of a whole category), C whole categories, Y the sum of E per
category. SciPy takes a while to import: only what detects everything imports this module.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from campaigns.rules.severity import BASE, BORDER, EXPOSURE, IMPACT, severity

Ints = NDArray[np.int64]
Lookup = Callable[[Ints, Ints], Ints]

# Cells of a block (offers x window): what bounds the memory of a step, about 30 bytes each at the very worst.
CELLS = 4_000_000
ROWS = 4_000

PRODUCT, CATEGORY, CATCOUNT = 0, 1, 2


@dataclass(frozen=True)
class Plan:
    """Offers as arrays of one length n; days are ordinals, `ends` exclusive.

    `audiences` are positions in `audience_sizes`; everybody is one of them. `channels` is (n, words): bits of the
    channels an offer names, all 0 = every channel. The four `item_...` arrays are postings, `item_offers` positions.
    `pair_keys` is sorted, low * k + high of audiences that share `pair_shared` customers.
    """

    starts: Ints
    ends: Ints
    departments: Ints
    audiences: Ints
    channels: NDArray[np.uint64]
    item_offers: Ints
    item_kinds: Ints
    item_keys: Ints
    item_weights: Ints
    audience_sizes: Ints
    pair_keys: Ints
    pair_shared: Ints


@dataclass(frozen=True)
class Pairs:
    """Overlapping pairs as arrays of one length, none of their numbers negative.

    `one` and `two` are positions of offers in the plan, the rest as in `overlap.Finding`.
    """

    one: Ints
    two: Ints
    starts: Ints
    ends: Ints
    shared_products: Ints
    shared_customers: Ints
    scores: Ints

    @property
    def columns(self) -> tuple[Ints, ...]:
        return self.one, self.two, self.starts, self.ends, self.shared_products, self.shared_customers, self.scores

    def where(self, kept: NDArray[np.bool_]) -> "Pairs":
        return Pairs(*(column[kept] for column in self.columns))


def overlaps(
    plan: Plan, progress: Callable[[int, int], object] | None = None, *, since: int = 0, cells: int = CELLS
) -> Pairs:
    """All pairs of offers of different departments that overlap. `progress(offers done, offers)` after each block.

    `since` (an ordinal): only those pairs of which one offer starts on this day or later.
    """
    count = len(plan.starts)
    order = np.lexsort((np.arange(count), plan.starts))
    shared_customers = _lookup(plan, cells)
    left, right = _matrices(plan, order)
    products = np.zeros(count, np.int64)
    np.add.at(products, plan.item_offers, np.where(plan.item_kinds == PRODUCT, 0, plan.item_weights))
    found: list[tuple[Ints, ...]] = [(np.zeros(0, np.int64),) * 7]
    for low, high, begin, end in _blocks(plan.starts[order], plan.ends[order], since, cells):
        # The block is what gets transposed: it is a fraction of its window.
        shared = (right[begin:end] @ left[low:high].T).tocoo()
        rows, columns = shared.col + low, shared.row + begin
        later = columns > rows  # each pair once
        one, two = order[rows[later]], order[columns[later]]
        found.append(_judge(plan, products, shared_customers, one, two, shared.data[later].astype(np.int64)))
        if progress:
            progress(high, count)
    return Pairs(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))


def _judge(
    plan: Plan, products: Ints, shared_customers: Lookup, one: Ints, two: Ints, shared: Ints
) -> tuple[Ints, ...]:
    """The columns of Pairs for those candidates in which every dimension meets."""
    starts, ends = np.maximum(plan.starts[one], plan.starts[two]), np.minimum(plan.ends[one], plan.ends[two])
    a, b = plan.channels[one], plan.channels[two]
    channels_meet = (a & b).any(axis=1) | ~a.any(axis=1) | ~b.any(axis=1)
    kept = (shared > 0) & (starts < ends) & (plan.departments[one] != plan.departments[two]) & channels_meet
    one, two, starts, ends, shared = one[kept], two[kept], starts[kept], ends[kept], shared[kept]
    customers = shared_customers(plan.audiences[one], plan.audiences[two])
    kept = customers > 0
    one, two, starts, ends, shared, customers = (array[kept] for array in (one, two, starts, ends, shared, customers))
    sizes = plan.audience_sizes[plan.audiences]
    lengths = plan.ends - plan.starts
    scores = _scores(
        (shared, products[one], products[two]),
        (customers, sizes[one], sizes[two]),
        (ends - starts, lengths[one], lengths[two]),
    )
    return one, two, starts, ends, shared, customers, scores


def _matrices(plan: Plan, order: Ints) -> tuple[Any, Any]:
    """The two factors of the product, with a row per offer in sorted order."""
    count = len(order)
    position = np.empty(count, np.int64)
    position[order] = np.arange(count)
    categories = np.unique(plan.item_keys[plan.item_kinds != PRODUCT])

    def matrix(kind: int, *, ones: bool = False) -> Any:
        chosen = plan.item_kinds == kind
        keys, weights = plan.item_keys[chosen], plan.item_weights[chosen].astype(np.int32)
        names = np.unique(keys) if kind == PRODUCT else categories
        return sparse.csr_array(
            (
                np.ones_like(weights) if ones else weights,
                (position[plan.item_offers[chosen]], names.searchsorted(keys)),
            ),
            shape=(count, len(names)),
        )

    explicit, sized, whole, counts = matrix(PRODUCT), matrix(CATEGORY), matrix(CATEGORY, ones=True), matrix(CATCOUNT)
    return (
        sparse.hstack([explicit, sized, whole, counts], format="csr"),
        sparse.hstack([explicit, whole, counts, whole], format="csr"),
    )


def _blocks(starts: Ints, ends: Ints, since: int, cells: int) -> Iterator[tuple[int, int, int, int]]:
    """(low, high, begin, end): what the offers from `low` to before `high` meet stands from `begin` to before `end`.

    That is what starts not before them, not before `since`, and during them.
    """
    low, first = 0, int(starts.searchsorted(since))
    while low < len(starts):
        size, begin = min(ROWS, len(starts) - low), max(low, first)
        while True:
            end = max(begin, int(starts.searchsorted(ends[low : low + size].max())))
            if size == 1 or size * (end - begin) <= cells:
                break
            size //= 2
        yield low, low + size, begin, end
        low += size


def _lookup(plan: Plan, cells: int) -> Lookup:
    """How many customers two audiences share, for arrays of them: from a table of all pairs where that is small."""
    count = len(plan.audience_sizes)
    if count**2 <= 4 * cells:
        table = np.diag(plan.audience_sizes)
        table.ravel()[plan.pair_keys] = plan.pair_shared
        return lambda one, two: table[np.minimum(one, two), np.maximum(one, two)]
    return lambda one, two: _search(plan, one, two)


def _search(plan: Plan, one: Ints, two: Ints) -> Ints:
    keys = np.minimum(one, two) * len(plan.audience_sizes) + np.maximum(one, two)
    shared = np.where(one == two, plan.audience_sizes[one], 0)
    if len(plan.pair_keys):
        places = plan.pair_keys.searchsorted(keys).clip(max=len(plan.pair_keys) - 1)
        shared = np.where(plan.pair_keys[places] == keys, plan.pair_shared[places], shared)
    return np.asarray(shared, np.int64)


def _scores(
    products: tuple[Ints, Ints, Ints], customers: tuple[Ints, Ints, Ints], days: tuple[Ints, Ints, Ints]
) -> Ints:
    """`severity.severity` for arrays of (shared, a, b), with exactly its scores."""
    impact, people, time = (shared / np.minimum(a, b) for shared, a, b in (products, customers, days))
    values = BASE + IMPACT * impact + EXPOSURE * np.cbrt(impact * people * time) + 0.5
    scores = np.floor(values).astype(np.int64)
    for at in np.flatnonzero(np.abs(values - np.rint(values)) < BORDER):
        scores[at] = severity(*(int(array[at]) for triple in (products, customers, days) for array in triple)).score
    return np.asarray(np.minimum(scores, 100), np.int64)
