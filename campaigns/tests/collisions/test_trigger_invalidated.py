from datetime import timedelta

import pytest

from campaigns.rules.collisions import trigger_invalidated as rule
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

PRODUCTS = [product(1, price=20), product(2, price=50), product(3)]
SHIPPING = {"mechanic": "free_shipping", "min_spend": 100}


def of(*offers, **facts):
    return plan(*offers, products=PRODUCTS, **facts)


def promise(number=1, **facts):
    return offer(number, **SHIPPING | facts)


def after(*offers, **facts):
    return only(rule, of(*offers, **facts)).numbers["after"]


def test_a_basket_of_a_hundred_that_comes_to_seventy_four():
    one = only(rule, of(promise(), offer(2, percent_off=26)))

    # 40 + 30 · min(1, 0.26/0.25) + 20
    assert one.severity.score == 90
    assert (one.offers, one.key, one.customers, one.products) == ((1, 2), "1", 100, 1)
    assert (one.numbers["minimum"], one.numbers["after"]) == ("100.00", "74.00")


def test_a_tenth_off():
    # 40 + 30 · 0.10/0.25 + 20
    assert only(rule, of(promise(), offer(2, percent_off=10))).severity.score == 72


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"amount_off": 26, "applies_to": "order"}, "74.00"),
        ({"amount_off": 26, "applies_to": "order", "min_spend": 100}, "74.00"),
        ({"percent_off": 26, "applies_to": "order"}, "74.00"),
        ({"percent_off": 26, "max_discount": 5}, "95.00"),
        ({"percent_off": 26, "max_discount": 50}, "74.00"),
        ({"buy_quantity": 3, "get_quantity": 1}, "75.00"),
        ({"amount_off": 5}, "75.00"),
        ({"amount_off": 5, "max_discount": 10}, "90.00"),
        ({"fixed_price": 15}, "75.00"),
    ],
)
def test_what_is_left_of_the_basket(terms, expected):
    assert after(promise(), offer(2, **terms)) == expected


def test_the_products_that_become_cheapest_are_in_the_basket():
    both = {"products": {1, 2}}

    assert after(promise(**both), offer(2, amount_off=5, **both)) == "75.00"
    assert after(promise(**both), offer(2, fixed_price=15, **both)) == "30.00"
    assert after(promise(**both), offer(2, fixed_price=15, products={1})) == "75.00"


@pytest.mark.parametrize(
    "terms",
    [
        {"points_multiplier": 5},
        {"gift_product": 3},
        {"mechanic": "message"},
        {"mechanic": "free_shipping"},
        {"percent_off": 26, "min_spend": 101},
        {"fixed_price": 25},
    ],
    ids=["points", "gift", "message", "shipping", "higher minimum", "no cheaper"],
)
def test_offers_that_leave_the_basket_alone(terms):
    assert not found(rule, of(promise(), offer(2, **terms)))
    assert not gaps(rule, of(promise(), offer(2, **terms)))


def test_an_offer_without_a_minimum_cannot_be_out_of_reach():
    assert not found(rule, of(promise(min_spend=None), offer(2, percent_off=26)))


def test_what_comes_later_at_the_till_does_no_harm():
    on_item = {"percent_off": 10, "min_spend": 100}
    on_order = {"percent_off": 26, "applies_to": "order"}

    assert not found(rule, of(offer(1, **on_item), offer(2, **on_order)))
    assert only(rule, of(offer(1, **on_item), offer(2, percent_off=26))).key == "1"
    assert found(rule, of(offer(1, priority=2, **on_item), offer(2, priority=1, percent_off=26)))
    assert not found(rule, of(offer(1, priority=1, **on_item), offer(2, priority=2, percent_off=26)))


def test_each_can_put_the_other_out_of_reach():
    pair = [offer(number, percent_off=26, min_spend=100) for number in (1, 2)]

    assert [one.key for one in found(rule, of(*pair))] == ["1", "2"]


def test_a_discount_on_the_whole_order_needs_no_common_product():
    order = {"applies_to": "order", "products": ()}

    assert after(promise(), offer(2, percent_off=26, **order)) == "74.00"
    assert after(promise(products=()), offer(2, amount_off=10, products={2})) == "80.00"
    assert not found(rule, of(promise(), offer(2, percent_off=26, products=())))


def test_channels_with_terms_of_their_own():
    lower = on_channel(7, mechanic="free_shipping", min_spend=50)
    deeper = on_channel(8, percent_off=40)

    one = only(rule, of(promise(channel_terms=[lower]), offer(2, percent_off=10, channel_terms=[deeper])))

    assert (one.numbers["channel"], one.numbers["after"]) == ("8", "60.00")
    assert not found(rule, of(promise(channels={7}), offer(2, channels={7}, channel_terms=[on_channel(7)])))


@pytest.mark.parametrize(
    "other",
    [
        {"products": {2}},
        {"starts_on": DAY + timedelta(days=10)},
        {"customers": range(100, 200)},
        {"channels": {2}},
        {"joint_group": "spring"},
        {"stackable": False},
    ],
    ids=["other product", "other days", "other customers", "other channel", "planned together", "never together"],
)
def test_silent_when_one_dimension_is_disjoint(other):
    one = promise(channels={1}, joint_group="spring")
    assert found(rule, of(one, offer(2, percent_off=26)))

    assert not found(rule, of(one, offer(2, percent_off=26, **other)))
    assert not gaps(rule, of(one, offer(2, **other)))


def test_silent_where_the_till_looks_at_list_prices():
    assert not found(rule, of(promise(), offer(2, percent_off=26)), after_discounts=0)


def test_what_is_not_known_is_a_gap():
    assert gaps(rule, of(promise(), offer(2))) == [(2, "terms")]
    assert gaps(rule, of(promise(), offer(2, mechanic="percent"))) == [(2, "terms")]
    only_unpriced = {"products": {3}}
    assert gaps(rule, of(promise(**only_unpriced), offer(2, amount_off=5, **only_unpriced))) == [(2, "price")]
    assert not gaps(rule, of(promise(**only_unpriced), offer(2, percent_off=5, **only_unpriced)))
    blind = {"customers": (), "knows_audience": False}
    assert gaps(rule, of(promise(), offer(2, percent_off=26, **blind))) == [(2, "audience")]
    assert gaps(rule, of(promise(), offer(2, percent_off=26, products=(), knows_products=False))) == [(2, "products")]
    assert not gaps(rule, of(promise(), offer(2, points_multiplier=3, **blind)))


def test_a_known_loss_needs_no_price_of_other_products():
    both = {"products": {1, 3}}

    assert after(promise(**both), offer(2, amount_off=5, **both)) == "75.00"


def test_symmetric():
    check_symmetric(rule, of(promise(3, products={1, 2}), offer(2, fixed_price=15, products={1, 2}), promise(1)))


def test_told():
    pair = (promise(), offer(2, percent_off=26))

    assert check_told(rule, only(rule, of(*pair))) == (
        "A basket of 100.00 is enough for Offer 1 (Department 1). With Offer 2 (Department 2) it comes to 74.00, and "
        "Offer 1 (Department 1) is lost at the till."
    )
    deeper = offer(2, channel_terms=[on_channel(8, percent_off=40)], percent_off=10)
    assert "comes to 60.00 on app, and" in check_told(
        rule, only(rule, of(promise(), deeper, channel_names={8: "app"}))
    )
