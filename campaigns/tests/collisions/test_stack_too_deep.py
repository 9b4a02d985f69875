from datetime import timedelta

import pytest

from campaigns.rules.collisions import stack_too_deep as rule
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

HUNDRED = product(1, price=100)


def cut(number, percent, /, **facts):
    return offer(number, **{"percent_off": percent, "discount_base": "discounted"} | facts)


def judge(*offers, products=(HUNDRED,), **options):
    """[(offers, depth, score)]"""
    return [
        (one.offers, one.numbers["depth"], one.severity.score)
        for one in found(rule, plan(*offers, products=products), **options)
    ]


def test_30_and_40_per_cent_are_58_off_and_score_60():
    finding = only(rule, plan(cut(1, 30), cut(2, 40), products=[HUNDRED]))

    # 35 + 30 · (0.58 - 0.50) / (1 - 0.50) + 20
    assert (finding.numbers["depth"], finding.numbers["sum"], finding.numbers["worst"]) == ("58.0", "70.0", "42.00")
    assert finding.severity.impact == pytest.approx(0.16)
    assert (finding.severity.score, finding.severity.level) == (60, "high")
    assert finding.levers[0] == "declare_exclusive"


def test_the_limit_itself_is_allowed():
    assert judge(cut(1, 20), cut(2, "37.5")) == []
    assert judge(cut(1, 20), cut(2, 38)) == [((1, 2), "50.4", 55)]
    assert judge(cut(1, 30), cut(2, 40), depth_cap=58) == []
    assert judge(cut(1, 30), cut(2, 40), depth_cap=40)[0][2] == 64


def test_three_offers_of_which_any_two_are_within_the_limit():
    assert judge(cut(1, 30), cut(2, 25), cut(3, 20)) == [((1, 2, 3), "58.0", 60)]
    # Where two are too deep, those and not the three are told.
    assert [ids for ids, *_ in judge(cut(1, 30), cut(2, 40), cut(3, 20))] == [(1, 2), (2, 3)]


def test_an_offer_that_is_too_deep_alone_is_told_only_with_one_that_is_not():
    assert judge(cut(1, 60), cut(2, 55)) == []
    assert judge(cut(1, 60), cut(2, 10)) == [((1, 2), "64.0", 63)]


def test_points_make_it_an_estimate():
    finding = only(rule, plan(cut(1, 50), offer(2, points_multiplier=3), products=[HUNDRED]), point_cost=10)

    # 50 less 20 % of it
    assert (finding.numbers["worst"], finding.severity.certainty) == ("40.00", "estimated")


def test_no_cost_is_needed_but_a_price_is():
    assert gaps(rule, plan(cut(1, 30), cut(2, 40), products=[HUNDRED])) == []
    assert gaps(rule, plan(cut(1, 30), cut(2, 40), products=[product(1, cost=3)])) == [(1, "price"), (2, "price")]
    assert gaps(rule, plan(cut(1, 30), cut(2, 40, mechanic=""), products=[HUNDRED])) == [(2, "terms")]
    assert judge(cut(1, 30), cut(2, 40), products=[product(1, price=0)]) == []


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
    a = cut(1, 30, channels=[1, 3], joint_group="spring")
    assert judge(a, cut(2, 40))

    assert judge(a, cut(2, 40, **apart), products=[HUNDRED, product(2, price=100)]) == []
    assert gaps(rule, plan(a, cut(2, 40, **apart))) == []


def test_the_exposure_counts_days_people_and_products():
    a = cut(1, 30, products=range(1, 9), customers=range(200))
    b = cut(2, 40, products=[1, 2, *range(50, 60)], customers=range(150, 650), starts_on=DAY + timedelta(days=5))

    # 35 + 4.8 + 20 · ∛(1/2 · 1/4 · 2/8)
    assert judge(a, b, products=[HUNDRED, product(2, price=50)]) == [((1, 2), "58.0", 46)]


def test_it_is_symmetric():
    offers = (cut(1, 30, products={1, 2}), cut(2, 40, products={1, 2}), cut(3, 20, products={2}), cut(4, 50))

    check_symmetric(rule, plan(*offers, products=[HUNDRED, product(2, price=7)]))


def test_it_is_told():
    assert check_told(rule, only(rule, plan(cut(1, 30), cut(2, 40), products=[HUNDRED]))) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) together take 58 % off Product 1 (42.00 rather than 100.00),"
        " not the 70 % that they add up to. The limit is 50 %. 1 product is affected."
    )
    added_up = plan(cut(1, 30, discount_base=""), cut(2, 40, discount_base=""), products=[HUNDRED])
    assert "together take 70 % off Product 1 (30.00 rather than 100.00). The limit is" in check_told(
        rule, only(rule, added_up)
    )
