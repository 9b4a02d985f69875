"""Every operation of the API, asked by everybody: nobody reads or changes what is not theirs.

The table names every operation of the description. A new one without an entry fails: say who may, on what it is tried,
and with which body.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from approvals.models import Mail
from campaigns.models import Campaign
from campaigns.queries.content import content_hashes
from config.tests.test_side_doors import (
    ADMINISTRATOR,
    DATA,
    LEADS,
    NOBODY,
    OWN,
    PARTIES,
    PLANNERS,
    WORKERS,
    WRITERS,
    Writes,
    forbidden,
)
from config.tests.world import World
from customers.tests.api import client_of, refused, token_client

pytestmark = pytest.mark.django_db

PARTS = ["anonymous", "outsider", "third_lead", "member", "lead", "mediator", "stand_in", "analyst", "administrator"]
MISSING = 987654


@dataclass(frozen=True)
class Operation:
    """`opens`: who is answered with success for at least one row; nobody else is.

    `on`: the folder of `World.ids` whose keys the address takes. `body`: what is sent, or what makes it of the world.
    `stopped`: who else may ask, but is refused for what the body names or where the row stands (400, 409).
    """

    opens: frozenset[str]
    on: str = ""
    body: Any | Callable[[World], Any] = None
    stopped: frozenset[str] = frozenset()


def approval(_world):
    campaign = Campaign.objects.get(code="Alfa-Plan")
    return {"content_hash": content_hashes([campaign.pk])[campaign.pk]}


NEW_CAMPAIGN = {
    "code": "NEW",
    "name": "New",
    "department": "Alfa",
    "starts_on": "2030-01-01",
    "ends_on": "2030-01-31",
}
LETTER = {"activities": [{"activity": "sale", "roles": {"Beta": "C"}}]}
PLAN, OFFER, PAIR = "campaigns/campaign", "campaigns/offer", "campaigns/collision"
CAMPAIGNS = {
    "GET /campaigns/": Operation(PLANNERS),
    "POST /campaigns/": Operation(frozenset({"lead"}), body=NEW_CAMPAIGN),
    "GET /campaigns/{id}/": Operation(OWN, PLAN),
    "PATCH /campaigns/{id}/": Operation(WRITERS, PLAN, {"name": "Other"}),
    "POST /campaigns/{id}/submit/": Operation(NOBODY, PLAN, {}, stopped=WRITERS),
    "POST /campaigns/{id}/approve/": Operation(frozenset({"lead"}), PLAN, approval, stopped=LEADS),
    "POST /campaigns/{id}/pause/": Operation(NOBODY, PLAN, {"reason": "x"}, stopped=LEADS),
    "POST /campaigns/{id}/resume/": Operation(NOBODY, PLAN, approval, stopped=LEADS),
    "POST /campaigns/{id}/cancel/": Operation(LEADS, PLAN, {"reason": "x"}),
    "GET /campaigns/{id}/gaps/": Operation(WRITERS, PLAN),
    "GET /campaigns/{id}/history/": Operation(OWN, PLAN),
    "GET /campaigns/{id}/raci/": Operation(OWN, PLAN),
    "PATCH /campaigns/{id}/raci/": Operation(LEADS, PLAN, LETTER),
    "GET /campaigns/{id}/would-collide/": Operation(OWN, PLAN),
    "GET /categories/": Operation(WORKERS),
    "GET /categories/{id}/": Operation(WORKERS, "campaigns/category"),
    "GET /collisions/": Operation(PLANNERS),
    "GET /collisions/{id}/": Operation(PARTIES, PAIR),
    "GET /collisions/{id}/audiences/": Operation(PARTIES, PAIR),
    "GET /collisions/{id}/customers/": Operation(ADMINISTRATOR, PAIR),
    "GET /collisions/{id}/products/": Operation(PARTIES, PAIR),
    "GET /departments/": Operation(WORKERS),
    "POST /departments/": Operation(ADMINISTRATOR, body={"code": "Delta", "name": "Delta"}),
    "GET /departments/{id}/": Operation(WORKERS, "campaigns/department"),
    "PATCH /departments/{id}/": Operation(ADMINISTRATOR, "campaigns/department", {"name": "Other"}),
    "GET /departments/{id}/members/": Operation(ADMINISTRATOR, "campaigns/department"),
    "POST /departments/{id}/members/": Operation(ADMINISTRATOR, "campaigns/department", {"person": "stand_in"}),
    "POST /departments/{id}/leave/": Operation(ADMINISTRATOR, "campaigns/department", {"person": "member_Alfa"}),
    "GET /detections/": Operation(LEADS | DATA),
    "POST /detections/": Operation(LEADS | DATA),
    "GET /detections/{id}/": Operation(LEADS | DATA, "campaigns/detectionrun"),
    "GET /imports/": Operation(WORKERS),
    "GET /imports/{id}/": Operation(DATA, "campaigns/importrun"),
    "GET /offers/": Operation(PLANNERS),
    "POST /offers/": Operation(
        frozenset({"lead", "member"}),
        body={"campaign": "Alfa-Plan", "code": "NEW", "name": "New", "mechanic": "message"},
        stopped=PLANNERS,
    ),
    "GET /offers/{id}/": Operation(OWN, OFFER),
    "PATCH /offers/{id}/": Operation(WRITERS, OFFER, {"name": "Other"}),
    "GET /offers/{id}/gaps/": Operation(OWN, OFFER),
    "GET /offers/{id}/history/": Operation(OWN, OFFER),
    "GET /offers/{id}/products/": Operation(OWN, OFFER),
    "GET /offers/{id}/target-products/": Operation(OWN, OFFER),
    "POST /offers/{id}/withdraw/": Operation(WRITERS, OFFER, {"reason": "x"}),
    "GET /plan/": Operation(PLANNERS),
    "GET /products/": Operation(WORKERS),
    "GET /products/{id}/": Operation(WORKERS, "campaigns/product"),
}

OPERATIONS = {
    **CAMPAIGNS,
    "GET /channels/": Operation(WORKERS),
    "POST /channels/": Operation(ADMINISTRATOR, body={"code": "tv", "name": "TV"}),
    "GET /channels/{id}/": Operation(WORKERS, "customers/channel"),
    "PATCH /channels/{id}/": Operation(ADMINISTRATOR, "customers/channel", {"name": "Wireless"}),
    "GET /customers/": Operation(WORKERS),
    "GET /customers/{id}/": Operation(DATA, "customers/customer"),
    "GET /history/": Operation(WORKERS),
    "GET /history/{id}/": Operation(ADMINISTRATOR, "customers/historyentry"),
    "GET /segments/": Operation(WORKERS),
    "GET /segments/{id}/": Operation(WORKERS, "customers/segment"),
    "GET /segments/{id}/members/": Operation(DATA, "customers/segment"),
    "GET /tokens/": Operation(WORKERS),
    "POST /tokens/": Operation(WORKERS, body={"name": "till"}),
    "GET /tokens/{id}/": Operation(ADMINISTRATOR | {"stand_in"}, "customers/apitoken"),
    "DELETE /tokens/{id}/": Operation(ADMINISTRATOR | {"stand_in"}, "customers/apitoken"),
}


def described():
    document = yaml.safe_load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text())
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/api/v1')}", operation


def test_every_operation_has_an_entry():
    assert {name for name, _operation in described()} == OPERATIONS.keys()


def addresses(world: World, name: str) -> list[str]:
    _method, _space, path = name.partition(" ")
    keys = [*world.ids[OPERATIONS[name].on], MISSING] if OPERATIONS[name].on else [""]
    return [f"/api/v1{path.replace('{id}', str(key))}" for key in keys]


def ask(client, world, name, address):
    method = name.partition(" ")[0].lower()
    if method == "get":
        return client.get(address)
    body = OPERATIONS[name].body
    return getattr(client, method)(address, body(world) if callable(body) else body)


@pytest.fixture
def writes():
    """Statements that change a table, but for what notes the asking itself."""
    found = Writes()
    with connection.execute_wrapper(found):
        yield found


def of(part, world):
    return client_of(world.people[part])


def lists(name, operation):
    """Queries that a list understands and might betray something with."""
    names = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"}
    found = [f"?{one}=CANARY" for one in sorted(names & {"search", "code", "name", "department", "campaign", "actor"})]
    return [*found, "?page_size=200"] if "page_size" in names else found


@pytest.mark.parametrize("part", PARTS)
def test_nobody_reads_what_is_not_theirs_and_reading_changes_nothing(world, part, writes):
    client = of(part, world)
    client.raise_request_exception = False
    canaries = re.compile("|".join(map(re.escape, forbidden(part))) or "(?!)")
    writes.seen.clear()  # signing in
    wrong, opened, reads = [], set(), {name for name in OPERATIONS if name.startswith("GET")}
    for name, operation in described():
        if name not in reads:
            continue
        for address in addresses(world, name):
            for query in ["", *lists(name, operation)]:
                answer = client.get(address + query)
                if found := canaries.search(answer.content.decode()):
                    wrong.append(f"{address}{query} shows {found[0]}")
                if answer.status_code >= 500:
                    wrong.append(f"{address}{query} breaks with {answer.status_code}")
                if answer.status_code == 200:
                    opened.add(name)
    assert wrong == []
    assert writes.seen == []
    assert opened == {name for name in reads if part in OPERATIONS[name].opens}


@pytest.mark.parametrize("part", PARTS)
def test_whoever_may_changes_and_whoever_may_not_changes_nothing(world, part, writes):
    """Each operation that writes, on every row, undone again."""
    client = of(part, world)
    client.raise_request_exception = False
    wrong, succeeded = [], set()
    for name, operation in OPERATIONS.items():
        if name.startswith("GET"):
            continue
        for address in addresses(world, name):
            writes.seen.clear()
            with transaction.atomic():
                answer = ask(client, world, name, address)
                transaction.set_rollback(True)
            if answer.status_code < 300:
                succeeded.add(name)
            elif answer.status_code >= 500 or writes.seen:
                wrong.append((name, address, answer.status_code, writes.seen[:1]))
            elif part in operation.stopped and answer.status_code in (400, 409):
                continue
            elif part not in operation.opens and answer.status_code not in (401, 403, 404):
                wrong.append((name, address, answer.status_code, answer.content[:200]))
    assert wrong == []
    assert succeeded == {name for name in OPERATIONS if not name.startswith("GET") and part in OPERATIONS[name].opens}


@pytest.mark.parametrize("part", ["third_lead", "member", "stand_in", "mediator", "analyst"])
def test_what_is_hidden_looks_like_what_does_not_exist(world, part):
    client, person = of(part, world), world.people[part]
    tried = set()
    for name, operation in OPERATIONS.items():
        if not operation.on:
            continue
        model = apps.get_model(*operation.on.split("/"))
        rows = model._default_manager
        if not hasattr(rows.all(), "visible"):
            continue
        hidden = rows.exclude(pk__in=rows.visible(person)).first()
        if hidden is None:
            continue
        path = f"/api/v1{name.partition(' ')[2]}"
        foreign, missing = (ask(client, world, name, path.replace("{id}", str(pk))) for pk in (hidden.pk, MISSING))
        assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content), name
        tried.add(name)
    assert tried


@pytest.mark.parametrize("part", ["lead", "administrator"])
def test_a_reading_token_writes_nothing(world, part, writes):
    client = token_client(world.people[part], "read")
    writes.seen.clear()
    for name in OPERATIONS:
        if not name.startswith("GET"):
            for address in addresses(world, name):
                refused(ask(client, world, name, address), 403)
    assert {sql.split()[1] for sql in writes.seen} <= {'"customers_apitoken"'}  # when it was used last


def test_there_is_something_to_find(world):
    """Each kind of row exists, so that no operation was tried on an empty table."""
    tried = {operation.on for operation in OPERATIONS.values() if operation.on}
    assert {on for on in tried if not apps.get_model(*on.split("/"))._default_manager.exists()} == set()
    assert Mail.objects.exists()
