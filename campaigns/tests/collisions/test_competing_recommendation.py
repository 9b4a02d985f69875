from datetime import timedelta

import pytest

from campaigns.rules.collisions import competing_recommendation as rule
from campaigns.rules.collisions.facts import Placement
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan, product

PRODUCTS = [product(number) for number in range(20)]


def link(number, **facts):
    """With product 1 the offer recommends one of its own."""
    return offer(
        number,
        **{"triggers": {1}, "recommended": {10 + number}, "recommendation_placement": 1, "products": ()} | facts,
    )


def of(*offers, slots=1):
    return plan(
        *offers, products=PRODUCTS, placements=[Placement(1, "Product page", slots=slots), Placement(2, "App")]
    )


def test_half_the_triggers_and_four_fifths_of_the_days():
    one = only(
        rule, of(link(1, triggers={1, 2}), link(2, triggers={1, 3}, starts_on=DAY + timedelta(days=2)), slots=1)
    )

    # 25 + 30 · 1/2 + 20 · ∛(4/5 · 1 · 1)
    assert one.severity.score == 59
    assert (one.offers, one.key, one.products, one.customers) == ((1, 2), "1", 1, 100)
    assert (one.starts_on, one.ends_before) == (DAY + timedelta(days=2), DAY + timedelta(days=10))


def test_the_triggers_are_a_part_of_the_fewest():
    assert only(rule, of(link(1, triggers={1, 2}), link(2, triggers={1, 3, 4, 5}))).severity.impact == 0.5


def test_room_for_all_is_no_collision():
    assert not found(rule, of(link(1), link(2), slots=2))


def test_three_where_two_fit():
    one = only(rule, of(link(1), link(2), link(3), slots=2))

    assert one.offers == (1, 2, 3)
    assert one.numbers["wanted"] == 3


def test_offers_that_recommend_the_same_fit_together():
    assert not found(rule, of(link(1, recommended={15}), link(2, recommended={15})))
    assert found(rule, of(link(1, recommended={15}), link(2, recommended={15, 16})))


def test_an_offer_takes_no_more_slots_than_it_has_products():
    assert not found(rule, of(link(1, max_recommendations=5), link(2), slots=2))
    assert found(rule, of(link(1, max_recommendations=5, recommended={11, 13}), link(2), slots=2))


def test_an_offer_that_asks_for_too_much_itself_collides_with_the_other():
    assert only(rule, of(link(1, recommended={11, 13, 14}, max_recommendations=3), link(2))).offers == (1, 2)


@pytest.mark.parametrize(
    "other",
    [
        {"triggers": {2}},
        {"triggers": ()},
        {"recommended": ()},
        {"recommendation_placement": 2},
        {"starts_on": DAY + timedelta(days=10)},
        {"customers": range(100, 200)},
        {"channels": {2}},
        {"joint_group": "spring"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_silent_when_one_dimension_is_disjoint(other):
    one = link(1, channels={1}, joint_group="spring")
    assert found(rule, of(one, link(2)))

    assert not found(rule, of(one, link(2, **other)))
    assert not gaps(rule, of(one, link(2, **other)))


def test_unknown_audience_is_a_gap():
    unknown = link(2, customers=(), knows_audience=False)

    assert gaps(rule, of(link(1), unknown)) == [(2, "audience")]
    assert not gaps(rule, of(link(1, triggers={2}), unknown))


def test_unknown_placement_is_a_gap_where_it_could_be_full():
    unknown = link(2, recommendation_placement=None)

    assert gaps(rule, of(link(1), unknown)) == [(2, "placement")]
    assert gaps(rule, of(link(1, recommendation_placement=None), unknown)) == [(1, "placement"), (2, "placement")]
    assert not gaps(rule, of(link(1), unknown, slots=2))
    several = [link(1, recommended={11, 13}), link(2, recommended={12, 14}, recommendation_placement=None)]
    assert not gaps(rule, of(*several, slots=2))
    assert not gaps(rule, of(link(1, triggers={2}), unknown))
    assert not gaps(rule, of(link(1, customers={500}), unknown))


def test_symmetric():
    check_symmetric(rule, of(*(link(number, triggers={1, number}) for number in range(1, 5)), slots=2))


def test_told():
    many = only(rule, of(link(1, triggers=range(1, 6), recommended=range(5, 15)), link(2, triggers=range(1, 6))))

    assert check_told(rule, only(rule, of(link(1), link(2)))) == (
        "With Product 1, Offer 1 (Department 1) wants to show Product 11, Offer 2 (Department 2) wants to show "
        "Product 12; Product page has room for 1 recommendation."
    )
    assert check_told(rule, many).startswith("With 5 products (Product 1, Product 2, Product 3, …), Offer 1")
    unnamed = plan(link(1), link(2), placements=[Placement(1, "Product page")])
    assert check_told(rule, only(rule, unnamed)).startswith("With 1 product, ")
