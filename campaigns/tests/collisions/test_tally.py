from collections import Counter
from random import Random

import pytest
from pyroaring import BitMap

from campaigns.rules.collisions.tally import Tally


@pytest.mark.parametrize("kind", [frozenset, BitMap])
@pytest.mark.parametrize("seed", range(5))
def test_a_tally_counts_what_a_loop_counts(kind, seed):
    random = Random(seed)
    tally, counts, put = Tally(), Counter(), []
    for _ in range(60):
        if put and random.random() < 0.4:
            members, times = put.pop(random.randrange(len(put)))
            tally.take(kind(members), times)
            counts.subtract(dict.fromkeys(members, times))
        else:
            members, times = random.sample(range(40), random.randrange(0, 25)), random.choice([1, 1, 2, 3, 7])
            put.append((members, times))
            tally.add(kind(members), times)
            counts.update(dict.fromkeys(members, times))
        among = random.sample(range(45), 20)
        ranked = sorted((counts[one] for one in among), reverse=True)

        assert set(tally.everybody()) == {one for one, count in counts.items() if count}
        for limit in (0, 1, 3, 4, 30, 200):
            assert set(tally.above(limit)) == {one for one, count in counts.items() if count > limit}
        assert [tally.ranked(kind(among), rank) for rank in range(20)] == ranked


def test_an_empty_tally_has_nobody():
    assert not Tally().above(0)
    assert not Tally().everybody()
    assert Tally().ranked(frozenset({1}), 0) == 0
