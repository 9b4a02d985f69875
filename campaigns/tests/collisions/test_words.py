from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from campaigns.rules.collisions import words
from campaigns.tests.collisions.plans import offer


def test_numbers_are_kept_as_text():
    assert words.cents(Decimal("12.345")) == "12.35"
    assert words.cents(Decimal(1000)) == "1000.00"
    assert words.per_cent(Fraction(1, 8)) == "12.5"
    assert words.per_cent(Fraction(1, 3)) == "33.3"
    assert words.last_day(date(2026, 3, 1)) == "2026-02-28"


def test_offers_are_named_with_their_department():
    assert words.who(words.named(offer(1))) == "Offer 1 (Department 1)"
    assert words.who(words.named(offer(1, name="", department_name=""))) == "O01"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["1,234.50", "1,000", "1,200.5", "12 %", "12.5 %", "100 %", "1 May 2026"]),
        ("es", ["1.234,50", "1.000", "1.200,5", "12 %", "12,5 %", "100 %", "1 may 2026"]),
    ],
)
def test_they_are_written_as_the_reader_writes(language, texts):
    with translation.override(language):
        assert [
            words.money("1234.5"),
            words.quantity(1000),
            words.quantity("1200.50"),
            words.percent("12.0"),
            words.percent("12.5"),
            words.percent("100"),
            words.day("2026-05-01"),
        ] == texts


def test_one_and_many():
    assert [words.products(1), words.products(1200)] == ["1 product", "1,200 products"]
    assert [words.customers(1), words.customers(1200)] == ["1 customer", "1,200 customers"]
