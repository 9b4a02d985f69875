"""Terms for a whole case: proposed, countered, signed by both sides, carried out with the last signature."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from approvals.actions import cases, proposals, terms
from approvals.actions.terms import StaleTerms
from approvals.choices import CaseOutcome, CaseState, MailEvent, TermsState
from approvals.models import Acceptance, Case, Mail, Ruling, Terms, Timer
from approvals.queries.cases import evidence
from approvals.queries.negotiation import negotiation_of
from approvals.rules.operations import AllowBoth, ExcludeProducts, ShiftDates, Withdraw
from approvals.tests.agreeing import BOTH, LATER, LONG, accept, everything, put, refused, verbs
from approvals.tests.builders import (
    NOW,
    held_offers,
    lead_of,
    mails,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from approvals.tests.deciding import decide
from approvals.tests.pages import make_rival
from approvals.tests.proposing import propose
from campaigns.actions import offers
from campaigns.models import Campaign, Collision, Offer
from campaigns.permissions import can_change
from customers.clock import local_day
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

MESSAGE = "Your leaflet is printed, ours is not."


@pytest.fixture
def dispute():
    return open_dispute()


def person(username):
    return User.objects.get(username=username)


class TestPreview:
    def test_it_tells_what_the_terms_do_and_does_nothing(self, dispute):
        before = everything()
        shown = terms.preview(
            case=dispute.case, operations=[ShiftDates("SAL-1", 3), Withdraw("MKT-1")], by=dispute.leads[1], now=LATER
        )
        assert everything() == before
        effects = {row.offer: row for row in shown.effect.offers}
        assert effects["MKT-1-A"].withdrawn
        assert effects["SAL-1-A"].new_starts_on == dispute.second.starts_on + timedelta(days=3)
        assert [len(rows) for rows in (shown.effect.cleared, shown.effect.remaining)] == [1, 0]

    def test_the_order_of_the_operations_is_not_signed(self, dispute):
        orders = [ShiftDates("SAL-1", 3), ExcludeProducts("MKT-1")]
        hashes = {
            terms.preview(case=dispute.case, operations=some, by=dispute.leads[0], now=LATER).terms_hash
            for some in (orders, orders[::-1])
        }
        assert len(hashes) == 1

    def test_what_contradicts_itself(self, dispute):
        wrong = [Withdraw("SAL-1"), ShiftDates("SAL-1", 1)]
        who = {"case": dispute.case, "by": dispute.leads[0], "now": LATER}
        error = refused(ValidationError, lambda: terms.preview(operations=wrong, **who))
        assert "operations" in error.message_dict


class TestPropose:
    def test_one_side_puts_terms_to_the_other(self, dispute):
        made = put(dispute, message=MESSAGE)
        assert (made.state, made.campaign, made.message) == (TermsState.OPEN, dispute.first.campaign, MESSAGE)
        assert made.effect["offers"][0]["offer"] == "SAL-1-A"
        signature = made.acceptances.get()
        assert (signature.campaign, signature.accepted_by, signature.terms_hash) == (
            dispute.first.campaign,
            dispute.leads[0],
            made.terms_hash,
        )
        assert mails(MailEvent.TERMS_PROPOSED) == {("terms_proposed", who) for who in ("lead_sal", "contact_sal")}
        text = Mail.objects.filter(event="terms_proposed").first().text
        assert MESSAGE in text
        assert "20" in text
        assert verbs(dispute.case) == ["open", "propose_terms"]
        assert dispute.case.agree_by == NOW + timedelta(days=2)
        assert Offer.objects.get(pk=dispute.second.pk).starts_on == dispute.second.starts_on

    def test_who_may_not_bind_their_side_proposes_all_the_same(self, dispute):
        contact = person("contact_mkt")
        assert not can_change(contact, dispute.first.campaign)
        made = put(dispute, by=contact)
        assert not made.acceptances.exists()
        assert ("terms_proposed", "lead_mkt") in mails(MailEvent.TERMS_PROPOSED)
        # Then it takes the signatures of both, in whichever order.
        assert accept(dispute, made).state == TermsState.OPEN
        error = refused(ValidationError, lambda: accept(dispute, made))
        assert error.code == "state"
        assert accept(dispute, made, by=dispute.leads[0]).state == TermsState.ACCEPTED
        assert verbs(dispute.case) == ["open", "propose_terms", "sign_terms", "accept_terms", "agree"]

    def test_the_same_again_changes_nothing(self, dispute):
        made = put(dispute, message=MESSAGE)
        before = everything()
        assert put(dispute, message=MESSAGE) == made
        assert everything() == before

    def test_a_counter_proposal_supersedes_and_voids(self, dispute):
        first = put(dispute)
        deadline = list(Timer.objects.values())
        second = put(dispute, ShiftDates("MKT-1", 20), by=dispute.leads[1])
        first.refresh_from_db()
        assert (first.state, first.answered_by) == (TermsState.SUPERSEDED, dispute.leads[1])
        assert [row.campaign for row in second.acceptances.all()] == [dispute.second.campaign]
        assert mails(MailEvent.TERMS_COUNTERED) == {("terms_countered", who) for who in ("lead_mkt", "contact_mkt")}
        assert list(Timer.objects.values()) == deadline
        # The old signature of Marketing and the new ones of Sales make no agreement.
        error = refused(ValidationError, lambda: accept(dispute, first))
        assert error.code == "state"
        assert verbs(dispute.case) == ["open", "propose_terms", "supersede_terms", "propose_terms"]

    def test_who_signed_what_was_superseded_has_not_signed_what_came_after(self, dispute):
        put(dispute)
        counter = put(dispute, ShiftDates("MKT-1", 20), by=person("contact_sal"))
        assert accept(dispute, counter).state == TermsState.OPEN
        assert not Ruling.objects.exists()
        assert accept(dispute, counter, by=dispute.leads[0]).state == TermsState.ACCEPTED

    def test_plans_that_changed_since_the_preview(self, dispute):
        who = {"case": dispute.case, "operations": [LONG], "by": dispute.leads[0], "now": LATER}
        shown = terms.preview(**who)
        offers.change_offer(offer=dispute.second, by=dispute.leads[1], now=LATER, fields={"name": "Other"})
        refused(StaleTerms, lambda: terms.propose(**who, posted_hash=shown.terms_hash))

    def test_allowing_both_needs_a_reason(self, dispute):
        error = refused(ValidationError, lambda: put(dispute, BOTH))
        assert "message" in error.message_dict

    @pytest.mark.parametrize("who", ["marta", "lead_crm", "root"])
    def test_nobody_but_the_two_departments(self, dispute, who):
        make_mediator()
        make_department("CRM")
        make_user("root", is_superuser=True)
        refused(PermissionDenied, lambda: put(dispute, by=person(who)))

    def test_nothing_is_left_to_agree_on(self, dispute):
        accept(dispute, put(dispute))
        assert refused(ValidationError, lambda: put(dispute)).code == "state"


class TestAccept:
    def test_the_last_signature_carries_out_and_closes(self, dispute):
        made = put(dispute, message=MESSAGE)
        accept(dispute, made)
        made.refresh_from_db()
        case = dispute.case
        assert (made.state, made.answered_by) == (TermsState.ACCEPTED, dispute.leads[1])
        assert (case.state, case.outcome, case.closed_at) == (CaseState.CLOSED, CaseOutcome.AGREED, LATER)
        moved = Offer.objects.get(pk=dispute.second.pk)
        assert moved.starts_on == dispute.second.starts_on + timedelta(days=20)
        ruling = Ruling.objects.get()
        assert (ruling.source, ruling.terms, ruling.decided_by, ruling.reason) == (
            "agreed",
            made,
            dispute.leads[1],
            MESSAGE,
        )
        assert held_offers() == set()
        assert not Timer.objects.filter(done_at=None).exists()
        assert mails(MailEvent.CASE_AGREED) == {
            ("case_agreed", who) for who in ("lead_mkt", "contact_mkt", "contact_sal")
        }
        assert verbs(case) == ["open", "propose_terms", "accept_terms", "agree"]
        settle_down(LATER)
        assert Case.objects.count() == 1

    def test_history_names_the_case_and_keeps_what_the_sides_wrote(self, dispute):
        accept(dispute, put(dispute, message=MESSAGE))
        change = HistoryEntry.objects.get(verb="change", subject="offer:SAL-1-A")
        assert change.reason == dispute.case.label
        of_plans = HistoryEntry.objects.filter(scope__startswith="campaign:")
        assert not of_plans.filter(reason__contains=MESSAGE).exists()

    def test_the_page_says_who_agreed_and_what_it_did(self, dispute):
        accept(dispute, put(dispute, message=MESSAGE))
        ruling = evidence(dispute.case, dispute.leads[0]).ruling
        assert ruling.source == "agreed"
        assert "Marketing" in ruling.by
        assert "Sales" in ruling.by
        text = Mail.objects.filter(event="case_agreed").first().text
        assert ruling.by in text

    def test_allowing_both_is_a_waiver(self, dispute):
        accept(dispute, put(dispute, AllowBoth(), message=MESSAGE))
        assert dispute.case.outcome == CaseOutcome.WAIVED
        assert Collision.objects.get().state == "settled"
        assert Offer.objects.get(pk=dispute.second.pk).version == dispute.second.version
        assert verbs(dispute.case)[-1] == "waive"

    def test_a_known_overlap_comes_back_when_the_plans_change(self, dispute):
        accept(dispute, put(dispute, BOTH, message=MESSAGE))
        settle_down(LATER)
        offers.shift_offers(offers=[dispute.first], days=1, by=dispute.leads[0], now=LATER)
        settle_down(LATER)
        again = Case.objects.get(state=CaseState.NEGOTIATION)
        assert again.reopened_from == Case.objects.get(state=CaseState.WAIVED)

    def test_in_mediation_it_ends_the_mediators_work(self, dispute):
        mediator = make_mediator()
        made = put(dispute)
        cases.escalate(case=dispute.case, by=None, now=NOW + timedelta(days=2), key="time")
        assert Campaign.objects.visible(mediator).exists()
        accept(dispute, made, now=NOW + timedelta(days=2, hours=1))
        assert (dispute.case.state, dispute.case.outcome) == (CaseState.CLOSED, CaseOutcome.AGREED)
        assert not Campaign.objects.visible(mediator).exists()
        assert ("case_agreed", "marta") in mails()
        assert not Timer.objects.filter(done_at=None).exists()

    def test_terms_of_a_case_that_was_decided_lapse(self, dispute):
        make_mediator()
        made = put(dispute)
        cases.escalate(case=dispute.case, by=None, now=NOW + timedelta(days=2), key="time")
        decide(dispute, [AllowBoth()])
        made.refresh_from_db()
        assert (made.state, made.answered_by) == (TermsState.LAPSED, None)
        assert refused(ValidationError, lambda: accept(dispute, made)).code == "state"

    def test_another_hash(self, dispute):
        made = put(dispute)
        assert refused(StaleTerms, lambda: accept(dispute, made, posted="0" * 64)).code == "stale"

    def test_plans_that_changed_since_void_what_was_signed(self, dispute):
        made = put(dispute)
        offers.change_offer(offer=dispute.first, by=dispute.leads[0], now=LATER, fields={"name": "Other"})
        refused(StaleTerms, lambda: accept(dispute, made))
        seen = negotiation_of(dispute.case, dispute.case.terms.all(), dispute.leads[1], now=LATER).standing
        assert (seen.is_stale, seen.may_accept) == (True, False)

    def test_what_cannot_be_done_any_more_leaves_the_terms_open(self, dispute):
        """Four days later the offer would begin in the past."""
        ahead = (dispute.second.starts_on - local_day(NOW)).days
        made = put(dispute, ShiftDates("SAL-1", 2 - ahead))
        refused(ValidationError, lambda: accept(dispute, made, now=NOW + timedelta(days=4)))

    @pytest.mark.parametrize("who", ["contact_sal", "marta", "lead_crm", "root"])
    def test_only_who_binds_a_side(self, dispute, who):
        make_mediator()
        make_department("CRM")
        make_user("root", is_superuser=True)
        made = put(dispute)
        refused(PermissionDenied, lambda: accept(dispute, made, by=person(who)))

    def test_the_side_that_proposed_does_not_answer_for_the_other(self, dispute):
        made = put(dispute)
        assert refused(ValidationError, lambda: accept(dispute, made, by=dispute.leads[0])).code == "state"

    def test_sent_twice(self, dispute):
        made = put(dispute)
        accept(dispute, made)
        before = everything()
        assert accept(dispute, made).state == TermsState.ACCEPTED
        assert everything() == before


class TestOtherAnswers:
    def test_declined_with_a_reason(self, dispute):
        made = put(dispute)
        assert "reason" in refused(ValidationError, lambda: decline(made, " ", dispute.leads[1])).message_dict
        refused(PermissionDenied, lambda: decline(made, "No", dispute.leads[0]))
        declined = decline(made, "No", person("contact_sal"))
        assert (declined.state, declined.answer) == (TermsState.DECLINED, "No")
        assert mails(MailEvent.TERMS_DECLINED) == {("terms_declined", who) for who in ("lead_mkt", "contact_mkt")}
        assert refused(ValidationError, lambda: accept(dispute, made)).code == "state"
        assert dispute.case.state == CaseState.NEGOTIATION

    def test_taken_back(self, dispute):
        made = put(dispute)
        refused(PermissionDenied, lambda: terms.withdraw(terms=made, by=dispute.leads[1], now=LATER))
        assert terms.withdraw(terms=made, by=person("contact_mkt"), now=LATER).state == TermsState.WITHDRAWN


def decline(made, reason, by):
    return terms.decline(terms=made, reason=reason, by=by, now=LATER)


def test_a_proposal_that_clears_the_last_collision_is_an_agreement(dispute):
    proposals.accept(proposal=propose(dispute), by=dispute.leads[1], now=LATER)
    settle_down(LATER)
    assert dispute.case.outcome == CaseOutcome.AGREED
    assert not Ruling.objects.exists()
    assert "Sales" in evidence(dispute.case).because
    assert len(mails(MailEvent.CASE_AGREED)) == 4
    assert mails(MailEvent.CASE_VANISHED) == set()


def test_parties_do_not_see_what_the_other_side_collides_with(dispute):
    """Its new collisions with third campaigns are for the side whose they are."""
    campaign = make_rival(dispute, "CRM")
    offer = Offer.objects.get(campaign=campaign)
    offers.shift_offers(offers=[offer], days=20, by=lead_of(campaign.department), now=NOW)
    settle_down()
    made = put(dispute, case=Case.objects.get(campaign_a__code="MKT-1", campaign_b__code="SAL-1"))
    assert [(row["campaign_a"], row["campaign_b"]) for row in made.effect["new"]] == [("CRM-1", "SAL-1")]
    shown = {
        lead.username: negotiation_of(made.case, [made], lead, now=LATER).standing.effect.new for lead in dispute.leads
    }
    assert (len(shown["lead_mkt"]), len(shown["lead_sal"])) == (0, 1)


class TestConstraints:
    def test_one_open_set_per_case(self, dispute):
        made = put(dispute)
        made.pk = None
        with pytest.raises(IntegrityError, match=r"one_open_set_of_terms_in_a_case|case_id"), transaction.atomic():
            made.save(force_insert=True)

    @pytest.mark.parametrize(
        ("columns", "name"),
        [
            ({"state": "zz"}, "terms_state_is_known"),
            ({"state": "declined"}, "answered_terms_say_when"),
            ({"terms_hash": ""}, "terms_have_a_hash"),
        ],
    )
    def test_rows_are_whole(self, dispute, columns, name):
        put(dispute)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Terms.objects.update(**columns)

    @pytest.mark.parametrize(
        "change", [lambda: Acceptance.objects.update(terms_hash="x"), Acceptance.objects.all().delete]
    )
    def test_signatures_stay(self, dispute, change):
        put(dispute)
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change()

    def test_an_agreed_ruling_has_its_terms_and_a_mediators_a_reason(self, dispute):
        accept(dispute, made := put(dispute))
        common = {"case_id": 99, "decided_by": dispute.leads[0], "decided_at": LATER, "operations": [], "effect": {}}
        assert made
        for columns, name in (
            ({"source": "agreed"}, "agreed_ruling_names_its_terms"),
            ({"source": "ruled", "reason": ""}, "mediators_ruling_has_a_reason"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                Ruling.objects.create(**common, **columns)
