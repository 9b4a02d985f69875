from decimal import Decimal

import pytest

from campaigns.rules.terms import DISCOUNTS, TERM_COLUMNS, TERMS, WrongTerms, bears_a_price, terms_of


@pytest.mark.parametrize(
    ("mechanic", "value", "terms"),
    [
        ("", "", {}),
        ("message", "", {}),
        ("percent", "100", {"percent_off": Decimal(100)}),
        ("percent", "0.01", {"percent_off": Decimal("0.01")}),
        ("amount_off", "1.50", {"amount_off": Decimal("1.5")}),
        ("fixed_price", "0", {"fixed_price": Decimal(0)}),
        ("points", "2.5", {"points_multiplier": Decimal("2.5")}),
        ("bxgy", "2+1", {"buy_quantity": 2, "get_quantity": 1}),
        ("bxgy", "3", {"buy_quantity": 3, "get_quantity": 1}),
        ("bxgy", "10+5", {"buy_quantity": 10, "get_quantity": 5}),
        ("bundle", "", {"fixed_price": None}),
        ("bundle", "9.99", {"fixed_price": Decimal("9.99")}),
        ("free_shipping", "", {"min_spend": None}),
        ("free_shipping", "25", {"min_spend": Decimal(25)}),
        ("gift", "P1", {"gift_product": "P1"}),
        ("gift", "", {"gift_product": None}),
    ],
)
def test_value_is_read_as_the_mechanic_says(mechanic, value, terms):
    assert terms_of(mechanic, value) == terms
    assert terms.keys() <= set(TERM_COLUMNS)


@pytest.mark.parametrize(
    ("mechanic", "value"),
    [
        ("", "5"),
        ("message", "5"),
        *(("percent", value) for value in ("", "0", "-5", "100.01", "5%", "1e1", "0.001", "٥", " 5", "5,0", "nan")),
        *(("amount_off", value) for value in ("", "0", "0.001", "10000000000")),
        *(("fixed_price", value) for value in ("", "-1", "9.999")),
        *(("points", value) for value in ("", "0", "1000")),
        *(
            ("bxgy", value)
            for value in ("", "0", "2+0", "0+1", "2+", "+1", "2 + 1", "2+1+1", "2147483648", "1.5", "٢+١")
        ),
        ("bundle", "-1"),
        ("free_shipping", "free"),
    ],
)
def test_value_that_does_not_fit_is_refused(mechanic, value):
    with pytest.raises(WrongTerms):
        terms_of(mechanic, value)


def test_every_mechanic_has_terms():
    samples = {"percent": "5", "amount_off": "5", "fixed_price": "5", "points": "5", "bxgy": "5"}
    for mechanic, (needs, may) in TERMS.items():
        assert set(needs) <= terms_of(mechanic, samples.get(mechanic, "")).keys() <= {*needs, *may}


def test_only_words_and_silence_bear_no_price():
    assert {mechanic for mechanic in TERMS if not bears_a_price(mechanic)} == {"", "message"}


def test_discounts_are_mechanics_with_a_price():
    assert TERMS.keys() - DISCOUNTS == {"", "message", "points", "gift"}
    assert all(bears_a_price(mechanic) for mechanic in DISCOUNTS)
