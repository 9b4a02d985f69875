"""Cases over the API: who reads what of them, and their steps."""

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from approvals.choices import CaseState
from approvals.models import Case, Mail, Ruling
from approvals.queries.cases import facts_hash
from approvals.tests.builders import (
    REASON,
    dispute_ahead,
    make_ahead,
    make_department,
    make_mediator,
    make_user,
    settle_down,
)
from approvals.tests.deciding import everything
from approvals.tests.pages import add_collisions
from campaigns.actions import access, offers
from campaigns.models import Offer
from campaigns.tests.factories import NOW, lead_of
from customers.models import HistoryEntry, IdempotentRequest
from customers.tests.api import client_of, refused, token_client
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

CASES = "/api/v1/cases/"
SUBLISTS = {"offers", "collisions", "products", "customers", "days", "timeline"}


@pytest.fixture
def mediator():
    return make_mediator()


@pytest.fixture
def negotiated():
    return dispute_ahead(escalated=False)


@pytest.fixture
def dispute(mediator):
    return dispute_ahead(escalated=True)


def address(dispute, page=""):
    return f"{CASES}{dispute.case.pk}/{page and page + '/'}"


def ids(client, query=""):
    return {row["id"] for row in client.get(CASES + query).json()["results"]}


def rivals(dispute, *codes):
    """More campaigns of other departments against both sides."""
    products = [row.product for row in dispute.first.product_rows.select_related("product")]
    for code in codes:
        make_ahead(code, make_department(code), dispute.first.audience_rows.get().segment, products)
    settle_down(timezone.now())


def order(dispute, **changes):
    body = {"operations": [{"do": "shift_dates", "campaign": "SAL-1", "days": 30}], "reason": REASON}
    return body | {"facts": facts_hash(dispute.case)} | changes


# Reading


def test_parties_mediator_and_administrators_read_a_case_and_nobody_else(dispute, mediator):
    member = make_user("member")
    access.join(department=dispute.first.department, user=member, is_lead=False, by=None, now=NOW)
    pages = ["", *SUBLISTS]
    for reader in (*dispute.leads, member, mediator, make_user("root", is_superuser=True)):
        client = client_of(reader)
        assert ids(client) == {dispute.case.pk}
        assert {client.get(address(dispute, page)).status_code for page in pages} == {200}
    for stranger in (lead_of(make_department("CRM")), make_user("nobody")):
        client = client_of(stranger)
        assert ids(client) == set()
        for page in [*pages, "ruling"]:
            assert refused(client.get(address(dispute, page)), 404) == refused(client.get(f"{CASES}999/"), 404)


def test_a_case_says_whose_turn_it_is_and_what_is_at_stake(dispute, mediator):
    case = dispute.case
    days = {"starts_on": dispute.first.starts_on.isoformat(), "ends_on": dispute.first.ends_on.isoformat()}
    found = client_of(dispute.leads[0]).get(address(dispute)).json()
    assert found["sides"] == [
        {
            "campaign": f"{code}-1",
            "name": f"{code.title()} in autumn",
            "department": code,
            "status": "submitted",
            **days,
            "accountable": f"lead_{code.lower()}",
            "contact_person": None,
            "offers": 1,
            "customers": 50,
            "products": 3,
        }
        for code in ("MKT", "SAL")
    ]
    assert found["totals"] == {"collisions": 1, "customers": 50, "products": 3, "days": 10, **days}
    assert {name: found[name] for name in ("state", "mediator", "may_decide", "may_escalate", "facts")} == {
        "state": "mediation",
        "mediator": "marta",
        "may_decide": False,
        "may_escalate": False,
        "facts": None,
    }
    assert found["mediator_why"] == "Mediator for every department."
    read = case.assigned_at, case.decide_by
    assert (parse_datetime(found["assigned_at"]), parse_datetime(found["decide_by"])) == read
    mine = client_of(mediator).get(address(dispute)).json()
    assert (mine["may_decide"], mine["facts"]) == (True, facts_hash(case))
    listed = client_of(mediator).get(CASES).json()["results"][0]
    assert listed["sides"][0] == {"campaign": "MKT-1", "name": "Mkt in autumn", "department": "MKT"}


def test_rows_behind_the_numbers(dispute):
    client = client_of(dispute.leads[0])
    read = lambda page, query="": client.get(address(dispute, page) + query).json()["results"]  # noqa: E731
    pair = [["MKT-1-A", "SAL-1-A"]]
    (audience,) = read("customers")
    assert (audience["sizes"], audience["shared"], audience["offers"]) == ([50, 50], 50, pair)
    (period,) = read("days")
    assert (period["days"], period["offers"]) == (10, pair)
    assert len(read("products")) == 3
    assert set(read("products")[0]) == {"id", "code", "name", "category", "brand"}
    (collision,) = read("collisions")
    assert (collision["offers"], collision["state"], collision["level"]) == (pair[0], "open", "high")
    assert [row["code"] for row in read("offers")] == ["MKT-1-A", "SAL-1-A"]
    assert [row["verb"] for row in read("timeline")] == ["open", "escalate", "assign"]
    assert read("products", f"?collision={collision['id']}") == read("products")
    refused(client.get(address(dispute, "products") + "?collision=0"), 404)
    refused(client.get(address(dispute, "days") + "?collision=x"), 400, collision="invalid")
    refused(client.get(address(dispute, "offers") + "?collision=1"), 400, collision="invalid")


