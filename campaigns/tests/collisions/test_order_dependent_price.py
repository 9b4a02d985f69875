from datetime import timedelta

import pytest

from campaigns.rules.collisions import order_dependent_price as rule
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

BASE = {"discount_base": "discounted"}
TEN = product(1, price=10)


def amount(number=1, **facts):
    return offer(number, **{"amount_off": 6} | facts)


def half(number=2, **facts):
    return offer(number, **{"percent_off": 50} | BASE | facts)


def prices(*offers, products=(TEN,), **options):
    """(lowest, highest, why, score) of the one finding, None without any."""
    findings = found(rule, plan(*offers, products=products), **options)
    if not findings:
        return None
    (one,) = findings
    return one.numbers["lowest"], one.numbers["highest"], one.numbers["why"], one.severity.score


@pytest.mark.parametrize("base", ["", "discounted"])
def test_6_off_and_half_of_10_cost_nothing_or_2(base):
    # 25 + 30 + 20
    assert prices(amount(), half(discount_base=base)) == ("0.00", "2.00", "order", 75)


def test_100_off_and_10_per_cent_of_1000_cost_800_or_810():
    a, b = amount(amount_off=100), half(percent_off=10)

    # 25 + 30 · 0.01 / 0.10 + 20
    assert prices(a, b, products=[product(1, price=1000)]) == ("800.00", "810.00", "order", 48)
    assert prices(a, b, products=[product(1, price=1000)], tolerance=1) is None
    # A tenth of a per cent of 10,000 is a difference that does not count.
    assert prices(a, b, products=[product(1, price=10_000)]) is None


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ({"priority": 1}, {"priority": 1}, ("0.00", "2.00", "order", 75)),
        ({"priority": 1}, {}, ("0.00", "2.00", "order", 75)),
        ({"priority": 1}, {"priority": 2}, None),
        ({}, {"applies_to": "order"}, None),
        ({"priority": 1}, {"priority": 2, "discount_base": ""}, ("0.00", "2.00", "base", 75)),
        ({"priority": 2}, {"priority": 1, "discount_base": ""}, None),
        ({"priority": 1}, {"priority": 2, "discount_base": "initial"}, None),
        ({"fixed_price": 4, "amount_off": None}, {}, ("2.00", "4.00", "order", 75)),
        ({"mechanic": "free_shipping", "amount_off": None}, {}, None),
        ({"points_multiplier": 3, "amount_off": None}, {}, None),
        ({"stackable": False}, {}, None),
    ],
)
def test_only_what_nobody_set_makes_a_difference(a, b, expected):
    assert prices(amount(**a), half(**b)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("discounted", "discounted", None),
        ("initial", "initial", None),
        ("", "", ("5.00", "5.60", "base", 63)),
        ("discounted", "", ("5.00", "5.60", "base", 63)),
        ("discounted", "initial", ("5.00", "5.60", "base", 63)),
    ],
)
def test_two_percentages_depend_on_their_base(one, other, expected):
    a, b = half(1, percent_off=20, discount_base=one), half(percent_off=30, discount_base=other)

    assert prices(a, b) == expected
    assert gaps(rule, plan(a, b)) == ([(1, "price"), (2, "price")] if expected else [])


def test_a_base_makes_a_difference_across_classes():
    a = half(1, percent_off=40, discount_base="")
    b = half(percent_off=70, discount_base="", applies_to="order")

    assert prices(a, b, products=[product(1, price=100)]) == ("0.00", "18.00", "base", 75)


def test_buy_one_get_one_is_a_percentage_too():
    # 2 off, then half of 8: 4.00; half of 10, less 2: 3.00; 2 off, then half of the initial 10: 3.00
    assert prices(amount(amount_off=2), offer(2, buy_quantity=1, get_quantity=1)) == ("3.00", "4.00", "order", 75)


def test_a_cent_is_no_difference():
    a, b = amount(amount_off="0.01"), half(percent_off=10)

    assert prices(a, b, products=[product(1, price="0.50")]) is None


