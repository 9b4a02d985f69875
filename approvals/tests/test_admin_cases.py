"""The list of cases: who finds what in it, and what it costs."""

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from approvals.choices import CaseState
from approvals.models import Case
from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    make_department,
    open_dispute,
    settle_down,
)
from approvals.tests.pages import administrator, make_rival
from campaigns.tests.factories import lead_of

pytestmark = pytest.mark.django_db

LIST = "admin:approvals_case_changelist"
QUERIES = 13


def labels(response):
    return [case.label for case in response.context["cl"].result_list]


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
    Case.objects.update(state=CaseState.WITHDRAWN, outcome="vanished", closed_at=NOW)
    assert labels(client.get(reverse(LIST))) == []
    assert labels(client.get(reverse(LIST), {"turn": "closed"})) == [dispute.case.label]
    assert labels(client.get(reverse(LIST), {"turn": "all"})) == [dispute.case.label]
    assert labels(client.get(reverse(LIST), {"state__exact": "withdrawn"})) == [dispute.case.label]


def test_mine_to_decide_is_what_waits_for_this_mediator(client):
    dispute, mediator = escalated_dispute()
    client.force_login(mediator)
    page = client.get(reverse(LIST), {"turn": "mine"})
    assert labels(page) == [dispute.case.label]
    assert "decision by" in page.content.decode()
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
    with django_assert_num_queries(QUERIES):
        assert len(labels(client.get(reverse(LIST)))) == 1
    for place in range(5):
        make_rival(dispute, f"R{place}")
    settle_down()
    with django_assert_num_queries(QUERIES):
        assert len(labels(client.get(reverse(LIST)))) == 6
