"""Several people, workers and sweeps at the same moment. Row locks exist on PostgreSQL only, so it all runs there too."""

import contextlib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.base import BaseEmailBackend

from approvals.actions import case_reactions, cases, escalation, outbox, rulings
from approvals.choices import ENDED_STATES, CaseOutcome, CaseState, MailState, TimerKind
from approvals.models import Case, CaseCollision, Mail, Mediator, Ruling, Timer
from approvals.queries.cases import facts_hash
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.tests.builders import (
    NOW,
    REASON,
    escalated_dispute,
    lead_of,
    make_campaign,
    make_department,
    make_dispute,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    make_user,
    open_dispute,
    settle_down,
    submit,
)
from campaigns.actions import access, collisions, offers
from campaigns.models import Campaign, Offer
from customers.actions import events
from customers.models import Event, HistoryEntry
from customers.tests.races import race, raised

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DEADLINE = NOW + timedelta(hours=48)
REFUSALS = (ValidationError, PermissionDenied)
ROUNDS = 5


def steps(verb):
    return HistoryEntry.objects.filter(verb=verb, scope__startswith="case:").count()


def test_five_reactors_open_one_case():
    dispute = make_dispute()
    collisions.refresh_due(now=NOW)
    pair = (dispute.first.campaign_id, dispute.second.campaign_id)
    results = race(*[lambda: case_reactions.consider([pair], now=NOW)] * 5)
    assert raised(results) == []
    assert Case.objects.count() == 1
    assert (steps("open"), Mail.objects.count(), Timer.objects.count()) == (1, 4, 3)
    assert Offer.objects.filter(held=True).count() == 2


def test_five_workers_on_five_events_of_one_pair():
    dispute = make_dispute()
    collisions.refresh_due(now=NOW)
    payload = Event.objects.get(topic="collisions.changed").payload
    Event.objects.bulk_create(Event(topic="collisions.changed", payload=payload, created_at=NOW) for _ in range(4))
    results = race(*[lambda: events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW, at_most=1)] * 5)
    assert raised(results) == []
    while events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW):
        pass
    assert dispute.case.state == CaseState.NEGOTIATION
    assert not Event.objects.filter(topic="collisions.changed", handled_at=None).exists()
    assert (steps("open"), Mail.objects.count()) == (1, 4)


def test_six_sweeps_escalate_once():
    make_mediator()
    open_dispute()
    results = race(*[lambda: escalation.run_due_timers(now=DEADLINE)] * 6)
    assert raised(results) == []
    escalation.run_due_timers(now=DEADLINE + timedelta(hours=1))
    assert Case.objects.get().state == CaseState.MEDIATION
    assert (steps("escalate"), steps("assign")) == (1, 1)
    assert Mail.objects.filter(event="case_assigned").count() == 1
    assert not Mail.objects.filter(event="case_reminder").exists()


def test_six_sweeps_pass_a_case_on_once():
    make_mediator(stand_in=make_user("sara"))
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    sweeps = [lambda: escalation.run_due_timers(now=DEADLINE)] * 6
    assert raised(race(*sweeps)) == []
    for sweep in sweeps:
        sweep()
    assert Case.objects.get().mediator.username == "sara"
    assert (steps("time_out"), steps("assign")) == (1, 2)
    assert Mail.objects.filter(event="case_assigned", recipient__username="sara").count() == 1


def test_two_cases_at_once_are_not_both_for_whom_one_is_enough():
    """Whoever gives a case waits for another who does, and counts theirs."""
    make_mediator("first")
    make_mediator("second")
    Mediator.objects.update(most_cases=1)
    segment, products = make_segment(numbers=range(9)), make_products(2)
    for code in ("CRM", "ECO", "MKT", "SAL"):
        campaign = make_campaign(make_department(code), f"{code}-1")
        number = products[:1] if code in {"CRM", "ECO"} else products[1:]
        make_offer(campaign, segments=[segment], products=number)
        submit(campaign)
    settle_down()
    one, two = Case.objects.filter(campaign_a__code__in=["CRM-1", "MKT-1"], campaign_b__code__in=["ECO-1", "SAL-1"])[
        :2
    ]
    results = race(*[lambda case=case: cases.escalate(case=case, by=None, now=NOW, key="time") for case in (one, two)])
    assert raised(results) == []
    mediators = Case.objects.filter(pk__in=[one.pk, two.pk]).values_list("mediator__username", flat=True)
    assert sorted(mediators) == ["first", "second"]


