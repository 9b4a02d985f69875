"""Who does what, through the API: the matrix of a campaign, templates, added activities and the workload."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.actions import access, raci_templates
from campaigns.choices import ActivityKind
from campaigns.models import AddedActivity, Campaign, RaciRole, RaciTemplate
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return make.make_campaign(
        make.make_department("CRM"), "CRM-1", starts_on=timezone.localdate() + timedelta(days=10)
    )


@pytest.fixture
def client(campaign):
    return client_of(make.lead_of(campaign.department))


def page(campaign, part=""):
    return f"/api/v1/campaigns/{campaign.pk}/{part}"


def cells(client, campaign):
    return {row["activity"]: row for row in client.get(page(campaign, "raci/")).json()["activities"]}


def test_the_matrix_is_read_and_its_cells_changed(campaign, client):
    make.make_department("MKT")
    person = make.make_user("ana")
    read = client.get(page(campaign, "raci/"))
    assert [row["activity"] for row in read.json()["activities"]] == ActivityKind.values
    assert cells(client, campaign)["sale"] == {
        "activity": "sale",
        "name": "Inform and close the sale",
        "is_added": False,
        "accountable": None,
        "roles": {"CRM": "R"},
        "people": [],
        "flaws": [],
    }
    body = {
        "activities": [
            {"activity": "sale", "accountable": "ana", "roles": {"MKT": "R", "CRM": ""}},
            {"activity": "service", "roles": {"MKT": "I"}},
        ]
    }
    changed = client.patch(page(campaign, "raci/"), body, headers={"If-Match": read["ETag"]})
    assert changed.json() == client.get(page(campaign, "raci/")).json()
    now = cells(client, campaign)
    assert (now["sale"]["accountable"], now["sale"]["roles"]) == ("ana", {"MKT": "R"})
    assert (now["service"]["accountable"], now["service"]["roles"]) == (None, {"CRM": "R", "MKT": "I"})
    assert Campaign.objects.visible(person).get() == campaign
    assert HistoryEntry.objects.get(verb="raci").changes == {
        "sale: A": [None, "ana"],
        "sale: MKT": [None, "R"],
        "sale: CRM": ["R", None],
        "service: MKT": [None, "I"],
    }
    refused(client.patch(page(campaign, "raci/"), body, headers={"If-Match": read["ETag"]}), 412)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"/activities": "required"}),
        ({"activities": [{"activity": "dance"}]}, {"/activities/0/activity": "does_not_exist"}),
        (
            {"activities": [{"activity": "sale", "roles": {"NOPE": "R"}}]},
            {"/activities/0/roles/NOPE": "does_not_exist"},
        ),
        ({"activities": [{"activity": "sale", "roles": {"CRM": "A"}}]}, {"/activities/0/roles/CRM": "invalid_choice"}),
        ({"activities": [{"activity": "sale", "roles": ["R"]}]}, {"/activities/0/roles": "not_a_dict"}),
        ({"activities": [{"activity": "sale"}, {"activity": "sale"}]}, {"/activities": "invalid"}),
        ({"activities": [{"activity": "sale", "accountable": "x"}]}, {"/activities/0/accountable": "does_not_exist"}),
        ({"activities": [{"activity": "sale", "hands": []}]}, {"/activities/0/hands": "unknown"}),
        (
            {"activities": [{"activity": "sale", "roles": {"\x00": "R"}}]},
            {"/activities/0/roles/\x00": "does_not_exist"},
        ),
        ({"activities": [], "added": ["window"]}, {"/added/0": "does_not_exist"}),
        (
            {
                "activities": [
                    {"activity": "sale", "people": [{"person": "lead_crm", "department": "CRM", "letter": "A"}]}
                ]
            },
            {"/activities/0/people/0/letter": "invalid_choice"},
        ),
        (
            {"activities": [{"activity": "sale", "people": [{"person": "ana", "department": "CRM", "letter": "R"}]}]},
            {"/activities/0/people/0/department": "invalid"},
        ),
    ],
)
def test_cells_that_do_not_hold_are_refused_at_their_place(campaign, client, body, errors):
    make.make_user("ana")
    before = set(RaciRole.objects.values_list())
    refused(client.patch(page(campaign, "raci/"), body), 400, **errors)
    assert set(RaciRole.objects.values_list()) == before


def test_single_people_stand_beside_the_departments(campaign, client):
    person, gone = make.make_user("ana"), make.make_user("gone")
    access.join(department=campaign.department, user=person, is_lead=False, by=None, now=make.NOW)
    access.join(department=campaign.department, user=gone, is_lead=False, by=None, now=make.NOW)
    for letter, name in (("C", "ana"), ("R", "gone")):
        cell = {"activity": "sale", "people": [{"person": name, "department": "CRM", "letter": letter}]}
        assert client.patch(page(campaign, "raci/"), {"activities": [cell]}).status_code == 200
    access.leave(department=campaign.department, user=gone, by=None, now=make.NOW)
    assert cells(client, campaign)["sale"]["people"] == [
        {"person": "ana", "department": "CRM", "letter": "C", "counts": True},
        {"person": "gone", "department": "CRM", "letter": "R", "counts": False},
    ]
    off = {"activity": "sale", "people": [{"person": "gone", "department": "CRM", "letter": ""}]}
    assert client.patch(page(campaign, "raci/"), {"activities": [off]}).status_code == 200
    assert [one["person"] for one in cells(client, campaign)["sale"]["people"]] == ["ana"]


def test_a_campaign_takes_up_an_activity_and_drops_it_again(campaign, client):
    AddedActivity.objects.create(code="window", name="Dress the window")
    body = {"activities": [{"activity": "window", "roles": {"CRM": "R"}}], "added": ["window"]}
    refused(client.patch(page(campaign, "raci/"), {"activities": body["activities"]}), 400,
            **{"/activities/0/activity": "does_not_exist"})  # fmt: skip
    assert client.patch(page(campaign, "raci/"), body).status_code == 200
    assert cells(client, campaign)["window"] == {
        "activity": "window", "name": "Dress the window", "is_added": True, "accountable": None, "roles": {"CRM": "R"},
        "people": [], "flaws": [],
    }  # fmt: skip
    assert client.patch(page(campaign, "raci/"), {"activities": [], "added": []}).status_code == 200
    assert "window" not in cells(client, campaign)


# Templates and added activities


def test_a_lead_keeps_the_matrix_as_a_template_and_administrators_rename_and_remove_it(campaign, client):
    body = {"name": "Standard", "campaign": "CRM-1"}
    made = client.post("/api/v1/raci-templates/", body)
    assert made.status_code == 201, made.content
    template = made.json()
    assert template["cells"][0] == {"activity": "products", "letter": "R", "department": None}
    refused(client.post("/api/v1/raci-templates/", body), 400, **{"/name": "invalid"})
    address = f"/api/v1/raci-templates/{template['id']}/"
    refused(client.patch(address, {"name": "Mine"}), 403)
    refused(client.delete(address), 403)
    administrator = client_of(make.make_user("boss", is_superuser=True))
    assert administrator.patch(address, {"name": "House"}).json()["name"] == "House"
    assert administrator.delete(address).status_code == 204
    assert not RaciTemplate.objects.exists()


def test_nobody_makes_a_template_of_what_they_may_not_write(campaign, client):
    other = client_of(make.lead_of(make.make_department("MKT")))
    refused(
        other.post("/api/v1/raci-templates/", {"name": "X", "campaign": "CRM-1"}),
        400,
        **{"/campaign": "does_not_exist"},
    )
    member = make.make_user("pau")
    access.join(department=campaign.department, user=member, is_lead=False, by=None, now=make.NOW)
    refused(client_of(member).post("/api/v1/raci-templates/", {"name": "X", "campaign": "CRM-1"}), 403)
    assert not RaciTemplate.objects.exists()


def test_an_added_activity_cannot_have_the_code_of_one_of_the_seven(client):
    administrator = client_of(make.make_user("boss", is_superuser=True))
    refused(
        administrator.post("/api/v1/added-activities/", {"code": "sale", "name": "Sell"}), 400, **{"/code": "invalid"}
    )
    refused(client.post("/api/v1/added-activities/", {"code": "window", "name": "Dress the window"}), 403)
    made = administrator.post("/api/v1/added-activities/", {"code": "window", "name": "Dress the window"})
    assert made.status_code == 201, made.content


def test_many_templates_cost_no_more_queries(campaign, client):
    for number in range(3):
        raci_templates.keep(campaign=campaign, name=f"T{number}", by=make.lead_of(campaign.department), now=make.NOW)
        if not number:
            with_one = queries_of(client, "/api/v1/raci-templates/")
    assert queries_of(client, "/api/v1/raci-templates/") == with_one


# Workload


def test_the_workload_is_told_to_everybody_who_plans_and_to_nobody_else(campaign, client):
    found = client.get("/api/v1/workload/").json()
    assert found == {
        "departments": [{"department": "CRM", "r": 7, "c": 0, "i": 0, "against_average": 0}],
        "people": [{"person": "lead_crm", "a": 7, "r": 0, "c": 0, "i": 0, "against_average": 0}],
    }
    make.make_department("MKT")
    assert [one["against_average"] for one in client.get("/api/v1/workload/").json()["departments"]] == [100, -100]
    assert client.get("/api/v1/workload/?within=5").json()["people"] == []
    refused(client.get("/api/v1/workload/?within=soon"), 400, within="invalid")
    refused(client.get(f"/api/v1/workload/?within={'9' * 5000}"), 400, within="invalid")
    refused(client_of(make.make_analyst()).get("/api/v1/workload/"), 403)
