from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import prior_price as rule
from campaigns.rules.collisions.facts import PriceFact
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

# The second offer starts ten days after the end of the first.
LATER = DAY + timedelta(days=20)
TEN = frozenset(range(1, 11))


def earlier(**facts):
    return offer(1, **facts if facts.keys() & {"fixed_price", "amount_off", "terms"} else {"percent_off": 20} | facts)


def later(**facts):
    return offer(2, **{"starts_on": LATER, "percent_off": 30} | facts)


def at_100(*offers, numbers=TEN, **facts):
    return plan(*offers, products=[product(number, price=100) for number in numbers], **facts)


def fact(price, *, number=1, offer_code="O01", starts_on=DAY, days=10, department=None):
    ends_before = starts_on + timedelta(days=days)
    return PriceFact(number, Decimal(price), starts_on, ends_before, department, offer_code)


def test_was_100_but_sold_at_80_scores_100():
    finding = only(rule, at_100(earlier(), later(reference_price=100)))

    assert (finding.severity.score, finding.severity.level) == (100, "critical")
    assert (finding.offers, finding.products) == ((1, 2), 1)
    assert (finding.starts_on, finding.ends_before) == (LATER, LATER + timedelta(days=10))
    assert finding.levers[0] == "change_reference_price"


def test_was_100_but_sold_at_95_on_30_per_cent_of_the_products_scores_64():
    finding = only(rule, at_100(earlier(percent_off=5, products={1, 2, 3}), later(products=TEN, reference_price=100)))

    # 50 + 30 · 0.25 + 20 · 0.3 = 63.5
    assert (finding.severity.score, finding.products) == (64, 3)


@pytest.mark.parametrize("policy", ["", "current", "list", "msrp"])
def test_without_a_reference_price_the_list_price_is_meant(policy):
    assert only(rule, at_100(earlier(), later(reference_price_policy=policy))).numbers["reference"] == "100.00"


@pytest.mark.parametrize("policy", ["none", "lowest_30d"])
def test_policies_that_no_earlier_price_can_break(policy):
    assert found(rule, at_100(earlier(), later(reference_price_policy=policy))) == []


@pytest.mark.parametrize(
    "apart",
    [
        {"products": {2}},
        {"channels": [2]},
        {"joint_group": "spring"},
        {"reference_price": 80},
        {"starts_on": DAY + timedelta(days=40)},
        {"starts_on": DAY},
    ],
    ids=["products", "channels", "joint_group", "reference_price", "too late", "same first day"],
)
def test_one_thing_apart_is_enough_to_be_silent(apart):
    one = earlier(channels=[1], joint_group="spring")
    assert len(found(rule, at_100(one, later()))) == 1

    assert found(rule, at_100(one, later(**apart))) == []


def test_the_window_ends_with_the_first_day_of_the_later_offer():
    on_its_last_day = at_100(earlier(), later(starts_on=DAY + timedelta(days=39)))
    assert len(found(rule, on_its_last_day)) == 1
    assert found(rule, on_its_last_day, window=29) == []
    overlapping = only(rule, at_100(earlier(), later(starts_on=DAY + timedelta(days=5))))
    assert overlapping.numbers["last_day"] == "2026-05-05"


def test_other_customers_saw_the_price_too():
    assert len(found(rule, at_100(earlier(), later(customers={1000})))) == 1


def test_one_department_undercuts_itself_too():
    assert len(found(rule, at_100(earlier(), later(department=1)))) == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"buy_quantity": 2, "get_quantity": 1},
        {"amount_off": 20, "applies_to": "order"},
        {"points_multiplier": 2},
        {"mechanic": "message"},
    ],
)
def test_offers_without_a_price_of_a_product_neither_undercut_nor_compare(terms):
    assert found(rule, at_100(offer(1, **terms), later())) == []
    assert found(rule, at_100(earlier(), offer(2, starts_on=LATER, **terms))) == []
    assert len(found(rule, at_100(earlier(), offer(2, starts_on=LATER, reference_price=100, **terms)))) == 1


def test_whoever_states_a_reference_compares_whatever_its_terms():
    for terms in ({"buy_quantity": 2, "get_quantity": 1}, {}):
        for reference in ({"reference_price": 100}, {"reference_price_policy": "list"}):
            assert len(found(rule, at_100(earlier(), offer(2, starts_on=LATER, **terms, **reference)))) == 1


