"""One side of a case asks the other for a change: who may, what becomes of it, and who hears about it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from approvals.actions import cases, proposals
from approvals.choices import CaseOutcome, CaseState, MailEvent, ProposalState
from approvals.models import Mail, Proposal, StaffProfile
from approvals.tests.builders import (
    NOW,
    lead_of,
    mails,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from approvals.tests.proposing import propose, suggestion
from campaigns.actions import access, offers
from campaigns.models import Collision, Offer
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
ANSWERED = {"answered_at": NOW, "answered_by": F("proposed_by")}
MESSAGE = "A week later suits your leaflet too."


def everything():
    """What a refusal must leave as it is."""
    return (
        list(Proposal.objects.order_by("pk").values()),
        list(Offer.objects.order_by("pk").values()),
        Mail.objects.count(),
        HistoryEntry.objects.count(),
    )


def refused(error, step):
    """The step is refused and changes nothing."""
    before = everything()
    with pytest.raises(error) as refusal:
        step()
    assert everything() == before
    return refusal.value


def steps(proposal):
    """Verbs of the case's history that are about the proposal."""
    entries = HistoryEntry.objects.filter(scope=f"case:{proposal.case.label}").order_by("id")
    return [entry.verb for entry in entries if f"proposal {proposal.pk}" in entry.changes]


@pytest.fixture
def dispute():
    return open_dispute()


class TestPropose:
    def test_one_side_asks_the_other(self, dispute):
        asked = suggestion(dispute)
        proposal = propose(dispute, message=f" {MESSAGE} ")
        assert (proposal.state, proposal.offer, proposal.message) == (ProposalState.OPEN, dispute.second, MESSAGE)
        assert (proposal.key, proposal.days) == (asked.key, asked.days)
        entry = HistoryEntry.objects.get(verb="propose", scope=f"case:{dispute.case.label}")
        assert (entry.actor, entry.reason) == ("lead_mkt", MESSAGE)
        # What is said to the other side is not for those who are only told of a campaign.
        assert MESSAGE not in HistoryEntry.objects.filter(scope="campaign:MKT-1").values_list("reason", flat=True)
        assert mails(MailEvent.PROPOSAL_MADE) == {("proposal_made", "lead_sal"), ("proposal_made", "contact_sal")}

    def test_each_hears_in_their_language_and_is_told_the_change_and_the_message(self, dispute):
        StaffProfile.objects.create(user=dispute.second.campaign.contact_person, language="es")
        proposal = propose(dispute, message=MESSAGE)
        english, spanish = (
            Mail.objects.get(event="proposal_made", recipient__username=who) for who in ("lead_sal", "contact_sal")
        )
        assert "asks for a change" in english.text
        assert proposal.words["en"] != proposal.words["es"]
        for mail, language in ((english, "en"), (spanish, "es")):
            for part in (mail.text, mail.html):
                assert proposal.words[language] in part
                assert MESSAGE in part
                assert f"/admin/approvals/case/{dispute.case.pk}/change/" in part

    def test_a_contact_person_and_a_member_may_ask(self, dispute):
        member = make_user("member")
        access.join(department=dispute.first.department, user=member, is_lead=False, by=None, now=NOW)
        for person in (member, dispute.first.campaign.contact_person):
            proposals.withdraw(proposal=propose(dispute, by=person), by=person, now=LATER)
        assert Proposal.objects.count() == 2

    @pytest.mark.parametrize("who", ["outsider", "marta", "root", "lead_sal", "gone"])
    def test_others_cannot_and_nobody_asks_themselves(self, dispute, who):
        make_mediator()
        lead_of(make_department("CRM"))
        make_user("root", is_superuser=True)
        person = {"outsider": "lead_crm", "gone": "contact_mkt"}.get(who, who)
        User.objects.filter(username="contact_mkt").update(is_active=False)
        by = User.objects.get(username=person)
        refused(PermissionDenied, lambda: propose(dispute, by=by))

    def test_the_same_change_is_asked_for_once_at_a_time(self, dispute):
        proposal = propose(dispute)
        assert refused(ValidationError, lambda: propose(dispute)).code == "state"
        proposals.decline(proposal=proposal, reason="Too late.", by=dispute.leads[1], now=LATER)
        assert propose(dispute, now=LATER).state == ProposalState.OPEN

    def test_only_what_would_clear_the_collision(self, dispute):
        assert "key" in refused(ValidationError, lambda: propose(dispute, key="nonsense")).message_dict

    def test_only_while_the_departments_are_agreeing(self, dispute):
        key = suggestion(dispute).key
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
        assert refused(ValidationError, lambda: propose(dispute, key=key)).code == "state"


class TestAccept:
    def test_the_change_is_made_and_the_case_closes_by_itself(self, dispute):
        proposal = propose(dispute, message=MESSAGE)
        proposals.accept(proposal=proposal, by=dispute.leads[1], now=LATER)

        proposal.refresh_from_db()
        assert (proposal.state, proposal.answered_by, proposal.answered_at) == (
            ProposalState.ACCEPTED,
            dispute.leads[1],
            LATER,
        )
        moved = Offer.objects.get(pk=dispute.second.pk)
        assert moved.starts_on == dispute.second.starts_on + timedelta(days=proposal.days)
        change = HistoryEntry.objects.get(verb="change", subject=f"offer:{moved.code}")
        assert change.actor == "lead_sal"
        assert change.reason.endswith(dispute.case.label)
        assert dispute.case.state == CaseState.NEGOTIATION
        assert mails(MailEvent.PROPOSAL_ACCEPTED) == {
            ("proposal_accepted", person) for person in ("lead_mkt", "contact_mkt", "contact_sal")
        }
        settle_down(LATER)
        assert dispute.case.outcome == CaseOutcome.AGREED
        assert steps(proposal) == ["propose", "accept_proposal"]

    @pytest.mark.parametrize("who", ["lead_mkt", "contact_sal", "lead_crm", "marta", "root"])
    def test_only_who_may_change_the_offers(self, dispute, who):
        make_mediator()
        lead_of(make_department("CRM"))
        make_user("root", is_superuser=True)
        proposal = propose(dispute)
        by = User.objects.get(username=who)
        refused(PermissionDenied, lambda: proposals.accept(proposal=proposal, by=by, now=LATER))

    def test_what_would_clear_nothing_any_more_is_refused_and_stays_open(self, dispute):
        proposal = propose(dispute)
        offers.shift_offers(offers=[dispute.first], days=2, by=dispute.leads[0], now=LATER)
        settle_down(LATER)
        refused(ValidationError, lambda: proposals.accept(proposal=proposal, by=dispute.leads[1], now=LATER))
        assert Proposal.objects.get().state == ProposalState.OPEN


