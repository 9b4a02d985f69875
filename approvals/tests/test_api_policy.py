"""Mails, mediators and the escalation policy over the API."""

import pytest

from approvals.choices import MailState
from approvals.models import EscalationPolicy, Mail, Mediator
from approvals.tests.builders import make_department, make_mediator, make_user, open_dispute
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

MAILS, MEDIATORS, POLICY = "/api/v1/mails/", "/api/v1/mediators/", "/api/v1/escalation-policy/"


@pytest.fixture
def alicia():
    return make_user("alicia", is_superuser=True)


@pytest.fixture
def client(alicia):
    return client_of(alicia)


def kept():
    return (
        list(Mediator.objects.order_by("pk").values()),
        list(EscalationPolicy.objects.values()),
        list(Mail.objects.order_by("pk").values()),
        HistoryEntry.objects.count(),
    )


# Mails


def listed(client, query=""):
    return {row["id"] for row in client.get(MAILS + query).json()["results"]}


def test_people_read_their_own_mail_and_administrators_all(client):
    dispute = open_dispute()
    for lead in dispute.leads:
        own = set(Mail.objects.filter(recipient=lead).values_list("pk", flat=True))
        assert listed(client_of(lead)) == own != set()
    assert listed(client) == set(Mail.objects.values_list("pk", flat=True))
    lead = dispute.leads[0]
    assert listed(client, f"?recipient={lead.username}&case={dispute.case.pk}") == listed(client_of(lead))
    assert listed(client, "?state=failed") == listed(client, "?event=case_decided") == set()
    foreign = Mail.objects.get(recipient=dispute.leads[1])
    refused(client_of(lead).get(f"{MAILS}{foreign.pk}/"), 404)
    refused(client_of(lead).get(f"{MAILS}?recipient__password=x"), 400, recipient__password="invalid")


def test_a_mail_is_read_whole_and_listed_short():
    lead = open_dispute().leads[0]
    mail = Mail.objects.get(recipient=lead)
    client = client_of(lead)
    (row,) = client.get(MAILS).json()["results"]
    whole = client.get(f"{MAILS}{mail.pk}/").json()
    assert whole.items() - row.items() == {
        ("message_id", mail.message_id),
        ("text", mail.text),
        ("html", mail.html),
    }
    assert (row["recipient"], row["case"], row["subject"]) == (lead.username, mail.case_id, mail.subject)


def test_mails_cost_the_same_however_many(client):
    dispute = open_dispute()
    Mail.objects.exclude(recipient=dispute.leads[0]).delete()
    assert queries_of(client, MAILS) == 5
    assert len(listed(client)) == 1
    mail = Mail.objects.get()
    for place in range(3):
        mail.pk, mail.key, mail.message_id, mail.recipient = None, f"k{place}", f"<k{place}@x>", make_user()
        mail.save()
    assert queries_of(client, MAILS) == 5
    assert len(listed(client)) == 4


def test_an_administrator_sends_a_failed_mail_again(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[0])
    at = f"{MAILS}{mail.pk}/retry/"
    before = kept()
    refused(client.post(at), 409)
    refused(client_of(dispute.leads[0]).post(at), 403)
    refused(client_of(dispute.leads[1]).post(at), 404)
    assert kept() == before
    Mail.objects.filter(pk=mail.pk).update(state=MailState.FAILED, tries=12, error="550 no such box")
    key = {"Idempotency-Key": "k1"}
    answer = client.post(at, headers=key)
    assert (answer.status_code, answer.json()["state"], answer.json()["error"]) == (200, "queued", "")
    assert client.post(at, headers=key).json() == answer.json()
    refused(client.post(at), 409)
    assert HistoryEntry.objects.filter(verb="retry_mail", actor="alicia").count() == 1


# Mediators


def test_mediators_are_named_changed_and_dismissed(client):
    make_user("marta"), make_user("jorge")
    make_department("CRM")
    made = client.post(MEDIATORS, {"user": "marta", "department": "CRM", "stand_in": "jorge"})
    row = {
        "id": Mediator.objects.get().pk,
        "user": "marta",
        "department": "CRM",
        "other_department": None,
        "category": None,
        "business_unit": "",
        "from_level": "",
        "most_cases": None,
        "stand_in": "jorge",
    }
    assert (made.status_code, made.json()) == (201, row)
    at = f"{MEDIATORS}{row['id']}/"
    assert client.get(at)["ETag"] == made["ETag"]
    changed = client.patch(at, {"stand_in": None}, headers={"If-Match": made["ETag"]})
    assert changed.json() == row | {"stand_in": None}
    before = kept()
    refused(client.patch(at, {"department": None}, headers={"If-Match": made["ETag"]}), 412)
    refused(client.delete(at, headers={"If-Match": made["ETag"]}), 412)
    assert kept() == before
    assert client.delete(at, headers={"If-Match": changed["ETag"]}).status_code == 204
    refused(client.get(at), 404)
    assert list(HistoryEntry.objects.order_by("id").values_list("verb", "changes"))[-3:] == [
        ("name_mediator", {"user": [None, "marta"], "department": [None, "CRM"], "stand_in": [None, "jorge"]}),
        ("change_mediator", {"stand_in": ["jorge", None]}),
        ("dismiss_mediator", {"user": ["marta", None], "department": ["CRM", None]}),
    ]


