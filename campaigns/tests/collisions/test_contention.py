from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from random import Random

import pytest

from campaigns.rules.collisions.contention import Claim, smallest_crowds
from campaigns.tests.collisions.plans import DAY, offer


def some_claim(random, number):
    first = random.randrange(10)
    one = offer(
        number,
        customers=random.sample(range(8), random.randrange(1, 8)),
        channels=random.sample([1, 2, 3], random.randrange(3)),
    )
    return Claim(
        one,
        Decimal(random.choice(["0.2", "0.3", "0.4", "0.5", "0.9", "1", "3"])),
        DAY + timedelta(days=first),
        DAY + timedelta(days=first + random.randrange(1, 12)),
        frozenset(random.sample(range(6), random.randrange(1, 6))),
    )


def meet(claims):
    """All of it spelled out: a day, a customer, a product and a channel that every one of the claims has."""
    days = [{one.starts_on + timedelta(days=n) for n in range(one.days)} for one in claims]
    named = [one.offer.channels for one in claims if one.offer.channels]
    return (
        frozenset.intersection(*map(frozenset, days))
        and frozenset.intersection(*(one.offer.customers for one in claims))
        and frozenset.intersection(*(one.products for one in claims))
        and (not named or frozenset.intersection(*named))
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_sets_are_those_that_trying_all_finds(seed):
    random = Random(seed)
    claims = [some_claim(random, number) for number in range(8)]
    expected = []
    for size in range(2, 9):
        for some in combinations(claims, size):
            ids = {one.offer.id for one in some}
            if sum(one.part for one in some) > 1 and meet(some) and not any(set(other) < ids for other in expected):
                expected.append(tuple(sorted(ids)))

    crowds = list(smallest_crowds(claims, Decimal(1)))

    assert sorted(crowd.offers for crowd in crowds) == sorted(expected)
    for crowd in crowds:
        first, end = crowd.starts_on, crowd.ends_before
        assert all(one.starts_on <= first < end <= one.ends_before for one in crowd.claims)
        assert crowd.total == sum(one.part for one in crowd.claims)
        assert crowd.customers == frozenset.intersection(*(one.offer.customers for one in crowd.claims))
