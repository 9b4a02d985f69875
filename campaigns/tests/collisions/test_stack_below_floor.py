from datetime import timedelta

import pytest

from campaigns.rules.collisions import stack_below_floor as rule
from campaigns.rules.collisions.findings import disclosed
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

TEN = product(1, price=10, cost=6)
BASE = {"discount_base": "discounted"}


def item(number=1, /, **facts):
    return offer(number, **{"percent_off": 20} | BASE | facts)


def order(number=2, /, **facts):
    return offer(number, **{"percent_off": 15, "applies_to": "order"} | BASE | facts)


def judge(*offers, products=(TEN,), **options):
    """[(offers, worst, score)]"""
    return [
        (one.offers, one.numbers["worst"], one.severity.score)
        for one in found(rule, plan(*offers, products=products), **options)
    ]


def test_20_per_cent_off_the_item_and_15_off_the_order_score_74():
    finding = only(rule, plan(item(), order(), products=[TEN]))

    # The floor is 6 / 0.85 = 7.06: 50 + 30 · (7.0588 - 6.80) / 10 / 0.20 + 20
    assert finding.numbers["worst"] == "6.80"
    assert finding.numbers["floor"] == "7.06"
    assert finding.severity.impact == pytest.approx(0.129, abs=0.0005)
    assert (finding.severity.score, finding.severity.level) == (74, "high")
    assert finding.numbers["steps"] == [{"offer": "Offer 1", "price": "8.00"}, {"offer": "Offer 2", "price": "6.80"}]
    assert [one["alone"] for one in finding.numbers["offers"]] == ["8.00", "8.50"]
    assert finding.levers == ("declare_exclusive", "cap_discount", "exclude_products")


def test_three_offers_of_which_any_two_stay_above_the_floor_score_70():
    fifteen, ten = item(percent_off=15), order(percent_off=10)
    points = offer(3, points_multiplier=9)

    assert judge(fifteen, ten) == judge(fifteen, points) == judge(ten, points) == []
    # 7.038: 50 + 30 · (7.0588 - 7.04) / 10 / 0.20 + 20
    assert judge(fifteen, ten, points) == [((1, 2, 3), "7.04", 70)]
    assert judge(fifteen, ten, points, point_cost="0.9") == []


def test_below_the_cost_is_worse():
    # 60 + 30 · (7.0588 - 5.95) / 10 / 0.20 + 20 = 96.6
    assert judge(item(percent_off=30), order()) == [((1, 2), "5.95", 97)]
    assert judge(item(percent_off=20), order(percent_off=25)) == [((1, 2), "6.00", 86)]


def test_the_loss_counts_where_each_alone_is_already_below_the_floor():
    assert judge(item(percent_off=31), order(percent_off=31)) == [((1, 2), "4.76", 100)]
    assert judge(item(percent_off=41), order(percent_off=41)) == []


def test_the_strictest_floor_counts():
    strict = {"margin_floor_pct": 20}

    assert judge(item(percent_off=15), order()) == []
    # 6 / 0.80 = 7.50; 7.23
    assert judge(item(percent_off=15, **strict), order()) == [((1, 2), "7.23", 74)]
    assert judge(item(margin_floor_pct=5), order())[0][2] == 74
    assert judge(item(), order(), margin_floor=10) == []
    assert judge(item(), order(), margin_floor=29) == [((1, 2), "6.80", 95)]


def test_points_and_gifts_make_it_an_estimate():
    gift = offer(2, gift_cost=4)

    finding = only(rule, plan(item(), gift, products=[TEN]))
    # 8 - 4 · 8/10 = 4.80; 60 + 30 + 20 are cut to what an estimate can be.
    assert (finding.numbers["worst"], finding.severity.score, finding.severity.certainty) == ("4.80", 79, "estimated")


def test_the_undeclared_base_is_taken_for_the_lower_one():
    assert judge(item(discount_base=""), order(discount_base=""))[0][1] == "6.50"