def test_no_budget_margin_or_customer_is_told_to_the_other_side(dispute):
    client = client_of(dispute.leads[0])
    Offer.objects.update(margin_floor_pct="37.71")
    text = "".join(client.get(address(dispute, page)).content.decode() for page in ["", *SUBLISTS])
    assert "37.71" not in text
    assert "budget" not in text
    assert str(dispute.second.campaign.budget) not in text


def test_lists_are_filtered(dispute, mediator):
    first = dispute.case
    rivals(dispute, "CRM")
    others = set(Case.objects.exclude(pk=first.pk).values_list("pk", flat=True))
    assert len(others) == 2
    client = client_of(make_user("root", is_superuser=True))
    assert ids(client) == ids(client, "?turn=open") == {first.pk} | others
    assert ids(client, "?state=mediation") == ids(client, "?mediator=marta") == {first.pk}
    assert ids(client, "?department=CRM") == ids(client, "?campaign=CRM-1") == ids(client, "?search=CRM") == others
    assert ids(client, "?turn=closed") == ids(client, "?turn=mine") == ids(client, "?level=low") == set()
    assert ids(client_of(mediator), "?turn=mine") == {first.pk}
    refused(client.get(f"{CASES}?turn=yours"), 400, turn="invalid")
    refused(client.get(f"{CASES}?campaign_a__budget__gt=1"), 400, campaign_a__budget__gt="invalid")
    refused(client.get(f"{CASES}?ordering=campaign_a__budget"), 400, ordering="invalid")


def test_queries_do_not_grow(dispute, mediator):
    client = client_of(mediator)
    pages = [CASES, address(dispute), *(address(dispute, page) for page in SUBLISTS)]
    before = [queries_of(client, page) for page in pages]
    add_collisions(dispute, 3)
    rivals(dispute, "CRM")
    Case.objects.update(mediator=mediator, state=CaseState.MEDIATION, escalated_at=NOW, assigned_at=NOW, decide_by=NOW)
    assert len(ids(client)) == 3
    pages = [CASES, *(page.replace(pages[1], f"{CASES}{Case.objects.earliest('id').pk}/") for page in pages[1:])]
    assert [queries_of(client, page) for page in pages] == before


# Escalating


def test_a_lead_passes_the_case_on(negotiated):
    make_mediator()
    client = client_of(negotiated.leads[0])
    read = client.get(address(negotiated))
    assert read.json()["may_escalate"] is True
    headers = {"If-Match": read["ETag"], "Idempotency-Key": "k1"}
    answer = client.post(address(negotiated, "escalate"), {"reason": "They do not answer."}, headers=headers)
    assert (answer.status_code, answer.json()["state"], answer.json()["mediator"]) == (200, "mediation", "marta")
    assert client.get(address(negotiated))["ETag"] == answer["ETag"] != read["ETag"]
    entry = HistoryEntry.objects.get(verb="escalate", subject__startswith="case:", scope__startswith="case:")
    assert (entry.actor, entry.reason) == ("lead_mkt", "They do not answer.")
    mails = Mail.objects.count()
    again = client.post(address(negotiated, "escalate"), {"reason": "They do not answer."}, headers=headers)
    assert (again.json(), Mail.objects.count()) == (answer.json(), mails)


def test_escalating_is_refused(negotiated):
    member = make_user("member")
    access.join(department=negotiated.first.department, user=member, is_lead=False, by=None, now=NOW)
    lead, reader = client_of(negotiated.leads[0]), token_client(negotiated.leads[0], "read")
    at, before = address(negotiated, "escalate"), everything()
    for body in ({"reason": "No."}, {}):
        refused(client_of(member).post(at, body), 403)
        refused(client_of(make_user("crm" + str(len(body)))).post(at, body), 404)
    refused(reader.post(at, {"reason": "No."}), 403)
    refused(lead.post(at, {}), 400, **{"/reason": "required"})
    refused(lead.post(at, {"reason": " "}), 400, **{"/reason": "blank"})
    refused(lead.post(at, {"reason": "No.", "mediator": "x"}), 400, **{"/mediator": "unknown"})
    refused(lead.post(at, {"reason": "No."}, headers={"If-Match": '"old"'}), 412)
    assert everything() == before


def test_a_case_in_mediation_is_not_passed_on_again(dispute):
    before = everything()
    refused(client_of(dispute.leads[0]).post(address(dispute, "escalate"), {"reason": "No."}), 409)
    assert everything() == before


# Deciding


