"""Cutting a plan into slices of time that can be compared apart.

An offer belongs to the slice in which it starts, and so does a pair with whichever of its offers starts later: that one
meets, of the offers that start before the slice, only those that still run on its first day. However long offers are, a
slice needs few of others; the other way round a single offer for the whole year would need the whole year.
"""

from collections.abc import Sequence

import numpy as np

# What reading an offer with its scope costs, in pairs compared.
READING = 3_000


def cut(starts: Sequence[int], ends: Sequence[int], offers: Sequence[int], slices: int) -> list[int]:
    """The first day of each slice but the first, for at most `slices` slices of about the same work.

    There are `offers[i]` offers from day `starts[i]` to before `ends[i]`, days as ordinals. Fewer slices come of it where
    offers start on few days: offers that start together are never parted.
    """
    days, place = np.unique(starts, return_inverse=True)
    begun = np.bincount(place, offers, len(days))
    last, place = np.unique(ends, return_inverse=True)
    over = np.concatenate([[0], np.bincount(place, offers, len(last)).cumsum()])[last.searchsorted(days, "right")]
    running = begun.cumsum() - over
    before = np.concatenate([[0], (begun * (READING + running)).cumsum()])
    wanted = before[-1] * np.arange(1, slices) / slices
    first = np.unique(before.searchsorted(wanted)).tolist()
    return [int(days[at]) for at in first if 0 < at < len(days)]
