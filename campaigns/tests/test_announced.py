from decimal import Decimal

import pytest

from campaigns.rules.announced import EVERYWHERE, names_a_price, price_of, prices_on, terms_on
from campaigns.tests.collisions.plans import offer, on_channel, terms


@pytest.mark.parametrize(
    ("facts", "list_price", "price"),
    [
        ({"percent_off": 20}, "10.00", "8.00"),
        ({"percent_off": "12.5"}, "0.99", "0.87"),
        ({"percent_off": 100}, "10.00", "0.00"),
        ({"percent_off": 20}, None, None),
        ({"mechanic": "percent"}, "10.00", None),
        ({"amount_off": 3}, "10.00", "7.00"),
        ({"amount_off": 30}, "10.00", "0"),
        ({"amount_off": 3}, None, None),
        ({"fixed_price": "9.99"}, "12.00", "9.99"),
        ({"fixed_price": "9.99"}, "9.00", "9.00"),
        ({"fixed_price": "9.99"}, None, "9.99"),
    ],
)
def test_price_of_a_product(facts, list_price, price):
    assert price_of(terms(**facts), list_price and Decimal(list_price)) == (price and Decimal(price))


@pytest.mark.parametrize(
    "facts",
    [
        {"amount_off": 3, "applies_to": "order"},
        {"percent_off": 3, "applies_to": "order"},
        {"buy_quantity": 2, "get_quantity": 1},
        {"points_multiplier": 2},
        {"mechanic": "message"},
        {},
    ],
)
def test_terms_without_a_price_of_one_product(facts):
    assert not names_a_price(terms(**facts))
    assert prices_on(offer(1, terms=terms(**facts)), Decimal(10)) == []


def test_terms_of_channels_stand_in_for_those_of_the_offer():
    one = offer(1, percent_off=10, channel_terms=[on_channel(2, percent_off=20), on_channel(3, percent_off=10)])
    ten, twenty = terms(percent_off=10), terms(percent_off=20)

    assert terms_on(one) == [ten, twenty]
    assert terms_on(one, frozenset({2})) == [twenty]
    assert terms_on(one, frozenset({3, 4})) == [ten]
    assert terms_on(one, frozenset({1, 2})) == [ten, twenty]


def test_terms_of_channels_that_the_offer_names():
    one = offer(1, percent_off=10, channels=[2], channel_terms=[on_channel(2, percent_off=20)])

    assert terms_on(one, EVERYWHERE) == [terms(percent_off=20)]
    assert prices_on(one, Decimal(10), frozenset({2, 3})) == [Decimal(8)]
    assert prices_on(one, None) == [None]
