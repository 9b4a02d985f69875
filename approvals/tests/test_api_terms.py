"""Terms and more time over the API: looked at, proposed, signed; asked, granted."""

import pytest
from django.utils import timezone

from approvals.models import Case, Extension, Ruling
from approvals.tests.agreeing import everything, put
from approvals.tests.builders import dispute_ahead, make_department
from campaigns.actions import offers
from campaigns.models import Offer
from campaigns.tests.factories import lead_of
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

ORDERS = [{"do": "shift_dates", "campaign": "SAL-1", "days": 20}]


@pytest.fixture
def dispute():
    return dispute_ahead(escalated=False)


@pytest.fixture
def sides(dispute):
    """Clients of who proposes and of who answers."""
    return [client_of(lead) for lead in dispute.leads]


def at(dispute, rest="terms/"):
    return f"/api/v1/cases/{dispute.case.pk}/{rest}"


def proposed(dispute, client, orders=ORDERS, **more):
    shown = client.post(at(dispute, "terms/preview/"), {"operations": orders}, format="json").json()
    return client.post(at(dispute), {"operations": orders, "terms_hash": shown["terms_hash"]} | more, format="json")


def test_looked_at_proposed_and_signed(dispute, sides):
    one, two = sides
    shown = one.post(at(dispute, "terms/preview/"), {"operations": ORDERS}, format="json").json()
    assert shown["orders"] == ["The offers of SAL-1 in this case move 20 days later."]
    assert (len(shown["effect"]["offers"]), len(shown["effect"]["cleared"])) == (1, 1)

    made = proposed(dispute, one, message="Please.")
    assert made.status_code == 201
    terms = made.json()
    assert (terms["campaign"], terms["state"], terms["terms_hash"]) == ("MKT-1", "open", shown["terms_hash"])
    assert [row["campaign"] for row in terms["acceptances"]] == ["MKT-1"]
    address = f"/api/v1/terms/{terms['id']}/"
    assert two.get(address).json()["effect"]["offers"] == shown["effect"]["offers"]
    (listed,) = two.get(at(dispute)).json()["results"]
    assert listed == {name: value for name, value in terms.items() if name != "effect"}

    signed = two.post(f"{address}accept/", {"terms_hash": terms["terms_hash"]}, headers={"If-Match": made["ETag"]})
    assert (signed.status_code, signed.json()["state"]) == (200, "accepted")
    case = two.get(at(dispute, "")).json()
    assert (case["state"], case["outcome"]) == ("closed", "agreed")
    ruling = two.get(at(dispute, "ruling/")).json()
    assert (ruling["source"], ruling["terms"], ruling["decided_by"]) == ("agreed", terms["id"], "lead_sal")


def test_a_stale_signature_is_a_conflict_and_changes_nothing(dispute, sides):
    one, two = sides
    terms = proposed(dispute, one).json()
    address = f"/api/v1/terms/{terms['id']}/accept/"
    before = everything()
    refused(two.post(address, {"terms_hash": "0" * 64}), 409)
    assert everything() == before
    offers.change_offer(offer=dispute.first, by=dispute.leads[0], now=timezone.now(), fields={"name": "Other"})
    before = everything()
    refused(two.post(address, {"terms_hash": terms["terms_hash"]}), 409)
    assert everything() == before
    refused(proposed(dispute, one, terms_hash=terms["terms_hash"]), 409)


def test_countered_terms_cannot_be_signed(dispute, sides):
    one, two = sides
    old = proposed(dispute, one).json()
    proposed(dispute, two, [{"do": "withdraw", "campaign": "MKT-1"}])
    refused(two.post(f"/api/v1/terms/{old['id']}/accept/", {"terms_hash": old["terms_hash"]}), 409)
    assert not Ruling.objects.exists()
    assert [row["state"] for row in one.get("/api/v1/terms/?state=superseded").json()["results"]] == ["superseded"]


def test_declined_and_taken_back(dispute, sides):
    one, two = sides
    terms = proposed(dispute, one).json()
    refused(two.post(f"/api/v1/terms/{terms['id']}/decline/", {}), 400, **{"/reason": "required"})
    refused(two.post(f"/api/v1/terms/{terms['id']}/withdraw/"), 403)
    declined = two.post(f"/api/v1/terms/{terms['id']}/decline/", {"reason": "No."}).json()
    assert (declined["state"], declined["answer"]) == ("declined", "No.")
    refused(one.post(f"/api/v1/terms/{terms['id']}/withdraw/"), 409)


@pytest.mark.parametrize("orders", [[], "no", [{"do": "withdraw", "campaign": "CRM-1"}]])
def test_operations_that_make_no_terms(dispute, sides, orders):
    before = everything()
    answer = sides[0].post(at(dispute, "terms/preview/"), {"operations": orders}, format="json")
    refused(answer, 400, **{"/operations": "invalid"})
    assert everything() == before


def test_more_time(dispute, sides):
    one, two = sides
    refused(two.post(at(dispute, "extension/grant/")), 409)
    refused(one.post(at(dispute, "extension/"), {"hours": 99, "reason": "Ill."}), 400, **{"/hours": "invalid"})
    asked = one.post(at(dispute, "extension/"), {"hours": 3, "reason": "Ill."})
    assert (asked.status_code, asked.json()["state"], asked.json()["campaign"]) == (201, "open", "MKT-1")
    before = dispute.case.agree_by
    refused(one.post(at(dispute, "extension/grant/")), 403)
    granted = two.post(at(dispute, "extension/grant/"))
    assert (granted.status_code, granted.json()["hours_extended"]) == (200, 3)
    assert dispute.case.agree_by > before
    refused(two.post(at(dispute, "extension/"), {"hours": 3, "reason": "Ill."}), 409)
    assert [row["state"] for row in two.get(at(dispute, "extension/")).json()["results"]] == ["granted"]


def test_more_time_declined(dispute, sides):
    one, two = sides
    one.post(at(dispute, "extension/"), {"hours": 3, "reason": "Ill."})
    assert two.post(at(dispute, "extension/decline/"), {"reason": "No."}).status_code == 200
    assert Extension.objects.get().answer == "No."


def test_nobody_else_learns_of_them(dispute, sides):
    terms = proposed(dispute, sides[0]).json()
    stranger = client_of(lead_of(make_department("CRM")))
    for address in (f"/api/v1/terms/{terms['id']}/", at(dispute)):
        refused(stranger.get(address), 404)
    assert stranger.get("/api/v1/terms/").json()["count"] == 0


def test_lists_cost_the_same_with_many_rows(dispute, sides):
    now = timezone.now()
    put(dispute, now=now)
    reader = sides[1]
    for address in ("/api/v1/terms/", at(dispute)):
        reader.get(address)
    few = [queries_of(reader, address) for address in ("/api/v1/terms/", at(dispute))]
    for message in ("a", "b", "c"):
        put(dispute, message=message, now=now)
    assert [queries_of(reader, address) for address in ("/api/v1/terms/", at(dispute))] == few
    assert Case.objects.get().terms.count() == 4
    assert Offer.objects.get(pk=dispute.second.pk).version == dispute.second.version
