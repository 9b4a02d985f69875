"""Who hears of a case without owning a campaign: departments whose offers are in it (R)."""

from datetime import date

import pytest

from approvals.actions import cases
from approvals.choices import MailEvent
from approvals.models import Case, Mail
from approvals.queries.delivery import undeliverable
from approvals.queries.recipients import both_sides, everybody, parties, responsible
from approvals.rules.operations import AllowBoth
from approvals.tests.builders import (
    NOW,
    REASON,
    lead_of,
    make_campaign,
    make_department,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    settle_down,
    submit,
)
from approvals.tests.habits import decide
from campaigns.models import Department

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("base_fact_alone")]


@pytest.fixture
def case():
    """Of Marketing and Sales; one of the offers of Marketing's campaign is CRM's."""
    make_mediator()
    segment, products, crm = make_segment(numbers=range(9)), make_products(2), make_department("CRM")
    for code, more in (("MKT", {"department": crm}), ("SAL", {})):
        campaign = make_campaign(make_department(code), f"{code}-1", starts_on=date(2026, 11, 12))
        make_offer(campaign, f"{code}-1-A", segments=[segment], products=products, **more)
        submit(campaign)
    settle_down()
    return Case.objects.get()


def told(event):
    return {(mail.recipient.username, mail.part) for mail in Mail.objects.filter(event=event)}


def test_who_makes_an_offer_of_the_case_hears_how_it_goes(case):
    assert ("lead_crm", "responsible") in told(MailEvent.CASE_OPENED)
    mail = Mail.objects.get(event=MailEvent.CASE_OPENED, recipient__username="lead_crm")
    assert (undeliverable(mail), Mail.objects.inbox(mail.recipient).get()) == ("", mail)
    assert "Offers of yours in “" in mail.text
    assert "because your department has offers in MKT-1" in mail.text
    cases.escalate(case=case, by=None, now=NOW, key="time")
    assert ("lead_crm", "responsible") in told(MailEvent.CASE_ESCALATED)
    case.refresh_from_db()
    decide(case, AllowBoth(), now=NOW)
    assert ("lead_crm", "responsible") in told(MailEvent.CASE_DECIDED)
    assert REASON in Mail.objects.get(event=MailEvent.CASE_DECIDED, recipient__username="lead_crm").text


def test_what_is_for_the_owners_stays_with_them(case):
    assert [(one.user.username, one.part, one.campaign) for one in responsible(case)] == [
        ("lead_crm", "responsible", "MKT-1")
    ]
    assert "lead_crm" not in {one.user.username for one in parties(case)}
    for people in (both_sides(case), everybody(case)):
        assert len({one.user.pk for one in people}) == len(people)
        assert "lead_crm" in {one.user.username for one in people}


def test_of_two_parts_the_weightier_one_counts(case):
    lead = lead_of(Department.objects.get(code="CRM"))
    case.campaign_a.contact_person = lead
    case.campaign_a.save(update_fields=["contact_person"])
    assert [one.part for one in both_sides(case) if one.user == lead] == ["contact"]
