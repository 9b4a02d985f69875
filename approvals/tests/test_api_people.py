"""People over the API: what everybody knows, what administrators write, and oneself."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from approvals.models import StaffProfile
from approvals.tests.builders import make_department, make_mediator, make_user
from customers.models import HistoryEntry, IdempotentRequest
from customers.permissions import is_administrator, is_analyst
from customers.tests.api import client_of, refused, token_client
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

PEOPLE, ME = "/api/v1/people/", "/api/v1/me/"
PASSWORD = "correct horse battery"


@pytest.fixture
def alicia():
    return make_user("alicia", is_superuser=True)


@pytest.fixture
def client(alicia):
    return client_of(alicia)


def kept():
    return (
        list(
            User.objects.order_by("pk")
            .exclude(username="ghost")
            .values("username", "password", "is_superuser", "email")
        ),
        list(StaffProfile.objects.values()),
        HistoryEntry.objects.count(),
    )


def test_colleagues_read_names_and_administrators_the_rest(client):
    eva = make_user("eva", last_name="Costa")
    make_user("leaver", is_active=False)
    make_user("shopper", is_staff=False)
    seen = client_of(eva).get(PEOPLE).json()["results"]
    assert [row["username"] for row in seen] == ["alicia", "eva"]
    assert seen[1] == {"id": eva.pk, "username": "eva", "name": "Eva Costa"}
    assert client.get(f"{PEOPLE}{eva.pk}/").json() == seen[1] | {
        "first_name": "Eva",
        "last_name": "Costa",
        "email": "eva@example.com",
        "is_active": True,
        "is_administrator": False,
        "is_analyst": False,
        "language": None,
    }
    names = lambda query: [row["username"] for row in client.get(PEOPLE + query).json()["results"]]  # noqa: E731
    assert names("") == ["alicia", "eva", "leaver", "shopper"]
    assert (names("?is_active=false"), names("?search=Costa"), names("?username=eva")) == (
        ["leaver"],
        ["eva"],
        ["eva"],
    )
    for query in ("email=eva@example.com", "fields=email", "ordering=email", "is_superuser=true", "is_active=AAA"):
        name = query.split("=", maxsplit=1)[0]
        refused(client_of(eva).get(f"{PEOPLE}?{query}"), 400, **{name: "invalid"})
    assert client_of(eva).get(f"{PEOPLE}?is_active=false").json()["results"] == []
    assert client_of(eva).get(f"{PEOPLE}?search=eva@example.com").json()["results"] == []
    refused(client_of(eva).get(f"{PEOPLE}{User.objects.get(username='leaver').pk}/"), 404)


def test_people_cost_the_same_however_many(client):
    make_department("CRM")
    assert queries_of(client, PEOPLE) == 7  # session, person, language, count, rows, groups, departments
    make_department("WEB", members=[make_user(), make_user()])
    assert queries_of(client, PEOPLE) == 7
    assert client.get(PEOPLE).json()["count"] == 5


def test_an_administrator_adds_a_colleague_who_can_sign_in(client):
    body = {"username": "eva", "first_name": "Eva", "email": "eva@example.com", "language": "es", "is_analyst": True}
    key = {"Idempotency-Key": "k1"}
    made = client.post(PEOPLE, body | {"password": PASSWORD}, headers=key)
    assert (made.status_code, made.json()) == (
        201,
        {"id": User.objects.get(username="eva").pk, "name": "Eva", "last_name": "", **body}
        | {"is_active": True, "is_administrator": False},
    )
    eva = User.objects.get(username="eva")
    assert (eva.check_password(PASSWORD), eva.is_staff, is_analyst(eva)) == (True, True, True)
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject, entry.actor) == ("add", "person:eva", "alicia")
    assert entry.changes == {
        "username": [None, "eva"],
        "first_name": [None, "Eva"],
        "email": [None, "eva@example.com"],
        "is_active": [None, True],
        "is_analyst": [False, True],
        "language": [None, "es"],
    }
    assert client.post(PEOPLE, body | {"password": PASSWORD}, headers=key).json() == made.json()
    stored = json.dumps([list(IdempotentRequest.objects.values()), list(HistoryEntry.objects.values())], default=str)
    assert PASSWORD not in stored


REFUSED = {
    "nobody": ({}, {"/username": "required"}),
    "taken": ({"username": "eva"}, {"/username": "unique"}),
    "spaces": ({"username": "a b"}, {"/username": "invalid"}),
    "easy": ({"username": "ana", "password": "password1"}, {"/password": "password_too_common"}),
    "like the name": (
        {"username": "anastasia-of-sevilla", "password": "anastasia-of-sevilla"},
        {"/password": "password_too_similar"},
    ),
    "blank": ({"username": "ana", "password": ""}, {"/password": "blank"}),
    "language": ({"username": "ana", "language": "fr"}, {"/language": "invalid_choice"}),
    "no language": ({"username": "ana", "language": None}, {"/language": "null"}),
    "mail": ({"username": "ana", "email": "no"}, {"/email": "invalid"}),
    "text for a part": ({"username": "ana", "is_analyst": "yes"}, {"/is_analyst": "invalid"}),
    "superuser": ({"username": "ana", "is_superuser": True}, {"/is_superuser": "unknown"}),
    "groups": ({"username": "ana", "groups": [1]}, {"/groups": "unknown"}),
    "name": ({"username": "ana", "name": "Ana"}, {"/name": "read_only"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_colleague_is_refused_at_their_place(client, case):
    make_user("eva")
    body, errors = REFUSED[case]
    before = kept()
    refused(client.post(PEOPLE, body), 400, **errors)
    assert kept() == before


def test_a_colleague_is_changed_as_read(client):
    eva = make_user("eva")
    at = f"{PEOPLE}{eva.pk}/"
    read = client.get(at)
    changed = client.patch(at, {"is_administrator": True, "last_name": "Costa"}, headers={"If-Match": read["ETag"]})
    assert changed.json() == read.json() | {"is_administrator": True, "last_name": "Costa", "name": "Eva Costa"}
    eva = User.objects.get(pk=eva.pk)
    assert is_administrator(eva)
    assert HistoryEntry.objects.get().changes == {"last_name": ["", "Costa"], "is_administrator": [False, True]}
    before = kept()
    refused(client.patch(at, {"last_name": "X"}, headers={"If-Match": read["ETag"]}), 412)
    refused(client.patch(at, {"username": "alicia"}), 400, **{"/username": "unique"})
    refused(client.patch(at, {"password": PASSWORD}), 400, **{"/password": "unknown"})
    refused(client.delete(at), 405)
    assert kept() == before


def test_nobody_else_writes_people():
    eva = make_user("eva")
    client, before = client_of(eva), kept()
    at = f"{PEOPLE}{eva.pk}/"
    refused(client.post(PEOPLE, {"username": "ana"}), 403)
    refused(client.patch(at, {"is_administrator": True}), 403)
    refused(client.post(f"{at}password/", {"password": PASSWORD}), 403)
    assert kept() == before


def test_a_password_is_set_and_ends_sessions(client):
    eva = make_user("eva")
    browser = Client()
    browser.force_login(eva)
    at = f"{PEOPLE}{eva.pk}/password/"
    before = kept()
    refused(client.post(at, {"password": "eva@example.com"}), 400, **{"/password": "password_too_similar"})
    assert kept() == before
    assert client.post(at, {"password": PASSWORD}).status_code == 204
    eva.refresh_from_db()
    assert eva.check_password(PASSWORD)
    assert browser.get("/admin/").status_code == 302
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject, entry.changes) == ("set_password", "person:eva", {})


def test_a_token_adds_people_and_gives_them_no_power(alicia):
    eva = make_user("eva")
    client = token_client(alicia)
    before = kept()
    refused(client.post(PEOPLE, {"username": "ana", "password": PASSWORD}), 403)
    refused(client.post(PEOPLE, {"username": "ana", "is_administrator": True}), 403)
    refused(client.patch(f"{PEOPLE}{eva.pk}/", {"is_administrator": True}), 403)
    refused(client.post(f"{PEOPLE}{eva.pk}/password/", {"password": PASSWORD}), 403)
    assert kept() == before
    assert client.post(PEOPLE, {"username": "ana"}).status_code == 201
    assert User.objects.get(username="ana").has_usable_password() is False
    assert client.patch(f"{PEOPLE}{eva.pk}/", {"last_name": "Costa"}).json()["name"] == "Eva Costa"


# Oneself


def test_everybody_reads_who_they_are_and_chooses_their_language():
    department = make_department("CRM")
    marta = make_mediator()
    lead = department.memberships.get().user
    client = client_of(lead)
    assert queries_of(client, ME) == 9
    read = client.get(ME)
    assert read.json() == {
        "id": lead.pk,
        "username": "lead_crm",
        "name": "Lead_Crm",
        "email": "lead_crm@example.com",
        "roles": ["lead", "member"],
        "departments": [{"code": "CRM", "name": "Crm", "is_lead": True}],
        "language": None,
        "gets_briefings": False,
    }
    assert client_of(marta).get(ME).json()["roles"] == ["mediator"]
    changed = client.patch(ME, {"language": "es"}, headers={"If-Match": read["ETag"]})
    assert changed.json() == read.json() | {"language": "es"}
    assert StaffProfile.objects.get().language == "es"
    assert HistoryEntry.objects.filter(verb="choose_language").get().changes == {"language": [None, "es"]}
    before = kept()
    refused(client.patch(ME, {"language": "en"}, headers={"If-Match": read["ETag"]}), 412)
    refused(client.patch(ME, {"language": "fr"}), 400, **{"/language": "invalid_choice"})
    refused(client.patch(ME, {"language": None}), 400, **{"/language": "null"})
    refused(client.patch(ME, {"email": "x@example.com"}), 400, **{"/email": "read_only"})
    refused(client.patch(ME, {"roles": ["administrator"]}), 400, **{"/roles": "read_only"})
    refused(client_of().get(ME), 401)
    assert kept() == before
    assert client.patch(ME, {}).json()["language"] == "es"


def test_nobody_is_called_like_somebody_else_in_other_letters(client):
    eva, ana = make_user("eva"), make_user("ana")
    User.objects.filter(pk=ana.pk).update(email="ANA@example.com")
    before = kept()
    refused(client.post(PEOPLE, {"username": "Eva"}), 400, **{"/username": "invalid"})
    refused(client.post(PEOPLE, {"username": "new", "email": "EVA@example.com"}), 400, **{"/email": "invalid"})
    refused(client.patch(f"{PEOPLE}{eva.pk}/", {"username": "ANA"}), 400, **{"/username": "invalid"})
    refused(client.patch(f"{PEOPLE}{eva.pk}/", {"email": "ana@example.com"}), 400, **{"/email": "invalid"})
    assert kept() == before
    User.objects.filter(pk=eva.pk).update(email="ana@example.com")
    assert client.patch(f"{PEOPLE}{eva.pk}/", {"is_active": False}).json()["is_active"] is False
    assert client.patch(f"{PEOPLE}{ana.pk}/", {"username": "Ana"}).json()["username"] == "Ana"
