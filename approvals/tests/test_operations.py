import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.operations import (
    AllowBoth,
    ExcludeProducts,
    OperationError,
    ShiftDates,
    Withdraw,
    check,
    describe,
    parse,
    serialise,
)

codes = st.text(min_size=1, max_size=64)
any_operation = st.one_of(
    st.builds(ShiftDates, codes, st.integers(-366, 366)),
    st.builds(ExcludeProducts, codes),
    st.builds(Withdraw, codes),
    st.just(AllowBoth()),
)


def test_the_json_form():
    operations = [ShiftDates("CJ13", 7), ExcludeProducts("CJ13"), Withdraw("CJ18"), AllowBoth()]
    assert serialise(operations) == [
        {"do": "shift_dates", "campaign": "CJ13", "days": 7},
        {"do": "exclude_products", "campaign": "CJ13"},
        {"do": "withdraw", "campaign": "CJ18"},
        {"do": "allow_both"},
    ]


@given(st.lists(any_operation))
def test_what_was_written_is_read_again(operations):
    assert parse(serialise(operations)) == tuple(operations)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"do": "withdraw"}, "The operations are not a list."),
        (["withdraw"], "Operation 1 is unknown"),
        ([{"do": ["withdraw"]}], "Operation 1 is unknown"),
        ([{"do": "explode"}], "Operation 1 is unknown"),
        ([{"do": "allow_both"}, {"do": "withdraw"}], "Operation 2 (withdraw): check campaign."),
        ([{"do": "withdraw", "campaign": 7}], "Operation 1 (withdraw): check campaign."),
        ([{"do": "shift_dates", "campaign": "A", "days": "7"}], "Operation 1 (shift_dates): check days."),
        ([{"do": "shift_dates", "campaign": "A", "days": True}], "Operation 1 (shift_dates): check days."),
        ([{"do": "allow_both", "days": 3}], "Operation 1 (allow_both): check days."),
    ],
)
def test_what_cannot_be_read_is_named(data, message):
    with pytest.raises(OperationError) as error:
        parse(data)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "operations",
    [
        [AllowBoth()],
        [Withdraw("A")],
        [Withdraw("A"), ShiftDates("B", -3)],
        [ShiftDates("A", 366), ExcludeProducts("A"), ExcludeProducts("B")],
    ],
)
def test_one_decision(operations):
    check(operations, campaigns=["A", "B"])


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([], "nothing is ordered"),
        ([AllowBoth(), Withdraw("A")], "stands alone"),
        ([AllowBoth(), AllowBoth()], "stands alone"),
        ([Withdraw("C")], "C is not a party"),
        ([ShiftDates("A", 0)], "Move A by 1 to 366 days"),
        ([ShiftDates("A", -367)], "Move A by 1 to 366 days"),
        ([ShiftDates("A", 1), ShiftDates("A", 2)], "ordered twice for A"),
        ([ExcludeProducts("A"), Withdraw("A")], "A is withdrawn"),
    ],
)
def test_no_decision(operations, message):
    with pytest.raises(OperationError, match=message):
        check(operations, campaigns=["A", "B"])


def test_words():
    with translation.override("en"):
        assert describe(ShiftDates("A", 1)) == "The offers of A in this case move 1 day later."
        assert describe(ShiftDates("A", -7)) == "The offers of A in this case move 7 days earlier."
        assert describe(Withdraw("A")) == "The offers of A in this case are withdrawn."
        assert describe(ExcludeProducts("B")) == "The shared products leave the offers of B in this case."
        assert describe(AllowBoth()) == "Both campaigns run as planned."
