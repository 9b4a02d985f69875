"""A party ends the negotiation in the admin."""

import pytest
from django.urls import reverse

from approvals.choices import CaseState
from approvals.models import Case, Mail
from approvals.tests.builders import (
    NOW,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
)
from campaigns.actions import access
from campaigns.tests.factories import lead_of
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

WHY = "We offered a week, they said no twice."


def url(case, page="escalate"):
    return reverse(f"admin:approvals_case_{page}", args=[case.pk])


def state():
    return list(Case.objects.values()), Mail.objects.count(), HistoryEntry.objects.count()


def test_page_explains_and_changes_nothing(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    before = state()
    response = client.get(url(dispute.case))
    assert response.status_code == 200
    assert state() == before


def test_lead_of_a_party_passes_the_case_on(client):
    mediator = make_mediator()
    dispute = open_dispute()
    client.force_login(dispute.leads[1])
    key = client.get(url(dispute.case)).context["key"]
    response = client.post(url(dispute.case), {"reason": WHY, "key": key})
    assert response.url == url(dispute.case, "change")
    assert (dispute.case.state, dispute.case.mediator) == (CaseState.MEDIATION, mediator)
    assert WHY in client.get(url(dispute.case, "change")).content.decode()
    after = state()
    again = client.post(url(dispute.case), {"reason": WHY, "key": key}, follow=True)
    assert "not in negotiation any more" in again.content.decode()
    assert state() == after


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_required(client, reason):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    before = state()
    response = client.post(url(dispute.case), {"reason": reason, "key": "k"})
    assert response.context["form"].errors["reason"]
    assert response.context["key"] == "k"
    assert state() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_members_contacts_and_administrators_cannot(client, method):
    dispute = open_dispute()
    member = make_user("pau")
    access.join(department=dispute.first.department, user=member, is_lead=False, by=None, now=NOW)
    contact = dispute.first.campaign.contact_person
    people = [member, contact, make_user("alicia", is_superuser=True)]
    before = state()
    for person in people:
        client.force_login(person)
        assert getattr(client, method)(url(dispute.case), {"reason": WHY, "key": "k"}).status_code == 403
    assert state() == before


def test_lead_of_a_third_department_finds_nothing(client):
    dispute = open_dispute()
    client.force_login(lead_of(make_department("CRM")))
    before = state()
    assert client.post(url(dispute.case), {"reason": WHY, "key": "k"}).status_code == 404
    assert state() == before
