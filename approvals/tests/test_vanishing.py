from datetime import timedelta

import pytest

from approvals.actions import case_reactions
from approvals.choices import CaseOutcome, CaseState, MailEvent
from approvals.models import Case, CaseCollision, Mail, Timer
from approvals.rules import closing
from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    held_offers,
    lead_of,
    mails,
    make_segment,
    open_dispute,
    settle_down,
)
from approvals.tests.test_time_to_decide import many_due
from campaigns.actions import collisions, lifecycle, offers
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


class TestVanish:
    def test_an_edit_of_a_party_closes_the_case_and_says_which(self):
        dispute = open_dispute()
        offers.shift_offers(offers=[dispute.first], days=30, by=lead_of(dispute.first.campaign.department), now=LATER)
        settle_down(LATER)

        case = dispute.case
        assert (case.state, case.outcome, case.closed_at) == (CaseState.WITHDRAWN, CaseOutcome.VANISHED, LATER)
        assert closing.words(case.closed_because) == "Marketing changed the dates of MKT-1-A."
        assert held_offers() == set()
        assert not Timer.objects.filter(done_at=None).exists()
        assert mails(MailEvent.CASE_VANISHED) == {
            (MailEvent.CASE_VANISHED, person) for person in ("lead_mkt", "lead_sal", "contact_mkt", "contact_sal")
        }
        assert "Marketing changed the dates of MKT-1-A." in Mail.objects.filter(event="case_vanished").first().text

    @pytest.mark.parametrize(
        ("edit", "why"),
        [
            (
                lambda offer, lead: offers.withdraw_offers(offers=[offer], by=lead, now=LATER, reason="Not needed."),
                "Sales withdrew SAL-1-A.",
            ),
            (
                lambda offer, lead: offers.change_offer(
                    offer=offer, by=lead, now=LATER, reach=offers.Reach(include=[make_segment(numbers=[99])])
                ),
                "Sales changed the audience of SAL-1-A.",
            ),
            (
                lambda offer, lead: offers.change_offer(
                    offer=offer,
                    by=lead,
                    now=LATER,
                    reach=offers.Reach(drop_products=[row.product for row in offer.product_rows.all()]),
                    confirmed=["empty_scope"],
                ),
                "Sales changed the products of SAL-1-A.",
            ),
            (
                lambda offer, lead: lifecycle.cancel(campaign=offer.campaign, by=lead, now=LATER, reason="No budget."),
                "Sales no longer plans SAL-1.",
            ),
        ],
    )
    def test_it_says_why(self, edit, why):
        dispute = open_dispute()
        edit(dispute.second, lead_of(dispute.second.campaign.department))
        settle_down(LATER)
        assert closing.words(dispute.case.closed_because) == why

    def test_when_the_days_are_over(self):
        dispute = open_dispute()
        after = NOW + timedelta(days=60)
        # Nobody tells: the sweep sees it by itself.
        case_reactions.recheck(now=after)
        assert closing.words(dispute.case.closed_because) == "The days that both campaigns shared are over."

    def test_the_mediator_hears_of_it_and_loses_the_campaigns(self):
        dispute, mediator = escalated_dispute()
        assert set(type(dispute.first.campaign).objects.visible(mediator)) == set(dispute.campaigns)
        offers.withdraw_offers(
            offers=[dispute.first], by=lead_of(dispute.first.campaign.department), now=LATER, reason="Not needed."
        )
        settle_down(LATER)
        assert (MailEvent.CASE_VANISHED, "marta") in mails()
        assert not type(dispute.first.campaign).objects.visible(mediator).exists()
        assert Case.objects.visible(mediator).get() == dispute.case

    def test_one_that_fails_stops_no_other(self, caplog):
        poisoned, (other,) = open_dispute().case, many_due(1)
        # A row that cannot be read, as another program might write it.
        HistoryEntry.objects.create(at=LATER, verb="change", subject="campaign:MKT-1", changes=7)
        case_reactions.recheck(now=NOW + timedelta(days=60))
        assert "was not looked at again" in caplog.text
        other.refresh_from_db()
        poisoned.refresh_from_db()
        assert (poisoned.state, other.state) == (CaseState.NEGOTIATION, CaseState.WITHDRAWN)

    def test_a_recheck_leaves_a_case_with_open_collisions_alone(self):
        dispute = open_dispute()
        case_reactions.recheck(now=LATER)
        assert dispute.case.state == CaseState.NEGOTIATION

    def test_a_collision_that_is_back_before_anybody_looked_keeps_the_case(self):
        dispute = open_dispute()
        lead = lead_of(dispute.first.campaign.department)
        for days in (30, -30):
            offers.shift_offers(offers=[dispute.first], days=days, by=lead, now=LATER)
            collisions.refresh_due(now=LATER)
        settle_down(LATER)
        assert dispute.case.state == CaseState.NEGOTIATION

    def test_a_new_collision_of_the_same_pair_is_a_new_case(self):
        dispute = open_dispute()
        lead = lead_of(dispute.first.campaign.department)
        for days in (30, -30):
            offers.shift_offers(offers=[dispute.first], days=days, by=lead, now=LATER)
            settle_down(LATER)
        assert list(Case.objects.order_by("id").values_list("state", flat=True)) == ["withdrawn", "negotiation"]
        assert CaseCollision.objects.count() == 2
        assert held_offers() == {"MKT-1-A", "SAL-1-A"}
