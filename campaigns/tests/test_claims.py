"""What each kind of claim needs, without a database."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns.choices import ClaimKind
from campaigns.rules.claims import CLAIM_COLUMNS, CLAIMS, columns_of, superfluous_columns, wrong_claim

FILLED = {
    "product": 7,
    "brand": "Acme",
    "channel": 3,
    "segment": 5,
    "until": date(2026, 12, 24),
    "amount": Decimal(0),
    "quantity": 1,
}
NEEDS = {
    "lowest_price": [{"product"}],
    "exclusive_to": [{"channel"}, {"segment"}, {"channel", "segment"}],
    "ends": [{"until"}],
    "never_discounted": [{"brand"}],
    "only_here": [{"channel"}],
    "new_customers_only": [{"segment"}],
    "free_shipping_always": [set(), {"amount"}],
    "limited_quantity": [{"product", "quantity"}],
}


def values(*columns):
    return {column: FILLED[column] for column in columns}


def test_every_kind_is_known():
    assert CLAIMS.keys() == set(ClaimKind.values) == NEEDS.keys()
    assert set(CLAIM_COLUMNS) == FILLED.keys()
    assert all(columns_of(kind) <= set(CLAIM_COLUMNS) for kind in CLAIMS)


@pytest.mark.parametrize("kind", NEEDS)
def test_a_claim_with_what_its_kind_needs_is_right(kind):
    for enough in NEEDS[kind]:
        assert wrong_claim(kind, values(*enough)) == {}
    assert wrong_claim(kind, values(*columns_of(kind))) == {}


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("lowest_price", {"product": "Give it: this kind of claim needs it."}),
        ("exclusive_to", {"channel": "Give a channel or a segment."}),
        ("ends", {"until": "Give it: this kind of claim needs it."}),
        ("never_discounted", {"brand": "Give it: this kind of claim needs it."}),
        ("only_here", {"channel": "Give it: this kind of claim needs it."}),
        ("new_customers_only", {"segment": "Give it: this kind of claim needs it."}),
        (
            "limited_quantity",
            dict.fromkeys(("product", "quantity"), "Give it: this kind of claim needs it."),
        ),
    ],
)
def test_what_is_missing_is_named(kind, missing):
    assert wrong_claim(kind, {"brand": "", "product": None}) == missing


@pytest.mark.parametrize("kind", NEEDS)
def test_what_a_kind_has_no_use_for_is_named(kind):
    unused = set(CLAIM_COLUMNS) - columns_of(kind)
    no_use = "Leave it empty: this kind of claim has no use for it."
    assert wrong_claim(kind, FILLED) == dict.fromkeys(unused, no_use)
    assert set(superfluous_columns(kind, FILLED)) == unused
    assert superfluous_columns(kind, dict.fromkeys(CLAIM_COLUMNS)) == []


def test_a_kind_that_nobody_knows_is_judged_elsewhere():
    assert wrong_claim("best_ever", FILLED) == {}
