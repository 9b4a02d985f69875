from decimal import Decimal

import pytest

from campaigns.rules import prices
from campaigns.tests.collisions.plans import offer, on_channel, plan, product

ORDER = {"applies_to": "order"}


def after(listed, *offers, point_cost=None, channel=None, products=()):
    """The price that these offers lead to, having seen that it does not depend on the order in which they are given."""
    one = product(1, price=listed)
    planned = plan(*offers, products=[one, *products])
    given = {"point_cost": None if point_cost is None else Decimal(point_cost), "channel": channel}
    price = prices.price_after(planned, one, offers, **given)
    assert prices.price_after(planned, one, offers[::-1], **given) == price
    return None if price is None else str(price)


@pytest.mark.parametrize(
    ("listed", "terms", "price"),
    [
        (10, {"percent_off": 20}, "8.00"),
        (10, {"percent_off": 20, **ORDER}, "8.00"),
        (10, {"amount_off": 3}, "7.00"),
        (10, {"amount_off": 13}, "0.00"),
        (10, {"amount_off": 3, **ORDER}, "7.00"),
        (10, {"amount_off": 3, "min_spend": 30, **ORDER}, "9.00"),
        (10, {"amount_off": 3, "min_spend": 5, **ORDER}, "7.00"),
        (10, {"fixed_price": 7}, "7.00"),
        (10, {"fixed_price": 12}, "10.00"),
        (9, {"buy_quantity": 2, "get_quantity": 1}, "6.00"),
        (10, {"points_multiplier": 5}, "10.00"),
        (10, {"gift_cost": 2}, "10.00"),
        (10, {"mechanic": "free_shipping", "min_spend": 30}, "10.00"),
        (10, {"mechanic": "message"}, "10.00"),
        (0, {"amount_off": 3, **ORDER}, "0.00"),
        (0, {"percent_off": 10, "max_discount": 1}, "0.00"),
    ],
)
def test_each_mechanic(listed, terms, price):
    assert after(listed, offer(1, **terms)) == price


def test_baskets_of_one_or_two_products():
    tea, milk = product(1, price=20), product(2, price=10)
    a, b = offer(1, percent_off=15), offer(2, percent_off=20, products={2})
    planned = plan(a, b, products=[tea, milk])

    assert prices.price_of(planned, tea, a) + prices.price_of(planned, milk, b) == Decimal("25.00")
    assert after(100, offer(1, percent_off=26)) == "74.00"


def test_an_item_goes_before_the_order():
    item, order = offer(2, percent_off=40, discount_base="discounted"), offer(1, percent_off=70, **ORDER)

    assert after(100, item, offer(1, percent_off=70, discount_base="discounted", **ORDER)) == "18.00"
    assert after(100, item, offer(1, percent_off=70, discount_base="initial", **ORDER)) == "0.00"
    assert after(100, item, order) == "0.00"


def test_the_lower_base_counts_when_none_is_declared():
    assert after(10, offer(1, percent_off=20), offer(2, percent_off=15)) == "6.50"
    assert after(10, offer(1, percent_off=20), offer(2, percent_off=15, discount_base="discounted")) == "6.80"
    assert after(9, offer(1, percent_off=50), offer(2, buy_quantity=2, get_quantity=1)) == "1.50"


@pytest.mark.parametrize(
    ("percent", "amount", "price"),
    [
        ({"priority": 1}, {"priority": 2}, "800.00"),
        ({"priority": 2}, {"priority": 1}, "810.00"),
        ({}, {"priority": 9}, "810.00"),
        ({}, {}, "800.00"),
    ],
    ids=["percent first", "amount first", "no priority goes last", "ids decide"],
)
def test_priority_decides_within_a_class(percent, amount, price):
    base = {"discount_base": "discounted"}
    assert after(1000, offer(1, percent_off=10, **base, **percent), offer(2, amount_off=100, **amount)) == price


