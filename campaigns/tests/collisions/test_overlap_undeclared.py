from datetime import date, timedelta

import pytest

from campaigns.rules.collisions import overlap_undeclared as rule
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

TERMS = {"percent_off": 20}


def one(number=1, **facts):
    return offer(number, **TERMS | facts)


def two(**facts):
    return one(2, **facts)


def test_half_the_days_a_quarter_of_products_and_of_people_score_29():
    a = one(products=range(8), customers=range(200))
    b = two(starts_on=DAY + timedelta(days=5), days=20, products=[0, 1, *range(50, 60)], customers=range(150, 650))

    finding = only(rule, plan(a, b))

    # 15 + 30 · 0.25 + 20 · ∛(0.5 · 0.25 · 0.25)
    assert finding.severity.exposure == pytest.approx(0.315, abs=0.0005)
    assert (finding.severity.score, finding.severity.level) == (29, "low")
    assert (finding.offers, finding.products, finding.customers) == ((1, 2), 2, 50)
    assert (finding.starts_on, finding.ends_before) == (date(2026, 5, 6), date(2026, 5, 11))


def test_two_offers_of_one_department_are_found_too():
    """Who hears of it is for others to say."""
    assert len(found(rule, plan(one(department=7), two(department=7)))) == 1


def test_one_inside_the_other_counts_in_full():
    a = one(products=range(50), customers=range(300), days=30)

    assert only(rule, plan(a, two(starts_on=DAY + timedelta(days=3)))).severity.score == 65


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": {2}},
        {"customers": {200}},
        {"channels": [2]},
        {"joint_group": "spring"},
        {"mechanic": "message", "percent_off": None},
        {"stackable": False},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = one(channels=[1, 3], joint_group="spring")
    assert len(found(rule, plan(a, two()))) == 1

    assert found(rule, plan(a, two(**apart))) == []
    assert gaps(rule, plan(a, two(**apart))) == []


@pytest.mark.parametrize(
    ("a", "b", "facts", "fires"),
    [
        ({"stackable": True}, {"stackable": True}, {}, False),
        ({"stackable": True}, {}, {}, True),
        ({"combination_class": 1, "accepts": {2}}, {"combination_class": 2, "accepts": {1}}, {}, False),
        ({}, {}, {"combinations": {(1, 2): "allow"}}, False),
        ({}, {}, {"combinations": {(2, 1): "deny"}}, False),
        ({"combination_class": 1}, {"combination_class": 2}, {"policy": {(1, 2): "allow"}}, True),
    ],
)
def test_what_is_declared_is_no_collision(a, b, facts, fires):
    assert len(found(rule, plan(one(**a), two(**b), **facts))) == fires


def test_it_is_symmetric():
    check_symmetric(rule, plan(one(products={1, 2}), two(products={2, 3}), one(3, stackable=True, products={3})))


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, "products"),
        ({"knows_audience": False, "customers": ()}, "audience"),
        ({"percent_off": None, "mechanic": ""}, "terms"),
    ],
)
def test_what_is_not_known_is_a_gap_once(unknown, missing):
    unknown_one = two(**unknown)
    three = plan(one(), unknown_one, one(3, products={1}))

    assert gaps(rule, three) == [(2, missing)]
    assert [finding.offers for finding in found(rule, three)] == [(1, 3)]
    assert gaps(rule, plan(one(), two(**unknown, starts_on=DAY + timedelta(days=10)))) == []


def test_it_is_told():
    both = plan(
        one(products=range(1, 5)),
        two(products=range(1, 5), channels=[1]),
        products=[product(number) for number in range(1, 5)],
        channel_names={1: "web"},
    )

    assert check_told(rule, only(rule, both)) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) both apply to"
        " 4 products (Product 1, Product 2, Product 3, …) on web, from 1 May 2026 to 10 May 2026, for 100 customers."
        " Neither says whether they combine."
    )
    assert check_told(rule, only(rule, plan(one(stackable=True), two()))) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) both apply to 1 product,"
        " from 1 May 2026 to 10 May 2026, for 100 customers."
        " Offer 2 (Department 2) does not say whether they combine."
    )
