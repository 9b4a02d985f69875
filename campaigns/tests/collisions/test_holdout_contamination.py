from datetime import date, timedelta

import pytest

from campaigns.rules.collisions import holdout_contamination as rule
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan, product

HELD_OUT = range(1000, 1100)
REACHED = range(1000, 1012)


def measured(number=1, /, **facts):
    return offer(number, **{"control_group": HELD_OUT} | facts)


def other(number=2, /, **facts):
    return offer(number, **{"customers": REACHED} | facts)


def test_an_offer_that_reaches_12_per_cent_of_a_control_group_scores_54():
    finding = only(rule, plan(measured(), other()))

    # 30 + 30 · 0.12 + 20 · 1
    assert (finding.severity.score, finding.severity.level) == (54, "medium")
    assert (finding.offers, finding.key) == ((1, 2), "1")
    assert (finding.customers, finding.products) == (12, 1)
    assert (finding.starts_on, finding.ends_before) == (date(2026, 5, 1), date(2026, 5, 11))
    assert finding.levers[0] == "exclude_customers"


def test_the_exposure_is_the_shared_part_of_the_shorter_one():
    # 30 + 30 · 0.12 + 20 · 5/10
    assert only(rule, plan(measured(days=100), other(starts_on=DAY - timedelta(days=5)))).severity.score == 44


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"customers": range(100)},
        {"customers": ()},
        {"products": {2}},
        {"control_group": REACHED},
        {"joint_group": "spring"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_thing_apart_is_enough_to_be_silent(apart):
    joint = {"joint_group": apart["joint_group"]} if "joint_group" in apart else {}
    assert len(found(rule, plan(measured(**joint), other()))) == 1

    assert found(rule, plan(measured(**joint), other(**apart))) == []


def test_no_control_group_is_no_test():
    assert found(rule, plan(offer(1), offer(2))) == []


def test_another_channel_reaches_them_too():
    assert len(found(rule, plan(measured(channels=[1]), other(channels=[2])))) == 1


def test_another_product_of_the_same_category_counts():
    products = [product(1, category=5), product(2, category=5), product(3, category=6), product(4), product(5)]

    assert only(rule, plan(measured(), other(products={2}), products=products)).products == 0
    assert found(rule, plan(measured(), other(products={3}), products=products)) == []
    assert found(rule, plan(measured(products={4}), other(products={5}), products=products)) == []


def test_two_tests_can_spoil_each_other():
    one = measured(customers=range(2000, 2100))
    two = measured(2, control_group=range(2000, 2050), customers=REACHED)

    assert [(finding.key, finding.customers) for finding in found(rule, plan(one, two))] == [("1", 12), ("2", 50)]


def test_one_control_group_of_the_whole_house_stays_out_of_everything():
    everybody = range(2000)

    assert found(rule, plan(measured(customers=everybody), measured(2, customers=everybody))) == []


def test_a_share_can_be_allowed():
    assert len(found(rule, plan(measured(), other()), least_share=11)) == 1
    assert found(rule, plan(measured(), other()), least_share=12) == []


def test_the_same_department_spoils_its_own_tests():
    assert len(found(rule, plan(measured(), other(department=1)))) == 1


def test_what_is_not_known_cannot_be_ruled_out():
    nobody_said = {"knows_audience": False, "customers": ()}
    assert gaps(rule, plan(measured(), measured(3), other(**nobody_said))) == [(2, "audience")]
    assert gaps(rule, plan(measured(), other(knows_products=False, products=()))) == [(2, "products")]
    assert gaps(rule, plan(measured(knows_products=False, products=()), other())) == [(1, "products")]
    assert found(rule, plan(measured(), other(**nobody_said))) == []


def test_what_is_not_known_does_not_matter_where_something_else_is_apart():
    nobody_said = {"knows_audience": False, "customers": ()}
    later = DAY + timedelta(days=10)
    assert gaps(rule, plan(measured(), other(**nobody_said, products={2}))) == []
    assert gaps(rule, plan(measured(), other(**nobody_said, starts_on=later))) == []
    assert gaps(rule, plan(measured(), other(knows_products=False, products=(), customers=range(10)))) == []


def test_sides_and_kinds_of_sets_do_not_matter():
    check_symmetric(
        rule, plan(measured(), other(control_group={1000}), measured(3, customers=HELD_OUT, control_group={7}))
    )


def test_it_is_told_in_words():
    assert check_told(rule, only(rule, plan(measured(), other()))) == (
        "Offer 2 (Department 2) reaches 12 customers of the control group of Offer 1 (Department 1), 12 % of it,"
        " from 1 May 2026 to 10 May 2026. The test's result would be biased."
    )
