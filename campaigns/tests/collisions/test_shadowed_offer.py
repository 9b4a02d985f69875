from datetime import timedelta

import pytest

from campaigns.rules.collisions import shadowed_offer as rule
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


def weak(**facts):
    return offer(1, **{"percent_off": 10, "stackable": False} | facts)


def strong(number=2, /, **facts):
    return offer(number, **{"percent_off": 20, "products": {1, 2, 3, 4}, "days": 20} | facts)


def at_100(*offers, **facts):
    return plan(*offers, products=[product(number, price=100) for number in range(1, 7)], **facts)


def test_an_offer_that_is_dearer_everywhere_scores_75():
    finding = only(rule, at_100(weak(), strong()))

    assert (finding.severity.score, finding.severity.level) == (75, "high")
    assert (finding.offers, finding.key) == ((1, 2), "1")
    assert (finding.products, finding.customers) == (1, 100)
    assert (finding.starts_on, finding.ends_before) == (DAY, DAY + timedelta(days=10))
    assert finding.levers[0] == "set_priority"


def test_priorities_count_more_than_prices():
    assert len(found(rule, at_100(weak(priority=5), strong(priority=1, percent_off=1)))) == 1
    assert found(rule, at_100(weak(priority=1), strong(priority=5))) == []
    assert len(found(rule, at_100(weak(priority=1), strong(priority=1)))) == 1
    assert len(found(rule, at_100(weak(priority=1), strong()))) == 1


def test_priorities_decide_what_prices_cannot():
    points = {"mechanic": "points", "percent_off": None, "points_multiplier": 2}

    assert len(found(rule, at_100(weak(priority=5, **points), strong(priority=1)))) == 1
    assert found(rule, at_100(weak(**points), strong())) == []


def test_the_same_price_shadows_nobody():
    assert found(rule, at_100(weak(), strong(percent_off=10))) == []


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=1)},
        {"days": 9},
        {"customers": range(99)},
        {"customers": range(1, 200)},
        {"products": {2}},
        {"channels": [1]},
        {"joint_group": "spring"},
    ],
)
def test_whoever_does_not_hold_everywhere_shadows_nobody(apart):
    one = weak(channels=[1, 2], joint_group="spring")
    assert len(found(rule, at_100(one, strong(channels=[1, 2, 3])))) == 1

    assert found(rule, at_100(one, strong(**apart))) == []


def test_whoever_holds_exactly_where_it_does_shadows_it():
    one = weak(channels=[1, 2])

    assert len(found(rule, at_100(one, strong(days=10, products={1}, channels=[1, 2])))) == 1


def test_an_offer_on_every_channel_is_not_covered_by_one_on_some():
    assert found(rule, at_100(weak(), strong(channels=[1, 2, 3]))) == []


def test_offers_that_combine_shadow_nobody():
    assert found(rule, at_100(weak(stackable=None), strong())) == []
    assert found(rule, at_100(weak(), strong(), combinations={(1, 2): "allow"})) == []
    assert len(found(rule, at_100(weak(stackable=True), strong(), combinations={(1, 2): "deny"}))) == 1


def test_a_channel_on_which_it_is_better_is_a_chance():
    special = [on_channel(3, percent_off=30)]

    assert found(rule, at_100(weak(channel_terms=special), strong())) == []
    assert len(found(rule, at_100(weak(channel_terms=special, channels=[1]), strong()))) == 1


def test_a_product_on_which_it_is_better_is_a_chance():
    a = weak(mechanic="amount_off", percent_off=None, amount_off=3, products={1, 2})
    prices = [product(1, price=100), product(2, price=10)]

    assert found(rule, plan(a, strong(), products=prices)) == []
    half = only(rule, plan(a, strong(), products=prices), least_share=50)
    assert (half.severity.score, half.products) == (60, 1)


def test_several_may_shadow_it_together():
    one = weak(products={1, 2, 3})
    covering = [strong(2, products={1}), strong(3, products={1, 2}), strong(4, products={3}), strong(5, products={3})]

    finding = only(rule, at_100(one, *covering, pairs=[(1, number) for number in range(2, 6)]))

    assert (finding.offers, finding.products) == ((1, 3, 4), 3)
    assert found(rule, at_100(one, *covering[:2])) == []


def test_a_set_that_shadows_it_together_needs_all_its_members():
    one = weak(products=range(1, 7))
    # The first covers most and is not needed.
    covering = [strong(2, products={2, 3, 4, 5}), strong(3, products={1, 2, 3}), strong(4, products={4, 5, 6})]

    assert only(rule, at_100(one, *covering, pairs=[(1, 2), (1, 3), (1, 4)])).offers == (1, 3, 4)


def test_each_that_shadows_it_alone_is_found():
    both = at_100(weak(), strong(2), strong(3, percent_off=30), pairs=[(1, 2), (1, 3)])

    assert [one.offers for one in found(rule, both)] == [(1, 2), (1, 3)]


def test_one_department_shadows_itself_too():
    assert len(found(rule, at_100(weak(), strong(department=1)))) == 1


def test_what_is_not_known_cannot_be_ruled_out():
    assert gaps(rule, plan(weak(), strong())) == [(1, "price"), (2, "price")]
    assert gaps(rule, at_100(weak(), strong(mechanic="", percent_off=None))) == [(2, "terms")]
    assert gaps(rule, at_100(weak(), strong(mechanic="percent", percent_off=None))) == [(2, "terms")]
    assert gaps(rule, at_100(weak(), strong(knows_audience=False, customers=()))) == [(2, "audience")]
    assert gaps(rule, at_100(weak(knows_products=False, products=()), strong())) == [(1, "products")]
    assert gaps(rule, at_100(weak(), strong(knows_products=False, products=()))) == [(2, "products")]
    assert found(rule, at_100(weak(), strong(knows_audience=False, customers=()))) == []


def test_what_is_not_known_does_not_matter_where_something_else_is_apart():
    nobody_said = {"knows_audience": False, "customers": ()}
    assert gaps(rule, at_100(weak(), strong(**nobody_said, days=9))) == []
    assert gaps(rule, at_100(weak(), strong(**nobody_said, channels=[1]))) == []
    assert gaps(rule, at_100(weak(stackable=None), strong(**nobody_said))) == []
    assert gaps(rule, at_100(weak(priority=1), strong(**nobody_said, priority=2))) == []


def test_sides_and_kinds_of_sets_do_not_matter():
    offers = [weak(products={1, 2}), strong(2, products={1}), strong(3, products={2, 3}), strong(4, priority=1)]
    check_symmetric(rule, at_100(*offers))


def test_it_is_told_in_words():
    assert check_told(rule, only(rule, at_100(weak(), strong()))) == (
        "No customer will ever get Offer 1 (Department 1)."
        " Offer 2 (Department 2) does not combine with it and costs the customer less."
    )
    part = only(rule, at_100(weak(priority=5, products={1, 2}), strong(priority=1, products={1})), least_share=50)
    assert check_told(rule, part) == (
        "No customer will get Offer 1 (Department 1) on 50 % of its products."
        " Offer 2 (Department 2) does not combine with it and goes first at the till."
    )
