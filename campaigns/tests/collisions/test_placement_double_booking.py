from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import placement_double_booking as rule
from campaigns.rules.collisions.facts import Booking, Placement
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan

HERO, FOOTER = Placement(1, "Home page, top", page="home"), Placement(2, "Home page, bottom", page="home")


def booking(placement=1, *, first=0, days=10, share=1):
    return Booking(placement, DAY + timedelta(days=first), DAY + timedelta(days=first + days), Decimal(str(share)))


def booked(number, *bookings, **facts):
    return offer(number, bookings=bookings or (booking(),), **facts)


def of(*offers):
    return plan(*offers, placements=[HERO, FOOTER])


def test_two_offers_alone_in_one_place():
    one = only(rule, of(booked(1), booked(2)))

    # 55 + 30 + 20, and no score is above 100
    assert one.severity.score == 100
    assert (one.offers, one.key, one.customers) == ((1, 2), "1", 100)
    assert (one.starts_on, one.ends_before) == (DAY, DAY + timedelta(days=10))


def test_a_part_beside_the_whole_is_as_bad():
    assert only(rule, of(booked(1), booked(2, booking(share="0.1")))).severity.impact == 1


def test_half_the_days_and_a_quarter_of_the_customers():
    one = only(rule, of(booked(1), booked(2, booking(first=5, days=10), customers=range(75, 300))))

    # 55 + 30 + 20 · √(1/2 · 1/4)
    assert one.severity.score == 92


ALL, US, CA = frozenset(range(50)), frozenset(range(20)), frozenset(range(20, 30))


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        (US, CA, None),
        (ALL - US, US, None),
        (ALL - US, ALL - CA, (20, 30)),
        (ALL, US, (1, 1)),
        (range(200), range(150, 650), (1, 4)),
    ],
    ids=["apart", "left out", "both leave some out", "everybody", "50 of 200 and 500"],
)
def test_customers_that_both_have(one, other, part):
    booked_twice = found(rule, of(booked(1, customers=one), booked(2, customers=other)))

    expected = [] if part is None else [(part[0] / part[1]) ** 0.5]
    assert [one.severity.exposure for one in booked_twice] == pytest.approx(expected)


def test_days_are_those_of_the_bookings():
    late = {"starts_on": DAY + timedelta(days=30)}

    assert found(rule, of(booked(1), booked(2, **late)))
    assert not found(rule, of(booked(1), booked(2, booking(first=10))))


def test_a_booking_inside_another():
    one = only(rule, of(booked(1), booked(2, booking(first=3, days=2))))

    assert one.severity.exposure == 1
    assert (one.starts_on, one.ends_before) == (DAY + timedelta(days=3), DAY + timedelta(days=5))


def test_parts_fit_until_they_are_more_than_the_whole():
    third = [booked(number, booking(share="0.4")) for number in (1, 2, 3)]

    assert not found(rule, of(*third[:2]))
    one = only(rule, of(*third))
    assert one.offers == (1, 2, 3)
    assert one.severity.score == 55 + 15 + 20
    assert one.numbers["total"] == "120.0"
    assert not found(rule, of(booked(1, booking(share="0.5")), booked(2, booking(share="0.5"))))


def test_only_the_smallest_sets_are_reported():
    parts = {1: "0.6", 2: "0.6", 3: "0.3", 4: "0.3"}

    sets = [one.offers for one in found(rule, of(*(booked(n, booking(share=part)) for n, part in parts.items())))]

    assert sets == [(1, 2), (1, 3, 4), (2, 3, 4)]


def test_parts_of_one_offer_add_up():
    twice = booked(1, booking(share="0.3"), booking(first=5, share="0.3"))

    assert not found(rule, of(twice, booked(2, booking(days=5, share="0.6"))))
    one = only(rule, of(twice, booked(2, booking(share="0.6"))))
    assert (one.starts_on, one.ends_before) == (DAY + timedelta(days=5), DAY + timedelta(days=10))


def test_one_offer_that_books_twice_is_no_collision():
    assert not found(rule, of(booked(1, booking(), booking()), booked(2, booking(2))))


def test_the_longest_of_several_periods_is_told():
    one = only(rule, of(booked(1, booking(days=30)), booked(2, booking(days=2), booking(first=20, days=5))))

    assert (one.starts_on, one.ends_before) == (DAY + timedelta(days=20), DAY + timedelta(days=25))


def test_each_placement_by_itself():
    both = (booking(1), booking(2))

    assert [one.key for one in found(rule, of(booked(1, *both), booked(2, *both)))] == ["1", "2"]


@pytest.mark.parametrize(
    "other",
    [
        {"bookings": (booking(2),)},
        {"bookings": (booking(first=10),)},
        {"customers": range(100, 200)},
        {"channels": {2}},
        {"joint_group": "spring"},
    ],
    ids=["other placement", "other days", "other customers", "other channel", "planned together"],
)
def test_silent_when_one_dimension_is_disjoint(other):
    one = booked(1, channels={1}, joint_group="spring")
    assert found(rule, of(one, booked(2)))

    assert not found(rule, of(one, offer(2, **{"bookings": (booking(),), **other})))


def test_three_that_never_meet_all_at_once():
    third = [booked(n, booking(share="0.4"), customers=crowd) for n, crowd in enumerate([{1, 2}, {2, 3}, {3, 1}])]

    assert not found(rule, of(*third))


def test_unknown_audience_is_a_gap():
    unknown = booked(2, customers=(), knows_audience=False)

    assert gaps(rule, of(booked(1), unknown)) == [(2, "audience")]
    assert not found(rule, of(booked(1), unknown))
    assert not gaps(rule, of(booked(1, booking(2)), unknown))


def test_symmetric():
    crowd = [booked(n, booking(share="0.4"), customers=range(n, 50)) for n in (1, 2, 3)]
    check_symmetric(rule, of(booked(4), *crowd))


def test_what_is_left_out_of_a_large_set_is_said():
    many = [booked(n, booking(share="0.35" if n < 4 else "0.3")) for n in range(1, 15)]

    first, *_ = found(rule, of(*many))

    assert first.offers == (1, 2, 3)
    assert (first.numbers["tried"], first.numbers["left_out"]) == (10, 3)
    assert check_told(rule, first).endswith(
        "More offers meet here than can be tried in all combinations: 3 small ones were left out."
    )


def test_many_small_parts_are_more_than_the_whole_too():
    one, *_ = found(rule, of(*(booked(n, booking(share="0.08")) for n in range(1, 15))))

    assert len(one.offers) == 13


def test_told():
    one = only(rule, of(booked(1, booking(share="0.7")), booked(2, booking(days=3, share="0.5"))))

    assert check_told(rule, one) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) have booked 120 % of Home page, top for the same "
        "100 customers from 1 May 2026 to 3 May 2026."
    )
