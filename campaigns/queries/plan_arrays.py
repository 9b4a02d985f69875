"""The plan as arrays, for the detection of everything. Imports SciPy; see campaigns.rules.collisions.sparse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from campaigns.models import Offer, OfferItem
from campaigns.queries.plan_facts import ROWS, Extent, Facts, read_facts
from campaigns.rules.collisions.sparse import Ints, Plan
from customers.models import Customer, Segment, SegmentOverlap


@dataclass(frozen=True)
class Snapshot:
    """An extent as it was read: first the facts of its offers and the number of customers, then everything else.

    `offers[i]` is the offer at position i of `plan`.
    """

    offers: list[Facts]
    customers: int
    plan: Plan


def read_plan(extent: Extent) -> Snapshot:
    """The offers of an extent with their products, customers and channels.

    These are several statements, which may see the database at several moments: whoever stores the result compares
    the facts with what they are by then.
    """
    offers, customers = read_facts(extent), Customer.objects.count()
    ids = _array(one.offer for one in offers)
    audiences = np.unique(_array(one.audience for one in offers if one.audience is not None))
    sizes, pair_keys, pair_shared = _read_audiences(audiences, customers)
    item_offers, item_kinds, item_keys, item_weights = _read_items(ids, extent)
    plan = Plan(
        starts=_array(one.starts_on.toordinal() for one in offers),
        ends=_array(one.ends_before.toordinal() for one in offers),
        departments=_array(one.department for one in offers),
        # Position 0 is everybody.
        audiences=_array(
            0 if one.audience is None else int(audiences.searchsorted(one.audience)) + 1 for one in offers
        ),
        channels=_read_channels(ids, extent),
        item_offers=item_offers,
        item_kinds=item_kinds,
        item_keys=item_keys,
        item_weights=item_weights,
        audience_sizes=sizes,
        pair_keys=pair_keys,
        pair_shared=pair_shared,
    )
    return Snapshot(offers, customers, plan)


def _read_audiences(audiences: Ints, customers: int) -> tuple[Ints, Ints, Ints]:
    """Sizes by position, and the sorted keys and counts of the pairs of positions that share somebody."""
    size_of = dict(Segment.objects.values_list("pk", "size"))
    sizes = _array([customers, *(size_of[int(pk)] for pk in audiences)])
    rows = SegmentOverlap.objects.order_by().values_list("low", "high", "shared")
    low, high, shared = _table(rows.iterator(ROWS), 3)
    used = np.isin(low, audiences) & np.isin(high, audiences)
    low, high, shared = audiences.searchsorted(low[used]) + 1, audiences.searchsorted(high[used]) + 1, shared[used]
    # With everybody a segment shares its own members; everybody stands at 0, so the key is the other position.
    keys = np.concatenate([np.arange(1, len(sizes)), low * len(sizes) + high])
    order = keys.argsort()
    return sizes, keys[order], np.concatenate([sizes[1:], shared])[order]


def _read_items(ids: Ints, extent: Extent) -> Ints:
    """Postings as four rows: position of the offer, kind, key, weight."""
    rows = OfferItem.objects.filter(extent.days()).order_by()
    items = _table(rows.values_list("offer", "kind", "key", "weight").iterator(ROWS), 4)
    items = items[:, np.isin(items[0], ids)]
    items[0] = ids.searchsorted(items[0])
    return items


def _read_channels(ids: Ints, extent: Extent) -> NDArray[np.uint64]:
    """A row of bits per offer, at least one word wide."""
    rows = Offer.channels.through._default_manager.filter(extent.days("offer__")).order_by()
    offers, channels = _table(rows.values_list("offer", "channel").iterator(ROWS), 2)
    bits = np.unique(channels).searchsorted(channels)
    words = np.zeros((len(ids), int(bits.max(initial=0)) // 64 + 1), np.uint64)
    used = np.isin(offers, ids)
    bits = bits[used]
    np.bitwise_or.at(
        words, (ids.searchsorted(offers[used]), bits // 64), np.uint64(1) << (bits % 64).astype(np.uint64)
    )
    return words


def _array(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _table(rows: Iterator[tuple[int, ...]], columns: int) -> Ints:
    """The columns of a result as rows of one array, without ever holding all its tuples."""
    flat = np.fromiter(chain.from_iterable(rows), np.int64)
    return np.ascontiguousarray(flat.reshape(-1, columns).T)
