"""The list of cases and the pages of one case: who sees what, and what they cost."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from approvals.actions import cases
from approvals.choices import CaseState
from approvals.models import Case
from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    make_campaign,
    make_department,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    make_user,
    open_dispute,
    settle_down,
    submit,
)
from campaigns.actions import access
from campaigns.models import Collision
from campaigns.tests.factories import lead_of, make_customers

pytestmark = pytest.mark.django_db

LIST = "admin:approvals_case_changelist"
READ = ["change", "products", "customers", "days"]


def url(case, page="change"):
    return reverse(f"admin:approvals_case_{page}", args=[case.pk])


def labels(response):
    return [case.label for case in response.context["cl"].result_list]


def administrator():
    return make_user("alicia", is_superuser=True)


def add_collisions(dispute, number):
    """More offers of the first side, each colliding with the offer of the second on a product of its own."""
    segment = dispute.second.audience_rows.get().segment
    products = [row.product for row in dispute.second.product_rows.select_related("product")]
    for place in range(number):
        make_offer(
            dispute.first.campaign, f"MKT-1-more{place}", segments=[segment], products=products + make_products(place)
        )
    settle_down()


# The list


def test_party_mediator_and_administrator_see_the_case_in_the_list(client):
    dispute, mediator = escalated_dispute()
    for person in [*dispute.leads, mediator, administrator()]:
        client.force_login(person)
        assert labels(client.get(reverse(LIST))) == [dispute.case.label]


def test_lead_of_a_third_department_sees_an_empty_list(client):
    open_dispute()
    client.force_login(lead_of(make_department("CRM")))
    response = client.get(reverse(LIST))
    assert labels(response) == []
    assert "No case is open" in response.content.decode()


def test_list_tells_sides_level_state_and_deadline(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    page = client.get(reverse(LIST)).content.decode()
    for words in ("Marketing in autumn", "Sales in autumn", "High", "Departments are agreeing"):
        assert words in page


def test_closed_cases_are_listed_only_when_asked_for(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    Case.objects.update(state=CaseState.CLOSED, outcome="vanished", closed_at=NOW)
    assert labels(client.get(reverse(LIST))) == []
    assert labels(client.get(reverse(LIST), {"turn": "closed"})) == [dispute.case.label]
    assert labels(client.get(reverse(LIST), {"turn": "all"})) == [dispute.case.label]
    assert labels(client.get(reverse(LIST), {"state__exact": "closed"})) == [dispute.case.label]


def test_mine_to_decide_is_what_waits_for_this_mediator(client):
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    assert labels(client.get(reverse(LIST), {"turn": "mine"})) == [dispute.case.label]
    client.force_login(dispute.leads[0])
    assert labels(client.get(reverse(LIST), {"turn": "mine"})) == []


def test_filters_by_department_and_level(client):
    dispute = open_dispute()
    client.force_login(administrator())
    other = make_department("CRM")
    for campaign in dispute.campaigns:
        found = client.get(reverse(LIST), {"department": campaign.department_id})
        assert labels(found) == [dispute.case.label]
    assert labels(client.get(reverse(LIST), {"department": other.pk})) == []
    assert labels(client.get(reverse(LIST), {"level__exact": "low"})) == []


@pytest.mark.parametrize("words", ["K-{pk}", "k{pk}", "MKT-1", "sales in autumn"])
def test_search_finds_label_code_and_name(client, words):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    query = words.format(pk=dispute.case.pk)
    assert labels(client.get(reverse(LIST), {"q": query})) == [dispute.case.label]
    assert labels(client.get(reverse(LIST), {"q": "K-999999"})) == []


def test_list_costs_the_same_for_many_cases(client, django_assert_num_queries: DjangoAssertNumQueries):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    client.get(reverse(LIST))
    with django_assert_num_queries(QUERIES_OF_LIST):
        assert len(labels(client.get(reverse(LIST)))) == 1
    for place in range(5):
        make_rival(dispute, f"R{place}")
    settle_down()
    with django_assert_num_queries(QUERIES_OF_LIST):
        assert len(labels(client.get(reverse(LIST)))) == 6


def make_rival(dispute, code):
    """One more campaign of another department against the first side."""
    products = [row.product for row in dispute.first.product_rows.select_related("product")]
    campaign = make_campaign(make_department(code), f"{code}-1")
    make_offer(campaign, segments=[dispute.first.audience_rows.get().segment], products=products)
    return submit(campaign)


# One case


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


@pytest.mark.parametrize("page", ["review", "decide"])
def test_steps_of_a_decision_are_never_a_get(client, page):
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    assert client.get(url(dispute.case, page)).status_code == 405


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
    stand_in = make_user("jorge")
    make_mediator("marta", stand_in=stand_in)
    access.join(
        department=dispute.campaigns[0].department, user=stand_in.__class__.objects.get(username="marta"),
        is_lead=False, by=None, now=NOW,
    )
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    client.force_login(dispute.leads[0])
    page = client.get(url(dispute.case)).content.decode()
    assert "Marta: belongs to a party" in page
    assert "Jorge decides." in page


def test_page_without_a_mediator_says_so(client):
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    client.force_login(dispute.leads[0])
    assert "nobody is free to decide" in client.get(url(dispute.case)).content.decode()


def test_page_costs_the_same_for_many_collisions(client, django_assert_num_queries: DjangoAssertNumQueries):
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    client.get(url(dispute.case))
    with django_assert_num_queries(QUERIES_OF_CASE):
        assert len(client.get(url(dispute.case)).context["evidence"].overlaps) == 1
    add_collisions(dispute, 12)
    with django_assert_num_queries(QUERIES_OF_CASE):
        assert len(client.get(url(dispute.case)).context["evidence"].overlaps) == 13


def test_collisions_come_in_pages(client):
    dispute = open_dispute()
    add_collisions(dispute, 12)
    client.force_login(dispute.leads[0])
    assert len(client.get(url(dispute.case)).context["overlaps"]) == 10
    assert len(client.get(url(dispute.case), {"page": 2}).context["overlaps"]) == 3


# The rows behind the numbers


def test_products_page_lists_what_both_sides_offer(client):
    dispute = open_dispute()
    make_products(5)
    client.force_login(dispute.leads[0])
    shared = set(dispute.first.product_rows.values_list("product__code", flat=True))
    response = client.get(url(dispute.case, "products"))
    assert {product.code for product in response.context["rows"]} == shared
    one = client.get(url(dispute.case, "products"), {"collision": Collision.objects.get().pk})
    assert {product.code for product in one.context["rows"]} == shared


@pytest.mark.parametrize("page", ["products", "customers", "days"])
def test_a_collision_of_another_case_is_not_shown(client, page):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    for asked in ("999999", "abc"):
        assert client.get(url(dispute.case, page), {"collision": asked}).status_code == 404


def test_customers_page_gives_parties_counts_and_never_codes(client):
    make_customers(50)
    dispute, mediator = escalated_dispute()
    for person in dispute.leads:
        client.force_login(person)
        response = client.get(url(dispute.case, "customers"))
        assert [pair.shared for pair in response.context["pairs"]] == [50]
        assert response.context["total"] == 50
        assert "customer-7" not in response.content.decode()


def test_customers_page_gives_codes_to_mediator_and_administrator(client):
    make_customers(50)
    dispute, mediator = escalated_dispute()
    for person in (mediator, administrator()):
        client.force_login(person)
        codes = client.get(url(dispute.case, "customers")).context["codes"]
        assert sorted(codes) == sorted(f"customer-{number}" for number in range(50))


def test_mediator_who_joined_a_party_loses_the_codes(client):
    make_customers(50)
    dispute, mediator = escalated_dispute()
    access.join(department=dispute.campaigns[0].department, user=mediator, is_lead=False, by=None, now=NOW)
    client.force_login(mediator)
    assert "customer-7" not in client.get(url(dispute.case, "customers")).content.decode()


def test_administrator_who_is_a_party_gets_no_codes(client):
    make_customers(50)
    dispute, _mediator = escalated_dispute()
    person = administrator()
    access.join(department=dispute.campaigns[0].department, user=person, is_lead=False, by=None, now=NOW)
    client.force_login(person)
    assert "customer-7" not in client.get(url(dispute.case, "customers")).content.decode()


def test_days_page_lists_the_shared_period(client):
    dispute = open_dispute()
    client.force_login(dispute.leads[0])
    ((period, pairs),) = client.get(url(dispute.case, "days")).context["rows"]
    assert (period.starts_on, period.ends_before) == (dispute.first.starts_on, dispute.first.ends_before)
    assert [(left.code, right.code) for left, right in pairs] == [(dispute.first.code, dispute.second.code)]


@pytest.mark.parametrize("page", ["products", "customers", "days"])
def test_rows_cost_the_same_for_many_collisions(client, django_assert_max_num_queries, page):
    make_customers(50)
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    client.get(url(dispute.case, page))
    with django_assert_max_num_queries(QUERIES_OF_ROWS) as one:
        client.get(url(dispute.case, page))
    add_collisions(dispute, 12)
    with django_assert_max_num_queries(QUERIES_OF_ROWS) as many:
        client.get(url(dispute.case, page))
    assert len(many) == len(one)


QUERIES_OF_LIST = 1
QUERIES_OF_CASE = 1
QUERIES_OF_ROWS = 60
