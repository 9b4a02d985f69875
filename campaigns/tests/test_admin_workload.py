from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import raci
from campaigns.models import Campaign
from campaigns.tests import factories as make
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:campaigns_campaign_workload")
TODAY = timezone.localdate()


@pytest.fixture
def crm():
    return make.make_department("CRM", members=[make.make_user("pau")])


@pytest.fixture
def sales():
    return make.make_department("SALES")


def numbers(answer, of="departments"):
    return {line["name"]: (dict(line["letters"]), line["more"]) for line in answer.context[of]}


def test_everybody_sees_who_carries_how_much(crm, sales):
    campaign = make.make_campaign(crm, starts_on=TODAY + timedelta(days=50))
    pau = crm.memberships.get(user__username="pau").user
    raci.set_matrix(
        campaign=campaign,
        by=make.lead_of(crm),
        now=make.NOW,
        accountable={"sale": pau},
        roles={("sale", sales.pk): "C"},
        people={("sale", pau.pk, crm.pk): "R"},
    )
    client = signed_in(make.lead_of(sales))
    answer = client.get(PAGE)
    assert numbers(answer) == {"Crm": ({"R": 7}, "+100 %"), "Sales": ({"C": 1}, "−100 %")}
    assert numbers(answer, "people") == {"Lead_Crm": ({"A": 6}, "+50 %"), "Pau": ({"A": 1, "R": 1}, "−50 %")}
    assert numbers(client.get(PAGE, {"within": "30"}), "people") == {}
    assert numbers(client.get(PAGE, {"within": "90"}), "people") != {}
    Campaign.objects.update(status="cancelled")
    assert numbers(client.get(PAGE)) == {"Crm": ({}, "—"), "Sales": ({}, "—")}


def test_a_number_leads_to_the_campaigns_that_the_reader_may_read(crm, sales):
    mine = make.make_campaign(sales, name="Ours")
    theirs = make.make_campaign(crm, name="Hidden")
    for campaign in (mine, theirs):
        lead = make.lead_of(campaign.department)
        raci.set_matrix(campaign=campaign, by=lead, now=make.NOW, roles={("sale", crm.pk): "R"})
    client = signed_in(make.lead_of(sales))
    for query in ({"department": crm.pk}, {"person": make.lead_of(crm).pk}):
        answer = client.get(PAGE, query)
        assert "Hidden" not in answer.content.decode()
        assert answer.context["unseen"] == 1
    (part,) = client.get(PAGE, {"department": crm.pk}).context["parts"]
    assert (part["campaign"], part["cells"]) == (mine, [("R · does", ["Inform and close the sale"])])
    (part,) = signed_in(make.lead_of(crm)).get(PAGE, {"person": make.lead_of(crm).pk}).context["parts"]
    assert part["campaign"] == theirs
    assert [(letter, len(activities)) for letter, activities in part["cells"]] == [("A · approves, answers for it", 7)]
    for nothing in ({"department": "x"}, {"person": "9" * 5000}, {"department": "999999"}):
        assert "parts" not in client.get(PAGE, nothing).context


def test_a_department_does_an_activity_once_whoever_of_it_does(crm):
    campaign, pau = make.make_campaign(crm), crm.memberships.get(user__username="pau").user
    raci.set_matrix(campaign=campaign, by=make.lead_of(crm), now=make.NOW, people={("sale", pau.pk, crm.pk): "R"})
    answer = signed_in(make.lead_of(crm)).get(PAGE, {"department": crm.pk})
    assert numbers(answer)["Crm"][0] == {"R": 7}
    (part,) = answer.context["parts"]
    assert [(letter, len(activities)) for letter, activities in part["cells"]] == [("R · does", 7)]


def test_many_campaigns_cost_no_more_queries(crm):
    client = signed_in(make.lead_of(crm))
    make.make_campaign(crm)
    address = f"{PAGE}?department={crm.pk}"
    with_one = queries_of(client, address)
    for _ in range(3):
        make.make_campaign(crm)
    make.make_department()
    assert queries_of(client, address) == with_one


def test_who_works_with_data_alone_does_not_see_it():
    assert signed_in(make.make_analyst()).get(PAGE).status_code == 403
