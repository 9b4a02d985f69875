import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals.actions.rulings import StaleFacts
from approvals.models import Case
from approvals.queries.cases import facts_hash
from approvals.rules.operations import AllowBoth, ShiftDates, Withdraw
from approvals.tests.builders import (
    escalated_dispute,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from approvals.tests.deciding import LATER, decide, everything, preview
from campaigns.actions import access, offers
from campaigns.models import Campaign, Offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispute():
    return escalated_dispute()[0]


@pytest.fixture
def mediator(dispute):
    return dispute.case.mediator


class TestRefused:
    @pytest.mark.parametrize("person", ["lead_mkt", "contact_sal", "lead_crm", "root", "root_in_charge", "sara"])
    def test_nobody_but_the_mediator(self, dispute, person):
        make_department("CRM")
        people = {
            "root": lambda: make_user("root", is_superuser=True),
            "root_in_charge": lambda: make_user("root_in_charge", is_superuser=True),
            "sara": lambda: make_user("sara"),
        }
        user = people[person]() if person in people else type(dispute.leads[0]).objects.get(username=person)
        if person == "root_in_charge":
            # Even named mediator of the case: who names the mediators must not be one.
            Case.objects.update(mediator=user)
        facts = facts_hash(dispute.case)
        before = everything()
        for attempt in (
            lambda: decide(dispute, [AllowBoth()], by=user, facts=facts),
            lambda: preview(dispute, [AllowBoth()], by=user),
        ):
            with pytest.raises(PermissionDenied):
                attempt()
        assert everything() == before

    @pytest.mark.parametrize("superuser", [False, True])
    def test_a_mediator_who_joined_a_party_after_the_page_was_shown(self, dispute, mediator, superuser):
        facts = facts_hash(dispute.case)
        access.join(department=dispute.second.campaign.department, user=mediator, is_lead=False, by=None, now=LATER)
        mediator.is_superuser = superuser
        mediator.save()
        before = everything()
        with pytest.raises(PermissionDenied):
            decide(dispute, [Withdraw("MKT-1")], facts=facts)
        assert everything() == before

    @pytest.mark.parametrize("part", ["accountable", "contact_person"])
    def test_a_mediator_who_was_made_part_of_a_campaign(self, dispute, mediator, part):
        Campaign.objects.filter(code="SAL-1").update(**{part: mediator})
        before = everything()
        with pytest.raises(PermissionDenied):
            decide(dispute, [Withdraw("MKT-1")])
        assert everything() == before

    def test_a_mediator_who_left(self, dispute, mediator):
        mediator.is_active = False
        mediator.save()
        before = everything()
        with pytest.raises(PermissionDenied):
            decide(dispute, [AllowBoth()], by=mediator)
        assert everything() == before

    def test_a_department_that_entered_with_an_offer_is_a_party(self, dispute, mediator):
        helpers = make_department("CRM", members=[mediator])
        Offer.objects.filter(pk=dispute.second.pk).update(department=helpers)
        with pytest.raises(PermissionDenied):
            decide(dispute, [AllowBoth()])

    @pytest.mark.parametrize("reason", ["", "   too short "])
    def test_without_a_reason(self, dispute, reason):
        before = everything()
        with pytest.raises(ValidationError, match="at least 10 characters"):
            decide(dispute, [AllowBoth()], reason=reason)
        assert everything() == before

    @pytest.mark.parametrize(
        ("operations", "message"),
        [
            ([], "nothing is ordered"),
            ([Withdraw("CRM-1")], "not a party"),
            ([ShiftDates("SAL-1", -30)], "would lie in the past"),
        ],
    )
    def test_impossible_operations(self, dispute, operations, message):
        before = everything()
        with pytest.raises(ValidationError, match=message):
            decide(dispute, operations)
        with pytest.raises(ValidationError, match=message):
            preview(dispute, operations)
        assert everything() == before

    def test_facts_that_changed_since_they_were_shown(self, dispute):
        facts = facts_hash(dispute.case)
        offers.change_offer(offer=dispute.second, by=dispute.leads[1], now=LATER, fields={"percent_off": 50})
        # Before and after detection has looked at the change.
        for _ in range(2):
            before = everything()
            with pytest.raises(StaleFacts, match="changed while you were reading"):
                decide(dispute, [AllowBoth()], facts=facts)
            assert everything() == before
            settle_down(LATER)
        decide(dispute, [AllowBoth()])

    def test_a_closed_case(self, dispute, mediator):
        decide(dispute, [AllowBoth()])
        before = everything()
        with pytest.raises(ValidationError, match="Closed"):
            decide(dispute, [Withdraw("MKT-1")], key="form-2", by=mediator)
        assert everything() == before

    def test_a_case_in_negotiation(self):
        dispute = open_dispute()
        with pytest.raises(PermissionDenied):
            decide(dispute, [AllowBoth()], by=make_mediator())

    def test_the_key_of_somebody_else_opens_nothing(self, dispute):
        decide(dispute, [AllowBoth()])
        with pytest.raises(PermissionDenied):
            decide(dispute, [AllowBoth()], by=dispute.leads[0])
