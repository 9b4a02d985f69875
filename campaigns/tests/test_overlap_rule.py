from dataclasses import replace
from datetime import date, timedelta

import pytest

from campaigns.rules import collisions
from campaigns.rules.collisions import overlap

DAY = date(2026, 5, 10)
A = overlap.Side(department=1, starts_on=DAY, ends_before=DAY + timedelta(days=10), products=4, customers=200)
B = overlap.Side(
    department=2, starts_on=DAY + timedelta(days=5), ends_before=DAY + timedelta(days=25), products=8, customers=500
)


def judge(a, b, shared_products=1, shared_customers=50):
    return overlap.judge(a, b, shared_products=shared_products, shared_customers=shared_customers)


def test_the_rule_is_listed():
    assert overlap in collisions.RULES


def test_overlap_tells_days_counts_and_severity():
    found = judge(A, B)

    assert found == overlap.Finding(
        starts_on=DAY + timedelta(days=5),
        ends_before=DAY + timedelta(days=10),
        shared_products=1,
        shared_customers=50,
        severity=found.severity,
    )
    assert (found.severity.score, found.severity.level) == (29, "low")


def test_overlap_is_symmetric():
    assert judge(A, B) == judge(B, A)


def test_offers_that_share_only_their_last_and_first_day_overlap_on_it():
    found = judge(A, replace(B, starts_on=A.ends_before - timedelta(days=1)))

    assert (found.starts_on, found.ends_before) == (DAY + timedelta(days=9), DAY + timedelta(days=10))


def test_an_offer_that_starts_the_day_after_does_not_overlap():
    assert judge(A, replace(B, starts_on=A.ends_before)) is None


def test_an_offer_inside_of_another_overlaps_with_all_its_days():
    inside = replace(B, starts_on=DAY + timedelta(days=2), ends_before=DAY + timedelta(days=4))

    found = judge(A, inside)

    assert (found.starts_on, found.ends_before) == (inside.starts_on, inside.ends_before)


@pytest.mark.parametrize(
    "b",
    [
        replace(B, department=A.department),
        replace(B, starts_on=A.ends_before),
        replace(B, channels=frozenset({2})),
    ],
    ids=["one department", "other days", "other channels"],
)
def test_one_disjoint_dimension_silences_all_others(b):
    a = replace(A, channels=frozenset({1, 3}))
    assert judge(a, B) is not None

    assert judge(a, b) is None
    assert judge(b, a) is None


@pytest.mark.parametrize(("products", "customers"), [(0, 50), (1, 0)])
def test_nothing_shared_is_no_overlap(products, customers):
    assert judge(A, B, products, customers) is None


@pytest.mark.parametrize(
    ("a", "b"), [(set(), set()), ({1}, set()), (set(), {1}), ({1, 2}, {2, 3})], ids=["", "a", "b", "common"]
)
def test_channels_do_not_rule_an_overlap_out_unless_both_name_others(a, b):
    assert judge(replace(A, channels=frozenset(a)), replace(B, channels=frozenset(b))) is not None
