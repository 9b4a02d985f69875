"""Every step of a case by every role from every state: allowed exactly where the table says so, and nothing changes otherwise."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from approvals.actions import appeals, cases, extensions, recusals, rule_notices, rulings, statements
from approvals.choices import CaseState
from approvals.models import Case, EscalationPolicy, RuleNotice, StandingRule
from approvals.models.precedents import columns_of, columns_of_outcome
from approvals.queries.cases import facts_hash
from approvals.rules.case_rights import RIGHTS, ROLES, may
from approvals.rules.operations import AllowBoth
from approvals.rules.outcomes import Outcome
from approvals.rules.precedents import Facts
from approvals.tests.agreeing import put as put_terms
from approvals.tests.builders import REASON, make_dispute, make_mediator, make_user, settle_down
from approvals.tests.deciding import everything
from approvals.tests.proposing import propose
from campaigns.actions import access, offers
from campaigns.tests.factories import NOW, lead_of, make_department

pytestmark = pytest.mark.django_db

# Who agrees is tried in approvals/tests/test_terms.py: it takes terms that the other side has signed.
STEPS_OF_PEOPLE = [step for step, right in RIGHTS.items() if right.roles and step != "agree"]


@pytest.fixture
def mediators():
    return {"marta": make_mediator(), "monica": make_mediator("monica", department=make_department("FAR"))}


@pytest.fixture
def dispute(mediators):
    EscalationPolicy.objects.update(hours_to_appeal=10, minutes_before_opening=30)
    return make_dispute()


@pytest.fixture
def people(dispute, mediators):
    campaign = dispute.first.campaign
    joined = {}
    for name, is_lead in (("second_lead", True), ("colleague", False)):
        joined[name] = make_user(name)
        access.join(department=campaign.department, user=joined[name], is_lead=is_lead, by=None, now=NOW)
    return {
        "a": campaign.accountable,
        "lead": joined["second_lead"],
        "contact": campaign.contact_person,
        "member": joined["colleague"],
        "mediator": mediators["marta"],
        "other_mediator": mediators["monica"],
        "administrator": make_user("root", is_superuser=True),
        "stranger": lead_of(make_department("OUT")),
    }


def put(dispute, state) -> Case:
    """The case in this state, by the steps that lead there."""
    settle_down()
    if state != CaseState.DETECTED:
        cases.open_now(case=dispute.case, by=None, now=NOW, key="open")
    if state in (CaseState.MEDIATION, CaseState.DECIDED, CaseState.CLOSED):
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    if state in (CaseState.DECIDED, CaseState.CLOSED):
        decide(dispute, dispute.case.mediator, key="before")
    if state == CaseState.CLOSED:
        rulings.enforce(case=dispute.case, now=dispute.case.takes_effect_at)
    if state == CaseState.WITHDRAWN:
        offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=NOW, reason="Not needed.")
        settle_down()
    if state == CaseState.WAIVED:
        Case.objects.update(state="waived", outcome="waived", closed_at=NOW)
    assert dispute.case.state == state
    if state == CaseState.NEGOTIATION:
        announce_a_rule(dispute.case)
    return dispute.case


def announce_a_rule(case: Case) -> None:
    by, pair = make_user("boss"), sorted((case.campaign_a.department_id, case.campaign_b.department_id))
    facts = Facts("overlap", ("overlap",), (pair[0], pair[1]), None, 3, 0, (0, 0), ("", ""))
    columns = {**columns_of(facts), **columns_of_outcome(Outcome("allow_both"))}
    rule = StandingRule.objects.create(
        state="approved", suggested_at=NOW, approved_at=NOW, decided_by=by, reason=REASON, **columns
    )
    announced = {"announced_at": NOW, "apply_at": NOW, "operations": [{"do": "allow_both"}], "effect": {}, "facts": ""}
    RuleNotice.objects.create(case=case, rule=rule, **announced)


def decide(dispute, by, key="decide"):
    facts = facts_hash(dispute.case)
    common = {"operations": [AllowBoth()], "reason": REASON, "facts": facts}
    rulings.decide(case=dispute.case, by=by, now=NOW, key=key, **common)


def take(dispute, step, by):
    case = dispute.case
    if step == "propose a change":
        propose(dispute, by=by)
    elif step == "state facts and claims":
        statements.state(case=case, kind="claim", text="We lose turnover.", by=by, now=NOW)
    elif step == "propose terms":
        put_terms(dispute, by=by)
    elif step == "ask for more time":
        extensions.ask(case=case, hours=1, reason=REASON, by=by, now=NOW)
    elif step == "decide":
        decide(dispute, by)
    else:
        action = {
            "open now": cases.open_now,
            "object to a standing rule": rule_notices.object_to,
            "pass to mediation": cases.escalate,
            "challenge the mediator": recusals.challenge,
            "step aside": recusals.step_aside,
            "appeal": appeals.appeal,
        }[step]
        with_reason = {} if step == "open now" else {"reason": REASON}
        action(case=case, by=by, now=NOW, key=step, **with_reason)


def allowed(dispute, step, by) -> bool:
    try:
        take(dispute, step, by)
    except PermissionDenied:
        return False
    except ValidationError as error:
        if getattr(error, "code", "") != "state":
            raise
        return False
    return True


def is_wrong(dispute, step, role, state, by) -> bool:
    """Whether the step is taken although the table forbids it, or the other way round; nothing of it stays."""
    before = everything()
    with transaction.atomic():
        did = allowed(dispute, step, by)
        assert did or everything() == before, f"{role} was refused {step!r} and changed something"
        transaction.set_rollback(True)
    return did is not may(step, role, state)


@pytest.mark.parametrize("state", CaseState.values)
def test_a_step_is_taken_exactly_by_whom_the_table_names(dispute, people, state):
    put(dispute, state)
    wrong = [
        (step, role)
        for step in STEPS_OF_PEOPLE
        # What clears the collision is only known while there is one.
        if not (step == "propose a change" and state in (CaseState.CLOSED, CaseState.WITHDRAWN))
        for role in ROLES
        if is_wrong(dispute, step, role, state, people[role])
    ]
    assert wrong == []


def test_an_appeal_is_not_appealed_against(dispute, people):
    case = put(dispute, CaseState.DECIDED)
    make_mediator("sara", department=dispute.first.campaign.department)
    again = appeals.appeal(case=case, by=people["a"], now=NOW, key="k", reason=REASON)
    facts = facts_hash(again)
    rulings.decide(
        case=again, operations=[AllowBoth()], reason=REASON, by=again.mediator, now=NOW, facts=facts, key="d"
    )
    with pytest.raises(ValidationError):
        appeals.appeal(case=again, by=people["a"], now=NOW, key="l", reason=REASON)
    assert Case.objects.count() == 2
