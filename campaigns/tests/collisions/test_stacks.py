from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from random import Random

import pytest

from campaigns.rules.collisions.stacks import MOST_OFFERS, MOST_STACKS, Search, kinds
from campaigns.rules.combinability import combinable
from campaigns.rules.prices import common_channels, price_after
from campaigns.tests.collisions.plans import DAY, offer, on_channel, plan, product, with_bitmaps

TEN = product(1, price=10, cost=6)


def cut(number, percent, **facts):
    return offer(number, **{"percent_off": percent, "discount_base": "discounted"} | facts)


@dataclass(frozen=True)
class Line:
    """One line for all products."""

    price: Decimal
    needs: tuple[str, ...] = ("price",)

    def of(self, offers):
        return self.price

    def lines(self, product, strictness):
        return (strictness,)

    def badness(self, product, strictness, price):
        return strictness - price


def search(planned, line="7.06", needs=("price",)):
    return Search(planned, Line(Decimal(line), needs), Decimal(1))


def crossings(planned, line="7.06"):
    return sorted((one.offers, str(one.price)) for one in search(planned, line).crossings())


def test_only_the_smallest_stacks_are_found():
    three = plan(cut(1, 15), cut(2, 10), cut(3, 8), products=[TEN])

    assert crossings(three) == [((1, 2, 3), "7.04")]
    assert crossings(three, "7.70") == [((1, 2), "7.65")]
    assert crossings(three, "7.90") == [((1, 2), "7.65"), ((1, 3), "7.82")]
    assert crossings(three, "7.04") == []


def test_an_offer_that_crosses_alone_is_not_the_stack():
    assert crossings(plan(cut(1, 40), cut(2, 10), products=[TEN])) == [((1, 2), "5.40")]
    assert crossings(plan(cut(1, 40), cut(2, 30), products=[TEN])) == []
    assert crossings(plan(cut(1, 40), cut(2, 30), cut(3, 0), products=[TEN])) == [((1, 3), "6.00"), ((2, 3), "7.00")]


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": {2}},
        {"customers": {200}},
        {"channels": [2]},
        {"stackable": False},
        {"mechanic": "free_shipping", "percent_off": None},
        {"mechanic": "message", "percent_off": None},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_all_must_meet(apart):
    here = {"channels": [1, 3]}
    assert crossings(plan(cut(1, 15, **here), cut(2, 10), cut(3, 8), products=[TEN])) == [((1, 2, 3), "7.04")]

    assert crossings(plan(cut(1, 15, **here), cut(2, 10), cut(3, 8, **apart), products=[TEN])) == []


def test_meeting_in_pairs_is_not_enough():
    people = [{"customers": range(10)}, {"customers": range(5, 15)}, {"customers": [*range(5), *range(10, 15)]}]
    channels = [{"channels": [1, 2]}, {"channels": [2, 3]}, {"channels": [1, 3]}]
    classes = [
        {"combination_class": 1, "accepts": {2}},
        {"combination_class": 2, "accepts": {1, 3}},
        {"combination_class": 3, "accepts": {2}},
    ]
    for apart in (people, channels, classes):
        three = plan(cut(1, 15, **apart[0]), cut(2, 10, **apart[1]), cut(3, 8, **apart[2]), products=[TEN])

        assert crossings(three) == []
        assert (((1, 2), "7.65") in crossings(three, "7.70")) is True


def test_a_joint_group_is_left_alone_but_not_those_who_join_it():
    joint = {"joint_group": "spring"}

    assert crossings(plan(cut(1, 20, **joint), cut(2, 20, **joint), products=[TEN])) == []
    assert crossings(plan(cut(1, 15, **joint), cut(2, 10, **joint), cut(3, 8), products=[TEN])) == [
        ((1, 2, 3), "7.04")
    ]
    assert crossings(plan(cut(1, 15, **joint), cut(2, 10, **joint), cut(3, 8, **joint), products=[TEN])) == []


def test_the_lowest_price_may_be_that_of_one_channel():
    a = cut(1, 10, channel_terms=[on_channel(5, percent_off=30)])
    b = cut(2, 10, channels=[5, 6])

    (found,) = search(plan(a, b, products=[TEN])).crossings()
    assert (found.price, found.channel) == (Decimal("6.30"), 5)
    assert crossings(plan(a, cut(2, 10, channels=[6]), products=[TEN])) == []


def test_each_stack_tells_the_products_for_which_no_part_of_it_crosses():
    priced = [
        product(1, price=10),
        product(2, price=9),
        product(3, price=8),
        product(4, price=8),
        product(5, price=20),
    ]
    offers = [cut(number, percent, products=range(1, 6)) for number, percent in ((1, 15), (2, 10), (3, 8))]
    found = {one.offers: one for one in search(plan(*offers, products=priced)).crossings()}

    assert {ids: one.products for ids, one in found.items()} == {
        (1, 2): (2, 3, 4),
        (1, 3): (2, 3, 4),
        (2, 3): (3, 4),
        (1, 2, 3): (1,),
    }
    assert (found[1, 2].worst.id, found[1, 2].price) == (3, Decimal("6.12"))


