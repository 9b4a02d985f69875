from datetime import timedelta

import pytest

from campaigns.rules.collisions import terms_contradiction as rule
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, gaps, offer, only, plan


def one(number=1, /, **facts):
    terms = {} if facts.keys() & {"mechanic", "buy_quantity"} else {"percent_off": 20}
    return offer(number, **{"products": range(10)} | terms | facts)


def longer(**facts):
    """The same to a later day."""
    return one(2, **{"days": 20} | facts)


def judge(*offers, **options):
    """(the terms that differ, score) of the one finding, None without any."""
    findings = found(rule, plan(*offers), **options)
    if not findings:
        return None
    (finding,) = findings
    return [difference["term"] for difference in finding.numbers["differences"]], finding.severity.score


def test_two_fifths_of_the_weights_score_67():
    # The last day (2) of least amount, last day and code (5): 35 + 30 · 0.4 + 20
    assert judge(one(), longer()) == (["last_day"], 67)


def test_equal_terms_are_no_contradiction():
    assert judge(one(), one(2)) is None
    same = {"conditions": {"eligibility": "Members only", "place": "Any shop"}, "redemption_code": "SPRING"}
    spaced = {"conditions": {"eligibility": "members  ONLY ", "place": "any shop"}, "redemption_code": "SUMMER"}
    assert judge(one(**same, stackable=True), one(2, **spaced, stackable=True)) is None


@pytest.mark.parametrize(
    ("a", "b", "differences", "score"),
    [
        # Of the weights that both state: 3/8, 2/5, 2/7, 2/7, 2/7, 1/5, 1/6
        ({"conditions": {"eligibility": "all"}}, {"conditions": {"eligibility": "members"}}, ["eligibility"], 66),
        ({"min_spend": 30}, {}, ["min_spend"], 67),
        ({"min_spend": 30}, {"min_spend": 50}, ["min_spend"], 67),
        ({"conditions": {"returns": "30 days"}}, {"conditions": {"returns": "no"}}, ["returns"], 64),
        ({"conditions": {"place": "online"}}, {"conditions": {"place": "shop"}}, ["place"], 64),
        ({"stackable": True}, {"stackable": False}, ["stackable"], 64),
        ({"redemption_code": "SPRING"}, {}, ["code_required"], 61),
        ({"conditions": {"code_required": "a voucher"}}, {}, ["code_required"], 61),
        ({"conditions": {"per_customer": "1"}}, {"conditions": {"per_customer": "2"}}, ["per_customer"], 60),
        ({"stackable": True}, {}, None, None),
        ({"conditions": {"returns": "30 days"}}, {"conditions": {"returns": " "}}, None, None),
        ({"conditions": {"colour": "red"}}, {"conditions": {"colour": "blue"}}, None, None),
        # 3 + 2 of 3 + 2 + 2 + 1
        (
            {"conditions": {"eligibility": "all"}, "min_spend": 30},
            {"conditions": {"eligibility": "members"}},
            ["eligibility", "min_spend"],
            74,
        ),
    ],
)
def test_each_term_has_its_weight(a, b, differences, score):
    expected = None if differences is None else (differences, score)

    assert judge(one(**a), one(2, **b)) == expected


@pytest.mark.parametrize(
    ("a", "b", "fires"),
    [
        ({}, {"percent_off": 21}, False),
        ({}, {"applies_to": "order"}, False),
        ({"mechanic": "message"}, {"mechanic": "message"}, False),
        ({"mechanic": "free_shipping", "min_spend": 30}, {"mechanic": "free_shipping", "min_spend": 50}, True),
        ({"buy_quantity": 2, "get_quantity": 1}, {"buy_quantity": 2, "get_quantity": 1}, True),
        ({"buy_quantity": 2, "get_quantity": 1}, {"buy_quantity": 3, "get_quantity": 1}, False),
    ],
)
def test_only_the_same_promise_can_have_different_terms(a, b, fires):
    assert bool(judge(one(**a), longer(**b))) == fires


@pytest.mark.parametrize(
    "apart",
    [
        {"starts_on": DAY + timedelta(days=10)},
        {"products": range(2, 12)},
        {"products": range(20, 30)},
        {"customers": {200}},
        {"joint_group": "spring"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_one_dimension_apart_is_enough_to_be_silent(apart):
    a = one(joint_group="spring")
    assert judge(a, longer())

    assert judge(a, longer(**apart)) is None
    assert gaps(rule, plan(a, longer(**apart))) == []


def test_channels_need_not_meet():
    assert judge(one(channels=[1]), longer(channels=[2])) == (["last_day"], 67)


def test_the_likeness_may_be_set():
    a, b = one(), longer(products=range(8))

    assert judge(a, b)
    assert judge(a, b, jaccard="0.81") is None


def test_the_exposure_is_the_mean_of_all_three():
    # 35 + 12 + 20 · ∛(1/2 · 1 · 1/4)
    assert judge(one(), longer(starts_on=DAY + timedelta(days=5), customers=range(75, 275)))[1] == 57


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"knows_products": False, "products": ()}, "products"),
        ({"knows_audience": False, "customers": ()}, "audience"),
        ({"mechanic": ""}, "terms"),
        ({"mechanic": "percent"}, "terms"),
    ],
)
def test_what_is_not_known_is_a_gap_where_terms_differ(unknown, missing):
    assert gaps(rule, plan(one(), longer(**unknown))) == [(2, missing)]
    assert judge(one(), longer(**unknown)) is None
    assert gaps(rule, plan(one(), longer(**unknown, starts_on=DAY + timedelta(days=10)))) == []
    assert gaps(rule, plan(one(), longer(**unknown, days=10))) == []


def test_it_is_symmetric():
    check_symmetric(rule, plan(one(), longer(), one(3, redemption_code="X"), one(4, min_spend=3)))


def test_it_is_told():
    a = one(conditions={"eligibility": "Members"}, redemption_code="SPRING", min_spend=30, stackable=True)
    b = longer(conditions={"eligibility": "Everybody"}, stackable=False)

    assert check_told(rule, only(rule, plan(a, b))) == (
        "Offer 1 (Department 1) and Offer 2 (Department 2) promise the same (20 % off) on 10 products to 100 customers,"
        " under different terms: who may take part: Members or Everybody; least amount to spend: 30.00 or not asked for;"
        " last day: 10 May 2026 or 20 May 2026; combines with other offers: yes or no; code needed: yes or no."
    )
