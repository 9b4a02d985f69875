"""The register of tactics and tools: what departments say of themselves, at every door."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from campaigns.actions import ground_rules
from campaigns.models import Tactic, Tool
from campaigns.queries.register import overlapping, with_overlaps
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm():
    return make.make_department("CRM", members=[make.make_user("pau")])


@pytest.fixture
def sales():
    return make.make_department("SALES")


@pytest.fixture
def lead(crm):
    return make.lead_of(crm)


def put(row, by, **many):
    return ground_rules.put(row=row, many=many, by=by, now=make.NOW)


def a_tool(department, name="Mailer", purpose="mail"):
    return Tool(name=name, department=department, purpose=purpose)


def changed(row, **fields):
    stored = type(row).objects.get(pk=row.pk)
    for name, value in fields.items():
        setattr(stored, name, value)
    return stored


def page(model, name, *args):
    return reverse(f"admin:campaigns_{model}_{name}", args=args)


# Writing


def test_a_lead_writes_what_their_department_owns_and_history_tells(crm, sales, lead):
    tactic = put(Tactic(code="news", name="Newsletter", department=crm), lead, profits=[sales])
    assert list(tactic.profits.all()) == [sales]
    assert HistoryEntry.objects.get(verb="add").changes == {
        "code": [None, "news"], "name": [None, "Newsletter"], "department": [None, "CRM"], "profits": [[], ["SALES"]],
    }  # fmt: skip
    put(Tactic.objects.get(), lead, profits=[])
    change = HistoryEntry.objects.get(verb="change")
    assert (change.subject, change.changes) == ("tactic:news", {"profits": [["SALES"], []]})
    put(Tactic.objects.get(), lead, profits=[])
    put(Tactic.objects.get(), lead)
    assert HistoryEntry.objects.filter(verb="change").count() == 1
    ground_rules.remove(row=tactic, by=lead, now=make.NOW)
    assert not Tactic.objects.exists()


def test_nobody_writes_what_another_department_says_of_itself(crm, sales, lead):
    other, member = make.lead_of(sales), crm.memberships.get(user__username="pau").user
    for person in (other, member, make.make_analyst()):
        with pytest.raises(PermissionDenied):
            put(a_tool(crm), person)
    tool = put(a_tool(crm), lead)
    for person in (other, member):
        # Neither by changing it nor by making it one's own.
        for fields in ({"name": "X"}, {"department": sales}):
            with pytest.raises(PermissionDenied):
                put(changed(tool, **fields), person)
        with pytest.raises(PermissionDenied):
            ground_rules.remove(row=changed(tool, department=sales), by=person, now=make.NOW)
    assert Tool.objects.values_list("name", "department").get() == ("Mailer", crm.pk)
    put(changed(tool, name="Post"), make.make_user("boss", is_superuser=True))
    assert Tool.objects.get().name == "Post"


def test_what_is_wrong_is_said_by_field(crm, lead):
    with pytest.raises(ValidationError) as told:
        put(Tactic(code="news", name="Newsletter", department=crm), lead, profits=[crm])
    assert told.value.message_dict == {"profits": ["The owner profits anyway: name other departments."]}
    with pytest.raises(ValidationError) as told:
        put(Tool(name="", department=crm, purpose="dance"), lead)
    assert set(told.value.message_dict) == {"name", "purpose"}
    put(a_tool(crm), lead)
    with pytest.raises(ValidationError, match="named the tool for this purpose already"):
        put(a_tool(crm), lead)
    assert (Tactic.objects.count(), Tool.objects.count()) == (0, 1)


def test_the_owner_does_not_become_who_profits(crm, sales):
    admin = make.make_user("boss", is_superuser=True)
    tactic = put(Tactic(code="news", name="Newsletter", department=crm), admin, profits=[sales])
    with pytest.raises(ValidationError, match="owner profits anyway"):
        put(changed(tactic, department=sales), admin)
    assert Tactic.objects.get().department == crm


def test_a_page_that_is_older_than_who_profits_is_not_saved(crm, sales, lead):
    tactic = put(Tactic(code="news", name="Newsletter", department=crm), lead)
    client = signed_in(lead)
    old = client.get(page("tactic", "change", tactic.pk)).context["form"].stored
    put(changed(tactic), lead, profits=[sales])
    answer = client.post(page("tactic", "change", tactic.pk), {"name": "X", "department": crm.pk, "seen": old})
    assert "Somebody else saved this" in answer.content.decode()
    assert list(tactic.profits.all()) == [sales]


# Overlaps


def test_tools_of_other_departments_for_one_purpose_overlap(crm, sales, lead):
    ours = put(a_tool(crm), lead)
    put(a_tool(crm, "Second mailer"), lead)
    theirs = put(a_tool(sales, "Post"), make.lead_of(sales))
    for department in (crm, sales):
        put(a_tool(department, "Notes", "other"), make.lead_of(department))
    assert list(overlapping(ours)) == [theirs]
    counts = dict(with_overlaps(Tool.objects.all()).values_list("name", "overlaps"))
    assert counts == {"Mailer": 1, "Second mailer": 1, "Post": 2, "Notes": 0}


# Pages


def test_leads_write_on_their_own_pages_and_read_those_of_others(crm, sales, lead):
    client = signed_in(lead)
    form = client.get(page("tactic", "add")).context["form"]
    assert list(form.fields["department"].queryset) == [crm]
    sent = {"code": "news", "name": "Newsletter", "department": crm.pk, "profits": [sales.pk], "since": "2025-03-01"}
    assert client.post(page("tactic", "add"), sent).status_code == 302
    tactic = Tactic.objects.get()
    assert (tactic.since, list(tactic.profits.all())) == (date(2025, 3, 1), [sales])
    assert client.post(page("tactic", "add"), sent | {"code": "x", "department": sales.pk}).status_code == 200
    changed = {"name": "News", "department": crm.pk}
    assert client.post(page("tactic", "change", tactic.pk), changed).status_code == 302
    tactic.refresh_from_db()
    assert (tactic.name, list(tactic.profits.all())) == ("News", [])
    other = signed_in(make.lead_of(sales))
    assert "News" in other.get(page("tactic", "change", tactic.pk)).content.decode()
    assert other.post(page("tactic", "change", tactic.pk), changed).status_code == 403
    assert other.post(page("tactic", "delete", tactic.pk)).status_code == 403
    member = signed_in(crm.memberships.get(user__username="pau").user)
    assert member.get(page("tactic", "add")).status_code == 403
    assert member.get(page("tactic", "changelist")).status_code == 200
    assert client.post(page("tactic", "delete", tactic.pk)).status_code == 302
    assert not Tactic.objects.exists()


def test_the_pages_of_tools_tell_who_overlaps(crm, sales, lead):
    tool = put(a_tool(crm), lead)
    put(a_tool(sales, "Post"), make.lead_of(sales))
    client = signed_in(lead)
    assert (
        f"{page('tool', 'changelist')}?purpose__exact=mail" in client.get(page("tool", "changelist")).content.decode()
    )
    text = client.get(page("tool", "change", tool.pk)).content.decode()
    assert "Post</a> · Sales" in text


@pytest.mark.parametrize("model", ["tactic", "tool"])
def test_queries_do_not_grow_with_the_rows(crm, sales, lead, model):
    client, api = signed_in(lead), client_of(lead)
    addresses = page(model, "changelist"), f"/api/v1/{model}s/"

    def add(number):
        if model == "tool":
            put(a_tool(crm, f"T{number}"), lead)
        else:
            put(Tactic(code=f"T{number}", name="T", department=crm), lead, profits=[sales])

    add(0)
    with_one = [queries_of(one, address) for one, address in zip((client, api), addresses, strict=True)]
    for number in (1, 2):
        add(number)
    assert [queries_of(one, address) for one, address in zip((client, api), addresses, strict=True)] == with_one


# API


def test_the_api_writes_what_the_pages_write(crm, sales, lead):
    client, other = client_of(lead), client_of(make.lead_of(sales))
    body = {"code": "news", "name": "Newsletter", "department": "CRM", "profits": ["SALES"], "since": "2025-03-01"}
    made = client.post("/api/v1/tactics/", body)
    assert made.status_code == 201, made.content
    assert made.json() == body | {"id": Tactic.objects.get().pk, "how_told": ""}
    place = f"/api/v1/tactics/{made.json()['id']}/"
    changed = client.patch(place, {"profits": []}, headers={"If-Match": made["ETag"]})
    assert changed.json() == made.json() | {"profits": []}
    refused(client.patch(place, {"name": "X"}, headers={"If-Match": made["ETag"]}), 412)
    refused(client.patch(place, {"profits": ["CRM"]}), 400, **{"/profits": "invalid"})
    refused(other.patch(place, {"name": "X"}), 403)
    refused(other.patch(place, {"department": "SALES"}), 403)
    refused(other.post("/api/v1/tactics/", body | {"code": "x", "profits": []}), 403)
    refused(other.delete(place), 403)
    assert Tactic.objects.get().name == "Newsletter"
    tool = client.post("/api/v1/tools/", {"name": "Mailer", "department": "CRM", "purpose": "mail"}).json()
    assert tool["overlaps"] == 0
    assert (
        other.post("/api/v1/tools/", {"name": "Post", "department": "SALES", "purpose": "mail"}).json()["overlaps"]
        == 1
    )
    assert client.get("/api/v1/tools/?purpose=mail&department=CRM").json()["results"][0]["overlaps"] == 1
    assert client.delete(place).status_code == 204
