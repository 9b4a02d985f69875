"""The database lets a case go on only as its machine says, whoever writes."""

from itertools import product

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from approvals.choices import CaseState
from approvals.models import Case
from approvals.rules.case_machine import CASE
from approvals.tests.builders import make_user, open_dispute

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

STEPS = {(source, step.target) for step in CASE.values() for source in step.sources}
STAYS = {(state, state) for state in CaseState.values}
OUTCOMES = {"closed": "ruled", "withdrawn": "vanished", "waived": "waived"}
REFUSED = "state of approvals_case does not change so"


@pytest.fixture
def judge():
    return make_user("judge")


def columns(state, judge):
    """What the constraints want of a case in this state, so that only the step itself can be refused."""
    is_early = state in ("detected", "negotiation")
    return {
        "state": state,
        "outcome": OUTCOMES.get(state, ""),
        "closed_at": F("opened_at") if state in OUTCOMES else None,
        "mediator": None if is_early else judge,
        "escalated_at": None if is_early else F("opened_at"),
        "takes_effect_at": None if is_early else F("opened_at"),
        "assigned_at": None if is_early else F("opened_at"),
        "decide_by": None if is_early else F("opened_at"),
    }


def put(state, judge, behind_our_back):
    values = [
        f"{'mediator_id' if name == 'mediator' else name} = "
        + {None: "NULL", judge: str(judge.pk)}.get(value, f"'{value}'" if isinstance(value, str) else "opened_at")
        for name, value in columns(state, judge).items()
    ]
    behind_our_back(f"UPDATE approvals_case SET {', '.join(values)}")


def goes(before, after, judge, behind_our_back) -> bool:
    put(before, judge, behind_our_back)
    try:
        with transaction.atomic():
            Case.objects.update(**columns(after, judge))
    except DatabaseError as error:
        assert REFUSED in str(error)  # noqa: PT017 - any other refusal would prove nothing
        return False
    return True


def test_a_state_changes_only_by_a_step_of_the_machine(judge, behind_our_back):
    open_dispute()
    pairs = list(product(CaseState.values, repeat=2))
    gone = {pair for pair in pairs if goes(*pair, judge, behind_our_back)}
    assert gone == (STEPS | STAYS) & set(pairs)


def test_a_word_that_is_no_state_is_refused_without_the_guard_too(behind_our_back):
    open_dispute()
    with pytest.raises(IntegrityError, match="case_state_is_known"):
        behind_our_back("UPDATE approvals_case SET state = 'lost'")


def test_a_case_begins_only_where_the_machine_begins(judge):
    case = open_dispute().case
    kept = Case.objects.values().get(pk=case.pk)
    begun = set()
    for state in CaseState.values:
        values = {
            **kept,
            **columns(state, judge),
            "id": None,
            "closed_at": None,
            "campaign_a_id": kept["campaign_b_id"],
        }
        values |= {
            "campaign_b_id": kept["campaign_a_id"],
            "closed_at": kept["opened_at"] if state in OUTCOMES else None,
        }
        values |= {
            name: kept["opened_at"]
            for name in ("escalated_at", "takes_effect_at", "assigned_at", "decide_by")
            if values[name] is not None
        }
        try:
            with transaction.atomic():
                Case.objects.create(**{name: value for name, value in values.items() if name != "mediator_id"})
        except DatabaseError as error:
            begun |= {state} if REFUSED not in str(error) else set()
        else:
            begun.add(state)
    # Those that may begin meet the rule that a pair has one open case.
    assert begun == {step.target for step in CASE.values() if "" in step.sources}
