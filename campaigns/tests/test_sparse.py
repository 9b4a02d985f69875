"""The engine for everything against sets and loops, without a database."""

from datetime import date
from itertools import combinations
from random import Random

import numpy as np
import pytest

from campaigns.rules.collisions import overlap, sparse

CATEGORIES = [range(4), range(4, 10), range(10, 11), range(11, 11)]  # the last one has no products


class World:
    """Random offers as sets, and the same as arrays."""

    def __init__(self, seed, offers=40):
        self.seed, self.random = seed, Random(seed)
        self.people = [{n for n in range(30) if self.random.random() < share} for share in (1, 0.5, 0.3, 0.1, 0)]
        self.offers = [self._offer() for _ in range(offers)]

    def _offer(self):
        pick = self.random
        start = date(2026, 1, 1).toordinal() + pick.randrange(40)
        whole = set(pick.sample(range(len(CATEGORIES)), pick.choice([0, 0, 1, 2])))
        covered = {product for category in whole for product in CATEGORIES[category]}
        weights = {product: -1 if product in covered else 1 for product in pick.sample(range(11), pick.randrange(4))}
        products = (covered | weights.keys()) - {product for product, weight in weights.items() if weight < 0}
        return {
            "start": start,
            "end": start + pick.randrange(1, 12),
            "department": pick.randrange(3),
            "audience": pick.randrange(len(self.people)),
            "channels": frozenset(pick.sample([0, 1, 70], pick.randrange(3))),
            "whole": whole,
            "weights": weights,
            "products": products,
        }

    def plan(self):
        items = []
        for position, offer in enumerate(self.offers):
            items += [(position, sparse.PRODUCT, product, weight) for product, weight in offer["weights"].items()]
            items += [(position, sparse.CATEGORY, c, len(CATEGORIES[c])) for c in offer["whole"]]
            for category, products in enumerate(CATEGORIES):
                weight = sum(offer["weights"].get(product, 0) for product in products)
                items += [(position, sparse.CATCOUNT, category, weight)] if weight else []
        columns = np.array(items, np.int64).reshape(-1, 4).T
        shared = {
            a * len(self.people) + b: len(self.people[a] & self.people[b])
            for a, b in combinations(range(len(self.people)), 2)
            if self.people[a] & self.people[b]
        }
        channels = np.zeros((len(self.offers), 2), np.uint64)
        for position, offer in enumerate(self.offers):
            for channel in offer["channels"]:
                channels[position, channel // 64] |= np.uint64(1 << channel % 64)
        return sparse.Plan(
            *(
                np.array([offer[name] for offer in self.offers], np.int64)
                for name in ("start", "end", "department", "audience")
            ),
            channels,
            *columns,
            np.array([len(people) for people in self.people], np.int64),
            np.array(list(shared), np.int64),
            np.array(list(shared.values()), np.int64),
        )

    def side(self, offer):
        return overlap.Side(
            department=offer["department"],
            starts_on=date.fromordinal(offer["start"]),
            ends_before=date.fromordinal(offer["end"]),
            products=len(offer["products"]),
            customers=len(self.people[offer["audience"]]),
            channels=offer["channels"],
        )

    def expected(self):
        found = {}
        for (i, a), (j, b) in combinations(enumerate(self.offers), 2):
            judged = overlap.judge(
                self.side(a),
                self.side(b),
                shared_products=len(a["products"] & b["products"]),
                shared_customers=len(self.people[a["audience"]] & self.people[b["audience"]]),
            )
            if judged:
                found[i, j] = judged
        return found


def as_findings(pairs):
    columns = (pairs.starts, pairs.ends, pairs.shared_products, pairs.shared_customers, pairs.scores)
    return {
        (min(one, two), max(one, two)): row
        for one, two, *row in zip(pairs.one.tolist(), pairs.two.tolist(), *(c.tolist() for c in columns), strict=True)
    }


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("cells", [1, 60, sparse.CELLS])
def test_the_engine_finds_what_the_rule_finds_pair_by_pair(seed, cells):
    world = World(seed)

    pairs = sparse.overlaps(world.plan(), cells=cells)

    expected = world.expected()
    assert expected
    assert len(pairs.one) == len(expected)
    assert as_findings(pairs) == {
        pair: [
            found.starts_on.toordinal(),
            found.ends_before.toordinal(),
            found.shared_products,
            found.shared_customers,
            found.severity.score,
        ]
        for pair, found in expected.items()
    }


def test_scores_of_arrays_are_exact_on_the_border_of_a_level():
    def triple(shared, size):
        return tuple(np.array([number], np.int64) for number in (shared, size, size))

    assert sparse._scores(triple(107, 180), triple(20, 321), triple(1, 1)).tolist() == [40]


def test_an_empty_plan_has_no_overlaps():
    assert len(sparse.overlaps(World(0, offers=0).plan()).one) == 0


def test_progress_ends_with_all_offers():
    seen = []

    sparse.overlaps(World(1).plan(), lambda done, total: seen.append((done, total)), cells=100)

    assert len(seen) > 1
    assert seen == sorted(seen)
    assert seen[-1] == (40, 40)