def test_the_worst_product_is_quoted_and_the_share_of_products_below_is_part_of_the_exposure():
    a, b = item(products=range(1, 9)), order(products=range(3, 20), customers=range(50, 250), days=5)
    cheap = [
        product(number, price=10, cost=cost) for number, cost in ((3, 5), (4, 6), (5, "6.50"), (6, 1), (7, 1), (8, 6))
    ]
    finding = only(rule, plan(a, b, products=cheap))

    # 3 of the 8 products of the smaller scope, half of the people, all of the shorter period.
    # 6.50 / 0.85 = 7.647: 50 + 30 · (7.647 - 6.80) / 10 / 0.20 + 20 · ∛(1 · 1/2 · 3/8)
    assert (finding.products, finding.customers, finding.numbers["product"]) == (3, 50, "Product 5")
    assert finding.severity.score == 74
    assert finding.numbers["examples"] == ["Product 4", "Product 5", "Product 8"]


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": {2}},
        {"customers": {200}},
        {"channels": [2]},
        {"joint_group": "spring"},
        {"stackable": False},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = item(channels=[1, 3], joint_group="spring")
    assert judge(a, order())

    assert judge(a, order(**apart), products=[TEN, product(2, price=10, cost=6)]) == []
    assert gaps(rule, plan(a, order(**apart))) == []


@pytest.mark.parametrize(("facts", "missing"), [({"price": 10}, "cost"), ({"cost": 6}, "price")])
def test_a_missing_cost_or_price_is_a_gap(facts, missing):
    unpriced = [product(1, **facts)]

    assert gaps(rule, plan(item(), order(), products=unpriced)) == [(1, missing), (2, missing)]
    assert judge(item(), order(), products=unpriced) == []
    assert gaps(rule, plan(item(), order(starts_on=DAY + timedelta(days=10)), products=unpriced)) == []


def test_what_is_not_known_of_an_offer_is_a_gap():
    assert gaps(rule, plan(item(), order(knows_audience=False, customers=()), products=[TEN])) == [(2, "audience")]
    assert gaps(rule, plan(item(), order(percent_off=None), products=[TEN])) == [(2, "terms")]


def test_it_is_symmetric():
    priced = [product(number, price=10, cost=number) for number in (4, 5, 6)]
    offers = (
        item(products={4, 5, 6}),
        order(products={5, 6}),
        item(3, products={4, 6}),
        offer(4, points_multiplier=5),
    )

    check_symmetric(rule, plan(*offers, products=priced))


def test_it_is_told():
    assert check_told(rule, only(rule, plan(item(), order(), products=[TEN]))) == (
        "With Offer 1 (Department 1) and Offer 2 (Department 2) together, 6.80 is left of the list price of 10.00 of"
        " Product 1. The floor is 7.06, for a margin of 15 %. 1 product is affected."
    )
    both = [product(number, price=10, cost=7) for number in (1, 2)]
    finding = only(
        rule,
        plan(
            *(item(products={1, 2}, channels=[5]), order(products={1, 2}, channels=[5])),
            products=both,
        ),
    )
    assert check_told(rule, finding).endswith("That is below its cost of 7.00. 2 products are affected.")
    numbers = finding.numbers | {"channel": "web", "left_out": 2, "untold": 1}
    assert rule.tell(numbers).endswith(
        "That is so on web. 2 products are affected."
        " 2 more offers with smaller discounts might join and were not looked at."
        " 1 more combination of such offers goes as far and is not listed."
    )


def test_who_may_not_read_what_offers_earn_is_told_the_price_alone():
    finding = only(rule, plan(item(), order(percent_off=40), products=[TEN]))
    assert finding.numbers["is_loss"]
    assert rule.tell(disclosed(finding.numbers)) == (
        "With Offer 1 (Department 1) and Offer 2 (Department 2) together, 4.80 is left of the list price of 10.00 of"
        " Product 1. That is less than what has to be left of it. 1 product is affected."
    )
