"""Departments and their members, the catalogue, detections and imports through the API."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.actions import access, uploads
from campaigns.actions.dataset.runs import RESUME
from campaigns.models import Campaign, Department, DetectionRun, ImportRun, Membership
from campaigns.tests import factories as make
from customers.models import Channel, HistoryEntry
from customers.tests.api import Slow, client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"


@pytest.fixture
def admin():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def analyst():
    return make.make_analyst()


@pytest.fixture
def department():
    return make.make_department("CRM")


def members(department):
    return f"{DEPARTMENTS}{department.pk}/members/"


def leave(department):
    return f"{DEPARTMENTS}{department.pk}/leave/"


def works_in(department):
    return set(Membership.objects.filter(department=department).values_list("user__username", "is_lead"))


def test_administrator_adds_and_changes_a_department(admin):
    client = client_of(admin)
    made = client.post(DEPARTMENTS, {"code": "MKT", "name": "Marketing"})
    assert (made.status_code, made.json()) == (
        201,
        {
            "id": Department.objects.get().pk,
            "code": "MKT",
            "name": "Marketing",
            "business_unit": "",
            "value_proposition": "",
        },
    )
    address = f"{DEPARTMENTS}{made.json()['id']}/"
    changed = client.patch(address, {"business_unit": "Food"}, headers={"If-Match": made["ETag"]})
    assert changed.json() == made.json() | {"business_unit": "Food"}
    refused(client.patch(address, {"business_unit": "Wine"}, headers={"If-Match": made["ETag"]}), 412)
    refused(client.patch(address, {"code": "OTHER"}), 400, **{"/code": "invalid"})
    assert Department.objects.values_list("code", "business_unit").get() == ("MKT", "Food")
    assert list(HistoryEntry.objects.order_by("id").values_list("verb", "subject", "changes")) == [
        ("add", "department:MKT", {"code": [None, "MKT"], "name": [None, "Marketing"]}),
        ("change", "department:MKT", {"business_unit": ["", "Food"]}),
    ]


def test_everybody_reads_departments_and_others_write_none(department):
    client = client_of(make.lead_of(department))
    row = {"id": department.pk, "code": "CRM", "name": "Crm"}
    assert client.get(DEPARTMENTS).json()["results"] == [row]
    assert client.get(f"{DEPARTMENTS}{department.pk}/").json() == row
    assert client.get(f"{DEPARTMENTS}?business_unit=x").status_code == 400
    refused(client.post(DEPARTMENTS, {"code": "X", "name": "X"}), 403)
    refused(client.patch(f"{DEPARTMENTS}{department.pk}/", {"name": "Mine"}), 403)
    refused(client.post(members(department), {"person": "root"}), 403)
    refused(client.post(leave(department), {"person": "lead_crm"}), 403)
    refused(client.get(members(department)), 403)
    assert list(Department.objects.values_list("code", "name")) == [("CRM", "Crm")]
    assert works_in(department) == {("lead_crm", True)}


def test_members_join_lead_and_leave_and_their_rights_with_them(admin, department):
    campaign, person = make.make_campaign(department), make.make_user("ana.b@example.com")
    client = client_of(admin)
    joined = client.post(members(department), {"person": person.username, "is_lead": True})
    assert (joined.status_code, joined.json()) == (
        200,
        {"person": person.username, "name": person.first_name, "is_lead": True},
    )
    assert Campaign.objects.visible(person).get() == campaign
    assert client.get(members(department)).json()["results"] == [
        joined.json(),
        {"person": "lead_crm", "name": "Lead_Crm", "is_lead": True},
    ]
    assert client.post(members(department), {"person": person.username}).json()["is_lead"] is False
    left = client.post(leave(department), {"person": person.username})
    assert (left.status_code, works_in(department)) == (204, {("lead_crm", True)})
    assert not Campaign.objects.visible(person).exists()
    told = HistoryEntry.objects.filter(actor="root").order_by("id").values_list("verb", "subject")
    assert list(told) == [("join", "department:CRM"), ("join", "department:CRM"), ("leave", "department:CRM")]


def test_whoever_cannot_sign_in_any_more_leaves(admin, department):
    person = make.make_user("ana")
    access.join(department=department, user=person, is_lead=False, by=None, now=make.NOW)
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert client_of(admin).post(leave(department), {"person": "ana"}).status_code == 204
    assert works_in(department) == {("lead_crm", True)}


def test_only_who_can_sign_in_joins_and_only_members_leave(admin, department):
    make.make_user("gone", is_active=False)
    make.make_user("customer", is_staff=False)
    client = client_of(admin)
    for name in ("gone", "customer", "nobody"):
        refused(client.post(members(department), {"person": name}), 400, **{"/person": "does_not_exist"})
        refused(client.post(leave(department), {"person": name}), 400, **{"/person": "does_not_exist"})
    refused(client.post(members(department), {}), 400, **{"/person": "required"})
    refused(client.post(members(department), {"person": "root", "is_lead": "yes"}), 400, **{"/is_lead": "invalid"})
    assert works_in(department) == {("lead_crm", True)}


def test_the_catalogue_is_found_by_what_it_is(department):
    food, wine = make.make_category("food"), make.make_category("wine")
    make.make_product("P-1", food, name="Coffee", brand="Best", price="3.50", cost="1.00", stock=4)
    make.make_product("P-2", wine, name="Rioja", department=department)
    client = client_of(make.lead_of(department))
    found = client.get("/api/v1/products/?category=food").json()["results"]
    assert found == [
        {
            "id": found[0]["id"],
            "code": "P-1",
            "name": "Coffee",
            "category": "food",
            "brand": "Best",
            "department": None,
            "price": "3.50",
            "stock": 4,
        }
    ]
    for query in ("department=CRM", "search=rioja", "search=P-2", "code=P-2", "category=wine"):
        assert [row["code"] for row in client.get(f"/api/v1/products/?{query}").json()["results"]] == ["P-2"], query
    refused(client.get("/api/v1/products/?ordering=cost"), 400, ordering="invalid")
    categories = client.get("/api/v1/categories/?ordering=-code").json()["results"]
    assert [(row["code"], row["products"]) for row in categories] == [("wine", 1), ("food", 1)]
    refused(client.post("/api/v1/products/", {"code": "X"}), 405)


def test_detections_are_asked_for_once_until_one_starts(department, analyst, admin):
    client = client_of(make.lead_of(department))
    first = client.post("/api/v1/detections/")
    assert (first.status_code, first.json()) == (
        202,
        {
            "id": DetectionRun.objects.get().pk,
            "requested_at": first.json()["requested_at"],
            "requested_by": "lead_crm",
            "with_past": False,
            "started_at": None,
            "finished_at": None,
            "shards": 1,
            "shards_done": 0,
            "offers": 0,
            "collisions": 0,
        },
    )
    assert client_of(analyst).post("/api/v1/detections/").json()["id"] == first.json()["id"]
    assert client_of(admin).get("/api/v1/detections/").json()["results"] == [first.json()]
    assert DetectionRun.objects.count() == 1


def test_members_ask_for_no_detection(department):
    member = make.make_user("member")
    access.join(department=department, user=member, is_lead=False, by=None, now=make.NOW)
    client = client_of(member)
    refused(client.get("/api/v1/detections/"), 403)
    refused(client.post("/api/v1/detections/"), 403)
    assert not DetectionRun.objects.exists()


def test_imports_are_read_by_those_who_work_with_data(department, analyst, admin):
    rows = {"products": {"created": 3}, RESUME: {"at": {}}}
    run = ImportRun.objects.create(source="demo", digest="d", started_at=make.NOW, rows=rows)
    for reader in (analyst, admin):
        (found,) = client_of(reader).get("/api/v1/imports/").json()["results"]
        assert (found["source"], found["rows"]) == ("demo", {"products": {"created": 3}})
        assert client_of(reader).get(f"/api/v1/imports/{run.pk}/").json() == found
    lead = client_of(make.lead_of(department))
    assert lead.get("/api/v1/imports/").json()["results"] == []
    refused(lead.get(f"/api/v1/imports/{run.pk}/"), 404)


def test_a_detection_tells_how_many_of_its_parts_are_done(analyst):
    run = DetectionRun.objects.create(requested_at=make.NOW, started_at=make.NOW, shards=8, shards_done=3)
    answer = client_of(analyst).get(f"/api/v1/detections/{run.pk}/").json()
    assert (answer["shards"], answer["shards_done"]) == (8, 3)


@pytest.mark.parametrize("name", ["departments", "products", "categories", "detections", "imports", "members"])
def test_queries_do_not_grow_with_the_rows(admin, department, name):
    def fill(number):
        for n in range(number):
            make.make_product(department=make.make_department())
            access.join(department=department, user=make.make_user(), is_lead=False, by=None, now=make.NOW)
            DetectionRun.objects.create(requested_at=make.NOW, started_at=make.NOW, requested_by=make.make_user())
            ImportRun.objects.create(source="x", digest=f"{number}{n}", started_at=make.NOW)

    client = client_of(admin)
    address = members(department) if name == "members" else f"/api/v1/{name}/"
    fill(1)
    with_one = queries_of(client, address)
    fill(3)
    assert queries_of(client, address) == with_one


TABLE = b"code,name\nemail,E-mail\n"


def send(client, *files, **fields):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = [SimpleUploadedFile(name, content) for name, content in files]
    headers = {"Idempotency-Key": "k1"}
    return client.post("/api/v1/imports/", {"files": sent, **fields}, format="multipart", headers=headers)


def test_tables_are_sent_checked_and_imported(analyst):
    client = client_of(analyst)
    answer = send(client, ("channels.csv", TABLE))
    run = answer.json()
    assert (answer.status_code, run["state"], run["requested_by"]) == (202, "queued", analyst.username)
    assert send(client, ("channels.csv", TABLE)).json() == run
    assert ImportRun.objects.count() == 1
    uploads.work_off(now=timezone.now())
    found = client.get(f"/api/v1/imports/{run['id']}/").json()
    assert (found["state"], found["rows"]["channels"]["created"]) == ("finished", 1)
    assert Channel.objects.get().code == "email"


def test_what_is_wrong_in_a_file_is_named_and_nothing_is_written(analyst):
    client = client_of(analyst)
    run = send(client, ("channels.csv", b"code,name\n,E-mail\n"), dry_run="true").json()
    uploads.work_off(now=timezone.now())
    found = client.get(f"/api/v1/imports/{run['id']}/").json()
    assert (found["state"], found["problem_count"], found["dry_run"]) == ("refused", 1, True)
    assert [(one["table"], one["row"], one["column"]) for one in found["problems"]] == [("channels", 2, "code")]
    assert not Channel.objects.exists()


def test_what_is_no_table_is_refused_at_once(analyst, department, settings):
    client = client_of(analyst)
    refused(send(client, ("picture.png", b"x")), 400, **{"/files": "invalid"})
    refused(client.post("/api/v1/imports/", {}, format="multipart"), 400, **{"/files": "required"})
    refused(client.post("/api/v1/imports/", {"files": []}, format="json"), 415)
    refused(send(client_of(make.lead_of(department)), ("channels.csv", TABLE)), 403)
    settings.IMPORT_UPLOAD_MB = 0
    refused(client.post("/api/v1/imports/", {"x": "y" * (1 << 20)}, format="multipart"), 413)
    assert not ImportRun.objects.exists()


def test_what_is_too_large_is_not_even_read(analyst, settings):
    settings.IMPORT_UPLOAD_MB = 0
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(analyst)
    files = Slow(b"x" * (2 << 20))
    answer = client.generic(
        "POST",
        "/api/v1/imports/",
        files.getvalue(),
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": files},
    )
    refused(answer, 413)
    assert files.within == []