def test_both_parties_and_the_timer_escalate_at_once():
    make_mediator()
    dispute = open_dispute()
    case, (one, two) = dispute.case, dispute.leads
    results = race(
        lambda: cases.escalate(case=case, by=one, now=DEADLINE, key="one"),
        lambda: cases.escalate(case=case, by=two, now=DEADLINE, key="two"),
        lambda: escalation.run_due_timers(now=DEADLINE),
        lambda: cases.escalate(case=case, by=one, now=DEADLINE, key="one"),
    )
    assert raised(results, *REFUSALS) == []
    assert (steps("escalate"), steps("assign")) == (1, 1)
    assert not Timer.objects.filter(done_at=None, kind__in=[TimerKind.REMIND, TimerKind.ESCALATE]).exists()


def give_up(dispute):
    """A party takes its offer back, and the workers do their part."""
    offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=DEADLINE, reason="Not needed.")
    collisions.refresh_due(now=DEADLINE)
    events.drain(case_reactions.TOPICS, case_reactions.react, now=DEADLINE)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_escalate_against_vanish(number):
    make_mediator()
    dispute = open_dispute()
    results = race(
        lambda: escalation.run_due_timers(now=DEADLINE),
        lambda: give_up(dispute),
        lambda: case_reactions.recheck(now=DEADLINE),
    )
    assert raised(results) == []
    settle_down(DEADLINE)
    case = Case.objects.get()
    assert (case.state, case.outcome) == (CaseState.WITHDRAWN, CaseOutcome.VANISHED)
    assert steps("vanish") == 1
    assert steps("escalate") <= 1
    assert not Timer.objects.filter(done_at=None).exists()
    assert not Offer.objects.filter(held=True).exists()
    if case.mediator:
        assert not Campaign.objects.visible(case.mediator).exists()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_decide_against_vanish(number):
    dispute, mediator = escalated_dispute()
    case, facts = dispute.case, facts_hash(dispute.case)
    results = race(
        lambda: rulings.decide(
            case=case, operations=[AllowBoth()], reason=REASON, by=mediator, now=DEADLINE, facts=facts, key="k"
        ),
        lambda: give_up(dispute),
    )
    assert raised(results, *REFUSALS) == []
    settle_down(DEADLINE)
    case.refresh_from_db()
    assert case.state in ENDED_STATES
    assert Ruling.objects.filter(case=case).exists() == (case.outcome == CaseOutcome.RULED)
    assert steps("decide") + steps("vanish") == 1
    assert not Offer.objects.filter(held=True).exists()
    assert Offer.objects.get(pk=dispute.first.pk).withdrawn_at == DEADLINE


def test_two_decisions_are_one_ruling():
    dispute, mediator = escalated_dispute()
    case, facts = dispute.case, facts_hash(dispute.case)

    def decide(days, key):
        return lambda: rulings.decide(
            case=case,
            operations=[ShiftDates("SAL-1", days)],
            reason=REASON,
            by=mediator,
            now=DEADLINE,
            facts=facts,
            key=key,
        )

    results = race(decide(20, "one"), decide(30, "two"), decide(20, "one"), decide(30, "two"))
    assert raised(results, *REFUSALS) == []
    ruling = Ruling.objects.get()
    assert [result for result in results if isinstance(result, Ruling)] == [ruling] * 2
    (order,) = ruling.operations
    shifted = Offer.objects.get(code="SAL-1-A")
    assert shifted.starts_on == dispute.second.starts_on + timedelta(days=order["days"])
    assert steps("decide") == 1
    assert Mail.objects.filter(event="case_decided").count() == 4


