from datetime import timedelta

import pytest

from campaigns.rules.collisions import duplicate_offer as rule
from campaigns.tests.collisions.plans import (
    DAY,
    check_symmetric,
    check_told,
    found,
    gaps,
    offer,
    only,
    plan,
    product,
)


def one(number=1, **facts):
    terms = {} if facts.keys() & {"mechanic", "amount_off", "fixed_price", "buy_quantity"} else {"percent_off": 20}
    return offer(number, **{"products": range(10)} | terms | facts)


def two(**facts):
    return one(2, **facts)


def test_a_full_duplicate_scores_80():
    finding = only(rule, plan(one(), two()))

    # 30 + 30 + 20
    assert (finding.severity.score, finding.severity.level) == (80, "critical")
    assert (finding.offers, finding.products, finding.customers) == ((1, 2), 10, 100)
    assert finding.levers[0] == "withdraw"


def test_likeness_is_the_impact():
    finding = only(rule, plan(one(), two(products=range(1, 10), customers=range(50, 250))))

    # 30 + 30 · 0.9 + 20 · ∛(1 · 1 · 0.5)
    assert finding.severity.impact == pytest.approx(0.9)
    assert finding.severity.score == 73


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"starts_on": DAY + timedelta(days=6)},
        {"products": range(2, 12)},
        {"products": range(20, 30)},
        {"customers": {200}},
        {"channels": [2]},
        {"joint_group": "spring"},
        {"percent_off": 22},
        {"percent_off": 20, "applies_to": "order"},
        {"amount_off": 20},
    ],
    ids=str,
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = one(channels=[1, 3], joint_group="spring")
    assert len(found(rule, plan(a, two()))) == 1

    assert found(rule, plan(a, two(**apart))) == []
    assert gaps(rule, plan(a, two(**apart))) == []


def test_borders_belong_to_what_is_alike():
    half = {"starts_on": DAY + timedelta(days=5)}

    assert found(rule, plan(one(), two(percent_off=21))) != []
    assert found(rule, plan(one(), two(**half))) != []
    assert found(rule, plan(one(), two(products=range(8)))) != []
    assert found(rule, plan(one(), two(products=range(8))), jaccard="0.81") == []
    assert found(rule, plan(one(), two(**half)), time="0.51") == []
    assert found(rule, plan(one(), two(percent_off=21)), tolerance="0.9") == []


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({"amount_off": 2}, {"amount_off": 2}, (1, [])),
        ({"amount_off": 2}, {"amount_off": "2.10"}, (1, [])),
        ({"amount_off": 2}, {"amount_off": "2.11"}, (0, [])),
        ({"fixed_price": 7}, {"fixed_price": "7.10"}, (1, [])),
        ({"buy_quantity": 2, "get_quantity": 1}, {"buy_quantity": 2, "get_quantity": 1}, (1, [])),
        ({"buy_quantity": 2, "get_quantity": 1}, {"buy_quantity": 3, "get_quantity": 1}, (0, [])),
        ({"mechanic": "points", "points_multiplier": 2}, {"mechanic": "points", "points_multiplier": 2}, (1, [])),
        ({"mechanic": "points", "points_multiplier": 2}, {"mechanic": "points", "points_multiplier": 3}, (0, [])),
        ({"mechanic": "message"}, {"mechanic": "message"}, (0, [])),
        ({"mechanic": "free_shipping"}, {"mechanic": "free_shipping"}, (1, [])),
    ],
)
def test_money_may_differ_by_one_per_cent_of_the_lowest_price(a, b, expected):
    priced = plan(one(**a), two(**b), products=[product(number, price=10 + number) for number in range(10)])

    assert (len(found(rule, priced)), gaps(rule, priced)) == expected


def test_money_that_differs_needs_all_prices_unless_one_rules_it_out():
    a, b = one(amount_off=2), two(amount_off="2.10")

    def priced(price, products):
        return plan(a, b, products=[product(number, price=price) for number in products])

    assert gaps(rule, priced(10, range(10))) == []
    assert gaps(rule, priced(10, range(9))) == [(1, "price"), (2, "price")]
    assert found(rule, priced(10, range(9))) == []
    assert gaps(rule, priced(9, range(9))) == []
    assert gaps(rule, plan(a, b)) == [(1, "price"), (2, "price")]


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, "products"),
        ({"knows_audience": False, "customers": ()}, "audience"),
        ({"mechanic": ""}, "terms"),
        ({"mechanic": "percent"}, "terms"),
    ],
)
def test_what_is_not_known_is_a_gap(unknown, missing):
    assert gaps(rule, plan(one(), two(**unknown))) == [(2, missing)]
    assert found(rule, plan(one(), two(**unknown))) == []
    assert gaps(rule, plan(one(), two(**unknown, starts_on=DAY + timedelta(days=10)))) == []
    assert gaps(rule, plan(one(amount_off=3), two(knows_products=False, products=()))) == []


def test_it_is_symmetric():
    check_symmetric(rule, plan(one(), two(percent_off=21), one(3, percent_off=22)))


def test_it_is_told():
    assert check_told(rule, only(rule, plan(one(), two()))) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) make the same promise (20 % off), and 100 % of their products"
        " are the same. From 1 May 2026 to 10 May 2026, 100 customers see it twice."
    )
    assert "nearly the same promise (20 % off and 21 % off), and 90 % of" in check_told(
        rule, only(rule, plan(one(), two(percent_off=21, products=range(9))))
    )
