"""The page of one case: who may open it, what it tells whom, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.actions import cases
from approvals.models import Case
from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    make_department,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    make_user,
    open_dispute,
    settle_down,
)
from approvals.tests.pages import add_collisions, administrator, url
from campaigns.actions import access
from campaigns.tests.factories import lead_of

pytestmark = pytest.mark.django_db

READ = ["change", "products", "customers", "days"]
STEPS = ["open", "review", "decide", "step_aside", "propose", "answer", "retract", "cancel_meeting"]
STEPS += ["terms", "propose_terms", "answer_terms", "more_time", "object"]
QUERIES = 49


@pytest.mark.parametrize("page", READ)
def test_pages_open_for_parties_mediator_and_administrator(client, page):
    dispute, mediator = escalated_dispute()
    for person in [*dispute.leads, mediator, administrator()]:
        client.force_login(person)
        assert client.get(url(dispute.case, page)).status_code == 200


@pytest.mark.parametrize("page", [*READ, "escalate"])
def test_pages_do_not_exist_for_a_third_department(client, page):
    dispute = open_dispute()
    client.force_login(lead_of(make_department("CRM")))
    assert client.get(url(dispute.case, page)).status_code == 404


def test_unknown_and_unreadable_numbers_are_404(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    for pk in ("999999", "abc"):
        assert client.get(f"/admin/approvals/case/{pk}/change/").status_code == 404


def test_steps_are_never_taken_by_looking(client):
    dispute, mediator = escalated_dispute()
    for person in (mediator, dispute.leads[0]):
        client.force_login(person)
        for look in (client.get, client.head):
            assert {step: look(url(dispute.case, step)).status_code for step in STEPS} == dict.fromkeys(STEPS, 405)


def test_page_shows_both_sides_and_what_they_share(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[1])
    response = client.get(url(dispute.case))
    assert [side.facts.department for side in response.context["sides"]] == ["Marketing", "Sales"]
    assert [side.is_mine for side in response.context["sides"]] == [False, True]
    assert [side.reach.customers for side in response.context["sides"]] == [50, 50]
    assert [side.reach.products for side in response.context["sides"]] == [3, 3]
    totals = response.context["evidence"].totals
    assert (totals.customers, totals.products, totals.days) == (50, 3, 10)
    page = response.content.decode()
    assert "Marketing and Sales have until" in page
    assert url(dispute.case, "products") in page


def test_own_side_links_to_its_offers_and_the_other_does_not(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    page = client.get(url(dispute.case)).content.decode()
    assert reverse("admin:campaigns_offer_change", args=[dispute.first.pk]) in page
    assert reverse("admin:campaigns_offer_change", args=[dispute.second.pk]) not in page


def test_reach_counts_everybody_once(client):
    dispute = open_dispute()
    segment = make_segment(numbers=range(40, 80))
    products = [row.product for row in dispute.second.product_rows.select_related("product")]
    make_offer(dispute.first.campaign, segments=[segment], products=products[:1] + make_products(4))
    settle_down()
    client.force_login(dispute.leads[0])
    first = client.get(url(dispute.case)).context["sides"][0].reach
    assert (first.customers, first.products) == (80, 7)


def test_party_gets_the_way_to_mediation_and_no_form(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    response = client.get(url(dispute.case))
    assert url(dispute.case, "escalate") in response.content.decode()
    assert response.context["form"] is None


def test_only_the_mediator_gets_the_form(client):
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    assert client.get(url(dispute.case)).context["form"] is not None
    for person in [*dispute.leads, administrator()]:
        client.force_login(person)
        assert client.get(url(dispute.case)).context["form"] is None


def test_page_says_who_was_passed_over(client):
    dispute = open_dispute()
    marta = make_mediator("marta", stand_in=make_user("jorge"))
    access.join(department=dispute.campaigns[0].department, user=marta, is_lead=False, by=None, now=NOW)
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    client.force_login(dispute.leads[0])
    page = client.get(url(dispute.case)).content.decode()
    assert "Marta: belongs to a party" in page
    assert "Jorge decides" in page
    assert "Stands in for Marta, mediator for every department." in page


def test_page_says_until_when_the_mediator_decides(client):
    dispute, mediator = escalated_dispute()
    Case.objects.update(decide_by=timezone.now() + timedelta(hours=30))
    readers = {dispute.leads[0]: "Marta decides until", mediator: "you decide until"}
    for reader, said in readers.items():
        client.force_login(reader)
        page = client.get(url(dispute.case)).content.decode()
        assert said in page
        assert "Terms of this case: 18 working hours since 2 Nov 2026, 10:00" in page
    Case.objects.update(decide_by=timezone.now() - timedelta(hours=30))
    readers = {dispute.leads[0]: "the decision was due by", mediator: "You can still decide."}
    for reader, said in readers.items():
        client.force_login(reader)
        assert said in client.get(url(dispute.case)).content.decode()


def test_page_without_a_mediator_says_so(client):
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    client.force_login(dispute.leads[0])
    assert "nobody is free to decide" in client.get(url(dispute.case)).content.decode()


def test_page_costs_the_same_for_many_collisions(client, django_assert_num_queries: DjangoAssertNumQueries):
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    page = url(dispute.case)
    client.get(page)
    with django_assert_num_queries(QUERIES):
        assert len(client.get(page).context["evidence"].overlaps) == 1
    add_collisions(dispute, 12)
    with django_assert_num_queries(QUERIES):
        assert len(client.get(page).context["evidence"].overlaps) == 13


def test_collisions_come_in_pages(client):
    dispute = open_dispute()
    add_collisions(dispute, 12)
    client.force_login(dispute.leads[0])
    assert len(client.get(url(dispute.case)).context["meetings"]) == 10
    assert len(client.get(url(dispute.case), {"page": 2}).context["meetings"]) == 3
