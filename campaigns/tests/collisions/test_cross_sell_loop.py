from datetime import timedelta
from itertools import combinations, permutations
from itertools import product as choices
from random import Random

import pytest

from campaigns.rules.collisions import cross_sell_loop as rule
from campaigns.tests.collisions.plans import (
    DAY,
    check_symmetric,
    check_told,
    found,
    gaps,
    offer,
    on_channel,
    only,
    plan,
    product,
)

P, Q, R, Z, UNPRICED = 1, 2, 3, 4, 9
PRODUCTS = [
    product(P, price=20),
    product(Q, price=10),
    product(R, price=40),
    product(Z, price=10),
    product(UNPRICED),
]


def link(number, trigger, recommended, percent_off=10, /, **facts):
    """Who buys `trigger` gets something off `recommended`."""
    given = {
        "triggers": {trigger},
        "recommended": {recommended},
        "products": {recommended},
        "percent_off": percent_off,
    }
    return offer(number, **given | facts)


def of(*offers, **facts):
    return plan(*offers, products=PRODUCTS, **facts)


def test_two_offers_that_trigger_each_other():
    one = only(rule, of(link(1, P, Q, 20), link(2, Q, P, 15)))

    # 17 + 8 = 25 instead of 30: 25 + 30 · (5/30)/0.5 + 20
    assert one.severity.score == 55
    assert (one.offers, one.products, one.customers) == ((1, 2), 2, 100)
    assert (one.numbers["total"], one.numbers["list_price"], one.numbers["depth"]) == ("25.00", "30.00", "16.7")


def test_three_offers_in_a_circle():
    circle = [link(1, R, P), link(2, P, Q), link(3, Q, R)]

    one = only(rule, of(*circle))

    assert one.offers == (1, 2, 3)
    assert one.numbers["total"] == "63.00"
    assert not found(rule, of(*circle[:2]))


def test_only_the_smallest_loops_are_reported():
    circle = [link(1, R, P), link(2, P, Q), link(3, Q, R)]

    sets = [one.offers for one in found(rule, of(*circle, link(4, Q, P)))]

    # 1, 2 and 3, and the short cut of 2 and 4; not 1, 2, 4, 3.
    assert sets == [(1, 2, 3), (2, 4)]


def test_a_chain_is_no_loop():
    assert not found(rule, of(link(1, P, Q), link(2, Q, R), link(3, R, Z)))


def test_a_loop_of_messages_earns_nothing():
    talk = {"mechanic": "message", "percent_off": None}

    assert not found(rule, of(link(1, P, Q, **talk), link(2, Q, P, **talk)))
    assert found(rule, of(link(1, P, Q, **talk), link(2, Q, P)))


def test_the_discount_is_that_of_the_products_on_offer():
    assert not found(rule, of(link(1, P, Q, products={R}), link(2, Q, P, products={R})))
    assert only(rule, of(link(1, P, Q, products=()), link(2, Q, P, products={R}))).numbers["total"] == "29.00"


def test_of_each_step_the_product_that_gets_cheapest():
    wide = offer(1, triggers={P}, recommended={Q, R, Z}, products={Q, R, Z}, amount_off=4)
    back = offer(2, triggers={Q, R, Z}, recommended={P}, products={P}, percent_off=10)

    steps = only(rule, of(wide, back)).numbers["steps"]

    assert [(step["trigger"], step["recommended"]) for step in steps] == [
        ("Product 1", "Product 2"),
        ("Product 2", "Product 1"),
    ]


def test_one_product_alone_is_no_basket_of_a_loop():
    assert not found(rule, of(link(1, P, P), link(2, P, P)))
    two = {"triggers": {P, Q}, "recommended": {P, Q}, "products": {P, Q}}
    assert only(rule, of(link(1, P, P, **two), link(2, P, P, **two))).numbers["list_price"] == "30.00"


def test_the_channel_with_the_deepest_discount_counts():
    deeper = link(1, P, Q, channel_terms=[on_channel(7, percent_off=50)])

    assert only(rule, of(deeper, link(2, Q, P))).numbers["total"] == "23.00"
    assert only(rule, of(deeper, link(2, Q, P, channels={8}))).numbers["total"] == "27.00"


