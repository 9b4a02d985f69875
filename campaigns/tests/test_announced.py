from decimal import Decimal

import pytest

from campaigns.rules.announced import announced, names_a_price, price_list, terms_beside
from campaigns.tests.collisions.plans import offer, on_channel, plan, product, terms


def prices(one, other=None, price="10.00"):
    other = other or offer(2)
    return [each.of(product(1, price=price)) for each in announced(plan(one, other), one, other)]


@pytest.mark.parametrize(
    ("facts", "price"), [({"percent_off": 20}, "8.00"), ({"amount_off": 3}, "7.00"), ({"fixed_price": "9.99"}, "9.99")]
)
def test_price_of_a_product(facts, price):
    assert prices(offer(1, **facts)) == [Decimal(price)]
    assert prices(offer(1, **facts), price=None) == [None]


@pytest.mark.parametrize(
    "facts",
    [
        {"amount_off": 3, "applies_to": "order"},
        {"percent_off": 3, "applies_to": "order"},
        {"buy_quantity": 2, "get_quantity": 1},
        {"points_multiplier": 2},
        {"mechanic": "message"},
        {"mechanic": "bundle", "fixed_price": 5},
        {},
    ],
)
def test_terms_without_a_price_of_one_product(facts):
    assert not names_a_price(terms(**facts))
    assert prices(offer(1, **facts)) == []


def test_terms_of_a_channel_stand_in_for_those_of_the_offer():
    one = offer(1, percent_off=10, channel_terms=[on_channel(2, percent_off=20), on_channel(3, points_multiplier=2)])
    ten, twenty, points = terms(percent_off=10), terms(percent_off=20), terms(points_multiplier=2)

    assert terms_beside(one, offer(2)) == [ten, twenty, points]
    assert terms_beside(one, offer(2, channels=[2])) == [twenty]
    assert prices(one) == [Decimal(9), Decimal(8)]
    assert prices(one, offer(2, channels=[2, 4])) == [Decimal(9), Decimal(8)]
    assert prices(one, offer(2, channels=[3])) == []


def test_a_price_list_knows_one_offer_on_one_channel():
    one = offer(1, percent_off=10, channel_terms=[on_channel(2, percent_off=20)])
    the_plan = plan(one)

    assert price_list(the_plan, one, None).of(product(1, price=10)) == Decimal(9)
    assert price_list(the_plan, one, 2).of(product(1, price=10)) == Decimal(8)
    assert price_list(the_plan, one, 2).of(product(2, price=20)) == Decimal(16)
    assert price_list(the_plan, one, 2) is price_list(the_plan, one, 2)


def test_without_a_common_channel_there_is_no_price_beside():
    assert prices(offer(1, percent_off=10, channels=[1]), offer(2, channels=[2])) == []