def test_the_lowest_price_of_a_common_channel_counts():
    one = earlier(percent_off=5, channel_terms=[on_channel(3, percent_off=40)])

    assert only(rule, at_100(one, later())).numbers["lowest"] == "60.00"
    assert only(rule, at_100(one, later(channels=[4]))).numbers["lowest"] == "95.00"


def test_the_worst_product_is_the_example():
    one = earlier(amount_off=10, products={1, 2})
    products = [product(1, price=100), product(2, price=40, name="Kettle")]

    finding = only(rule, plan(one, later(products={1, 2}), products=products))

    assert (finding.numbers["product"], finding.numbers["lowest"], finding.products) == ("Kettle", "30.00", 2)
    assert finding.severity.impact == 1


def test_prices_that_were_really_announced_count():
    message = offer(1, mechanic="message", products={1, 2})
    both = later(products={1, 2})

    finding = only(rule, at_100(message, both, prices=[fact(90), fact(85), fact(70, days=5, starts_on=LATER)]))
    assert (finding.numbers["lowest"], finding.products) == ("85.00", 1)

    finding = only(rule, at_100(earlier(products={1, 2}), both, prices=[fact(70)]))
    assert (finding.numbers["lowest"], finding.products) == ("70.00", 2)

    assert found(rule, at_100(message, both, prices=[fact(90, offer_code="O09"), fact(90, offer_code="")])) == []
    assert found(rule, at_100(message, both, prices=[fact(90, number=3)])) == []
    assert found(rule, at_100(message, both, prices=[fact(100)])) == []
    elsewhere = at_100(
        replace(message, channels=frozenset({1})), replace(both, channels=frozenset({2})), prices=[fact(90)]
    )
    assert found(rule, elsewhere) == []


def test_a_price_that_was_announced_needs_no_list_price():
    unpriced = plan(offer(1, mechanic="message"), later(reference_price=100), products=[product(1)], prices=[fact(90)])

    assert only(rule, unpriced).numbers["lowest"] == "90.00"
    assert gaps(rule, unpriced) == []


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({}, True),
        ({"starts_on": DAY + timedelta(days=9)}, True),
        ({"starts_on": DAY + timedelta(days=10), "days": 5}, False),
        ({"starts_on": DAY - timedelta(days=5), "days": 5}, False),
        ({"starts_on": DAY - timedelta(days=5), "days": 6}, True),
        ({"department": 3}, False),
        ({"offer_code": "O09"}, False),
        ({"number": 3}, False),
    ],
)
def test_a_price_without_an_offer_is_that_of_its_department_in_those_days(facts, counts):
    noted = fact(90, **{"offer_code": "", "department": 1} | facts)
    message = offer(1, mechanic="message", products={1, 2})

    assert len(found(rule, at_100(message, later(products={1, 2}), prices=[noted]))) == counts


def test_what_is_not_known_cannot_be_ruled_out():
    assert gaps(rule, plan(earlier(), later())) == [(2, "price")]
    assert gaps(rule, plan(earlier(), later(reference_price=100))) == [(1, "price")]
    assert gaps(rule, at_100(offer(1), later())) == [(1, "terms")]
    assert gaps(rule, at_100(earlier(), offer(2, starts_on=LATER))) == [(2, "terms")]
    assert gaps(rule, at_100(earlier(knows_products=False, products=()), later())) == [(1, "products")]


def test_what_is_not_known_does_not_matter_where_something_else_is_apart():
    assert gaps(rule, plan(earlier(), later(products={2}))) == []
    assert gaps(rule, at_100(offer(1), later(products={2}))) == []
    assert gaps(rule, at_100(earlier(fixed_price=100), offer(2, starts_on=LATER))) == []
    assert gaps(rule, plan(earlier(), later(reference_price_policy="none"))) == []
    assert gaps(rule, at_100(offer(1, mechanic="message"), later(knows_products=False, products=()))) == []


def test_sides_and_kinds_of_sets_do_not_matter():
    offers = [earlier(products=TEN), later(products={1, 2, 11}), offer(3, starts_on=date(2026, 6, 1), percent_off=5)]
    check_symmetric(rule, at_100(*offers, prices=[fact(60)]))


def test_it_is_told_in_words():
    finding = only(rule, at_100(earlier(products={1, 2}), later(products=TEN)))

    assert check_told(rule, finding) == (
        "Offer 2 (Department 2) compares with a price of 100.00 for Product 1. Offer 1 (Department 1) sells it for 80.00"
        " until 10 May 2026, and the lowest price of the 30 days before is what may be compared with. 2 of 10 products"
        " are affected."
    )
