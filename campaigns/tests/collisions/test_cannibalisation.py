from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import cannibalisation as rule
from campaigns.rules.collisions.facts import Substitution
from campaigns.rules.collisions.findings import disclosed
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

# Margin 2 of tea at 7, of coffee 3 at 9.
TEA, COFFEE, MILK, FREE = 1, 2, 3, 9
PRODUCTS = [
    product(TEA, name="Tea", price=10, cost=5),
    product(COFFEE, name="Coffee", price=12, cost=6),
    product(MILK, name="Milk", price=3, cost=1),
    product(FREE, name="Mug"),
]


def tea(number=1, **facts):
    return offer(number, **{"products": {TEA}, "fixed_price": 7, "expected_units": 1000} | facts)


def coffee(number=2, **facts):
    return offer(number, **{"products": {COFFEE}, "fixed_price": 9, "expected_units": 0} | facts)


def rate(value, product=TEA, substitute=COFFEE, **facts):
    return Substitution(product, substitute, Decimal(str(value)), **{"source": "panel", **facts})


RATES = (rate("0.6"),)


def of(*offers, rates=RATES):
    return plan(*offers, products=PRODUCTS, substitutions=rates)


def test_eighteen_hundred_taken_for_two_thousand_gained():
    half = coffee(customers=range(50, 200))

    one = only(rule, of(tea(), half))

    # 1000 · 0.6 · 3 and 1000 · 2: 20 + 30 · 0.9 + 20 · √(1 · 1/2)
    assert (one.numbers["loss"], one.numbers["gain"]) == ("1800.00", "2000.00")
    assert (one.severity.score, one.severity.certainty) == (61, "estimated")
    assert (one.offers, one.customers) == ((1, 2), 50)


def test_a_loss_of_half_the_gain_is_not_too_much():
    # 990 and 1020, where half of the gain is 1000
    assert not found(rule, of(tea(), coffee(), rates=[rate("0.33")]))
    assert found(rule, of(tea(), coffee(), rates=[rate("0.34")]))
    assert not found(rule, of(tea(), coffee()), part_of_gain=90)


def test_an_offer_without_a_gain_may_take_nothing():
    at_cost = tea(fixed_price=5)

    assert only(rule, of(at_cost, coffee(), rates=[rate("0.01")])).severity.score == 20 + 30 + 20


def test_units_are_spread_over_all_products_of_the_offer():
    one = only(rule, of(tea(products={TEA, MILK}), coffee(), rates=[rate("0.7")]))

    # 500 · 0.7 · 3; 500 · 2 of tea and 500 · 2 of milk, whose price of 3 stays
    assert (one.numbers["loss"], one.numbers["gain"]) == ("1050.00", "2000.00")


def test_a_rate_that_nobody_measured_is_a_guess():
    one = only(rule, of(tea(), coffee(), rates=[rate("0.6", is_default=True)]))

    assert (one.severity.certainty, one.severity.score) == ("heuristic", 59)
    assert one.numbers["is_assumed"]


def test_guesses_count_where_measured_rates_do_not_suffice():
    both = {"products": {COFFEE, MILK}}
    guess = rate("0.3", substitute=MILK, is_default=True)

    enough = only(rule, of(tea(), coffee(**both), rates=[rate("0.6"), guess]))
    assert (enough.severity.certainty, enough.numbers["pairs"]) == ("estimated", 1)
    needed = only(rule, of(tea(), coffee(**both), rates=[rate("0.3"), guess]))
    # 900 are not more than half of 2000; 300 · 2 more are.
    assert (needed.severity.certainty, needed.numbers["pairs"], needed.numbers["loss"]) == ("heuristic", 2, "1500.00")


def test_one_finding_per_pair_with_the_largest_examples():
    many = [rate("0.1", substitute=COFFEE, product=TEA), rate("0.9", substitute=MILK), rate("0.5", product=MILK)]
    taker = tea(products={TEA, MILK}, fixed_price=3, expected_units=100)

    one = only(rule, of(taker, coffee(products={COFFEE, MILK}), rates=many))

    assert [example["loss"] for example in one.numbers["examples"]] == ["90.00", "75.00", "15.00"]