def test_the_mediator_looks_at_the_effect_and_decides_exactly_that(dispute, mediator):
    client, before = client_of(mediator), everything()
    body = order(dispute)
    shown = client.post(address(dispute, "preview"), {"operations": body["operations"]})
    assert everything() == before
    assert shown.status_code == 200
    effect = shown.json()["effect"]
    assert (shown.json()["facts"], len(effect["cleared"]), effect["remaining"], effect["new"]) == (
        facts_hash(dispute.case),
        1,
        [],
        [],
    )
    (moved,) = effect["offers"]
    old = dispute.second
    assert (moved["offer"], moved["starts_on"], moved["ends_on"]) == (
        "SAL-1-A",
        old.starts_on.isoformat(),
        old.ends_on.isoformat(),
    )
    headers = {"If-Match": client.get(address(dispute))["ETag"]}
    answer = client.post(address(dispute, "decide"), body | {"facts": shown.json()["facts"]}, headers=headers)
    assert (answer.status_code, answer.json()["state"], answer.json()["outcome"]) == (200, "closed", "ruled")
    old.refresh_from_db()
    assert (old.starts_on.isoformat(), old.ends_on.isoformat()) == (moved["new_starts_on"], moved["new_ends_on"])
    ruling = client_of(dispute.leads[0]).get(address(dispute, "ruling")).json()
    assert ruling.pop("decided_at")
    assert ruling == {
        "case": dispute.case.pk,
        "source": "ruled",
        "terms": None,
        "decided_by": "marta",
        "reason": REASON,
        "operations": body["operations"],
        "orders": shown.json()["orders"],
        "effect": effect,
        "standing_rule": None,
        "citations": [],
    }


def test_the_same_decision_again_is_one_decision(dispute, mediator):
    client, body, headers = client_of(mediator), order(dispute), {"Idempotency-Key": "k1"}
    first = client.post(address(dispute, "decide"), body, headers=headers)
    after = everything()
    again = client.post(address(dispute, "decide"), body, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert everything() == after
    IdempotentRequest.objects.all().delete()  # the answer is forgotten, the step is not
    assert client.post(address(dispute, "decide"), body, headers=headers).status_code == 200
    refused(client.post(address(dispute, "decide"), body, headers={"Idempotency-Key": "k2"}), 409)
    assert everything() == after


def test_no_ruling_yet(dispute, mediator):
    refused(client_of(mediator).get(address(dispute, "ruling")), 404)


def test_only_the_mediator_decides(dispute):
    before, body = everything(), order(dispute)
    stranger = client_of(make_user("stranger"))
    for page in ("preview", "decide"):
        for person in (*dispute.leads, make_user(f"root_{page}", is_superuser=True)):
            client = client_of(person)
            refused(client.post(address(dispute, page), body), 403)
            refused(client.post(address(dispute, page), {}), 403)
        refused(stranger.post(address(dispute, page), body), 404)
    assert everything() == before


IMPOSSIBLE = {
    "no list": ({"operations": {}}, {"/operations": "invalid"}),
    "nothing": ({"operations": []}, {"/operations": "invalid"}),
    "unknown": ({"operations": [{"do": "cancel"}]}, {"/operations": "invalid"}),
    "a text for days": (
        {"operations": [{"do": "shift_dates", "campaign": "SAL-1", "days": "7"}]},
        {"/operations": "invalid"},
    ),
    "into the past": (
        {"operations": [{"do": "shift_dates", "campaign": "SAL-1", "days": -300}]},
        {"/operations": "invalid"},
    ),
    "third campaign": ({"operations": [{"do": "withdraw", "campaign": "CRM-1"}]}, {"/operations": "invalid"}),
    "short reason": ({"reason": "No."}, {"/reason": "invalid"}),
    "long reason": ({"reason": "x" * 4001}, {"/reason": "too_long"}),
    "no facts": ({"facts": ""}, {"/facts": "blank"}),
    "unknown field": ({"by": "root"}, {"/by": "unknown"}),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_ordered_is_refused_at_its_place(dispute, mediator, case):
    changes, errors = IMPOSSIBLE[case]
    before = everything()
    refused(client_of(mediator).post(address(dispute, "decide"), order(dispute, **changes)), 400, **errors)
    assert everything() == before


def test_deciding_what_one_has_not_seen_is_a_conflict(dispute, mediator):
    client, body = client_of(mediator), order(dispute)
    tag = client.get(address(dispute))["ETag"]
    offers.change_offer(offer=dispute.second, by=dispute.leads[1], now=NOW, fields={"percent_off": 50})
    before = everything()
    refused(client.post(address(dispute, "decide"), body), 409)
    refused(client.post(address(dispute, "decide"), order(dispute), headers={"If-Match": tag}), 412)
    refused(
        client.post(address(dispute, "preview"), {"operations": body["operations"]}, headers={"If-Match": tag}), 412
    )
    assert everything() == before


def test_a_closed_case_is_a_conflict_for_its_mediator_whatever_is_sent(dispute, mediator):
    client = client_of(mediator)
    client.post(address(dispute, "decide"), order(dispute, operations=[{"do": "allow_both"}]))
    before = everything()
    for body in (order(dispute), {}):
        refused(client.post(address(dispute, "decide"), body), 409)
        refused(client.post(address(dispute, "preview"), body), 409)
    assert (everything(), Ruling.objects.count()) == (before, 1)
