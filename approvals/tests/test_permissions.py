import pytest
from django.contrib.auth.models import AnonymousUser

from approvals.models import Case, CaseCollision, EscalationPolicy, Mail, Mediator, Ruling, StaffProfile, Timer
from approvals.permissions import can_decide, can_escalate
from approvals.tests.builders import (
    escalated_dispute,
    lead_of,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
)
from campaigns.actions import access
from campaigns.models import Offer
from campaigns.tests.factories import NOW

pytestmark = pytest.mark.django_db


def member_of(department):
    user = make_user()
    access.join(department=department, user=user, is_lead=False, by=None, now=NOW)
    return user


class TestVisible:
    def test_parties_mediator_and_administrators_see_a_case(self):
        dispute, mediator = escalated_dispute()
        case = dispute.case
        people = [
            mediator,
            *dispute.leads,
            member_of(dispute.first.campaign.department),
            dispute.first.campaign.contact_person,
            dispute.second.campaign.accountable,
            make_user("root", is_superuser=True),
        ]
        for person in people:
            assert list(Case.objects.visible(person)) == [case]
            assert CaseCollision.objects.visible(person).count() == 1
            assert Timer.objects.visible(person).count() == Timer.objects.count() > 1
            assert not Ruling.objects.visible(person).exists()

    def test_the_department_of_an_offer_in_it_sees_it(self):
        dispute = open_dispute()
        helpers = make_department("CRM")
        assert not Case.objects.visible(lead_of(helpers)).exists()
        Offer.objects.filter(pk=dispute.second.pk).update(department=helpers)
        assert Case.objects.visible(lead_of(helpers)).get() == dispute.case

    def test_nobody_else_sees_anything_of_it(self):
        open_dispute()
        others = [
            lead_of(make_department("CRM")),
            make_mediator(),
            make_user("analyst"),
            make_user("outside", is_staff=False),
            AnonymousUser(),
        ]
        for person in others:
            for model in (Case, CaseCollision, Timer, Mail, Ruling):
                assert not model.objects.visible(person).exists()

    def test_who_left_sees_nothing_any_more(self):
        dispute = open_dispute()
        lead = dispute.leads[0]
        lead.is_active = False
        assert not Case.objects.visible(lead).exists()
        assert not Mail.objects.visible(lead).exists()

    def test_mail_is_ones_own(self):
        dispute = open_dispute()
        assert [mail.recipient for mail in Mail.objects.visible(dispute.leads[0])] == [dispute.leads[0]]
        assert Mail.objects.visible(make_user("root", is_superuser=True)).count() == 4

    def test_reference_data_and_profiles(self):
        make_mediator()
        user = make_user("ana")
        StaffProfile.objects.create(user=user, language="es")
        StaffProfile.objects.create(user=make_user("other"), language="es")
        assert Mediator.objects.visible(user).count() == 1
        assert EscalationPolicy.objects.visible(user).count() == 1
        assert StaffProfile.objects.visible(user).get().user == user
        assert not Mediator.objects.visible(AnonymousUser()).exists()


class TestCan:
    def test_decide(self):
        dispute, mediator = escalated_dispute()
        case = dispute.case
        assert can_decide(mediator, case)
        for person in (
            *dispute.leads,
            make_user("root", is_superuser=True),
            make_mediator("other", department=make_department("CRM")),
            AnonymousUser(),
        ):
            assert not can_decide(person, case)
        assert not can_decide(mediator, open_case_of(case))

    def test_escalate(self):
        dispute = open_dispute()
        case = dispute.case
        for person in dispute.leads:
            assert can_escalate(person, case)
        others = [
            dispute.first.campaign.contact_person,
            member_of(dispute.first.campaign.department),
            lead_of(make_department("CRM")),
            make_user("root", is_superuser=True),
            AnonymousUser(),
        ]
        for person in others:
            assert not can_escalate(person, case)

    def test_the_accountable_of_a_party_escalates_without_leading(self):
        dispute = open_dispute()
        other = make_user("other")
        case = dispute.case
        case.campaign_a.accountable = other
        assert can_escalate(other, case)
        other.is_active = False
        assert not can_escalate(other, case)


def open_case_of(case):
    """The same case, as if it were still in negotiation."""
    return Case(pk=case.pk, campaign_a=case.campaign_a, campaign_b=case.campaign_b, mediator=case.mediator)
