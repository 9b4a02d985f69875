"""Collisions as rows of a file: one per rule and pair, of whatever rule and of however many offers."""

import pytest

from campaigns.models import Campaign, Collision
from campaigns.queries.export import COLUMNS, collision_rows
from campaigns.tests import factories as make
from campaigns.tests.found import find, offers_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("echo")]


def exported():
    return [dict(zip(COLUMNS, row, strict=True)) for row in collision_rows()]


def places():
    return [(row["rule"], row["offer_a"], row["offer_b"]) for row in exported()]


def test_a_row_for_every_rule_that_fired_on_a_pair():
    a, b = offers_of("A", "B")
    find(a, b, rule="overlap", shared_products=3, shared_customers=50)
    find(a, b, shared_customers=7, score=81)
    find(a, b, rule="Zoom")
    echo, overlap = exported()[1:]
    assert [row[0] for row in places()] == ["Zoom", "echo", "overlap"]
    assert echo == {
        "rule": "echo",
        "offer_a": "A-1-O",
        "offer_b": "B-1-O",
        "campaign_a": "A-1",
        "campaign_b": "B-1",
        "department_a": "A",
        "department_b": "B",
        "overlap_starts_on": "2026-11-12",
        "overlap_ends_on": "2026-11-14",
        "overlap_days": 3,
        "shared_products": 0,
        "shared_customers": 7,
        "level": "critical",
    }
    assert (overlap["shared_products"], overlap["shared_customers"]) == (3, 50)


def test_every_pair_of_two_departments_in_a_larger_collision():
    a, b, c = offers_of("A", "B", "C")
    second = make.make_offer(a.campaign, "Z", products=[])
    find(a, b, c, second)
    assert places() == [
        ("echo", "A-1-O", "B-1-O"),
        ("echo", "A-1-O", "C-1-O"),
        ("echo", "B-1-O", "C-1-O"),
        ("echo", "B-1-O", "Z"),
        ("echo", "C-1-O", "Z"),
    ]


def test_larger_collisions_stand_in_order_among_those_of_two():
    a, b, c, d = offers_of("A", "B", "C", "é")
    find(a, d)
    find(b, c)
    find(a, b, d)
    find(a, b, rule="before")
    assert places() == [
        ("before", "A-1-O", "B-1-O"),
        ("echo", "A-1-O", "B-1-O"),
        ("echo", "A-1-O", "é-1-O"),
        ("echo", "B-1-O", "C-1-O"),
        ("echo", "B-1-O", "é-1-O"),
    ]


def test_of_several_things_that_a_rule_says_of_a_pair_the_most_severe():
    a, b, c = offers_of("A", "B", "C")
    find(a, b, key="one", score=41)
    find(a, b, key="two", score=62)
    find(a, b, c, score=85)
    assert [row["level"] for row in exported()] == ["critical", "critical", "critical"]
    Collision.objects.filter(score=85).update(state="cleared")
    assert [row["level"] for row in exported()] == ["high"]


def test_drafts_are_in_no_row():
    a, b, c = offers_of("A", "B", "C")
    find(a, b, c)
    Campaign.objects.filter(pk=c.campaign_id).update(status="draft")
    assert places() == [("echo", "A-1-O", "B-1-O")]


def test_two_queries_for_one_collision_as_for_three(django_assert_num_queries):
    a, b, c = offers_of("A", "B", "C")
    find(a, b, c)
    with django_assert_num_queries(2):
        assert len(exported()) == 3
    find(a, b, key="again")
    find(a, c, rule="other")
    with django_assert_num_queries(2):
        assert len(exported()) == 4
