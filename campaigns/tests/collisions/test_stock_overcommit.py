from datetime import timedelta

import pytest

from campaigns.rules.collisions import stock_overcommit as rule
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan, product


def later(days):
    return {"starts_on": DAY + timedelta(days=days)}


def of(*offers, stock=600, more=()):
    return plan(*offers, products=[product(1, stock=stock), product(2, stock=600), *more])


def test_nine_hundred_where_six_hundred_are():
    one = only(rule, of(offer(1, expected_units=500), offer(2, expected_units=400)))

    # 35 + 30 · 300/600 + 20
    assert (one.severity.score, one.severity.certainty) == (70, "estimated")
    assert (one.offers, one.products) == ((1, 2), 1)
    assert one.numbers["needed"] == "900.00"


def test_units_are_spread_evenly_over_the_products_of_an_offer():
    wide = offer(2, products={1, 2, 3, 4}, expected_units=1000)

    assert not found(rule, of(offer(1, expected_units=350), wide))
    one = only(rule, of(offer(1, expected_units=351), wide))
    assert [side["units"] for side in one.numbers["offers"]] == ["351.00", "250.00"]


def test_a_gift_goes_with_every_unit():
    giving = offer(2, products={2, 3}, gift_product=1, expected_units=400)

    one = only(rule, of(offer(1, expected_units=300), giving))

    assert one.numbers["needed"] == "700.00"
    assert not found(rule, of(offer(1, expected_units=200), giving))


def test_two_gifts_of_one_product():
    giving = [offer(number, products={number}, gift_product=9, expected_units=400) for number in (1, 2)]

    assert only(rule, of(*giving, more=[product(9, stock=500)])).numbers["product"] == "Product 9"


def test_a_product_that_is_its_own_gift_counts_twice():
    one = only(rule, of(offer(1, gift_product=1, expected_units=300), offer(2, expected_units=100)))

    assert one.numbers["needed"] == "700.00"


def test_all_that_run_on_one_day_count_and_no_others():
    sells = [offer(number, expected_units=250, **later(6 * number)) for number in range(4)]

    # Days 0 to 10, 6 to 16, 12 to 22, 18 to 28: never three at once.
    assert not found(rule, of(*sells))
    one = only(rule, of(*sells, offer(9, expected_units=250, days=7, **later(3))))
    assert one.offers == (0, 1, 9)
    assert (one.starts_on, one.ends_before) == (DAY + timedelta(days=6), DAY + timedelta(days=10))


def test_products_that_fall_short_together_are_one_finding():
    pair = [offer(number, products={1, 2, 3}, expected_units=1200) for number in (1, 2)]

    one = only(rule, of(*pair, stock=500, more=[product(3, stock=800)]))

    assert (one.products, one.numbers["product"], one.numbers["others"]) == (2, "Product 1", 1)
    assert one.severity.score == 35 + 18 + 20


def test_no_stock_at_all_is_the_worst():
    assert only(rule, of(offer(1, expected_units=1), offer(2, expected_units=1), stock=0)).severity.score == 79


@pytest.mark.parametrize(
    "other",
    [
        {"products": {2}},
        later(10),
        {"expected_units": 100},
        {"expected_units": 0},
        {"joint_group": "spring"},
    ],
    ids=["other product", "other days", "just enough", "sells nothing", "planned together"],
)
def test_silent(other):
    one = offer(1, expected_units=500, joint_group="spring")
    assert found(rule, of(one, offer(2, expected_units=101)))

    assert not found(rule, of(one, offer(2, **{"expected_units": 101} | other)))
    assert not gaps(rule, of(one, offer(2, **{"expected_units": 101} | other)))


def test_other_customers_need_the_same_stock():
    assert found(rule, of(offer(1, expected_units=500), offer(2, expected_units=400, customers={500}, channels={2})))


def test_one_offer_alone_is_no_collision():
    assert not found(rule, of(offer(1, expected_units=5000), offer(2, products={2}, expected_units=1)))
    assert not found(rule, of(offer(1, expected_units=5000), offer(2)))


def test_unknown_units_and_stock_are_gaps():
    one, other = offer(1, expected_units=500), offer(2)

    assert gaps(rule, of(one, other)) == [(2, "expected_units")]
    assert gaps(rule, of(one, other, stock=None)) == [(1, "stock"), (2, "expected_units"), (2, "stock")]
    both = [offer(number, products={1, 2}, expected_units=1) for number in (1, 2)]
    assert gaps(rule, of(*both, stock=None)) == [(1, "stock"), (2, "stock")]
    assert not gaps(rule, of(one, offer(2, products={2})))
    assert not gaps(rule, of(one, offer(2, **later(10))))


def test_unknown_products_are_a_gap():
    unknown = {"products": (), "knows_products": False, "expected_units": 500}

    assert gaps(rule, of(offer(1, expected_units=500), offer(2, **unknown))) == [(2, "products")]
    assert gaps(rule, of(offer(1, expected_units=5), offer(2, **unknown), offer(3, **later(10)))) == [(2, "products")]
    assert not gaps(rule, of(offer(1, expected_units=500), offer(2, **unknown, **later(10))))


def test_what_is_known_fires_beside_a_gap():
    offers = [offer(1, expected_units=500), offer(2, expected_units=500), offer(3)]

    assert only(rule, of(*offers)).offers == (1, 2)
    assert gaps(rule, of(*offers)) == [(3, "expected_units")]


def test_symmetric():
    check_symmetric(rule, of(*(offer(n, products={1, 2}, expected_units=700 + n, **later(n)) for n in range(1, 5))))


def test_told():
    pair = [offer(number, products={1, 2}, expected_units=801) for number in (1, 2)]

    assert check_told(rule, only(rule, of(*pair))) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) together expect to need 801 of Product 1 "
        "from 1 May 2026 to 10 May 2026; 600 are in stock. 1 other product falls short too."
    )
    assert "expect to need 400.5 of" in check_told(
        rule, only(rule, of(offer(1, products={1, 3}, expected_units=799), offer(2, expected_units=1), stock=1))
    )
