"""A decision against everything that may happen at the same moment, with the row locks and without."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError

from approvals.actions import case_reactions, escalation, rulings
from approvals.choices import CaseOutcome, CaseState
from approvals.models import Case, Mail, Ruling
from approvals.queries.cases import facts_hash
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.tests.builders import NOW, REASON, escalated_dispute, mails, make_mediator
from approvals.tests.crowd import crowd
from campaigns.actions import access, collisions, offers
from campaigns.models import Campaign, Offer
from customers.actions import events
from customers.models import HistoryEntry
from customers.queries import chain
from customers.tests.races import held_open, paused_at, raised

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

LATER = NOW + timedelta(hours=48)
REFUSALS = (ValidationError, PermissionDenied)
# The first thing that a decision writes, by what it orders: all checks are done, and nothing is locked by being written.
ALLOWS, SHIFTS = 'UPDATE "campaigns_collision"', 'UPDATE "campaigns_campaign"'


@pytest.fixture
def escalated():
    return escalated_dispute()


def decider(escalated, operations=(), key="k"):
    dispute, mediator = escalated
    case, facts = dispute.case, facts_hash(dispute.case)
    return lambda: rulings.decide(
        case=case,
        operations=list(operations) or [AllowBoth()],
        reason=REASON,
        by=mediator,
        now=LATER,
        facts=facts,
        key=key,
    )


def steps(verb):
    return HistoryEntry.objects.filter(verb=verb, scope__startswith="case:").count()


def test_two_deciders(escalated, locked):
    """The second waits, and is told that the case is closed."""
    first, second = (
        decider(escalated, [ShiftDates("SAL-1", 20)], "a"),
        decider(escalated, [ShiftDates("SAL-1", 30)], "b"),
    )
    results = paused_at(SHIFTS, first, second, locked=locked)
    if not locked:
        # What the lock would have kept from being tried, the database refuses.
        assert [isinstance(error, DatabaseError) for error in raised(results)] == [True]
        return
    ruling, refusal = results
    assert (type(refusal), refusal.code) == (ValidationError, "state")
    assert Ruling.objects.get() == ruling
    assert (steps("decide"), Mail.objects.filter(event="case_decided").count()) == (1, 4)
    assert Offer.objects.get(code="SAL-1-A").starts_on == escalated[0].second.starts_on + timedelta(days=20)


def test_a_decision_while_the_collision_vanishes(escalated, locked):
    dispute, _mediator = escalated

    def vanish():
        offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=LATER, reason="Not needed.")
        collisions.refresh_due(now=LATER)
        events.drain(case_reactions.TOPICS, case_reactions.react, now=LATER)

    results = paused_at(ALLOWS, decider(escalated), vanish, locked=locked)
    if not locked:
        # The case is over when the decision comes to write itself down: the database refuses it.
        assert [isinstance(error, DatabaseError) for error in raised(results)] == [True]
        assert (steps("decide"), steps("vanish")) == (0, 1)
        return
    assert raised(results) == []
    assert (steps("decide"), steps("vanish")) == (1, 0)
    assert Case.objects.get().outcome == CaseOutcome.RULED


def test_an_edit_while_a_ruling_is_enforced(escalated, locked):
    """Neither overwrites the other: days and versions add up."""
    dispute, _mediator = escalated
    offer = dispute.second
    edit = lambda: offers.shift_offers(  # noqa: E731
        offers=[offer], days=3, by=dispute.leads[1], now=LATER, reason="Later."
    )
    results = paused_at(SHIFTS, decider(escalated, [ShiftDates("SAL-1", 20)]), edit, locked=locked)
    assert raised(results) == []
    changed = Offer.objects.get(pk=offer.pk)
    assert HistoryEntry.objects.filter(subject=f"offer:{offer.code}", verb="change").count() == 2
    days, versions = (changed.starts_on - offer.starts_on).days, changed.version - offer.version
    assert ((days, versions) == (23, 2)) is locked


def test_a_decision_on_what_was_edited_meanwhile(escalated, locked):
    """The edit is not committed yet when the decision begins: it decides nothing the mediator did not see."""
    dispute, _mediator = escalated

    edit = lambda: offers.shift_offers(  # noqa: E731
        offers=[dispute.second], days=3, by=dispute.leads[1], now=LATER, reason="Later."
    )
    results = held_open(edit, decider(escalated), locked=locked)
    assert [type(error) for error in raised(results)] == ([rulings.StaleFacts] if locked else [])
    assert Ruling.objects.exists() is not locked
    assert Case.objects.get().state == (CaseState.MEDIATION if locked else CaseState.CLOSED)


def join_party(escalated):
    dispute, mediator = escalated
    return lambda: access.join(
        department=dispute.first.campaign.department, user=mediator, is_lead=False, by=None, now=LATER
    )


def test_a_mediator_who_joins_a_party_before_the_decision_does_not_decide(escalated, locked):
    results = held_open(join_party(escalated), decider(escalated), locked=locked)
    assert [type(error) for error in raised(results)] == ([PermissionDenied] if locked else [])
    assert Ruling.objects.exists() is not locked


def test_a_mediator_joins_a_party_only_after_the_decision_that_was_checked(escalated, locked):
    """History is numbered in the order of commits."""
    results = paused_at(ALLOWS, decider(escalated), join_party(escalated), locked=locked)
    assert raised(results) == []
    order = HistoryEntry.objects.filter(verb__in=["join", "decide"]).exclude(scope__startswith="campaign:")
    last_two = list(order.order_by("-seq").values_list("verb", flat=True)[:2])
    assert last_two == (["join", "decide"] if locked else ["decide", "join"])


def test_a_case_is_not_given_to_another_in_the_middle_of_a_decision(escalated, locked):
    dispute, mediator = escalated
    successor = make_mediator("nuria", department=dispute.first.campaign.department)

    def sign_off():
        User.objects.filter(pk=mediator.pk).update(is_active=False)
        escalation.replace_mediators(now=LATER)

    results = paused_at(ALLOWS, decider(escalated), sign_off, locked=locked)
    assert raised(results) == []
    assert Case.objects.get().mediator == (mediator if locked else successor)
    assert Campaign.objects.visible(successor).exists() is not locked


def test_a_thousand_decisions_of_one_case_are_one_ruling(escalated):
    before = HistoryEntry.objects.count()
    told_before = mails()
    case, facts, mediator = escalated[0].case, facts_hash(escalated[0].case), escalated[1]

    def decide(n):
        try:
            rulings.decide(
                case=case, operations=[AllowBoth()], reason=REASON, by=mediator, now=LATER, facts=facts, key=f"key {n}"
            )
        except ValidationError as refusal:
            return refusal.code
        return "decided"

    assert crowd(decide, 1000) == {"decided": 1, "state": 999}
    assert Ruling.objects.count() == 1
    assert steps("decide") == 1
    assert len(mails() - told_before) == Mail.objects.filter(event="case_decided").count() == 4
    written = HistoryEntry.objects.count() - before
    assert set(HistoryEntry.objects.order_by("-id").values_list("verb", flat=True)[:written]) == {
        "decide",
        "enforce",
        "settle",
        "release",
    }
    assert not Offer.objects.filter(held=True).exists()
    assert not Campaign.objects.visible(mediator).exists()
    assert list(chain.find_problems(now=LATER)) == []