def test_cents_are_rounded_half_up_once():
    base = {"discount_base": "discounted"}

    assert after("0.99", offer(1, percent_off=50)) == "0.50"
    # 0.1225; rounded at each of the three it were 0.13.
    assert after("0.98", *(offer(one, percent_off=50, **base) for one in (1, 2, 3))) == "0.12"
    assert after("2.25", offer(1, buy_quantity=2, get_quantity=1)) == "1.50"
    # A sixth of 3 cents is half of one.
    assert after("0.03", offer(1, buy_quantity=5, get_quantity=1)) == "0.03"


def test_points_and_gifts_count_in_what_is_left():
    base = {"discount_base": "discounted"}
    item, order = offer(1, percent_off=15, **base), offer(2, percent_off=10, **base, **ORDER)
    points = offer(3, points_multiplier=9)

    assert after(10, item, order, point_cost=1) == "7.65"
    assert after(10, item, points, point_cost=1) == "7.82"
    assert after(10, order, points, point_cost=1) == "8.28"
    assert after(10, item, order, points, point_cost=1) == "7.04"
    assert after(10, item, order, points) == "7.65"
    assert after(10, offer(1, points_multiplier="0.5"), point_cost=1) == "10.00"
    assert after(10, offer(1, gift_cost=2, min_spend=40), point_cost=1) == "9.50"
    assert after(10, offer(1, gift_cost=2), point_cost=1) == "8.00"


def test_the_cost_of_a_gift_may_come_from_the_catalogue():
    gift = offer(1, gift_product=7)

    assert after(10, gift, point_cost=0, products=[product(7, cost=3)]) == "7.00"
    assert after(10, gift, point_cost=0, products=[product(7)]) is None
    assert after(10, gift, point_cost=0) is None
    assert after(10, gift) == "10.00"


@pytest.mark.parametrize(
    ("terms", "price"),
    [
        ({"percent_off": 50, "max_discount": 3}, "7.00"),
        ({"percent_off": 50, "max_discount": 8}, "5.00"),
        ({"percent_off": 50, "max_discount": 8, "min_spend": 40, **ORDER}, "8.00"),
        ({"buy_quantity": 1, "get_quantity": 1, "max_discount": 4}, "8.00"),
        ({"amount_off": 6, "max_discount": 2}, "8.00"),
    ],
)
def test_the_discount_of_an_order_is_capped_at_the_smallest_basket(terms, price):
    assert after(10, offer(1, **terms)) == price


def test_a_bundle_is_divided_by_list_prices():
    both = offer(1, mechanic="bundle", fixed_price=30, products={1, 2})

    assert after(10, both, products=[product(2, price=40)]) == "6.00"
    assert after(10, both, offer(2, amount_off=1), products=[product(2, price=40)]) == "5.00"
    assert after(10, both, products=[product(2)]) is None
    assert after(10, both) is None


@pytest.mark.parametrize(
    ("terms", "missing"),
    [
        ({}, "terms"),
        ({"mechanic": "percent"}, "terms"),
        ({"mechanic": "bundle"}, "terms"),
        ({"mechanic": "bxgy", "buy_quantity": 2}, "terms"),
        ({"mechanic": "bundle", "fixed_price": 3, "products": {1, 2}}, "price"),
        ({"gift_product": 2}, "gift_cost"),
        ({"percent_off": 20}, ""),
        ({"mechanic": "free_shipping"}, ""),
        ({"mechanic": "message"}, ""),
    ],
)
def test_what_is_missing_is_named(terms, missing):
    one = offer(1, **terms)
    planned = plan(one, products=[product(1, price=10)])

    assert prices.unknown(planned, one) == missing
    left = prices.price_after(planned, planned.products[1], [one], point_cost=Decimal(1))
    assert (left is None) == bool(missing)


def test_no_list_price_no_price():
    assert after(None, offer(1, percent_off=10)) is None
    assert after(None) is None


def test_a_channel_may_have_terms_of_its_own():
    one = offer(1, percent_off=20, channel_terms=[on_channel(5, fixed_price=4), on_channel(6, percent_off=10)])
    planned, shoe = plan(one), product(1, price=10)

    assert [str(prices.price_of(planned, shoe, one, channel)) for channel in (None, 4, 5, 6)] == [
        "8.00",
        "8.00",
        "4.00",
        "9.00",
    ]


