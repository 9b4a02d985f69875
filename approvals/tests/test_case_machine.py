from itertools import product

import pytest

from approvals.choices import ENDED_STATES, OPEN_STATES, CaseOutcome, CaseState, ProposalState
from approvals.rules.case_machine import CASE, OUTCOMES
from approvals.rules.proposal_machine import PROPOSAL
from customers.rules.transitions import IllegalTransition, target_of

ALLOWED = {
    ("detect", ""): "detected",
    ("open", ""): "negotiation",
    ("open", "detected"): "negotiation",
    ("reopen", ""): "mediation",
    ("escalate", "negotiation"): "mediation",
    ("reassign", "mediation"): "mediation",
    ("agree", "negotiation"): "closed",
    ("agree", "mediation"): "closed",
    ("waive", "negotiation"): "waived",
    ("waive", "mediation"): "waived",
    ("decide", "mediation"): "decided",
    ("enforce", "decided"): "closed",
    ("appeal", "decided"): "closed",
    ("overtake", "decided"): "closed",
    ("vanish", "detected"): "withdrawn",
    ("vanish", "negotiation"): "withdrawn",
    ("vanish", "mediation"): "withdrawn",
    ("apply_rule", "negotiation"): "closed",
}


@pytest.mark.parametrize(("step", "state"), list(product(CASE, ["", *CaseState.values])))
def test_only_the_listed_steps_lead_anywhere(step, state):
    if (step, state) in ALLOWED:
        assert target_of(CASE, step, state) == ALLOWED[step, state]
    else:
        with pytest.raises(IllegalTransition):
            target_of(CASE, step, state)


def test_the_machine_and_the_columns_speak_the_same_words():
    assert {transition.target for transition in CASE.values()} == set(CaseState.values)
    assert {step for step, transition in CASE.items() if transition.target in ENDED_STATES} == set(OUTCOMES)
    assert set(OUTCOMES.values()) == set(CaseOutcome.values)
    assert {*OPEN_STATES, *ENDED_STATES} == set(CaseState)
    assert not {*OPEN_STATES} & {*ENDED_STATES}


def test_a_proposal_is_answered_once():
    assert {transition.target for transition in PROPOSAL.values()} == set(ProposalState.values)
    answers = [transition.sources for step, transition in PROPOSAL.items() if step != "propose"]
    assert answers == [{ProposalState.OPEN}] * 4
    assert PROPOSAL["propose"].sources == {""}


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        CASE["bribe"] = CASE["decide"]
