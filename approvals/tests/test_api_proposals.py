"""Proposals over the API: asked at the case, answered one by one."""

import pytest
from django.utils import timezone

from approvals.choices import ProposalState
from approvals.models import Proposal
from approvals.tests.builders import dispute_ahead, make_department, make_mediator
from approvals.tests.proposing import propose, suggestion
from approvals.tests.test_proposals import everything
from campaigns.models import Collision, Offer
from campaigns.tests.factories import lead_of
from customers.tests.api import client_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispute():
    return dispute_ahead(escalated=False)


@pytest.fixture
def sides(dispute):
    """Clients of who asks and of who is asked."""
    return [client_of(lead) for lead in dispute.leads]


def at(dispute):
    return f"/api/v1/cases/{dispute.case.pk}/proposals/"


def body(dispute, **changes):
    key = suggestion(dispute, now=timezone.now()).key
    return {"collision": Collision.objects.get().pk, "remedy": key, "message": "Please."} | changes


def test_asked_at_the_case_and_accepted(dispute, sides):
    asking, asked = sides
    key = {"Idempotency-Key": "once"}
    tag = asking.get(f"/api/v1/cases/{dispute.case.pk}/")["ETag"]
    made = asking.post(at(dispute), body(dispute), headers=key | {"If-Match": tag})
    assert made.status_code == 201
    assert asking.post(at(dispute), body(dispute), headers=key | {"If-Match": tag}).json() == made.json()
    proposal = made.json()
    assert (proposal["campaign"], proposal["offer"], proposal["message"]) == ("SAL-1", "SAL-1-A", "Please.")
    assert (proposal["state"], proposal["proposed_by"], proposal["answered_by"]) == ("open", "lead_mkt", None)
    assert asked.get(at(dispute)).json()["results"] == [proposal]
    one = f"/api/v1/proposals/{proposal['id']}/"
    assert asked.get(one)["ETag"] == made["ETag"]
    refused(asked.post(f"{one}accept/", headers={"If-Match": '"other"'}), 412)

    accepted = asked.post(f"{one}accept/", headers={"Idempotency-Key": "yes", "If-Match": made["ETag"]})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert Offer.objects.get(pk=dispute.second.pk).version == dispute.second.version + 1
    refused(asked.post(f"{one}accept/"), 409)
    steps = asked.get(f"/api/v1/cases/{dispute.case.pk}/timeline/").json()["results"]
    told = {step["verb"]: step["what"] for step in steps}
    assert told["propose"] == told["accept_proposal"] == proposal["sentence"]
    assert told["open"] == ""


def test_declined_with_a_reason_or_taken_back(dispute, sides):
    asking, asked = sides
    first = f"/api/v1/proposals/{propose(dispute, now=timezone.now()).pk}/"
    refused(asked.post(f"{first}decline/", {}), 400, **{"/reason": "required"})
    assert asked.post(f"{first}decline/", {"reason": "Printed already."}).json()["answer"] == "Printed already."
    second = f"/api/v1/proposals/{propose(dispute, now=timezone.now()).pk}/"
    refused(asked.post(f"{second}withdraw/"), 403)
    assert asking.post(f"{second}withdraw/").json()["state"] == "withdrawn"
    listed = asking.get(f"/api/v1/proposals/?state=declined&case={dispute.case.pk}").json()["results"]
    assert [row["state"] for row in listed] == ["declined"]


def test_refusals_name_what_is_wrong_and_change_nothing(dispute, sides):
    asking, asked = sides
    before = everything()
    refused(asking.post(at(dispute), body(dispute, remedy="nonsense")), 400, **{"/remedy": "invalid"})
    refused(asking.post(at(dispute), body(dispute, collision=987654)), 400, **{"/collision": "invalid"})
    refused(asking.post(at(dispute), body(dispute, message="x" * 1001)), 400, **{"/message": "too_long"})
    refused(asked.post(at(dispute), body(dispute)), 403)
    assert everything() == before
    propose(dispute, now=timezone.now())
    refused(asking.post(at(dispute), body(dispute)), 409)
    assert Proposal.objects.get().state == ProposalState.OPEN


def test_others_do_not_find_them(dispute):
    proposal = propose(dispute, now=timezone.now())
    for stranger in (make_mediator(), lead_of(make_department("CRM"))):
        client = client_of(stranger)
        assert client.get("/api/v1/proposals/").json()["results"] == []
        refused(client.get(at(dispute)), 404)
        for page in ("", "accept/", "decline/", "withdraw/"):
            ask = client.post if page else client.get
            refused(ask(f"/api/v1/proposals/{proposal.pk}/{page}"), 404)
