from itertools import combinations

import pytest

from campaigns.rules import combinability
from campaigns.rules.collisions.facts import Terms
from campaigns.rules.combinability import accepts, cliques, combinable, declared, discount_class
from campaigns.tests.collisions.plans import offer, plan

LOYALTY, SEASONAL, CLEARANCE = 1, 2, 3


def pair(a, b, **facts):
    """(a accepts b, b accepts a, combinable, declared), having seen that the last two are symmetric."""
    both = plan(a, b, **facts)
    assert combinable(both, a, b) == combinable(both, b, a)
    assert declared(both, a, b) == declared(both, b, a)
    return accepts(both, a, b), accepts(both, b, a), combinable(both, a, b), declared(both, a, b)


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        (Terms("percent"), "item"),
        (Terms("percent", applies_to="order"), "order"),
        (Terms("amount_off"), "item"),
        (Terms("amount_off", applies_to="order"), "order"),
        (Terms("fixed_price"), "item"),
        (Terms("bxgy"), "item"),
        (Terms("bundle"), "item"),
        (Terms("free_shipping"), "shipping"),
        (Terms("points", applies_to="order"), "points"),
        (Terms("gift"), "message"),
        (Terms("message"), "message"),
        (Terms(), ""),
    ],
)
def test_the_class_follows_from_the_mechanic(terms, kind):
    assert discount_class(terms) == kind


def test_what_nobody_decided_combines_and_is_not_declared():
    assert pair(offer(1), offer(2)) == (True, True, True, False)


def test_an_exclusive_offer_combines_with_none():
    assert pair(offer(1, stackable=False), offer(2, stackable=True)) == (False, True, False, True)


def test_two_that_combine_with_all_have_declared_it():
    assert pair(offer(1, stackable=True), offer(2, stackable=True)) == (True, True, True, True)
    assert pair(offer(1, stackable=True), offer(2)) == (True, True, True, False)


def test_only_one_of_its_kind_excludes_its_own_class_alone():
    one = offer(1, percent_off=20, only_one_of_its_kind=True)

    assert pair(one, offer(2, amount_off=1)) == (False, True, False, True)
    assert pair(one, offer(2, amount_off=1, applies_to="order")) == (True, True, True, False)
    assert pair(offer(1, only_one_of_its_kind=True), offer(2)) == (True, True, True, False)


def test_classes_are_accepted_mutually_and_per_pair():
    a = offer(1, combination_class=LOYALTY, accepts={SEASONAL})
    b = offer(2, combination_class=SEASONAL, accepts={LOYALTY})
    c = offer(3, combination_class=SEASONAL, accepts={CLEARANCE})

    assert pair(a, b) == (True, True, True, True)
    assert pair(a, c) == (True, False, False, True)
    assert pair(b, c) == (False, False, False, True)
    assert pair(a, offer(4)) == (False, True, False, False)


def test_combining_is_never_passed_on():
    a = offer(1, combination_class=1, accepts={2})
    b = offer(2, combination_class=2, accepts={1, 3})
    c = offer(3, combination_class=3, accepts={2})
    all_three = plan(a, b, c)

    found = cliques([3, 1, 2], lambda one, two: combinable(all_three, all_three.offers[one], all_three.offers[two]))

    assert found == [(1, 2), (2, 3)]


def test_the_company_keeps_classes_apart_unless_an_owner_says_otherwise():
    policy = {"policy": {(LOYALTY, SEASONAL): "deny", (LOYALTY, LOYALTY): "deny", (SEASONAL, SEASONAL): "allow"}}
    loyalty, seasonal = offer(1, combination_class=LOYALTY), offer(2, combination_class=SEASONAL)

    assert pair(loyalty, seasonal, **policy) == (False, False, False, False)
    assert pair(loyalty, offer(3, combination_class=LOYALTY), **policy) == (False, False, False, False)
    assert pair(seasonal, offer(3, combination_class=SEASONAL), **policy) == (True, True, True, False)
    assert pair(loyalty, offer(3), **policy) == (True, True, True, False)
    for says in ({"accepts": {SEASONAL}}, {"stackable": True}):
        assert pair(offer(1, combination_class=LOYALTY, **says), seasonal, **policy) == (True, False, False, False)


@pytest.mark.parametrize("one", [{}, {"stackable": False}, {"accepts": {7}}, {"only_one_of_its_kind": True}])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_decision_about_the_two_counts_more_than_what_each_says(one, order):
    a, b = offer(1, percent_off=20, **one), offer(2, percent_off=10)

    assert pair(a, b, combinations={order: "allow"}) == (True, True, True, True)
    assert pair(a, b, combinations={order: "deny"}) == (False, False, False, True)
    assert pair(a, b, combinations={(1, 3): "deny"})[3] == bool(combinability.excludes(a, b))


@pytest.mark.parametrize("seed", range(20))
def test_cliques_are_maximal_complete_and_all_there_are(seed):
    members = list(range(7))
    edges = {pair for place, pair in enumerate(combinations(members, 2)) if (place * (seed + 3) + seed) % 5 < 3}
    complete = [
        chosen
        for size in range(1, 8)
        for chosen in combinations(members, size)
        if all(pair in edges for pair in combinations(chosen, 2))
    ]
    maximal = [chosen for chosen in complete if not any(set(chosen) < set(other) for other in complete)]

    assert cliques(members, lambda one, two: tuple(sorted((one, two))) in edges) == sorted(maximal)


def test_no_members_make_no_cliques():
    assert cliques([], lambda *_: True) == []