def test_products_of_one_kind_are_one_answer():
    many = [product(number, price=10 + number % 2, cost=6) for number in range(1, 1001)]
    planned = plan(
        cut(1, 15, products=range(1, 1001)),
        cut(2, 15, products=range(1, 901)),
        cut(3, 15, products=range(1, 11)),
        cut(4, 15, products=range(950, 1001), customers={200}),
        products=many,
    )
    found = {one.offers: one for one in search(planned, "7.30").crossings()}

    assert [(one.price, one.id) for one in kinds(planned).all] == [(11, 1), (10, 2)]
    assert {ids: len(one.products) for ids, one in found.items()} == {(1, 2): 450, (1, 3): 5, (2, 3): 5, (1, 2, 3): 5}
    assert found[1, 2].worst.id == 2
    assert crossings(with_bitmaps(planned), "7.30") == crossings(planned, "7.30")


def test_of_many_offers_the_deepest_are_looked_at_and_the_others_counted():
    many = [cut(number, 1 + number) for number in range(1, MOST_OFFERS + 4)]
    pairs = list(search(plan(*many, products=[TEN]), "9.00").crossings())
    larger = [one for one in search(plan(*many, products=[TEN]), "7.70").crossings() if len(one.offers) > 2]

    assert (1, 13) in [one.offers for one in pairs]
    assert {one.left_out for one in pairs if len(one.offers) == 2} == {0}
    assert {one.left_out for one in larger} == {0, 1, 2, 3}
    # Two offers with ten that might join: those with the smallest discounts are left out.
    assert {number for one in larger if one.offers[:2] == (1, 3) for number in one.offers[2:]} <= set(range(6, 14))


def test_of_many_stacks_the_worst_of_each_offer_are_told():
    many = [cut(number, 10) for number in range(1, 9)]
    found = list(search(plan(*many, products=[TEN]), "7.00").crossings())

    # Any four cross. With offer 1 there are 7 · 6 · 5 / 6 = 35 of them.
    assert {one.untold for one in found if one.offers[0] == 1} == {35 - MOST_STACKS}
    assert len([one for one in found if one.offers[0] == 1]) == MOST_STACKS
    assert [(one.offers, one.untold) for one in found if one.offers[0] == 5] == [((5, 6, 7, 8), 0)]


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, "products"),
        ({"knows_audience": False, "customers": ()}, "audience"),
        ({"percent_off": None}, "terms"),
        ({"percent_off": None, "gift_product": 9}, "gift_cost"),
        ({"channel_terms": [on_channel(1, mechanic="percent")]}, "terms"),
    ],
)
def test_what_is_not_known_of_an_offer_is_missing(unknown, missing):
    def lacks(*offers):
        asked = search(plan(*offers, products=[TEN]))
        assert list(asked.crossings()) == []
        return asked.missing

    assert lacks(cut(1, 50), cut(2, 50, **unknown)) == {(2, missing)}
    assert lacks(cut(1, 50), cut(2, 50, **unknown, starts_on=DAY + timedelta(days=10))) == set()
    assert lacks(cut(1, 50, stackable=False), cut(2, 50, **unknown)) == set()
    assert lacks(cut(1, 50, joint_group="x"), cut(2, 50, **unknown, joint_group="x")) == set()


def test_what_is_not_known_of_a_product_is_missing_of_the_offers_that_meet_on_it():
    apart = {"products": {1}, "starts_on": DAY + timedelta(days=10)}
    asked = search(plan(cut(1, 50), cut(2, 50), cut(3, 50, **apart), products=[product(1)]), needs=("price", "cost"))

    assert list(asked.crossings()) == []
    assert asked.missing == {(1, "cost"), (1, "price"), (2, "cost"), (2, "price")}
    elsewhere = search(plan(cut(1, 50), cut(2, 50)), needs=("price",))
    assert (list(elsewhere.crossings()), elsewhere.missing) == ([], {(1, "price"), (2, "price")})


@pytest.mark.parametrize("seed", range(12))
def test_it_finds_what_looking_at_every_set_finds(seed):
    random = Random(seed)
    planned = plan(*(_any_offer(number, random) for number in range(1, 8)), products=[TEN])
    line = Decimal(random.choice(["5.00", "6.00", "7.00"]))
    price = {
        stack: _lowest(planned, stack)
        for size in range(1, 8)
        for stack in combinations(planned.offers, size)
        if _is_stack(planned, stack)
    }
    beyond = {
        stack
        for stack, lowest in price.items()
        if len(stack) > 1 and lowest < line and any(price[one,] >= line for one in stack)
    }
    smallest = {stack for stack in beyond if not any(set(part) < set(stack) for part in beyond)}
    found = list(search(planned, line).crossings())

    assert all(one.untold == 0 for one in found)
    assert {(one.offers, one.price) for one in found} == {(stack, price[stack]) for stack in smallest}


def _any_offer(number, random):
    start = random.randrange(8)
    return cut(
        number,
        random.choice([5, 10, 20, 30]),
        starts_on=DAY + timedelta(days=start),
        days=random.randrange(2, 10),
        customers=random.sample(range(12), 8),
        channels=random.sample([1, 2, 3], random.choice([0, 2])),
        stackable=random.choice([None, True, True, False]),
        combination_class=random.choice([1, 2]),
        accepts=random.choice([(), (), (1,), (1, 2)]),
        priority=random.choice([None, 1, 2]),
    )


def _is_stack(planned, ids):
    offers = [planned.offers[one] for one in ids]
    return (
        max(one.starts_on for one in offers) < min(one.ends_before for one in offers)
        and bool(frozenset.intersection(*(one.customers for one in offers)))
        and bool(common_channels(offers))
        and all(combinable(planned, *pair) for pair in combinations(offers, 2))
    )


def _lowest(planned, ids):
    offers = [planned.offers[one] for one in ids]
    return price_after(planned, TEN, offers, point_cost=Decimal(1))