def test_a_mediator_joins_a_party_while_deciding():
    """Whichever comes first: no ruling by a member of a party, no double answer."""
    dispute, mediator = escalated_dispute()
    case, facts = dispute.case, facts_hash(dispute.case)
    results = race(
        lambda: rulings.decide(
            case=case, operations=[AllowBoth()], reason=REASON, by=mediator, now=DEADLINE, facts=facts, key="k"
        ),
        lambda: access.join(
            department=dispute.first.campaign.department, user=mediator, is_lead=False, by=None, now=DEADLINE
        ),
        lambda: escalation.replace_mediators(now=DEADLINE),
    )
    assert raised(results, *REFUSALS) == []
    case.refresh_from_db()
    assert Ruling.objects.exists() == (case.state == CaseState.CLOSED)


class Sink(BaseEmailBackend):
    sent: list[str] = []

    def send_messages(self, email_messages):
        self.sent += [message.extra_headers["Message-ID"] for message in email_messages]
        return len(email_messages)


def test_four_workers_send_each_mail_once(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Sink"
    Sink.sent.clear()
    make_mediator()
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="k")
    results = race(*[lambda: outbox.send_due(now=NOW)] * 4)
    assert raised(results) == []
    assert sum(results) == len(Sink.sent) == len(set(Sink.sent)) == 9
    assert set(Mail.objects.values_list("state", "unsure", "tries")) == {(MailState.SENT, False, 1)}


def edit_again_and_again(offer, days):
    lead = lead_of(offer.campaign.department)
    for shift in (days, -days, days):
        offers.shift_offers(offers=[offer], days=shift, by=lead, now=NOW)
        collisions.refresh_due(now=NOW)


def react_again_and_again():
    for _ in range(6):
        events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW)


def decide_whatever_can_be_decided(mediator):
    for case in Case.objects.order_by("-pk"):
        with contextlib.suppress(*REFUSALS):
            rulings.decide(
                case=case,
                operations=[AllowBoth()],
                reason=REASON,
                by=mediator,
                now=NOW,
                facts=facts_hash(case),
                key="k",
            )


def offers_in_dispute():
    rows = CaseCollision.objects.exclude(case__state__in=ENDED_STATES).filter(collision__state="open")
    return {offer for pair in rows.values_list("collision__offer_a", "collision__offer_b") for offer in pair}


def test_edits_reactions_and_decisions_do_not_lock_each_other_out(caplog):
    """Four campaigns, six cases that share them, and everybody at work: nobody waits for ever, nothing is left over."""
    mediator = make_mediator()
    segment, products = make_segment(numbers=range(9)), make_products(2)
    planned = []
    for code in ("MKT", "SAL", "CRM", "ECO"):
        campaign = make_campaign(make_department(code), f"{code}-1")
        planned.append(make_offer(campaign, f"{code}-1-A", segments=[segment], products=products))
        submit(campaign)
    settle_down()
    assert Case.objects.count() == 6
    for case in Case.objects.all():
        cases.escalate(case=case, by=None, now=NOW, key="k")

    results = race(
        lambda: edit_again_and_again(planned[0], 1),
        lambda: edit_again_and_again(planned[1], 2),
        lambda: edit_again_and_again(planned[3], 3),
        react_again_and_again,
        react_again_and_again,
        lambda: decide_whatever_can_be_decided(mediator),
        lambda: decide_whatever_can_be_decided(mediator),
    )
    assert raised(results, *REFUSALS) == []
    assert "deadlock" not in caplog.text
    later = NOW + timedelta(hours=3)
    for _ in range(5):
        settle_down(later)
    case_reactions.recheck(now=later)
    assert set(Offer.objects.filter(held=True).values_list("pk", flat=True)) == offers_in_dispute()
    ruled = Case.objects.filter(outcome=CaseOutcome.RULED)
    assert Ruling.objects.count() == ruled.count()
