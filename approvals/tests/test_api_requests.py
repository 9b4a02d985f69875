"""Customers' requests over the API."""

import pytest

from approvals.models import Answer, CustomerRequest, ReviewPolicy
from approvals.tests.asking import ASKED, REASON, SAID, SAID_TOO, ask, disputed, everything, hand, make_house, say
from campaigns.tests.factories import make_customers, make_user
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

LIST = "/api/v1/requests/"


@pytest.fixture
def house():
    return make_house()


def at(request, step=""):
    return f"{LIST}{request.pk}/{f'{step}/' if step else ''}"


def test_recorded_once_under_one_key_and_listed(house):
    make_customers(1)
    client, key = client_of(house.people["marketer"]), {"Idempotency-Key": "once"}
    body = {"channel": "mail", "asked": ASKED, "customer": "customer-0"}
    made = client.post(LIST, body, headers=key)
    assert made.status_code == 201
    assert client.post(LIST, body, headers=key).json() == made.json()
    assert CustomerRequest.objects.count() == 1
    found = made.json()
    assert (found["label"], found["owner"], found["department"]) == (f"S-{found['id']}", "marketer", "MKT")
    assert (found["customer"], found["campaign"], found["steps"]) == (
        "customer-0",
        None,
        ["answer", "hand_over", "withdraw"],
    )
    one = client.get(f"{LIST}{found['id']}/")
    assert (one.json(), one["ETag"]) == (found, made["ETag"])
    (line,) = client.get(LIST).json()["results"]
    assert line == {name: value for name, value in found.items() if name in line}


def test_the_whole_way(house):
    request = ask(house)
    marketer, seller, lead = (client_of(house.people[part]) for part in ("marketer", "seller", "lead_SAL"))
    key = {"Idempotency-Key": "hand"}
    body = {"department": "SAL", "reason": REASON}
    handed = marketer.post(at(request, "hand-over"), body, headers=key)
    assert (handed.status_code, handed.json()["department"]) == (200, "SAL")
    assert marketer.post(at(request, "hand-over"), body, headers=key).json() == handed.json()
    assert seller.post(at(request, "take"), {"instead_of": "lead_sal"}).json()["owner"] == "seller"
    assert [one["reason"] for one in seller.get(at(request)).json()["hand_overs"]] == [REASON, ""]
    assert seller.post(at(request, "answer"), {"text": SAID}).json()["answers"][0]["stands"] is True
    both = marketer.post(at(request, "answer"), {"text": SAID_TOO}).json()
    assert (both["is_contradicted"], len(both["answers"])) == (True, 2)
    assert len(lead.get(f"{LIST}?turn=contradicted").json()["results"]) == 1
    second = Answer.objects.get(department=house.departments["MKT"]).pk
    settled = lead.post(at(request, "settle"), {"answer": second, "reason": REASON}).json()
    assert (settled["is_contradicted"], settled["settlements"][0]["answer"]) == (False, second)
    assert seller.post(at(request, "close")).json()["state"] == "closed"


def test_what_is_wrong_is_said_and_changes_nothing(house):
    request = ask(house)
    client, before = client_of(house.people["marketer"]), everything()
    refused(client.post(LIST, {}), 400, **{"/channel": "required", "/asked": "required"})
    refused(
        client.post(LIST, {"channel": "x", "asked": 1}), 400, **{"/channel": "invalid_choice", "/asked": "invalid"}
    )
    refused(
        client.post(LIST, {"channel": "mail", "asked": "x", "customer": "nobody"}), 400, **{"/customer": "invalid"}
    )
    refused(client.post(LIST, {"channel": "mail", "asked": "x", "owner": "seller"}), 400, **{"/owner": "unknown"})
    refused(
        client.post(at(request, "hand-over"), {"department": "MKT", "reason": "x"}), 400, **{"/department": "invalid"}
    )
    refused(
        client.post(at(request, "hand-over"), {"department": "NO", "reason": "x"}),
        400,
        **{"/department": "does_not_exist"},
    )
    refused(client.post(at(request, "answer"), {"text": " "}), 400, **{"/text": "blank"})
    refused(client.post(at(request, "close")), 409)
    refused(client.post(at(request, "settle"), {"answer": 1, "reason": "x"}), 403)
    refused(client.post(at(request, "answer"), {"text": "x"}, headers={"If-Match": '"other"'}), 412)
    refused(client_of(house.people["lead_MKT"]).post(at(request, "take"), {"instead_of": "lead_mkt"}), 409)
    assert everything() == before


def test_the_second_of_two_is_told_that_it_is_too_late(house):
    request = ask(house)
    seen = client_of(house.people["marketer"]).get(at(request))["ETag"]
    say(house, request, "lead_MKT")
    client = client_of(house.people["marketer"])
    refused(client.post(at(request, "answer"), {"text": SAID_TOO}, headers={"If-Match": seen}), 412)
    refused(client.post(at(request, "answer"), {"text": SAID_TOO}), 409)
    assert Answer.objects.count() == 1


@pytest.mark.parametrize("part", ["stranger", "analyst", "lead_SRV"])
def test_to_all_others_there_is_nothing(house, part):
    request, client = disputed(house), client_of(house.people[part])
    before = everything()
    refused(client.get(at(request)), 404)
    for step in ("take", "hand-over", "answer", "settle", "close", "withdraw"):
        refused(client.post(at(request, step), {"text": "x", "reason": "x"}), 404)
    for query in ("", "?turn=contradicted", "?search=CANARY", "?department=SAL", "?channel=social"):
        assert client.get(f"{LIST}{query}").json()["count"] == 0
    for address in ("history", "mails"):
        assert "CANARY" not in client.get(f"/api/v1/{address}/").content.decode()
    assert everything() == before


def test_administrators_read_along(house):
    request, client = ask(house), client_of(house.people["administrator"])
    assert client.get(at(request)).json()["steps"] == []
    before = everything()
    refused(client.post(at(request, "answer"), {"text": SAID}), 403)
    refused(client.post(at(request, "withdraw"), {"reason": "x"}), 403)
    refused(client.post(LIST, {"channel": "mail", "asked": "x"}), 403)
    assert everything() == before


def test_the_time_to_answer_is_policy(house):
    root = client_of(make_user("root", is_superuser=True))
    assert root.get("/api/v1/review-policy/").json()["hours_to_answer"] == 8
    refused(root.patch("/api/v1/review-policy/", {"hours_to_answer": 0}), 400, **{"/hours_to_answer": "out_of_range"})
    refused(client_of(house.people["lead_MKT"]).patch("/api/v1/review-policy/", {"hours_to_answer": 4}), 403)
    assert root.patch("/api/v1/review-policy/", {"hours_to_answer": 4}).json()["hours_to_answer"] == 4
    assert ReviewPolicy.objects.get().hours_to_answer == 4


def test_lists_and_details_ask_as_often_for_one_as_for_many(house):
    client = client_of(house.people["marketer"])
    request = hand(house, ask(house), "marketer", "SAL")
    hand(house, request, "seller", "MKT")
    one = [queries_of(client, LIST), queries_of(client, at(request))]
    for to, by in (("SRV", "marketer"), ("SAL", "server"), ("SRV", "seller"), ("MKT", "server")):
        ask(house)
        hand(house, request, by, to)
    assert [queries_of(client, LIST), queries_of(client, at(request))] == one
