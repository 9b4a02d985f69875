from datetime import timedelta
from itertools import combinations_with_replacement

import pytest

from campaigns.rules.collisions import conflicting_goals as rule
from campaigns.rules.collisions.facts import Booking, Placement
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan

PLACES = [
    Placement(1, "Pop-up", page="home"),
    Placement(2, "Banner", page="home"),
    Placement(3, "Basket", page="till"),
    Placement(4, "Leaflet"),
    Placement(5, "Poster"),
]


def booking(goal, placement=1, *, first=0, days=10):
    return Booking(placement, DAY + timedelta(days=first), DAY + timedelta(days=first + days), goal=goal)


def there(number, goal, placement=1, *, first=0, days=10, **facts):
    return offer(number, bookings=[booking(goal, placement, first=first, days=days)], **facts)


def of(*offers):
    return plan(*offers, placements=PLACES)


def test_side_by_side_on_one_page():
    one = only(rule, of(there(1, "grow_list"), there(2, "conversion", 2, first=5, customers=range(75, 300))))

    # 25 + 30 / 2 + 20 · √(1/2 · 1/4)
    assert one.severity.score == 47
    assert (one.offers, one.key, one.customers) == ((1, 2), "home", 25)
    assert (one.starts_on, one.ends_before) == (DAY + timedelta(days=5), DAY + timedelta(days=10))


def test_in_one_placement():
    assert only(rule, of(there(1, "clear_stock"), there(2, "margin"))).severity.score == 25 + 30 + 20


def test_a_placement_without_a_page_stands_alone():
    assert only(rule, of(there(1, "clear_stock", 4), there(2, "margin", 4))).key == "4"
    assert not found(rule, of(there(1, "clear_stock", 4), there(2, "margin", 5)))


def test_two_pairs_of_goals_contradict_and_no_others():
    clashing = [
        {one, other}
        for one, other in combinations_with_replacement(rule.GOALS, 2)
        if found(rule, of(there(1, one), there(2, other)))
    ]

    assert clashing == [{"grow_list", "conversion"}, {"clear_stock", "margin"}]


@pytest.mark.parametrize(
    "other",
    [
        there(2, "conversion", 3),
        there(2, "conversion", first=10),
        there(2, "conversion", customers=range(100, 200)),
        there(2, "conversion", channels={2}),
        there(2, "conversion", joint_group="spring"),
        offer(2),
    ],
    ids=["other page", "other days", "other customers", "other channel", "planned together", "not booked"],
)
def test_silent_when_one_dimension_is_disjoint(other):
    one = there(1, "grow_list", channels={1}, joint_group="spring")
    assert found(rule, of(one, there(2, "conversion")))

    assert not found(rule, of(one, other))
    assert not gaps(rule, of(one, other))


def test_one_offer_may_have_two_goals():
    assert not found(rule, of(offer(1, bookings=[booking("grow_list"), booking("conversion", 2)]), offer(2)))


def test_of_several_bookings_the_most_severe_is_told():
    twice = offer(2, bookings=[booking("conversion", 2), booking("conversion", 1, first=8, days=1)])

    one = only(rule, of(there(1, "grow_list"), twice))

    assert one.starts_on == DAY + timedelta(days=8)
    assert one.severity.score == 75


def test_what_is_not_known_is_a_gap_where_it_matters():
    list_grows = there(1, "grow_list")

    assert gaps(rule, of(list_grows, there(2, ""))) == [(2, "goal")]
    assert gaps(rule, of(there(1, ""), there(2, ""))) == [(1, "goal"), (2, "goal")]
    assert not gaps(rule, of(there(1, "loyalty"), there(2, "")))
    assert not gaps(rule, of(list_grows, there(2, "", customers={500})))
    blind = {"customers": (), "knows_audience": False}
    assert gaps(rule, of(list_grows, there(2, "conversion", **blind))) == [(2, "audience")]
    assert not gaps(rule, of(list_grows, there(2, "loyalty", **blind)))
    assert not gaps(rule, of(there(1, "grow_list", customers=()), there(2, "conversion", **blind)))


def test_symmetric():
    check_symmetric(
        rule,
        of(there(1, "grow_list"), there(2, "conversion", first=3), there(3, "margin"), there(4, "clear_stock", 2)),
    )


def test_told():
    assert check_told(rule, only(rule, of(there(1, "grow_list"), there(2, "conversion", 2)))) == (
        "Offer 1 (Department 1) wants to grow the mailing list (Pop-up), while Offer 2 (Department 2) wants to sell on "
        "this page (Banner): for the same 100 customers from 1 May 2026 to 10 May 2026 the one works against the other."
    )
