"""Slices of time against the whole plan, without a database."""

from collections import Counter
from datetime import date
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from campaigns.rules.collisions import slices, sparse
from campaigns.tests.test_sparse import World

FIRST = date(2026, 1, 1).toordinal()


def cut(world, number):
    """(first day, ends before) of each slice, open at both ends."""
    starts, ends = ([offer[name] for offer in world.offers] for name in ("start", "end"))
    days = slices.cut(starts, ends, [1] * len(starts), number)
    return list(zip([0, *days], [*days, 10**7], strict=True))


def pairs_of(world, first, before):
    """What `overlaps` finds in a slice, by positions in the whole plan."""
    chosen = [n for n, offer in enumerate(world.offers) if offer["end"] > first and offer["start"] < before]
    part = World(world.seed)
    part.people, part.offers = world.people, [world.offers[n] for n in chosen]
    found = sparse.overlaps(part.plan(), since=first, cells=world.random.choice([1, 60, sparse.CELLS]))
    positions = np.array(chosen, np.int64)
    return sparse.Pairs(positions[found.one], positions[found.two], *found.columns[2:])


def rows(*found):
    """All rows, each with its smaller position first, in order: equal lists mean the same rows, none of them twice."""
    return sorted(
        (min(one, two), max(one, two), *numbers)
        for pairs in found
        for one, two, *numbers in zip(*(column.tolist() for column in pairs.columns), strict=True)
    )


@pytest.mark.parametrize("number", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("seed", range(8))
def test_slices_together_find_what_the_whole_plan_has(seed, number):
    world = World(seed, offers=60)
    for offer in world.random.sample(world.offers, 5):
        offer["end"] += 60  # some run through many slices
    whole = rows(sparse.overlaps(world.plan()))

    parts = [pairs_of(world, *days) for days in cut(world, number)]

    assert whole
    assert rows(*parts) == whole
    assert number / 2 < len(parts) <= number


def test_a_pair_belongs_to_the_slice_of_the_offer_that_starts_later():
    world = World(3)
    (first, before), *_ = [days for days in cut(world, 4) if days[0]]
    found = pairs_of(world, first, before)
    later = [
        max(world.offers[a]["start"], world.offers[b]["start"]) for a, b in zip(found.one, found.two, strict=True)
    ]
    assert found.one.size
    assert all(first <= day < before for day in later)
    earlier = [
        min(world.offers[a]["start"], world.offers[b]["start"]) for a, b in zip(found.one, found.two, strict=True)
    ]
    assert any(day < first for day in earlier)


def test_slices_have_the_same_work_to_within_a_day():
    """Half of the offers of the year start in five weeks of it, when there is more to compare with as well."""
    dice = Random(1)
    starts = [FIRST + dice.choice([dice.randrange(365), 320 + dice.randrange(35)]) for _ in range(20_000)]
    ends = [day + dice.randrange(1, 30) for day in starts]

    days = slices.cut(starts, ends, [1] * len(starts), 8)

    work = Counter()
    for day in starts:
        work[day] += slices.READING
    for day in work:
        work[day] += work[day] // slices.READING * sum(a <= day < b for a, b in zip(starts, ends, strict=True))
    shares = [sum(work[day] for day in work if a <= day < b) for a, b in pairwise([0, *days, 10**7])]
    assert len(shares) == 8
    assert max(abs(share - work.total() / 8) for share in shares) < max(work.values())


def test_offers_that_start_together_are_not_parted():
    assert slices.cut([FIRST] * 5, [FIRST + 3] * 5, [10] * 5, 4) == []
    assert slices.cut([FIRST, FIRST + 1], [FIRST + 9] * 2, [1, 1], 16) == [FIRST + 1]


def test_offers_are_counted_by_period():
    starts, ends = [FIRST, FIRST, FIRST + 5, FIRST + 9], [FIRST + 3, FIRST + 20, FIRST + 6, FIRST + 10]
    numbers = [3, 1, 4, 2]
    one_by_one = [
        [value for value, number in zip(values, numbers, strict=True) for _ in range(number)]
        for values in (starts, ends)
    ]
    for wanted in (2, 3, 4):
        assert slices.cut(starts, ends, numbers, wanted) == slices.cut(*one_by_one, [1] * 10, wanted)
