"""The rows behind the numbers of a case, and who sees customer codes."""

import pytest

from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    make_products,
    open_dispute,
)
from approvals.tests.pages import add_collisions, administrator, url
from campaigns.actions import access
from campaigns.models import Collision
from campaigns.tests.factories import make_customers

pytestmark = pytest.mark.django_db

MOST_QUERIES = 23


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
    dispute, _mediator = escalated_dispute()
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
    (period,) = client.get(url(dispute.case, "days")).context["page"]
    assert (period.starts_on, period.ends_before) == (dispute.first.starts_on, dispute.first.ends_before)
    assert [(left.code, right.code) for left, right in period.offers] == [(dispute.first.code, dispute.second.code)]


@pytest.mark.parametrize("page", ["products", "customers", "days"])
def test_rows_cost_the_same_for_many_collisions(client, django_assert_max_num_queries, page):
    make_customers(50)
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    address = url(dispute.case, page)
    client.get(address)
    with django_assert_max_num_queries(MOST_QUERIES) as one:
        client.get(address)
    add_collisions(dispute, 12)
    with django_assert_max_num_queries(MOST_QUERIES) as many:
        client.get(address)
    assert len(many) == len(one)
