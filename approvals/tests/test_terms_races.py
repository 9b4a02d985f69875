"""Two sides, a mediator and the clock at the same moment: one end of a case, and no signature on what was not shown."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals.actions import escalation, rulings
from approvals.choices import CaseOutcome, CaseState, TermsState
from approvals.models import Case, Ruling, Terms, Timer
from approvals.queries.cases import facts_hash
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.tests.agreeing import accept, put
from approvals.tests.builders import NOW, REASON, escalated_dispute, make_mediator, open_dispute
from campaigns.models import Offer
from customers.models import HistoryEntry
from customers.tests.races import race, raised

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DEADLINE = NOW + timedelta(hours=48)
REFUSALS = (ValidationError, PermissionDenied)
ROUNDS = 5


@pytest.mark.parametrize("number", range(ROUNDS))
def test_accept_against_the_deadline(number):
    make_mediator()
    dispute = open_dispute()
    made = put(dispute)
    results = race(
        lambda: accept(dispute, made, now=DEADLINE),
        lambda: escalation.run_due_timers(now=DEADLINE),
    )
    assert raised(results) == []
    case = Case.objects.get()
    assert (case.state, case.outcome) == (CaseState.CLOSED, CaseOutcome.AGREED)
    assert Ruling.objects.count() == 1
    assert not Timer.objects.filter(done_at=None).exists()
    assert not Offer.objects.filter(held=True).exists()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_accept_against_decide(number):
    dispute, mediator = escalated_dispute()
    made = put(dispute)
    case, facts = dispute.case, facts_hash(dispute.case)
    results = race(
        lambda: accept(dispute, made, now=DEADLINE),
        lambda: rulings.decide(
            case=case, operations=[AllowBoth()], reason=REASON, by=mediator, now=DEADLINE, facts=facts, key="k"
        ),
    )
    assert len(raised(results)) == 1
    assert raised(results, *REFUSALS) == []
    ruling = Ruling.objects.get()
    case.refresh_from_db()
    assert (case.state, case.outcome) == (CaseState.CLOSED, ruling.source)
    assert Terms.objects.get().state == (TermsState.ACCEPTED if ruling.source == "agreed" else TermsState.LAPSED)
    assert not Timer.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_accepting_old_terms_against_a_counter_proposal(number):
    """Either the old terms are agreed before, or nobody has agreed on anything."""
    dispute = open_dispute()
    old = put(dispute)
    results = race(
        lambda: accept(dispute, old),
        lambda: put(dispute, ShiftDates("MKT-1", 20), by=dispute.leads[1]),
    )
    assert raised(results, *REFUSALS) == []
    accepted, countered = results
    old.refresh_from_db()
    if isinstance(accepted, ValidationError):
        assert accepted.code == "state"
        assert (old.state, Ruling.objects.count()) == (TermsState.SUPERSEDED, 0)
        assert Case.objects.get().state == CaseState.NEGOTIATION
    else:
        assert isinstance(countered, ValidationError)
        assert (old.state, Ruling.objects.get().terms) == (TermsState.ACCEPTED, old)
    assert Terms.objects.filter(state=TermsState.OPEN).count() <= 1


def test_two_people_of_one_side_accept_at_once():
    dispute = open_dispute()
    made = put(dispute)
    results = race(*[lambda: accept(dispute, made)] * 4)
    assert raised(results, *REFUSALS) == []
    assert Ruling.objects.count() == 1
    assert HistoryEntry.objects.filter(verb="agree", scope__startswith="case:").count() == 1
