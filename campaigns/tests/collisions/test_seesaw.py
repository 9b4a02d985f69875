from datetime import timedelta

import pytest

from campaigns.rules.collisions import seesaw as rule
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

# The second offer starts three days after the last day of the first.
NEXT = DAY + timedelta(days=12)


def first(**facts):
    return offer(1, **{"percent_off": 8} | facts)


def second(**facts):
    return offer(2, **{"starts_on": NEXT, "percent_off": 20} | facts)


def at_100(*offers, **facts):
    return plan(*offers, products=[product(number, price=100) for number in (1, 2, 3)], **facts)


def test_a_jump_of_12_per_cent_for_60_per_cent_of_the_people_scores_51():
    finding = only(rule, at_100(first(), second(customers=range(40, 200))))

    # 15 + 30 · 0.12/0.15 + 20 · 0.6
    assert (finding.severity.score, finding.severity.level) == (51, "medium")
    assert (finding.offers, finding.products, finding.customers) == ((1, 2), 1, 60)
    assert (finding.starts_on, finding.ends_before) == (NEXT, NEXT + timedelta(days=10))
    assert finding.levers[0] == "shift_dates"


@pytest.mark.parametrize("percent_off", [20, 50, 100])
def test_large_jumps_count_in_full_in_both_directions(percent_off):
    assert only(rule, at_100(first(percent_off=0), second(percent_off=percent_off))).severity.score == 65
    assert only(rule, at_100(first(percent_off=percent_off), second(percent_off=0))).severity.score == 65


@pytest.mark.parametrize(("percent_off", "fires"), [(13, False), (14, True), (3, False), (2, True), (8, False)])
def test_small_changes_surprise_nobody(percent_off, fires):
    assert len(found(rule, at_100(first(), second(percent_off=percent_off)))) == fires


@pytest.mark.parametrize(
    ("days_after", "fires"), [(-5, False), (0, False), (1, True), (14, True), (15, False), (100, False)]
)
def test_it_is_about_the_days_right_after(days_after, fires):
    last_day = DAY + timedelta(days=9)
    assert len(found(rule, at_100(first(), second(starts_on=last_day + timedelta(days=days_after))))) == fires


def test_days_and_change_can_be_set():
    assert found(rule, at_100(first(), second()), days_after=2) == []
    assert len(found(rule, at_100(first(), second()), days_after=3)) == 1
    assert found(rule, at_100(first(), second()), least_change=12) == []


@pytest.mark.parametrize(
    "apart",
    [
        {"products": {2}},
        {"customers": {200}},
        {"channels": [2]},
        {"joint_group": "spring"},
        {"mechanic": "message", "percent_off": None},
        {"mechanic": "points", "percent_off": None, "points_multiplier": 2},
        {"starts_on": NEXT + timedelta(days=20)},
    ],
    ids=["products", "customers", "channels", "joint_group", "message", "points", "days"],
)
def test_one_thing_apart_is_enough_to_be_silent(apart):
    one = first(channels=[1], joint_group="spring")
    assert len(found(rule, at_100(one, second()))) == 1

    assert found(rule, at_100(one, second(**apart))) == []
    assert gaps(rule, at_100(one, second(**apart))) == []


def test_one_department_jumps_too():
    assert len(found(rule, at_100(first(), second(department=1)))) == 1


def test_prices_on_a_common_channel_are_compared():
    both = first(channels=[1, 2], channel_terms=[on_channel(2, percent_off=20)])

    assert found(rule, at_100(both, second(channels=[2]))) == []
    assert len(found(rule, at_100(both, second(channels=[1])))) == 1


def test_the_largest_jump_is_the_example():
    products = [product(1, price=100), product(2, price=10, name="Kettle"), product(3, price=1000)]
    terms = {"mechanic": "amount_off", "percent_off": None, "products": {1, 2, 3}}
    a, b = first(amount_off=1, **terms), second(amount_off=7, **terms)

    finding = only(rule, plan(a, b, products=products))

    assert (finding.products, finding.numbers["product"], finding.numbers["after"]) == (2, "Kettle", "3.00")


def test_what_is_not_known_cannot_be_ruled_out():
    assert gaps(rule, plan(first(), second())) == [(1, "price"), (2, "price")]
    assert gaps(rule, at_100(first(), offer(2, starts_on=NEXT))) == [(2, "terms")]
    assert gaps(rule, at_100(first(channel_terms=[on_channel(3, mechanic="percent")]), second())) == [(1, "terms")]
    assert gaps(rule, at_100(first(knows_products=False, products=()), second())) == [(1, "products")]
    assert gaps(rule, at_100(first(), second(knows_audience=False, customers=()))) == [(2, "audience")]
    assert found(rule, at_100(first(), second(knows_audience=False, customers=()))) == []


def test_what_is_not_known_does_not_matter_where_something_else_is_apart():
    nobody_said = {"knows_audience": False, "customers": ()}
    assert gaps(rule, at_100(first(), second(**nobody_said, products={2}))) == []
    assert gaps(rule, at_100(first(), second(**nobody_said, starts_on=DAY))) == []
    assert gaps(rule, plan(first(), second(products={2}))) == []


def test_sides_and_kinds_of_sets_do_not_matter():
    check_symmetric(rule, at_100(first(products={1, 2}), second(), offer(3, percent_off=40, starts_on=NEXT)))


def test_it_is_told_in_words():
    assert check_told(rule, only(rule, at_100(first(), second()))) == (
        "3 days after the end of Offer 1 (Department 1), Offer 2 (Department 2) sells Product 1 for 80.00 instead of"
        " 92.00. The price of 1 product changes by up to 12 % of the list price for 100 customers."
    )
