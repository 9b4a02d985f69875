"""Statements, files and meetings of cases over the API."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from approvals import attachment_file
from approvals.models import Attachment, Meeting, Statement
from approvals.tests.conversing import PDF, STRANGERS, make_conversation, state
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_conversation()


def at(talk, what="statements"):
    return f"/api/v1/cases/{talk.case.pk}/{what}/"


def meeting(**more):
    ahead = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    return {"starts_at": ahead.isoformat(), "minutes": 45, "place": "Room 3"} | more


def test_a_fact_is_stated_once_with_its_file_and_read(talk):
    client = client_of(talk.people["lead"])
    key = {"Idempotency-Key": "once"}
    for _time in range(2):
        sent = {
            "kind": "fact",
            "text": "Two stores.\n@member",
            "source": "Page 3",
            "files": [SimpleUploadedFile("Plan.pdf", PDF)],
        }
        made = client.post(at(talk), sent, headers=key, format="multipart")
        assert made.status_code == 201, made.content
    one, kept = made.json(), Attachment.objects.get()
    assert one == {
        "id": Statement.objects.get().pk,
        "case": talk.case.pk,
        "kind": "fact",
        "side": "MKT-1",
        "author": "lead_mkt",
        "written_at": one["written_at"],
        "text": "Two stores.\n@member",
        "source": "Page 3",
        "mentions": ["member"],
        "attachments": [
            {
                "id": kept.pk,
                "name": "Plan.pdf",
                "kind": "pdf",
                "size": len(PDF),
                "sha256": kept.sha256,
                "url": f"http://testserver/api/v1/attachments/{kept.pk}/",
            }
        ],
        "retracted_at": None,
    }
    other = client_of(talk.people["other_lead"])
    assert other.get(at(talk)).json()["results"] == [one]
    read = other.get(f"/api/v1/statements/{one['id']}/")
    assert (read.json(), read["ETag"]) == (one, made["ETag"])
    content = other.get(one["attachments"][0]["url"])
    assert (content.content, content["X-Content-Type-Options"]) == (PDF, "nosniff")
    assert content["Content-Disposition"] == 'attachment; filename="Plan.pdf"'


def test_as_json_without_files_and_retracted_by_its_author(talk):
    client = client_of(talk.people["lead"])
    made = client.post(at(talk), {"kind": "claim", "text": "We lose turnover."})
    assert made.status_code == 201
    address = f"/api/v1/statements/{made.json()['id']}/retract/"
    refused(client_of(talk.people["other_lead"]).post(address), 403)
    refused(client.post(address, headers={"If-Match": '"old"'}), 412)
    gone = client.post(address).json()
    assert (gone["text"], gone["attachments"], gone["retracted_at"] is None) == ("", [], False)


def test_to_others_nothing_of_it_exists(talk):
    fact = state(talk, files=[("a.pdf", PDF)])
    client_of(talk.people["lead"]).post(at(talk, "meeting"), meeting())
    before = Statement.objects.count(), Meeting.objects.get().state
    for part in STRANGERS:
        client = client_of(talk.people[part])
        for address in (
            at(talk),
            at(talk, "meeting"),
            at(talk, "meeting/file"),
            f"/api/v1/statements/{fact.pk}/",
            f"/api/v1/attachments/{fact.attachments.get().pk}/",
        ):
            refused(client.get(address), 404)
        for address in (at(talk), at(talk, "meeting"), at(talk, "meeting/change"), at(talk, "meeting/cancel")):
            refused(client.post(address, meeting()), 404)
        refused(client.post(f"/api/v1/statements/{fact.pk}/retract/"), 404)
    assert (Statement.objects.count(), Meeting.objects.get().state) == before


def test_mistakes_are_named(talk):
    client = client_of(talk.people["lead"])
    for sent, pointer in (
        ({"kind": "fact", "text": "x"}, "/source"),
        ({"kind": "rumour", "text": "x"}, "/kind"),
        ({"kind": "claim", "text": "@third"}, "/text"),
        ({"kind": "claim", "text": "x", "side": "THIRD-1"}, "/side"),
        ({"kind": "claim", "text": "x", "files": [SimpleUploadedFile("a.exe", b"MZ")]}, "/files"),
    ):
        answer = client.post(at(talk), sent, format="multipart")
        assert answer.status_code == 400, answer.content
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert not Statement.objects.exists()


def test_what_is_far_too_long_is_not_read(talk, monkeypatch):
    monkeypatch.setattr(attachment_file, "LONGEST_REQUEST", 10)
    answer = client_of(talk.people["lead"]).post(at(talk), {"kind": "claim", "text": "We lose turnover."})
    refused(answer, 413)


def test_a_meeting_is_proposed_changed_and_cancelled(talk):
    client, other = client_of(talk.people["lead"]), client_of(talk.people["other_lead"])
    refused(client.get(at(talk, "meeting")), 404)
    key = {"Idempotency-Key": "once"}
    sent = meeting()
    for _time in range(2):
        made = client.post(at(talk, "meeting"), sent, headers=key)
        assert made.status_code == 201, made.content
    refused(other.post(at(talk, "meeting"), sent), 409)
    read = other.get(at(talk, "meeting"))
    assert (read.json()["sequence"], read.json()["place"], read["ETag"]) == (0, "Room 3", made["ETag"])
    changed = other.post(at(talk, "meeting/change"), sent | {"place": "Room 4"}, headers={"If-Match": read["ETag"]})
    assert (changed.json()["sequence"], changed.json()["uid"]) == (1, read.json()["uid"])
    refused(client.post(at(talk, "meeting/change"), sent, headers={"If-Match": read["ETag"]}), 412)
    assert b"METHOD:PUBLISH" in client.get(at(talk, "meeting/file")).content
    refused(client_of(talk.people["administrator"]).post(at(talk, "meeting/cancel")), 403)
    assert client.post(at(talk, "meeting/cancel")).json()["state"] == "cancelled"
    refused(client.get(at(talk, "meeting")), 404)


def test_a_list_takes_as_many_queries_however_much_is_said(talk):
    client = client_of(talk.people["lead"])
    state(talk, text="One @member", files=[("a.txt", b"x")])
    few = queries_of(client, at(talk))
    for number in range(5):
        state(talk, "other_lead", text=f"{number} @a", files=[("a.txt", b"x"), ("b.txt", b"y")])
    assert queries_of(client, at(talk)) == few