def test_an_offer_with_other_terms_than_planned_has_other_prices():
    one = offer(1, percent_off=20, priority=2)
    planned, shoe = plan(one), product(1, price=10)
    assert prices.price_of(planned, shoe, one) == Decimal("8.00")

    assert prices.price_of(planned, shoe, offer(1, percent_off=50)) == Decimal("5.00")
    assert prices.price_of(planned, shoe, offer(9, percent_off=30)) == Decimal("7.00")


@pytest.mark.parametrize(
    ("named", "special", "common"),
    [
        ([(), ()], [], [None]),
        ([(1, 2), (2, 3)], [], [None]),
        ([(1, 2), (3,)], [], []),
        ([(1, 2), ()], [1], [None, 1]),
        ([(1,), ()], [1], [1]),
        ([(1,), ()], [2], [None]),
        ([(), ()], [2, 1], [None, 1, 2]),
    ],
)
def test_channels_are_looked_at_once_for_each_set_of_terms(named, special, common):
    other = [on_channel(channel, percent_off=1) for channel in special]
    offers = [offer(1, channels=named[0], channel_terms=other), offer(2, channels=named[1])]

    assert prices.common_channels(offers) == common
    assert prices.common_channels(offers[::-1]) == common


def test_the_worst_price_is_that_of_a_stack_that_combines():
    a = offer(1, percent_off=30, combination_class=1, accepts={2})
    b = offer(2, percent_off=20, combination_class=2, accepts={1, 3})
    c = offer(3, percent_off=25, combination_class=3, accepts={2}, channel_terms=[on_channel(9, percent_off=10)])
    planned, shoe = plan(a, b, c), product(1, price=10)

    assert prices.worst(planned, shoe, [c, a, b]) == Decimal("5.00")
    assert prices.worst(planned, shoe, [a, c]) == Decimal("7.00")
    assert prices.worst(planned, shoe, []) == Decimal("10.00")
    assert prices.worst(planned, product(1), [a]) is None
    deeper = offer(4, percent_off=5, channel_terms=[on_channel(9, percent_off=60)])
    assert prices.worst(plan(deeper), shoe, [deeper]) == Decimal("4.00")


def test_the_floor_leaves_the_strictest_margin():
    shoe = product(1, price=10, cost=6)

    assert prices.cents(prices.floor_price(shoe, Decimal(15))) == Decimal("7.06")
    assert prices.floor_price(product(1, price=10), Decimal(15)) is None
    assert prices.margin_floor([offer(1), offer(2, margin_floor_pct=20)], Decimal(15)) == 20
    assert prices.margin_floor([offer(1, margin_floor_pct=5)], Decimal(15)) == 15
    assert prices.floor_price(shoe, prices.margin_floor([offer(1, margin_floor_pct=100)], Decimal(15))) > 6


def test_an_order_is_open_when_nothing_tells_two_apart():
    def is_open(a, b):
        assert prices.order_is_open(a, b) == prices.order_is_open(b, a)
        return prices.order_is_open(a, b)

    assert is_open(offer(1, percent_off=1), offer(2, amount_off=1))
    assert is_open(offer(1, percent_off=1, priority=1), offer(2, amount_off=1))
    assert is_open(offer(1, percent_off=1, priority=1), offer(2, amount_off=1, priority=1))
    assert not is_open(offer(1, percent_off=1, priority=1), offer(2, amount_off=1, priority=2))
    assert not is_open(offer(1, percent_off=1), offer(2, amount_off=1, **ORDER))


@pytest.mark.parametrize(
    ("terms", "changes", "costs"),
    [
        ({"percent_off": 1}, True, True),
        ({"points_multiplier": 2}, False, True),
        ({"gift_cost": 2}, False, True),
        ({"mechanic": "free_shipping"}, False, False),
        ({"mechanic": "message"}, False, False),
        ({}, False, False),
    ],
)
def test_which_offers_touch_a_price(terms, changes, costs):
    assert (prices.changes_price(offer(1, **terms)), prices.costs_money(offer(1, **terms))) == (changes, costs)
