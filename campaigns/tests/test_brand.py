"""Brand rules against one offer: the price arithmetic is that of the other self-checks."""

from decimal import Decimal

import pytest

from campaigns.rules.self_checks import WARN
from campaigns.rules.self_checks.brand import Brand, check
from campaigns.tests.collisions.plans import offer, plan, product, with_bitmaps

MINE, OTHERS = 1, 2


def told(one, *brands, bitmaps=False):
    products = [product(number, price=10, cost=6) for number in range(1, 11)]
    the_plan = plan(one, products=products)
    if bitmaps:
        the_plan = with_bitmaps(the_plan)
    found = list(check(the_plan, the_plan.offers[1], brands))
    assert {one.severity for one in found} <= {WARN}
    return [(one.code, one.fields, one.text) for one in found]


def limit(percent, department=MINE):
    return Brand(department, "CRM", Decimal(percent))


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"percent_off": 40}, ("percent_off",)),
        ({"amount_off": 4}, ("amount_off",)),
        ({"fixed_price": 6}, ("fixed_price",)),
    ],
)
def test_the_depth_is_reckoned_from_what_is_said_and_from_prices(facts, fields):
    one = offer(1, department=MINE, **facts)
    assert told(one, limit(40)) == []
    (code, about, text) = told(one, limit("39.5"))[0]
    assert (code, about[:1]) == ("too_deep_for_brand", fields)
    assert text == "It takes off up to 40 %; the brand rules of CRM stop at 39.5 %."


def test_how_deep_it_goes_is_for_its_own_department_to_say():
    one = offer(1, department=MINE, percent_off=90)
    assert told(one, limit(10, OTHERS), Brand(MINE, "CRM")) == []


@pytest.mark.parametrize("bitmaps", [False, True])
def test_a_protected_brand_is_left_alone_by_everybody(bitmaps):
    from pyroaring import BitMap

    kind = BitMap if bitmaps else frozenset
    one = offer(1, department=MINE, percent_off=10, products=(1, 2, 3))
    rules = Brand(OTHERS, "Trade", protected={"Aurora": kind({2, 9}), "Zora": kind({3}), "None": kind({8})})
    ((code, about, text),) = told(one, rules, bitmaps=bitmaps)
    assert (code, about) == ("protected_brand", ("categories", "add_products", "drop_products"))
    assert text == (
        "It reduces 2 products (Product 2, Product 3) of “Aurora” and “Zora”, which the brand rules of Trade protect."
    )


def test_a_message_without_price_reduces_nothing():
    one = offer(1, department=MINE, mechanic="message", products=(1,))
    assert told(one, Brand(OTHERS, "Trade", Decimal(1), {"Aurora": frozenset({1})})) == []
