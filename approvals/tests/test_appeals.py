"""Before a case opens and after it is decided: found, opened, decided, appealed, in force, taken up again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from approvals.actions import appeals, case_reactions, cases, escalation, rulings
from approvals.choices import CaseOutcome, CaseState, MailEvent, ReopenedBecause, TimerKind
from approvals.models import Case, EscalationPolicy, Mail, Ruling, Timer
from approvals.queries import soundness
from approvals.rules.operations import AllowBoth, ShiftDates, Withdraw
from approvals.tests.builders import (
    NOW,
    REASON,
    Dispute,
    dispute_ahead,
    make_dispute,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from approvals.tests.deciding import decide, everything
from campaigns.actions import access, collisions, offers
from campaigns.models import Campaign, Offer
from customers.models import HistoryEntry
from customers.tests.api import client_of
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

WHY = "Nobody looked at what our customers were promised."
# Monday 2 November, 11:00 in Madrid; ten working hours later it is Tuesday, 12:00.
DECIDED = datetime(2026, 11, 2, 10, tzinfo=UTC)
IN_FORCE = datetime(2026, 11, 3, 11, tzinfo=UTC)


def told(event):
    return set(Mail.objects.filter(event=event).values_list("recipient__username", flat=True))


def verbs(case):
    return list(HistoryEntry.objects.filter(scope=f"case:{case.label}").order_by("id").values_list("verb", flat=True))


@pytest.fixture
def sara():
    return make_user("sara")


@pytest.fixture
def dispute(sara) -> Dispute:
    """In mediation; there are ten working hours to appeal."""
    EscalationPolicy.objects.update(hours_to_appeal=10)
    make_mediator(stand_in=sara)
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    return dispute


@pytest.fixture
def decided(dispute) -> Case:
    decide(dispute, [ShiftDates("SAL-1", 20)], now=DECIDED)
    return Case.objects.get()


class TestFound:
    @pytest.fixture
    def found(self) -> Case:
        EscalationPolicy.objects.update(minutes_before_opening=30)
        make_dispute()
        settle_down()
        return Case.objects.get()

    def test_nobody_is_told_before_it_opens_but_its_offers_are_held(self, found):
        assert found.state == CaseState.DETECTED
        assert not Mail.objects.exists()
        assert Offer.objects.filter(held=True).count() == 2
        assert list(Timer.objects.values_list("kind", "due_at")) == [(TimerKind.OPEN, NOW + timedelta(minutes=30))]

    def test_it_opens_by_itself_and_its_time_counts_from_then(self, found):
        at_once = Case.objects.get().agree_by
        escalation.run_due_timers(now=NOW + timedelta(minutes=29))
        assert Case.objects.get().state == CaseState.DETECTED
        later = NOW + timedelta(minutes=30)
        assert escalation.run_due_timers(now=later) == 1
        case = Case.objects.get()
        assert (case.state, case.detected_at, case.opened_at) == (CaseState.NEGOTIATION, NOW, later)
        assert case.agree_by == at_once + timedelta(minutes=30)
        assert told(MailEvent.CASE_OPENED) == {"lead_mkt", "lead_sal", "contact_mkt", "contact_sal"}
        assert escalation.run_due_timers(now=later) == 0
        assert verbs(case) == ["detect", "open"]

    def test_what_is_gone_before_bothers_nobody(self, found):
        offer = Offer.objects.get(code="SAL-1-A")
        offers.withdraw_offers(offers=[offer], by=found.campaign_b.accountable, now=NOW, reason="Not needed.")
        settle_down(NOW + timedelta(minutes=5))
        case = Case.objects.get()
        assert (case.state, case.outcome) == (CaseState.WITHDRAWN, CaseOutcome.VANISHED)
        assert not Mail.objects.exists()
        assert not Offer.objects.filter(held=True).exists()
        assert not Timer.objects.filter(done_at=None).exists()
        assert list(soundness.untold()) == []

    def test_what_is_gone_does_not_open_though_nobody_has_heard_of_it_yet(self, found):
        offer = Offer.objects.get(code="SAL-1-A")
        offers.withdraw_offers(offers=[offer], by=found.campaign_b.accountable, now=NOW, reason="Not needed.")
        collisions.refresh_due(now=NOW)
        escalation.run_due_timers(now=NOW + timedelta(hours=1))
        case = Case.objects.get()
        assert (case.state, case.outcome) == (CaseState.WITHDRAWN, CaseOutcome.VANISHED)
        assert not Mail.objects.exists()

    def test_there_and_gone_and_there_again_leaves_an_open_case_alone(self):
        dispute = open_dispute()
        case, mails = Case.objects.values().get(), Mail.objects.count()
        for days in (60, -60):
            offers.shift_offers(offers=[dispute.second], days=days, by=dispute.leads[1], now=NOW, reason="Tried out.")
        settle_down()
        assert Case.objects.values().get() == case
        assert Mail.objects.filter(event__startswith="case").count() == mails
        assert Offer.objects.filter(held=True).count() == 2

    def test_a_lead_opens_it_at_once_and_once(self, found):
        lead = found.campaign_a.accountable
        for _ in range(2):
            cases.open_now(case=found, by=lead, now=NOW, key="k")
        case = Case.objects.get()
        assert case.state == CaseState.NEGOTIATION
        assert verbs(case) == ["detect", "open"]
        assert set(Timer.objects.filter(done_at=None).values_list("kind", flat=True)) == {
            TimerKind.ESCALATE,
            TimerKind.REMIND,
        }
        with pytest.raises(ValidationError):
            cases.open_now(case=found, by=lead, now=NOW, key="other")

    @pytest.mark.parametrize("who", ["contact_mkt", "root", "outsider"])
    def test_nobody_else_opens_it(self, found, who):
        people = {"root": {"is_superuser": True}, "outsider": {}}
        person = make_user(who, **people[who]) if who in people else found.campaign_a.contact_person
        before = everything()
        with pytest.raises(PermissionDenied):
            cases.open_now(case=found, by=person, now=NOW, key="k")
        assert everything() == before

    def test_what_begins_too_soon_does_not_wait(self):
        EscalationPolicy.objects.update(minutes_before_opening=30, hours_before_start=30 * 24)
        make_mediator()
        make_dispute()
        settle_down()
        assert Case.objects.get().state == CaseState.MEDIATION


class TestDecided:
    def test_nothing_is_carried_out_yet(self, dispute, decided):
        assert (decided.state, decided.outcome, decided.takes_effect_at) == (CaseState.DECIDED, "", IN_FORCE)
        assert Offer.objects.get(pk=dispute.second.pk).starts_on == dispute.second.starts_on
        assert Offer.objects.filter(held=True).count() == 2
        assert Ruling.objects.get().effect["offers"][0]["new_starts_on"] == "2026-12-02"
        assert told(MailEvent.CASE_DECIDED) == {"lead_mkt", "lead_sal", "contact_mkt", "contact_sal"}
        assert "unless one of the two departments appeals" in Mail.objects.filter(event="case_decided").first().text
        assert list(Timer.objects.filter(done_at=None).values_list("kind", flat=True)) == [TimerKind.ENFORCE]

    def test_it_takes_effect_when_nobody_appealed_and_once(self, dispute, decided):
        assert escalation.run_due_timers(now=IN_FORCE - timedelta(minutes=1)) == 0
        for _ in range(2):
            escalation.run_due_timers(now=IN_FORCE)
            rulings.enforce(case=decided, now=IN_FORCE)
        case = Case.objects.get()
        assert (case.state, case.outcome, case.closed_at) == (CaseState.CLOSED, CaseOutcome.RULED, IN_FORCE)
        moved = Offer.objects.get(pk=dispute.second.pk)
        assert (moved.starts_on - dispute.second.starts_on).days == 20
        assert moved.version == dispute.second.version + 1
        assert not Offer.objects.filter(held=True).exists()
        assert Mail.objects.filter(event=MailEvent.CASE_ENFORCED).count() == 5
        assert not Campaign.objects.visible(case.mediator).exists()
        assert verbs(case)[-2:] == ["decide", "enforce"]
        assert list(soundness.untold()) == list(soundness.disordered()) == []

    def test_it_does_not_wait_for_what_collides_to_begin(self, dispute):
        Case.objects.update(settle_before=DECIDED + timedelta(hours=1))
        decide(dispute, [AllowBoth()], now=DECIDED)
        assert Case.objects.get().takes_effect_at == DECIDED + timedelta(hours=1)

    def test_plans_that_changed_since_are_not_touched(self, dispute, decided):
        """An edit that no lock of ours saw: a program that writes to the database itself."""
        Offer.objects.filter(pk=dispute.first.pk).update(version=99)
        before = list(Offer.objects.order_by("pk").values())
        escalation.run_due_timers(now=IN_FORCE)
        old, new = Case.objects.order_by("pk")
        assert (old.state, old.outcome) == (CaseState.CLOSED, CaseOutcome.OVERTAKEN)
        assert (new.state, new.reopened_from, new.reopened_because) == (
            CaseState.MEDIATION,
            old,
            ReopenedBecause.OVERTAKEN,
        )
        assert new.mediator == old.mediator
        assert new.collision_rows.count() == 1
        assert list(Offer.objects.order_by("pk").values()) == before, "held, and as it was"
        assert told(MailEvent.CASE_OVERTAKEN) >= {"lead_mkt", "lead_sal"}
        assert new.label in Mail.objects.filter(event=MailEvent.CASE_OVERTAKEN).first().text
        assert list(soundness.untold()) == list(soundness.disordered()) == list(soundness.doubled_cases()) == []

    def test_what_is_gone_needs_no_carrying_out(self, dispute, decided):
        offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=DECIDED, reason="Not needed.")
        settle_down(DECIDED)
        assert Case.objects.get().state == CaseState.DECIDED, "withdrawn only as long as nobody decided"
        escalation.run_due_timers(now=IN_FORCE)
        case = Case.objects.get()
        assert (case.state, case.outcome) == (CaseState.CLOSED, CaseOutcome.RULED)
        assert Offer.objects.get(pk=dispute.second.pk).starts_on == dispute.second.starts_on

    def test_without_time_to_appeal_it_takes_effect_at_once(self):
        make_mediator()
        dispute = open_dispute()
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
        decide(dispute, [Withdraw("SAL-1")], now=DECIDED)
        assert (dispute.case.state, dispute.case.takes_effect_at) == (CaseState.CLOSED, DECIDED)
        assert told(MailEvent.CASE_ENFORCED) == set()
        assert "carried out already" in Mail.objects.filter(event="case_decided").first().text

    def test_what_collides_later_stays_with_the_decided_case(self, dispute, decided):
        case_reactions.consider([(decided.campaign_a_id, decided.campaign_b_id)], now=DECIDED)
        assert Case.objects.count() == 1


class TestAppeal:
    def test_somebody_else_decides_and_finally(self, dispute, decided, sara):
        lead = dispute.leads[1]
        again = appeals.appeal(case=decided, reason=WHY, by=lead, now=DECIDED, key="k")
        old = Case.objects.get(pk=decided.pk)
        assert (old.state, old.outcome) == (CaseState.CLOSED, CaseOutcome.APPEALED)
        assert (again.state, again.mediator, again.hours_to_appeal) == (CaseState.MEDIATION, sara, 0)
        assert again.mediator_trail == [{"user": "marta", "why": "judged"}]
        assert Offer.objects.filter(held=True).count() == 2
        assert not Campaign.objects.visible(old.mediator).exists()
        assert told(MailEvent.CASE_APPEALED) == {"marta", "lead_mkt", "contact_mkt", "contact_sal"}
        assert told(MailEvent.CASE_ASSIGNED) == {"marta", "sara"}
        assert WHY in Mail.objects.get(event=MailEvent.CASE_ASSIGNED, recipient=sara).text
        assert not Timer.objects.filter(case=old, done_at=None).exists()
        first = Ruling.objects.get()
        second = rulings.decide(
            case=again,
            operations=[AllowBoth()],
            reason="Both were promised, so both run.",
            by=sara,
            now=DECIDED,
            facts=rulings.facts_hash(again),
            key="x",
        )
        assert second.supersedes == first
        again.refresh_from_db()
        assert (again.state, again.outcome) == (CaseState.CLOSED, CaseOutcome.RULED)
        assert list(soundness.untold()) == list(soundness.disordered()) == []

    def test_the_same_request_appeals_once(self, dispute, decided):
        lead = dispute.leads[0]
        first, second = (appeals.appeal(case=decided, reason=WHY, by=lead, now=DECIDED, key="k") for _ in range(2))
        assert first == second
        assert Case.objects.count() == 2
        with pytest.raises(ValidationError):
            appeals.appeal(case=decided, reason=WHY, by=lead, now=DECIDED, key="another")

    @pytest.mark.parametrize("who", ["marta", "contact_sal", "root", "sara"])
    def test_nobody_but_who_answers_for_a_side(self, dispute, decided, sara, who):
        people = {"marta": decided.mediator, "contact_sal": dispute.second.campaign.contact_person, "sara": sara}
        person = people.get(who) or make_user(who, is_superuser=True)
        before = everything()
        with pytest.raises(PermissionDenied):
            appeals.appeal(case=decided, reason=WHY, by=person, now=DECIDED, key="k")
        assert everything() == before

    @pytest.mark.parametrize(("reason", "now"), [("  ", DECIDED), (WHY, IN_FORCE)])
    def test_not_without_a_reason_and_not_too_late(self, dispute, decided, reason, now):
        before = everything()
        with pytest.raises(ValidationError):
            appeals.appeal(case=decided, reason=reason, by=dispute.leads[0], now=now, key="k")
        assert everything() == before

    def test_without_anybody_else_it_waits_for_one(self, dispute, decided, sara):
        make_user("root", is_superuser=True)
        sara.is_active = False
        sara.save()
        again = appeals.appeal(case=decided, reason=WHY, by=dispute.leads[0], now=DECIDED, key="k")
        assert again.mediator is None
        assert told(MailEvent.CASE_WITHOUT_MEDIATOR) == {"root"}


def test_a_pair_that_collides_again_takes_up_its_last_case():
    dispute = open_dispute()
    first = dispute.case
    Case.objects.update(state=CaseState.WITHDRAWN, outcome=CaseOutcome.VANISHED, closed_at=NOW)
    case_reactions.consider([(first.campaign_a_id, first.campaign_b_id)], now=NOW)
    again = Case.objects.get(state=CaseState.NEGOTIATION)
    assert (again.reopened_from, again.reopened_because) == (first, ReopenedBecause.FACTS)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"state": "withdrawn", "outcome": "ruled", "closed_at": NOW}, "case_ends_as_its_outcome_says"),
        ({"state": "waived", "outcome": "", "closed_at": NOW}, "ended_case_says_when_and_how"),
        ({"state": "decided", "escalated_at": NOW}, "decided_case_says_who_decided_and_when_it_takes_effect"),
        ({"reopened_because": "appeal"}, "case_that_takes_up_another_says_why"),
    ],
)
def test_the_database_knows_how_a_case_can_be(values, name):
    dispute = open_dispute()
    if values.get("state") == CaseState.DECIDED:
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Case.objects.update(**values)


def ahead(**policy) -> Dispute:
    EscalationPolicy.objects.update(**policy)
    make_mediator(stand_in=make_user("sara"))
    return dispute_ahead(escalated=bool(policy.get("hours_to_appeal")))


def decided_ahead() -> Dispute:
    dispute = ahead(hours_to_appeal=10)
    decide(dispute, [ShiftDates("SAL-1", 20)], now=timezone.now())
    return dispute


def colleague_of(dispute):
    """Somebody of the first department who leads nothing."""
    person = make_user("anna")
    access.join(department=dispute.first.campaign.department, user=person, is_lead=False, by=None, now=NOW)
    return person


class TestPages:
    def test_a_lead_opens_what_was_found(self):
        dispute = ahead(minutes_before_opening=30)
        page = reverse("admin:approvals_case_change", args=[dispute.case.pk])
        lead = signed_in(dispute.leads[0])
        assert "Open the case now" in lead.get(page).content.decode()
        assert lead.get(reverse("admin:approvals_case_open", args=[dispute.case.pk])).status_code == 405
        answer = lead.post(reverse("admin:approvals_case_open", args=[dispute.case.pk]), follow=True)
        assert "The case is open" in answer.content.decode()
        assert dispute.case.state == CaseState.NEGOTIATION

    def test_a_lead_appeals_and_what_is_typed_is_kept(self):
        dispute = decided_ahead()
        lead = signed_in(dispute.leads[1])
        case = dispute.case
        text = lead.get(reverse("admin:approvals_case_change", args=[case.pk])).content.decode()
        address = reverse("admin:approvals_case_appeal", args=[case.pk])
        assert address in text
        assert "Not carried out yet" in text
        assert lead.get(address).status_code == 200
        assert Case.objects.get().state == CaseState.DECIDED, "looking changes nothing"
        assert "Say why" in lead.post(address, {"reason": " "}).content.decode()
        answer = lead.post(address, {"reason": WHY, "key": "k"}, follow=True)
        again = Case.objects.exclude(pk=case.pk).get()
        text = answer.content.decode()
        assert answer.redirect_chain == [(reverse("admin:approvals_case_change", args=[again.pk]), 302)]
        assert f"Takes up {case.label}" in text
        assert "move 20 days later" in text, "the decision that was appealed against"
        assert "Why it was appealed" in text
        assert WHY in text
        assert (
            f"It goes on in {again.label}"
            in lead.get(reverse("admin:approvals_case_change", args=[case.pk])).content.decode()
        )

    def test_what_was_overtaken_is_filled_in_to_be_looked_at_again(self):
        dispute = decided_ahead()
        Offer.objects.filter(pk=dispute.first.pk).update(version=99)
        escalation.run_due_timers(now=dispute.case.takes_effect_at)
        again = Case.objects.get(state=CaseState.MEDIATION)
        page = signed_in(again.mediator).get(reverse("admin:approvals_case_change", args=[again.pk]))
        form = page.context["form"]
        place = [side.code for side in form.sides].index("SAL-1")
        assert (form[f"what_{place}"].value(), form[f"days_{place}"].value()) == ("shift", 20)
        assert form["reason"].value() == REASON
        assert "Recalculate" in page.content.decode()

    def test_others_find_no_button(self):
        dispute = decided_ahead()
        anna = signed_in(colleague_of(dispute))
        address = reverse("admin:approvals_case_appeal", args=[dispute.case.pk])
        assert address not in anna.get(reverse("admin:approvals_case_change", args=[dispute.case.pk])).content.decode()
        assert anna.post(address, {"reason": WHY}).status_code == 403
        assert Case.objects.count() == 1


class TestApi:
    def test_opening(self):
        dispute = ahead(minutes_before_opening=30)
        address = f"/api/v1/cases/{dispute.case.pk}/"
        lead = client_of(dispute.leads[0])
        read = lead.get(address).json()
        assert (read["state"], read["may_open"], read["may_escalate"]) == ("detected", True, False)
        assert client_of(colleague_of(dispute)).post(f"{address}open/").status_code == 403
        assert lead.post(f"{address}open/").json()["state"] == "negotiation"

    def test_appealing(self):
        dispute = decided_ahead()
        address = f"/api/v1/cases/{dispute.case.pk}/"
        lead = client_of(dispute.leads[0])
        read = lead.get(address).json()
        assert (read["state"], read["may_appeal"], read["hours_to_appeal"]) == ("decided", True, 10)
        assert read["takes_effect_at"]
        assert lead.post(f"{address}appeal/", {"reason": ""}).status_code == 400
        answer = lead.post(f"{address}appeal/", {"reason": WHY})
        assert answer.status_code == 201
        assert (answer.json()["reopened_from"], answer.json()["reopened_because"]) == (read["id"], "appeal")
        assert lead.get(address).json()["outcome"] == "appealed"
