from datetime import timedelta

import pytest

from campaigns.rules.collisions import exclusivity_contradiction as rule
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan

LOYALTY, SEASONAL, CLEARANCE = 1, 2, 3


def one(number=1, **facts):
    terms = {} if "mechanic" in facts else {"percent_off": 20}
    return offer(number, **{"stackable": False} | terms | facts)


def two(**facts):
    return one(2, **{"stackable": True} | facts)


def scores(*offers, **facts):
    return [finding.severity.score for finding in found(rule, plan(*offers, **facts))]


def test_an_exclusive_offer_and_one_that_combines_with_all_score_90():
    finding = only(rule, plan(one(), two()))

    # 40 + 30 + 20
    assert (finding.severity.score, finding.severity.level) == (90, "critical")
    assert (finding.offers, finding.products, finding.customers) == ((1, 2), 1, 100)
    assert finding.levers == ("declare_combinable", "declare_exclusive", "shift_dates")


def test_only_who_does_not_accept_the_other_contradicts():
    a = one(combination_class=LOYALTY, accepts={SEASONAL}, stackable=True)
    b = two(combination_class=SEASONAL, accepts={LOYALTY})
    c = one(3, combination_class=SEASONAL, accepts={CLEARANCE}, stackable=True)

    assert [finding.offers for finding in found(rule, plan(a, b, c))] == [(1, 3)]
    assert scores(a, b, c) == [75]


@pytest.mark.parametrize(
    ("a", "b", "score"),
    [
        ({}, {"stackable": None}, [90]),
        ({}, {"stackable": False}, [90]),
        ({"stackable": None}, {}, []),
        ({"stackable": None}, {"stackable": None}, []),
        ({"stackable": None, "only_one_of_its_kind": True}, {}, [75]),
        ({"stackable": None, "only_one_of_its_kind": True}, {"only_one_of_its_kind": True}, [75]),
        ({"only_one_of_its_kind": True}, {"only_one_of_its_kind": True}, [90]),
        ({"stackable": None, "only_one_of_its_kind": True}, {"applies_to": "order"}, []),
    ],
)
def test_what_the_owners_want(a, b, score):
    assert scores(one(**a), two(**b)) == score


@pytest.mark.parametrize("decided", ["allow", "deny"])
def test_a_decision_about_the_two_ends_it(decided):
    assert scores(one(), two(), combinations={(1, 2): decided}) == []
    assert scores(one(), two(), combinations={(1, 3): decided}) == [90]


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": {2}},
        {"customers": {200}},
        {"channels": [2]},
        {"joint_group": "spring"},
        {"mechanic": "message"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = one(channels=[1, 3], joint_group="spring")
    assert scores(a, two()) == [90]

    assert scores(a, two(**apart)) == []
    assert gaps(rule, plan(a, two(**apart))) == []


def test_offers_on_orders_meet_whatever_their_products_are():
    order, shipping = one(applies_to="order"), two(mechanic="free_shipping", products={2})

    assert scores(order, shipping) == [90]
    assert scores(order, two(products={2})) == []
    # The products do not count: 40 + 30 + 20 · √(1 · 1/2)
    assert scores(order, two(mechanic="free_shipping", products=range(1, 9), customers=range(50, 200))) == [84]


def test_the_exposure_is_the_mean_of_all_three():
    # 40 + 30 + 20 · ∛(1/2 · 1/4 · 1)
    assert scores(one(products=range(4)), two(products=range(3, 9), starts_on=DAY + timedelta(days=5))) == [80]


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, [(2, "products")]),
        ({"knows_audience": False, "customers": ()}, [(2, "audience")]),
        ({"mechanic": ""}, []),
    ],
)
def test_what_is_not_known_is_a_gap(unknown, missing):
    assert gaps(rule, plan(one(), two(**unknown))) == missing
    assert gaps(rule, plan(one(), two(**unknown, channels=[2]))) == missing
    assert gaps(rule, plan(one(channels=[1]), two(**unknown, channels=[2]))) == []
    assert gaps(rule, plan(one(stackable=True), two(**unknown))) == []


def test_the_only_one_of_its_kind_must_know_the_kind_of_the_other():
    a = one(stackable=None, only_one_of_its_kind=True)

    assert gaps(rule, plan(a, two(mechanic=""))) == [(2, "terms")]
    assert gaps(rule, plan(a, two(mechanic="", products={2}))) == []
    assert scores(a, two(mechanic="")) == []


def test_it_is_symmetric():
    check_symmetric(rule, plan(one(products={1, 2}), two(products={2, 3}), one(3, products={3})))


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        (
            {},
            {},
            (
                "Offer 1 (Department 1) combines with no other offer."
                " Offer 2 (Department 2) combines with Offer 1 (Department 1)."
            ),
        ),
        (
            {"only_one_of_its_kind": True, "stackable": None},
            {"stackable": None},
            (
                "Offer 1 (Department 1) combines with no other discount of its kind."
                " Offer 2 (Department 2) says nothing about combining."
            ),
        ),
        (
            {"stackable": True},
            {"accepts": {7}},
            (
                "Offer 1 (Department 1) combines with Offer 2 (Department 2). Offer 2 (Department 2) combines with certain"
                " classes of offers only, and Offer 1 (Department 1) is in none of them."
            ),
        ),
    ],
)
def test_it_is_told(a, b, says):
    told = check_told(rule, only(rule, plan(one(**a), two(**b))))

    assert told == (
        f"{says} They meet from 1 May 2026 to 10 May 2026, and the result depends on which the till reads first."
    )