def test_the_one_that_takes_more_for_its_gain_is_told():
    mutual = of(tea(), coffee(expected_units=1000), rates=[rate("0.6"), rate("0.9", COFFEE, TEA)])

    assert only(rule, mutual).numbers["taker"]["name"] == "Offer 1"
    more = of(tea(), coffee(expected_units=1000), rates=[rate("0.4"), rate("0.99", COFFEE, TEA)])
    assert only(rule, more).numbers["taker"]["name"] == "Offer 2"


def test_prices_are_those_of_the_common_channel():
    dearer = coffee(channels={7}, channel_terms=[on_channel(7, fixed_price=11)])

    assert only(rule, of(tea(), dearer)).numbers["loss"] == "3000.00"


@pytest.mark.parametrize(
    "other",
    [
        {"products": {MILK}},
        {"starts_on": DAY + timedelta(days=10)},
        {"customers": range(100, 200)},
        {"channels": {2}},
        {"joint_group": "spring"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_silent_when_one_dimension_is_disjoint(other):
    one = tea(channels={1}, joint_group="spring")
    assert found(rule, of(one, coffee()))

    assert not found(rule, of(one, coffee(**other)))
    assert not gaps(rule, of(one, coffee(**other)))


def test_silent_without_substitutes_and_for_one_product_itself():
    assert not found(rule, of(tea(), coffee(), rates=[]))
    assert not found(rule, of(tea(), tea(2), rates=[rate(1, TEA, TEA)]))
    assert not found(rule, of(tea(), coffee(), rates=[rate(0)]))
    assert not found(rule, of(tea(expected_units=0), coffee()))


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        ((tea(expected_units=None), coffee()), [(1, "expected_units")]),
        ((tea(fixed_price=None, mechanic=""), coffee()), [(1, "terms")]),
        ((tea(), coffee(fixed_price=None, mechanic="")), [(2, "terms")]),
        ((tea(products={TEA, FREE}), coffee()), [(1, "price")]),
        ((tea(products={TEA, 77}), coffee()), [(1, "price")]),
        ((tea(customers=(), knows_audience=False), coffee()), [(1, "audience")]),
        ((tea(products=(), knows_products=False), coffee()), [(1, "products")]),
        ((tea(products=(), knows_products=False), coffee(products={MILK})), []),
        ((tea(expected_units=None), coffee(products={MILK})), []),
        ((tea(expected_units=None), coffee(customers={500})), []),
    ],
)
def test_what_is_not_known_is_a_gap(offers, expected):
    assert gaps(rule, of(*offers)) == expected
    assert not found(rule, of(*offers))


def test_an_unknown_cost_is_a_gap():
    without = plan(tea(), coffee(), products=[PRODUCTS[0], product(COFFEE, price=12)], substitutions=[rate("0.6")])

    assert gaps(rule, without) == [(2, "cost")]


def test_symmetric():
    check_symmetric(
        rule, of(tea(), coffee(expected_units=1000), tea(3), rates=[rate("0.6"), rate("0.9", COFFEE, TEA)])
    )


def test_told():
    assert check_told(rule, only(rule, of(tea(forecast_source="buyers"), coffee()))) == (
        "Offer 1 (Department 1) is expected to take 1,800.00 of margin from Offer 2 (Department 2) and to gain 2,000.00 "
        "itself. Customers buy Tea instead of Coffee (1,800.00). Estimate from buyers and panel."
    )
    assumed = only(rule, of(tea(), coffee(), rates=[rate("0.6", is_default=True, source="")]))
    assert check_told(rule, assumed).endswith("How much one product replaces the other is assumed, not measured.")


def test_who_may_not_read_what_offers_earn_is_told_what_replaces_what():
    numbers = only(rule, of(tea(forecast_source="buyers"), coffee())).numbers
    assert rule.tell(disclosed(numbers)) == (
        "Offer 1 (Department 1) is expected to take margin from Offer 2 (Department 2). Customers buy Tea instead of"
        " Coffee. Estimate from buyers and panel."
    )