MEDIATORS_REFUSED = {
    "nobody": ({}, {"/user": "required"}),
    "null": ({"user": None}, {"/user": "null"}),
    "number": ({"user": 1}, {"/user": "invalid"}),
    "unknown person": ({"user": "ghost"}, {"/user": "does_not_exist"}),
    "left": ({"user": "leaver"}, {"/user": "does_not_exist"}),
    "administrator": ({"user": "alicia"}, {"/user": "invalid"}),
    "of the department": ({"user": "lead_crm", "department": "CRM"}, {"/user": "invalid"}),
    "unknown department": ({"user": "jorge", "department": "X"}, {"/department": "does_not_exist"}),
    "has it already": ({"user": "marta"}, {"": "invalid"}),
    "half a pair": ({"user": "jorge", "other_department": "CRM"}, {"/department": "invalid"}),
    "one department twice": (
        {"user": "jorge", "department": "CRM", "other_department": "CRM"},
        {"/other_department": "invalid"},
    ),
    "unknown category": ({"user": "jorge", "category": "X"}, {"/category": "does_not_exist"}),
    "unknown unit": ({"user": "jorge", "business_unit": "X"}, {"/business_unit": "invalid"}),
    "unknown level": ({"user": "jorge", "from_level": "note"}, {"/from_level": "invalid_choice"}),
    "no cases": ({"user": "jorge", "most_cases": 0}, {"/most_cases": "invalid"}),
    "too many cases": ({"user": "jorge", "most_cases": 1001}, {"/most_cases": "invalid"}),
    "oneself": ({"user": "jorge", "department": "CRM", "stand_in": "jorge"}, {"": "invalid"}),
    "unknown field": ({"user": "jorge", "since": 1}, {"/since": "unknown"}),
    "id": ({"user": "jorge", "id": 1}, {"/id": "read_only"}),
}


@pytest.mark.parametrize("case", MEDIATORS_REFUSED)
def test_a_mediator_is_refused_at_its_place(client, case):
    make_department("CRM")
    make_mediator()
    make_user("jorge"), make_user("leaver", is_active=False)
    body, errors = MEDIATORS_REFUSED[case]
    before = kept()
    refused(client.post(MEDIATORS, body), 400, **errors)
    assert kept() == before


def test_everybody_reads_who_mediates_and_administrators_write():
    marta = make_mediator(department=make_department("CRM"), stand_in=make_user("jorge"))
    reader = client_of(marta)
    assert queries_of(reader, MEDIATORS) == 5
    assert reader.get(f"{MEDIATORS}?department=CRM").json()["count"] == 1
    make_mediator("ana", department=make_department("WEB"))
    make_mediator("eva")
    assert queries_of(reader, MEDIATORS) == 5
    assert reader.get(MEDIATORS).json()["count"] == 3
    assert [row["user"] for row in reader.get(f"{MEDIATORS}?user=eva").json()["results"]] == ["eva"]
    at, before = f"{MEDIATORS}{Mediator.objects.first().pk}/", kept()
    for answer in (reader.post(MEDIATORS, {}), reader.patch(at, {"user": "eva"}), reader.delete(at)):
        refused(answer, 403)
    assert kept() == before


# The policy


def test_the_policy_is_read_by_everybody_and_changed_by_administrators(client):
    lead = client_of(make_user("lead"))
    read = lead.get(POLICY)
    assert read.json() == {
        "opens_at_level": "medium",
        "hours_to_agree": 18,
        "hours_before_start": 24,
        "minutes_before_opening": 0,
        "hours_to_appeal": 0,
        "hours_to_extend": 9,
        "equal_outcomes": 3,
        "hours_to_object": 9,
        "hours_to_decide": 18,
    }
    assert lead.get(POLICY, headers={"If-None-Match": read["ETag"]}).status_code == 304
    changed = client.patch(POLICY, {"hours_to_agree": 72}, headers={"If-Match": read["ETag"]})
    assert changed.json() == read.json() | {"hours_to_agree": 72}
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.actor, entry.changes) == ("change_policy", "alicia", {"hours_to_agree": [18, 72]})
    before = kept()
    refused(lead.patch(POLICY, {"hours_to_agree": 1}), 403)
    refused(client.patch(POLICY, {"hours_to_agree": 96}, headers={"If-Match": read["ETag"]}), 412)
    refused(client.patch(POLICY, {"hours_before_start": 721}), 400, **{"/hours_before_start": "invalid"})
    refused(client.patch(POLICY, {"opens_at_level": "x"}), 400, **{"/opens_at_level": "invalid_choice"})
    refused(client.patch(POLICY, {"hours_to_agree": "72"}), 400, **{"/hours_to_agree": "invalid"})
    refused(client.patch(POLICY, {"hours_to_agree": -1}), 400, **{"/hours_to_agree": "min_value"})
    refused(client.patch(POLICY, {"hours_to_agree": 10**12}), 400, **{"/hours_to_agree": "max_value"})
    refused(client.post(POLICY, {}), 405)
    refused(client_of().get(POLICY), 401)
    assert kept() == before