@pytest.mark.parametrize(
    "other",
    [
        {"triggers": {R}},
        {"recommended": {R}},
        {"starts_on": DAY + timedelta(days=10)},
        {"customers": range(100, 200)},
        {"channels": {2}},
        {"joint_group": "spring"},
        {"stackable": False},
        {"item_reuse": "none"},
        {"item_reuse": "as_trigger"},
        {"item_reuse": "as_target"},
    ],
    ids=lambda facts: "-".join(f"{name}" for name in facts),
)
def test_silent_when_one_dimension_is_disjoint(other):
    one = link(1, P, Q, channels={1}, joint_group="spring")
    assert found(rule, of(one, link(2, Q, P, item_reuse="both")))

    assert not found(rule, of(one, link(2, Q, P, **other)))
    assert not gaps(rule, of(one, link(2, Q, P, **other)))


def test_all_of_a_loop_must_combine():
    circle = [link(1, R, P), link(2, P, Q), link(3, Q, R), link(4, Z, R)]

    assert not found(rule, of(*circle, combinations={(1, 3): "deny"}))


def test_silent_when_three_never_meet_at_once():
    circle = [link(1, R, P, customers={1, 2}), link(2, P, Q, customers={2, 3}), link(3, Q, R, customers={3, 1})]

    assert not found(rule, of(*circle))


def test_a_loop_in_a_joint_group_is_planned():
    circle = [link(1, R, P, joint_group="a"), link(2, P, Q, joint_group="a")]

    assert found(rule, of(*circle, link(3, Q, R)))
    assert not found(rule, of(*circle, link(3, Q, R, joint_group="a")))


def test_what_is_not_known_is_a_gap():
    back = link(2, Q, P)
    assert gaps(rule, of(link(1, P, Q, percent_off=None, mechanic=""), back)) == [(1, "terms")]
    assert gaps(rule, of(link(1, P, UNPRICED), link(2, UNPRICED, P))) == [(1, "price")]
    assert gaps(rule, of(link(1, P, Q, customers=(), knows_audience=False), back)) == [(1, "audience")]
    assert not gaps(rule, of(link(1, P, R, customers=(), knows_audience=False), back))


def test_symmetric():
    check_symmetric(rule, of(link(3, R, P), link(1, P, Q), link(2, Q, R), link(4, Q, P, channels={1})))


@pytest.mark.parametrize("seed", range(30))
def test_the_loops_are_those_that_trying_all_finds(seed):
    random = Random(seed)
    offers = [
        link(
            number,
            0,
            0,
            triggers=random.sample(range(100, 106), random.choice([1, 1, 2])),
            recommended=random.sample(range(100, 106), random.choice([1, 1, 2])),
            products=(),
            customers=random.sample(range(6), 4),
        )
        for number in range(7)
    ]
    priced = [product(number, price=10) for number in range(100, 106)]

    def steps(ring):
        """What each offer may recommend to trigger the next one; empty = the ring is none."""
        sets = [a.recommended & b.triggers for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)]
        return sets if all(sets) and frozenset.intersection(*(one.customers for one in ring)) else []

    expected = {}
    for size in range(2, 8):
        for some in combinations(offers, size):
            ids = {one.id for one in some}
            rings = [ring for ring in permutations(some) if steps(ring)]
            if rings and not any(set(other) < ids for other in expected):
                has_basket = any(len(set(basket)) == size for basket in choices(*steps(rings[0])))
                expected[tuple(sorted(ids))] = has_basket

    reported = [one.offers for one in found(rule, plan(*offers, products=priced))]

    assert sorted(reported) == sorted(ids for ids, has_basket in expected.items() if has_basket)


def test_more_loops_than_are_listed_are_said():
    outward = [link(number, P, Q) for number in range(2, 14)]
    back = [link(number, Q, R) for number in range(20, 32)]

    reported = found(rule, of(link(1, R, P), *outward, *back))

    assert len(reported) == 100
    assert check_told(rule, reported[0]).endswith("More loops begin with the same offer than are listed.")


def test_told():
    assert check_told(rule, only(rule, of(link(1, P, Q, 20), link(2, Q, P, 15)))) == (
        "Offer 1 (Department 1) recommends Product 2 with Product 1 and Offer 2 (Department 2) recommends Product 1 "
        "with Product 2. One basket earns all of it: 25.00 instead of 30.00, 16.7 % less."
    )
