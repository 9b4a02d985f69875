from datetime import timedelta

import pytest

from campaigns.rules.collisions.findings import Gap
from campaigns.rules.collisions.gates import Gaps, may_meet, unsaid
from campaigns.tests.collisions.plans import DAY, offer, plan


def may(a, b, **asked):
    there, back = plan(a, b), plan(b, a)
    answer = may_meet(there.meeting(1, 2), **asked)
    assert may_meet(back.meeting(2, 1), **asked) == answer
    return answer


UNKNOWN = {"knows_products": False, "products": ()}
UNKNOWN_AUDIENCE = {"knows_audience": False, "customers": ()}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {}, True),
        ({}, {"starts_on": DAY + timedelta(days=10)}, False),
        ({}, {"starts_on": DAY + timedelta(days=9)}, True),
        ({"channels": [1]}, {"channels": [2]}, False),
        ({"channels": [1]}, {}, True),
        ({}, {"products": {2}}, False),
        ({}, {"customers": {200}}, False),
        ({"joint_group": "x"}, {"joint_group": "x"}, False),
        ({"joint_group": "x"}, {"joint_group": "y"}, True),
        ({}, UNKNOWN, True),
        ({"products": ()}, UNKNOWN, False),
        (UNKNOWN, UNKNOWN, True),
        ({}, UNKNOWN_AUDIENCE, True),
        ({"customers": ()}, UNKNOWN_AUDIENCE, False),
        ({"products": {2}}, UNKNOWN_AUDIENCE, False),
        (UNKNOWN, {"customers": {200}}, False),
    ],
)
def test_every_known_dimension_counts(one, other, expected):
    assert may(offer(1, **one), offer(2, **other)) == expected


def test_a_rule_may_leave_products_and_channels_out():
    assert may(offer(1), offer(2, products={2}), products=False)
    assert may(offer(1, channels=[1]), offer(2, channels=[2]), channels=False)
    assert not may(offer(1), offer(2, customers={200}), products=False, channels=False)


def test_a_rule_may_look_inside_of_joint_groups():
    assert may(offer(1, joint_group="x"), offer(2, joint_group="x"), joint=True)
    assert not may(offer(1, joint_group="x"), offer(2, joint_group="x", customers={200}), joint=True)


def test_what_nobody_said_is_named_once_per_offer():
    unknown = plan(offer(1, **UNKNOWN), offer(2, **UNKNOWN | UNKNOWN_AUDIENCE), offer(3))
    gaps = Gaps("rule")

    assert [gaps.add(unsaid(unknown.meeting(*pair))) for pair in unknown.pairs] == [True, True, True]
    assert gaps.add(unsaid(plan(offer(1), offer(2)).meeting(1, 2))) is False
    assert list(gaps) == [Gap("rule", 1, "products"), Gap("rule", 2, "audience"), Gap("rule", 2, "products")]
    assert unsaid(unknown.meeting(1, 3), products=False) == []