def test_the_widest_spread_is_quoted():
    a, b = amount(products=range(3)), half(products=range(3))
    finding = only(rule, plan(a, b, products=[product(0, price=60), product(1, price=10), product(2, price=20)]))

    # 6 · 0.5 of 10, capped as no price is below 0; 3 of 20; 3 of 60
    assert finding.numbers["product"] == "Product 1"
    assert finding.products == 3


def test_the_exposure_is_the_mean_of_all_three():
    a = amount(products=range(8), customers=range(200))
    b = half(starts_on=DAY + timedelta(days=5), days=20, products=[0, 1, *range(50, 60)], customers=range(150, 650))

    # 25 + 30 + 20 · ∛(0.5 · 0.25 · 0.25)
    assert prices(a, b, products=[product(0, price=10), TEN])[3] == 61


def test_terms_of_a_channel_count_where_both_run():
    special = {"channel_terms": [on_channel(3, percent_off=50)], "percent_off": 1, **BASE}

    assert prices(amount(), half(channels=[3, 4], **special)) == ("0.00", "2.00", "order", 75)
    assert prices(amount(channels=[4]), half(channels=[3, 4], **special)) == ("3.90", "3.96", "order", 47)


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": {2}},
        {"customers": {200}},
        {"channels": [2]},
        {"joint_group": "spring"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = amount(channels=[1, 3], joint_group="spring")
    assert prices(a, half())

    assert prices(a, half(**apart), products=[TEN, product(2, price=10)]) is None
    assert gaps(rule, plan(a, half(**apart))) == []


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, "products"),
        ({"knows_audience": False, "customers": ()}, "audience"),
        ({"mechanic": ""}, "terms"),
        ({"mechanic": "bundle", "fixed_price": 9, "products": {1, 2}}, "price"),
        ({"channel_terms": [on_channel(3, mechanic="percent")]}, "terms"),
    ],
)
def test_what_is_not_known_of_an_offer_is_a_gap(unknown, missing):
    assert gaps(rule, plan(amount(), half(**unknown), products=[TEN])) == [(2, missing)]
    assert prices(amount(), half(**unknown)) is None
    assert gaps(rule, plan(amount(), half(**unknown, starts_on=DAY + timedelta(days=10)))) == []
    assert gaps(rule, plan(amount(stackable=False), half(**unknown))) == []


def test_a_product_without_a_price_is_a_gap_of_both():
    a, b = amount(products={1, 2}), half(products={1, 2})

    assert gaps(rule, plan(a, b, products=[TEN])) == [(1, "price"), (2, "price")]
    assert prices(a, b) is not None


def test_it_is_symmetric():
    check_symmetric(
        rule,
        plan(
            *(amount(products={1, 2}), half(products={1, 2}), half(3, discount_base=""), amount(4, products={2})),
            products=[TEN, product(2, price=10)],
        ),
    )


def test_products_of_one_price_are_one_answer():
    a, b = amount(products=range(1, 5001)), half(products=range(1, 5001))
    finding = only(rule, plan(a, b, products=[product(number, price=20 + number % 2) for number in range(1, 5001)]))

    # 3 of 20 rather than 3 of 21: those with even numbers.
    assert (finding.products, finding.numbers["product"], finding.numbers["list"]) == (5000, "Product 2", "20.00")


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        (
            {},
            {},
            (
                "Product 1 (list price 10.00) costs 0.00 or 2.00, depending on whether the till applies"
                " Offer 1 (Department 1) or Offer 2 (Department 2) first."
            ),
        ),
        (
            {"priority": 1},
            {"priority": 2, "discount_base": ""},
            (
                "With Offer 1 (Department 1) and Offer 2 (Department 2), Product 1 (list price 10.00) costs 0.00 or 2.00,"
                " depending on whether percentages are of the initial or of the discounted price."
            ),
        ),
    ],
)
def test_it_is_told(a, b, told):
    assert check_told(rule, only(rule, plan(amount(**a), half(**b), products=[TEN]))) == told


def test_it_is_told_when_order_and_base_both_matter():
    numbers = only(rule, plan(amount(), half(), products=[TEN])).numbers | {"why": "both"}

    assert "costs from 0.00 to 2.00" in rule.tell(numbers)
