"""Facts, likeness, habits and outcomes, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from approvals.rules.operations import AllowBoth, ExcludeProducts, ShiftDates, Withdraw
from approvals.rules.outcomes import Outcome, Standing, common, describe, operations_of, outcome_of, side_meant
from approvals.rules.precedents import (
    LEAST_ALIKE,
    WEIGHTS,
    Decided,
    Facts,
    Found,
    Party,
    compare,
    facts_of,
    habit,
    most_alike,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FACTS = Facts("overlap", ("overlap",), (1, 2), 7, 3, 0, (2, 3), ("", "decision"))
OLD, NEW = Standing("A", 1, 10, Decimal(30)), Standing("B", 2, 20, Decimal(10))
SIDES = (OLD, NEW)


WITHDRAWS = Outcome("withdraw", 2, "younger", "deeper")


def decided(pk, *, facts=FACTS, outcome=WITHDRAWS, days=0):
    return Decided(pk, NOW + timedelta(days=days), facts, outcome)


class TestFacts:
    def test_they_do_not_depend_on_who_is_named_first(self):
        parties = (Party(2, Decimal(25), "decision"), Party(1, Decimal(10), ""))
        found = [Found("echo", 30), Found("overlap", 65), Found("overlap", 40)]
        one, two = (
            facts_of(found, pair, category_of={7: 3, 8: 2, 6: 3}, days=10, customers=50)
            for pair in (parties, parties[::-1])
        )
        assert one == two
        assert one == Facts("overlap", ("echo", "overlap"), (1, 2), 6, 3, 0, (2, 3), ("", "decision"))

    @pytest.mark.parametrize(("days", "band"), [(1, 0), (2, 1), (3, 1), (4, 2), (7, 2), (8, 3), (14, 3), (15, 4)])
    def test_bands_begin_with_their_first_number(self, days, band):
        parties = (Party(2, Decimal(0), ""), Party(1, Decimal("0.01"), ""))
        found = facts_of([], parties, category_of={}, days=days, customers=100_000)
        assert (found.days, found.customers, found.discounts, found.leading) == (days and band, 4, (0, 1), "")


class TestLikeness:
    def test_it_says_which_facts_are_alike_and_which_differ(self):
        found = compare(FACTS, replace(FACTS, category=8, days=0))
        assert found.differ == ("category", "days")
        assert found.score == sum(WEIGHTS.values()) - 3

    def test_the_most_alike_come_first_then_the_newest_and_five_at_most(self):
        near = replace(FACTS, days=0)
        far = Facts("echo", ("echo",), (1, 2), 9, 0, 3, (0, 0), ("", ""))
        rows = [decided(pk, facts=near, days=pk) for pk in range(1, 7)]
        found = most_alike(FACTS, [*rows, decided(9, days=-9), decided(8, facts=far)])
        assert [one.pk for one, _likeness in found] == [9, 6, 5, 4, 3]
        assert compare(FACTS, far).score < LEAST_ALIKE


class TestHabit:
    def test_what_is_always_the_same_belongs_to_the_rule(self):
        rows = [
            decided(1, outcome=Outcome("withdraw", 2, "younger", "deeper")),
            decided(2, outcome=Outcome("withdraw", 2, "older", "deeper")),
            decided(3, outcome=Outcome("withdraw", 2, "younger", "")),
        ]
        assert habit(rows, needed=3) == Outcome("withdraw", 2)
        assert habit(rows, needed=4) is None

    def test_the_newest_count_and_one_that_differs_breaks_them(self):
        other = decided(9, outcome=Outcome("allow_both"), days=5)
        rows = [decided(pk, days=pk) for pk in range(1, 5)]
        assert habit([*rows, other], needed=3) is None
        assert habit([*rows, replace(other, at=NOW)], needed=3) == rows[0].outcome
        assert habit([*rows[:3], decided(8, facts=replace(FACTS, days=1), days=8)], needed=3) is None

    def test_a_side_that_is_never_of_one_kind_makes_no_rule(self):
        one, two = Outcome("withdraw", 1, "older", "deeper"), Outcome("withdraw", 2, "younger", "shallower")
        assert common([one, two]) is None
        assert common([Outcome("allow_both")] * 3) == Outcome("allow_both")


@pytest.mark.parametrize(
    ("operations", "is_clear", "outcome", "english"),
    [
        ([AllowBoth()], False, Outcome("allow_both"), "Both campaigns run as planned."),
        ([Withdraw("B")], True, Outcome("withdraw", 2, "younger", "shallower"), "CRM (planned later, smaller discount) withdraws its offers."),
        ([ShiftDates("A", 9)], True, Outcome("clear_later", 1, "older", "deeper"), "Sales (planned earlier, deeper discount) moves later, until the two share no day."),
        ([ShiftDates("A", -3)], False, Outcome("shift_-3", 1, "older", "deeper"), "Sales (planned earlier, deeper discount) moves 3 days earlier."),
        ([Withdraw("A"), Withdraw("B")], True, Outcome("both:withdraw"), "Each of the two withdraws its offers."),
        (
            [ShiftDates("A", 9), ExcludeProducts("A"), Withdraw("B")],
            True,
            Outcome("clear_later+exclude_products|withdraw", 1, "older", "deeper"),
            "Sales (planned earlier, deeper discount) moves later, until the two share no day, takes the shared products out; the other one withdraws its offers.",
        ),
    ],
)  # fmt: skip
def test_an_outcome_is_the_same_whoever_is_named_first_and_leads_back_to_its_operations(
    operations, is_clear, outcome, english
):
    assert outcome_of(operations, SIDES, is_clear=is_clear) == outcome
    assert outcome_of(operations[::-1], SIDES[::-1], is_clear=is_clear) == outcome
    to_clear = ({"clear_later": 9, "clear_earlier": -8}, {"clear_later": 5, "clear_earlier": -6})
    again = operations_of(outcome, SIDES, days_to_clear=to_clear)
    assert set(again) == set(operations)
    assert set(operations_of(outcome, SIDES[::-1], days_to_clear=to_clear[::-1])) == set(operations)
    assert describe(outcome, {1: "Sales", 2: "CRM"}) == english
    assert "Sales" not in describe(outcome)


def test_a_side_must_be_all_that_the_outcome_says():
    assert side_meant(Outcome("withdraw", 2), SIDES) == 1
    assert side_meant(Outcome("withdraw", None, "younger"), SIDES[::-1]) == 0
    assert side_meant(Outcome("withdraw", 2, "older"), SIDES) is None
    assert operations_of(Outcome("withdraw", 3), SIDES, days_to_clear=({}, {})) == ()
