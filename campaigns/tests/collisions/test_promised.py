import json

import pytest
from django.utils import translation

from campaigns.rules.collisions.promised import figures, promised
from campaigns.tests.collisions.plans import plan, product, terms


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"percent_off": "12.5"}, "12.5 % off"),
        ({"percent_off": 20, "applies_to": "order"}, "20 % off the order"),
        ({"amount_off": 1200}, "1,200.00 off"),
        ({"amount_off": 2, "applies_to": "order"}, "2.00 off the order"),
        ({"fixed_price": "9.9"}, "for 9.90"),
        ({"mechanic": "bundle", "fixed_price": 3}, "bundle for 3.00"),
        ({"buy_quantity": 2, "get_quantity": 1}, "buy 2, get 1 free"),
        ({"points_multiplier": 3}, "points × 3"),
        ({"gift_product": 1}, "gift: Tea"),
        ({"gift_product": 2}, "gift"),
        ({"mechanic": "free_shipping"}, "free shipping"),
    ],
)
def test_a_promise_in_words(facts, words):
    kept = figures(plan(products=[product(1, name="Tea")]), terms(**facts))

    assert json.loads(json.dumps(kept)) == kept
    assert promised(kept) == words
    with translation.override("es"):
        assert "%(" not in promised(kept)
