"""What forms refuse, in which words, and what they give to the actions."""

import pytest

from approvals.forms.cases import DecisionForm
from approvals.tests.builders import make_campaign
from approvals.tests.pages import typed

pytestmark = pytest.mark.django_db


def sides():
    return [make_campaign(), make_campaign()]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({}, "__all__", "Change at least one side, or allow both."),
        ({"what_0": "shift"}, "days_0", "By how many days?"),
        ({"what_0": "shift", "days_0": "0"}, "days_0", "By how many days?"),
        ({"what_0": "shift", "days_0": "400"}, "days_0", "366"),
        ({"allow_both": "on", "what_0": "withdraw"}, "__all__", "stands alone"),
        ({"what_0": "withdraw", "reason": " "}, "reason", "Give a reason"),
        ({"what_0": "withdraw", "reason": "no"}, "reason", "A few words more"),
        ({"what_0": "burn"}, "what_0", "burn"),
    ],
)
def test_form_refuses_and_says_why(fields, field, words):
    form = DecisionForm(sides(), typed(**fields))
    assert not form.is_valid()
    assert words in " ".join(form.errors[field])
    assert form.operations == ()


@pytest.mark.parametrize(
    ("fields", "operations"),
    [
        ({"allow_both": "on"}, ["allow_both"]),
        ({"what_0": "shift", "days_0": "-7"}, ["shift_dates"]),
        ({"what_0": "exclude", "what_1": "withdraw"}, ["exclude_products", "withdraw"]),
        ({"what_0": "shift", "days_0": "-7", "what_1": "shift", "days_1": "30"}, ["shift_dates", "shift_dates"]),
    ],
)
def test_form_gives_typed_operations(fields, operations):
    form = DecisionForm(sides(), typed(**fields))
    assert form.is_valid()
    assert [operation.kind for operation in form.operations] == operations
