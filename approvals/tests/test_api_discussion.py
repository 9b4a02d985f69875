"""Comments and watching over the API."""

import pytest

from approvals.actions import discussion
from approvals.models import Comment, Mail
from approvals.queries.discussion import watches
from approvals.tests.builders import NOW
from approvals.tests.talking import READERS, SPEAKERS, STRANGERS, make_talk, say
from approvals.tests.test_discussion import everything
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_talk()


def at(talk, what="comments"):
    return f"/api/v1/campaigns/{talk.campaign.pk}/{what}/"


@pytest.mark.parametrize("part", SPEAKERS)
def test_said_once_under_one_key_and_listed(talk, part):
    client = client_of(talk.people[part])
    key = {"Idempotency-Key": "once"}
    made = client.post(at(talk), {"text": "One\n@c_person"}, headers=key)
    assert made.status_code == 201
    assert client.post(at(talk), {"text": "One\n@c_person"}, headers=key).json() == made.json()
    comment = made.json()
    assert comment == {
        "id": Comment.objects.get().pk,
        "campaign": "MKT-1",
        "author": talk.people[part].username,
        "written_at": comment["written_at"],
        "text": "One\n@c_person",
        "mentions": ["c_person"],
        "retracted_at": None,
    }
    assert client.get(at(talk)).json()["results"] == [comment]
    one = client.get(f"/api/v1/comments/{comment['id']}/")
    assert (one.json(), one["ETag"]) == (comment, made["ETag"])
    assert client.get(f"/api/v1/comments/{comment['id']}/", headers={"If-None-Match": one["ETag"]}).status_code == 304


@pytest.mark.parametrize("part", READERS)
def test_who_is_told_reads_and_does_not_comment(talk, part):
    comment, client = say(talk), client_of(talk.people[part])
    assert len(client.get(at(talk)).json()["results"]) == 1
    before = everything()
    refused(client.post(at(talk), {"text": "But!"}), 403)
    # Who may not is told that first, whatever is sent.
    refused(client.post(at(talk), {"text": 5}), 403)
    refused(client.post(f"/api/v1/comments/{comment.pk}/retract/"), 403)
    assert everything() == before


@pytest.mark.parametrize("part", STRANGERS)
def test_to_all_others_there_is_nothing(talk, part):
    comment, client = say(talk, text="SECRETTEXT @c_person"), client_of(talk.people[part])
    before = everything()
    for what in ("comments", "watch"):
        refused(client.get(at(talk, what)), 404)
        refused(client.post(at(talk, what), {"text": "x"}), 404)
    refused(client.post(at(talk, "unwatch")), 404)
    refused(client.get(f"/api/v1/comments/{comment.pk}/"), 404)
    refused(client.post(f"/api/v1/comments/{comment.pk}/retract/"), 404)
    for address in ("history", "mails", "campaigns", "mails/?search=SECRET", "campaigns/?search=SECRETTEXT"):
        assert "SECRETTEXT" not in client.get(f"/api/v1/{address}").content.decode()
    assert everything() == before


def test_what_is_wrong_is_said_and_changes_nothing(talk):
    client, before = client_of(talk.people["lead"]), everything()
    refused(client.post(at(talk), {}), 400, **{"/text": "required"})
    refused(client.post(at(talk), {"text": " "}), 400, **{"/text": "blank"})
    refused(client.post(at(talk), {"text": 5}), 400, **{"/text": "invalid"})
    refused(client.post(at(talk), {"text": "x" * 4001}), 400, **{"/text": "too_long"})
    refused(client.post(at(talk), {"text": "x", "author": "member"}), 400, **{"/author": "unknown"})
    detail = refused(client.post(at(talk), {"text": "@stranger"}), 400, **{"/text": "invalid"})
    assert "stranger" in client.post(at(talk), {"text": "@stranger"}).content.decode(), detail
    assert everything() == before


def test_the_author_retracts_what_they_have_read(talk):
    comment, client = say(talk, "member", "SECRETTEXT @c_person"), client_of(talk.people["member"])
    one = f"/api/v1/comments/{comment.pk}/"
    refused(client_of(talk.people["lead"]).post(f"{one}retract/"), 403)
    refused(client.post(f"{one}retract/", headers={"If-Match": '"other"'}), 412)
    tag = client.get(one)["ETag"]
    answer = client.post(f"{one}retract/", headers={"If-Match": tag, "Idempotency-Key": "once"})
    assert (answer.status_code, answer.json()["text"], answer.json()["mentions"]) == (200, "", [])
    assert answer.json()["retracted_at"]
    assert client.post(f"{one}retract/").json() == answer.json()
    refused(client.post(f"{one}retract/", headers={"If-Match": tag}), 412)
    administrator = client_of(talk.people["administrator"])
    for address in (one, at(talk), "/api/v1/history/", at(talk, "history"), "/api/v1/mails/?search=SECRETTEXT"):
        assert "SECRETTEXT" not in administrator.get(address).content.decode()
    for mail in Mail.objects.all():
        assert "SECRETTEXT" not in administrator.get(f"/api/v1/mails/{mail.pk}/").content.decode()


@pytest.mark.parametrize("part", [*SPEAKERS, *READERS])
def test_whoever_reads_watches_and_stops(talk, part):
    person = talk.people[part]
    client, by_default = client_of(person), part in ("lead", "contact")
    assert client.get(at(talk, "watch")).json() == {"watches": by_default}
    key = {"Idempotency-Key": "watch"}
    assert client.post(at(talk, "watch"), headers=key).json() == {"watches": True}
    assert client.post(at(talk, "unwatch"), headers={"Idempotency-Key": "stop"}).json() == {"watches": False}
    assert not watches(person, talk.campaign)
    assert client.post(at(talk, "watch")).json() == {"watches": True}


def test_a_mail_names_its_campaign(talk):
    say(talk)
    mails = client_of(talk.people["contact"]).get("/api/v1/mails/").json()["results"]
    assert [(mail["event"], mail["campaign"], mail["case"]) for mail in mails] == [("comment", "MKT-1", None)]


def test_the_number_of_queries_does_not_grow_with_comments(talk):
    client = client_of(talk.people["lead"])
    say(talk, "member", "@c_person")
    before = queries_of(client, at(talk))
    for number in range(29):
        comment = say(talk, SPEAKERS[number % 8], f"{number} @c_person @i_person")
        if number % 3 == 0:
            discussion.retract(comment=comment, by=comment.author, now=NOW)
    assert queries_of(client, at(talk)) == before
    assert len(client.get(f"{at(talk)}?page_size=10&page=3").json()["results"]) == 10
