from fractions import Fraction

import pytest

from campaigns.rules.promises import is_stated, jaccard, same_kind, same_promise
from campaigns.tests.collisions.plans import offer, plan, terms


@pytest.mark.parametrize(
    ("one", "other", "kind", "promise"),
    [
        ({"percent_off": 20}, {"percent_off": 20}, True, True),
        ({"percent_off": 20}, {"percent_off": 21}, True, False),
        ({"percent_off": 20}, {"amount_off": 20}, False, False),
        ({"percent_off": 20}, {"percent_off": 20, "applies_to": "order"}, False, False),
        ({"percent_off": 20, "min_spend": 5}, {"percent_off": 20}, True, True),
        ({"buy_quantity": 2, "get_quantity": 1}, {"buy_quantity": 2, "get_quantity": 1}, True, True),
        ({"buy_quantity": 2, "get_quantity": 1}, {"buy_quantity": 3, "get_quantity": 1}, False, False),
        ({"gift_product": 1}, {"gift_product": 2}, False, False),
        ({"mechanic": "free_shipping"}, {"mechanic": "free_shipping", "applies_to": "order"}, True, True),
        ({"mechanic": "bundle", "fixed_price": 5}, {"fixed_price": 5}, False, False),
    ],
)
def test_the_same_promise(one, other, kind, promise):
    for a, b in ((terms(**one), terms(**other)), (terms(**other), terms(**one))):
        assert (same_kind(a, b), same_promise(a, b)) == (kind, promise)


@pytest.mark.parametrize(
    ("facts", "stated"),
    [
        ({}, False),
        ({"mechanic": "percent"}, False),
        ({"percent_off": 1}, True),
        ({"mechanic": "bundle"}, False),
        ({"buy_quantity": 1}, False),
        ({"buy_quantity": 1, "get_quantity": 1}, True),
        ({"mechanic": "gift"}, False),
        ({"gift_product": 1}, True),
        ({"mechanic": "free_shipping"}, True),
        ({"mechanic": "message"}, True),
    ],
)
def test_some_terms_say_what_they_promise(facts, stated):
    assert is_stated(terms(**facts)) == stated


def test_likeness_counts_the_products_of_both():
    both = plan(offer(1, products=range(9)), offer(2, products=range(1, 10)), offer(3, products=()))

    assert jaccard(both.meeting(1, 2)) == Fraction(8, 10)
    assert (
        jaccard(both.meeting(1, 3)) == jaccard(plan(offer(1, products=()), offer(2, products=())).meeting(1, 2)) == 0
    )