class TestAnswers:
    def test_no_comes_with_a_reason_that_the_other_side_reads(self, dispute):
        member = make_user("member")
        access.join(department=dispute.first.department, user=member, is_lead=False, by=None, now=NOW)
        proposal = propose(dispute, by=member)
        refused(
            ValidationError, lambda: proposals.decline(proposal=proposal, reason=" ", by=dispute.leads[1], now=LATER)
        )
        refused(
            PermissionDenied,
            lambda: proposals.decline(proposal=proposal, reason="No.", by=dispute.leads[0], now=LATER),
        )
        contact = dispute.second.campaign.contact_person
        proposals.decline(proposal=proposal, reason="The leaflet is printed.", by=contact, now=LATER)
        declined = Proposal.objects.get()
        assert (declined.state, declined.answer) == (ProposalState.DECLINED, "The leaflet is printed.")
        assert mails(MailEvent.PROPOSAL_DECLINED) == {
            ("proposal_declined", person) for person in ("lead_mkt", "contact_mkt", "member")
        }
        text = Mail.objects.get(event="proposal_declined", recipient=member).text
        assert "The leaflet is printed." in text
        assert proposal.words["en"] in text

    def test_the_side_that_asked_takes_it_back(self, dispute):
        proposal = propose(dispute, by=dispute.first.campaign.contact_person)
        refused(PermissionDenied, lambda: proposals.withdraw(proposal=proposal, by=dispute.leads[1], now=LATER))
        proposals.withdraw(proposal=proposal, by=dispute.leads[0], now=LATER)
        assert Proposal.objects.get().state == ProposalState.WITHDRAWN

    def test_what_is_answered_is_answered(self, dispute):
        proposal = propose(dispute)
        proposals.withdraw(proposal=proposal, by=dispute.leads[0], now=LATER)
        lead = dispute.leads[1]
        for step in (
            lambda: proposals.accept(proposal=proposal, by=lead, now=LATER),
            lambda: proposals.decline(proposal=proposal, reason="No.", by=lead, now=LATER),
            lambda: proposals.withdraw(proposal=proposal, by=dispute.leads[0], now=LATER),
        ):
            assert refused(ValidationError, step).code == "state"


class TestLapse:
    def test_with_the_negotiation(self, dispute):
        proposal = propose(dispute)
        cases.escalate(case=dispute.case, by=None, now=LATER, key="time")
        lapsed = Proposal.objects.get()
        assert (lapsed.state, lapsed.answered_at, lapsed.answered_by) == (ProposalState.LAPSED, LATER, None)
        assert steps(proposal) == ["propose", "lapse_proposal"]

    def test_with_the_case(self, dispute):
        propose(dispute)
        offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=LATER, reason="Not needed.")
        settle_down(LATER)
        assert (dispute.case.state, Proposal.objects.get().state) == (CaseState.WITHDRAWN, ProposalState.LAPSED)

    def test_with_its_collision_while_others_go_on(self, dispute):
        proposal = propose(dispute)
        collision = proposal.collision
        proposals.lapse(dispute.case, now=LATER, but=[collision])
        assert Proposal.objects.get().state == ProposalState.OPEN
        with transaction.atomic():
            proposals.lapse(dispute.case, now=LATER)
        assert Proposal.objects.get().state == ProposalState.LAPSED


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"state": "perhaps"} | ANSWERED, "proposal_state_is_known"),
        ({"state": "declined"} | ANSWERED, "declined_proposal_says_why"),
        ({"state": "lapsed"}, "answered_proposal_says_when"),
        ({"answered_at": NOW}, "answered_proposal_says_when"),
        ({"state": "accepted", "answered_at": NOW}, "answered_proposal_says_who"),
        ({"key": ""}, "proposal_names_its_change"),
    ],
)
def test_the_database_keeps_answers_whole(dispute, columns, constraint):
    propose(dispute)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Proposal.objects.update(**columns)


def test_the_database_keeps_one_open_proposal_of_a_change(dispute):
    proposal = propose(dispute)
    proposal.pk = None
    with (
        pytest.raises(IntegrityError, match=r"one_open_proposal_per_change_in_a_case|UNIQUE"),
        transaction.atomic(),
    ):
        proposal.save(force_insert=True)


def test_proposals_are_seen_with_their_case(dispute):
    make_mediator()
    proposal = propose(dispute)
    seers = [*dispute.leads, make_user("root", is_superuser=True)]
    assert all(Proposal.objects.visible(person).get() == proposal for person in seers)
    for person in (lead_of(make_department("CRM")), User.objects.get(username="marta")):
        assert not Proposal.objects.visible(person).exists()
    assert Collision.objects.get() == proposal.collision
