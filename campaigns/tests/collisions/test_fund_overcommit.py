from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.rules.collisions import fund_overcommit as rule
from campaigns.rules.collisions.facts import Draw, Fund
from campaigns.tests.collisions.plans import DAY, check_symmetric, check_told, found, offer, only, plan


def drawing(number, *amounts, fund=1, **facts):
    return offer(number, draws=[Draw(fund, Decimal(str(amount))) for amount in amounts], **facts)


def of(*offers, left=10_000):
    return plan(*offers, funds=[Fund(1, "Autumn fund", Decimal(left)), Fund(2, "Other fund", Decimal(10_000))])


def test_twelve_thousand_where_ten_are_left():
    one = only(rule, of(drawing(1, 7000), drawing(2, 4000, 1000)))

    # 40 + 30 · 2000/10000 + 20
    assert (one.severity.score, one.severity.certainty) == (66, "estimated")
    assert (one.offers, one.key) == ((1, 2), "1")
    assert one.numbers["departments"] == [
        {"department": "Department 1", "amount": "7000.00"},
        {"department": "Department 2", "amount": "5000.00"},
    ]


def test_all_offers_on_the_fund_are_members():
    later = {"starts_on": DAY + timedelta(days=50), "customers": {500}, "department": 1}

    one = only(rule, of(drawing(1, 7000), drawing(2, 4000), drawing(3, 100, **later)))

    assert one.offers == (1, 2, 3)
    assert (one.starts_on, one.ends_before) == (DAY, DAY + timedelta(days=60))
    assert [sums["amount"] for sums in one.numbers["departments"]] == ["7100.00", "4000.00"]


@pytest.mark.parametrize(
    "other",
    [drawing(2, 3000), drawing(2, 5000, fund=2), drawing(2, 0), drawing(2), drawing(2, 5000, joint_group="spring")],
    ids=["just enough", "other fund", "nothing", "no draw", "planned together"],
)
def test_silent(other):
    one = drawing(1, 7000, joint_group="spring")
    assert found(rule, of(one, drawing(2, "3000.01")))

    assert not found(rule, of(one, other))


def test_one_offer_alone_is_no_collision():
    assert not found(rule, of(drawing(1, 70_000), offer(2), drawing(3, 0)))


@pytest.mark.parametrize("left", [0, -5])
def test_an_empty_fund_is_the_worst(left):
    # 40 + 30 + 20, and estimates end at 79
    assert only(rule, of(drawing(1, 1), drawing(2, 1), left=left)).severity.score == 79


def test_symmetric():
    check_symmetric(rule, of(*(drawing(number, 2000) for number in range(1, 8))))


def test_told():
    assert check_told(rule, only(rule, of(drawing(1, 7000), drawing(2, 5000)))) == (
        "Autumn fund has 10,000.00 left; the planned offers need 12,000.00, which is 2,000.00 too much: "
        "Department 1 (7,000.00), Department 2 (5,000.00)."
    )
