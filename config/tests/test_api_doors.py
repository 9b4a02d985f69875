"""Every operation of the API, asked by everybody: nobody reads or changes what is not theirs.

The table names every operation of the description. A new one without an entry fails: say who may, on what it is tried,
and with which body.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from approvals.models import Answer, Case, Mail, Proposal, Terms
from approvals.queries.facts import facts_hash, terms_hash
from approvals.rules.operations import AllowBoth
from campaigns.models import Collision, CombinationClass, Product
from campaigns.queries.content import content_hashes, contents
from campaigns.queries.explanation import with_offers
from campaigns.queries.remedies import suggestions_of
from config.tests.test_side_doors import (
    ADMINISTRATOR,
    DATA,
    LEAD,
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
from config.tests.world import DAY, NOW, World
from customers.clock import local_day
from customers.rest.access import WriteThrottle
from customers.tests.api import client_of, refused, token_client

pytestmark = pytest.mark.django_db

PARTS = ["anonymous", "outsider", "third_lead", "member", "lead", "mediator", "stand_in", "analyst", "administrator"]
MISSING = 987654


@dataclass(frozen=True)
class Operation:
    """`opens`: who is answered with success for at least one row; nobody else is.

    `on`: the folder of `World.ids` whose keys the address takes. `body`: what is sent, or what makes it of the key.
    `later`: who is let in and then refused because of the state of things (400, 409), here where nobody succeeds.
    """

    opens: frozenset[str]
    on: str = ""
    body: Any | Callable[[int], Any] = None
    later: frozenset[str] = NOBODY


def signing(pk: int) -> dict[str, str]:
    return {"content_hash": content_hashes([pk]).get(pk, "0" * 64)}


def voting(pk: int) -> dict[str, Any]:
    found = contents([pk])
    return {"decision": "approve", "sections": found[pk].sections if found else {"brief": "0" * 64}}


def upload() -> dict[str, Any]:
    return {"files": [SimpleUploadedFile("channels.csv", b"code,name\ntv,TV\n")]}


def decision(pk: int) -> dict[str, Any]:
    case = Case.objects.filter(pk=pk).first()
    facts = facts_hash(case) if case else ""
    return {"operations": [{"do": "allow_both"}], "reason": "Both may run as planned.", "facts": facts}


def proposal(_pk: int) -> dict[str, Any]:
    lapsed = Proposal.objects.get()
    return {"collision": lapsed.collision_id, "remedy": lapsed.key}


def meeting(_pk: int) -> dict[str, Any]:
    return {"starts_at": (timezone.now() + timedelta(days=3)).isoformat(), "minutes": 30, "place": "Room"}


def some_terms(pk: int) -> dict[str, Any]:
    case = Case.objects.filter(pk=pk).first()
    posted = terms_hash(case, [AllowBoth()]) if case else "0" * 64
    return {"operations": [{"do": "allow_both"}], "message": "Both may run as planned.", "terms_hash": posted}


def signature(pk: int) -> dict[str, str]:
    found = Terms.objects.filter(pk=pk).first()
    return {"terms_hash": found.terms_hash if found else "0" * 64}


PROPOSAL, REQUEST = "approvals/proposal", "approvals/customerrequest"
TERMS, RULE = "approvals/terms", "approvals/standingrule"
OF_ALFA = frozenset({"lead", "member"})
CAMPAIGN, OFFER, CASE, COLLISION = "campaigns/campaign", "campaigns/offer", "approvals/case", "campaigns/collision"
REASON = {"reason": "A reason that is long enough"}
DAYS = {"starts_on": DAY.isoformat(), "ends_on": DAY.isoformat()}

DAYS_OF_A_RULE = {"starts_on": "2026-11-02", "ends_on": "2026-11-30"}


def settled(name: str, folder: str, who: frozenset[str], body: Any, change: dict[str, Any]) -> dict[str, Operation]:
    """The operations of one kind of ground rules, which everybody reads; `body` may ask the database for codes."""
    one = f"/{name}/{{id}}/"
    return {
        f"GET /{name}/": Operation(WORKERS),
        f"POST /{name}/": Operation(who, body=body),
        f"GET {one}": Operation(WORKERS, folder),
        f"PATCH {one}": Operation(who, folder, change),
        f"DELETE {one}": Operation(who, folder),
    }


def a_class(_key: int) -> dict[str, str]:
    code = CombinationClass.objects.order_by("pk")[0].code
    return {"class_a": code, "class_b": code, "decision": "allow"}


def two_products(_key: int) -> dict[str, str]:
    codes = Product.objects.order_by("pk").values_list("code", flat=True)
    return {"product": codes[0], "substitute": codes[1], "rate": "0.2"}


def a_price(_key: int) -> dict[str, str]:
    return {"product": Product.objects.order_by("pk")[0].code, "price": "5"} | DAYS_OF_A_RULE


def a_remedy(pk: int) -> dict[str, str]:
    """One that moves the first of the two offers, Alfa's."""
    row = with_offers(Collision.objects.filter(pk=pk)).first()
    moves = [one.key for one in suggestions_of(row, today=local_day(NOW)) if one.days] if row else []
    return {"key": moves[0] if moves else "none"}


def an_answer(pk: int) -> dict[str, Any]:
    said = Answer.objects.filter(request=pk).first()
    return {"answer": said.pk if said else MISSING, **REASON}


def a_template(_key: int) -> dict[str, str]:
    return {"name": "New", "campaign": "Alfa-Plan"}


OPERATIONS = {
    **settled(
        "added-activities",
        "campaigns/addedactivity",
        ADMINISTRATOR,
        {"code": "new", "name": "New"},
        {"is_retired": True},
    ),
    **settled("raci-templates", "campaigns/racitemplate", ADMINISTRATOR, a_template, {"name": "Other"}),
    "POST /raci-templates/": Operation(frozenset({"lead", "administrator"}), body=a_template, later=PLANNERS),
    "GET /workload/": Operation(PLANNERS),
    **settled(
        "tactics",
        "campaigns/tactic",
        LEAD | ADMINISTRATOR,
        {"code": "new", "name": "New", "department": "Alfa"},
        {"name": "O"},
    ),
    **settled(
        "tools",
        "campaigns/tool",
        LEAD | ADMINISTRATOR,
        {"name": "New", "department": "Alfa", "purpose": "ads"},
        {"note": "O"},
    ),
    **settled(
        "department-goals",
        "campaigns/departmentgoal",
        LEAD | ADMINISTRATOR,
        {"code": "new", "name": "New", "department": "Alfa"},
        {"note": "O"},
    ),
    **settled(
        "brand-rules",
        "campaigns/brandrules",
        LEAD | ADMINISTRATOR,
        {},
        {"deepest_discount": "30"},
    ),
    # A department has them once: Alfa has them already.
    "POST /brand-rules/": Operation(
        frozenset({"third_lead", "administrator"}), body={"department": "Gamma", "deepest_discount": "20"}
    ),
    **settled(
        "words-to-avoid",
        "campaigns/wordtoavoid",
        ADMINISTRATOR,
        {"language": "en", "phrase": "newfangled", "kind": "jargon"},
        {"advice": "new"},
    ),
    "GET /kpis/": Operation(WORKERS),
    **settled("announced-prices", "campaigns/announcedprice", DATA, a_price, {"price": "3"}),
    **settled(
        "combination-classes",
        "campaigns/combinationclass",
        ADMINISTRATOR,
        {"code": "new", "name": "New"},
        {"name": "Other"},
    ),
    **settled("combination-policies", "campaigns/combinationpolicy", ADMINISTRATOR, a_class, {"decision": "deny"}),
    **settled(
        "funds",
        "campaigns/fund",
        ADMINISTRATOR,
        {"code": "new", "name": "New", "amount": "5", **DAYS_OF_A_RULE},
        {"amount": "3"},
    ),
    **settled("joint-groups", "campaigns/jointgroup", ADMINISTRATOR, {"code": "new", "name": "New"}, {"name": "O"}),
    **settled("placements", "campaigns/placement", ADMINISTRATOR, {"code": "new", "name": "New"}, {"slots": 5}),
    **settled(
        "protected-scopes",
        "campaigns/protectedscope",
        ADMINISTRATOR,
        {"name": "New", "kind": "legal", "brand": "Other", **DAYS_OF_A_RULE},
        {"brand": "Third"},
    ),
    **settled("substitutions", "campaigns/substitution", DATA, two_products, {"rate": "0.9"}),
    "GET /collision-rules/": Operation(WORKERS),
    "GET /collision-rules/{code}/": Operation(WORKERS, "campaigns/rulesetting"),
    "PATCH /collision-rules/{code}/": Operation(ADMINISTRATOR, "campaigns/rulesetting", {"mode": "off"}),
    "GET /calendar-feeds/": Operation(PLANNERS),
    "POST /calendar-feeds/": Operation(PLANNERS, body={"name": "Mine", "mine": True}),
    "GET /calendar-feeds/{id}/": Operation(ADMINISTRATOR | {"lead", "stand_in"}, "campaigns/calendarfeed"),
    "DELETE /calendar-feeds/{id}/": Operation(ADMINISTRATOR | {"lead", "stand_in"}, "campaigns/calendarfeed"),
    "GET /campaigns/": Operation(PLANNERS),
    "POST /campaigns/": Operation(
        frozenset({"lead"}), body={"code": "new", "name": "New", "department": "Alfa", **DAYS}
    ),
    "GET /campaigns/{id}/": Operation(OWN, CAMPAIGN),
    "PATCH /campaigns/{id}/": Operation(WRITERS, CAMPAIGN, {"what": "Something else"}),
    "GET /campaigns/{id}/approval/": Operation(OWN, CAMPAIGN),
    "POST /campaigns/{id}/cancel/": Operation(LEADS, CAMPAIGN, REASON),
    "GET /campaigns/{id}/comments/": Operation(OWN, CAMPAIGN),
    # Who mediates comments on both sides; administrators and who is merely told (I) read.
    "POST /campaigns/{id}/comments/": Operation(OWN - ADMINISTRATOR, CAMPAIGN, {"text": "Hello"}),
    "GET /campaigns/{id}/watch/": Operation(OWN, CAMPAIGN),
    "POST /campaigns/{id}/watch/": Operation(OWN, CAMPAIGN),
    "POST /campaigns/{id}/unwatch/": Operation(OWN, CAMPAIGN),
    "GET /campaigns/{id}/gaps/": Operation(WRITERS, CAMPAIGN),
    "GET /campaigns/{id}/history/": Operation(OWN, CAMPAIGN),
    "POST /campaigns/{id}/joint-group/": Operation(ADMINISTRATOR, CAMPAIGN, {"group": None}),
    "POST /campaigns/{id}/pause/": Operation(NOBODY, CAMPAIGN, REASON, later=LEADS),
    "GET /campaigns/{id}/raci/": Operation(OWN, CAMPAIGN),
    "PATCH /campaigns/{id}/raci/": Operation(LEADS, CAMPAIGN, {"activities": []}),
    "GET /campaigns/{id}/differences/": Operation(OWN, CAMPAIGN),
    "POST /campaigns/{id}/resume/": Operation(NOBODY, CAMPAIGN, REASON, later=LEADS),
    "POST /campaigns/{id}/revoke-votes/": Operation(NOBODY, CAMPAIGN, REASON, later=OWN),
    "POST /campaigns/{id}/submit/": Operation(NOBODY, CAMPAIGN, signing, later=LEADS),
    "GET /campaigns/{id}/versions/": Operation(OWN, CAMPAIGN),
    "POST /campaigns/{id}/votes/": Operation(LEADS, CAMPAIGN, voting),
    "GET /campaigns/{id}/would-collide/": Operation(OWN, CAMPAIGN),
    "GET /absences/": Operation(WORKERS),
    "POST /absences/": Operation(NOBODY, "", {}, later=WORKERS),
    "GET /absences/{id}/": Operation(WORKERS, "approvals/absence"),
    "DELETE /absences/{id}/": Operation(ADMINISTRATOR | {"lead"}, "approvals/absence"),
    "GET /approval-rules/": Operation(WORKERS),
    "POST /approval-rules/": Operation(
        ADMINISTRATOR, "", {"approver": "mediator", "measure": "budget", "above": "5.00"}
    ),
    "GET /approval-rules/{id}/": Operation(WORKERS, "approvals/approvalrule"),
    "PATCH /approval-rules/{id}/": Operation(ADMINISTRATOR, "approvals/approvalrule", {"above": "7.00"}),
    "DELETE /approval-rules/{id}/": Operation(ADMINISTRATOR, "approvals/approvalrule"),
    "GET /review-policy/": Operation(WORKERS),
    "PATCH /review-policy/": Operation(ADMINISTRATOR, "", {"hours_to_review": 20}),
    "GET /working-hours/": Operation(WORKERS),
    "PATCH /working-hours/": Operation(ADMINISTRATOR, "", {"closes_at": "17:00"}),
    "GET /special-days/": Operation(WORKERS),
    "POST /special-days/": Operation(ADMINISTRATOR, "", {"day": "2031-12-24", "name": "Christmas Eve"}),
    "GET /special-days/{id}/": Operation(WORKERS, "approvals/specialday"),
    "PATCH /special-days/{id}/": Operation(ADMINISTRATOR, "approvals/specialday", {"name": "Holiday"}),
    "DELETE /special-days/{id}/": Operation(ADMINISTRATOR, "approvals/specialday"),
    "GET /cases/": Operation(WORKERS),
    "GET /cases/{id}/": Operation(PARTIES, CASE),
    "GET /cases/{id}/collisions/": Operation(PARTIES, CASE),
    "GET /cases/{id}/customers/": Operation(PARTIES, CASE),
    "GET /cases/{id}/days/": Operation(PARTIES, CASE),
    "POST /cases/{id}/decide/": Operation(frozenset({"mediator"}), CASE, decision),
    "POST /cases/{id}/challenge/": Operation(LEAD, CASE, REASON),
    "GET /cases/{id}/extension/": Operation(PARTIES, CASE),
    # The case is in mediation: its deadline does not move any more. Terms go on.
    "POST /cases/{id}/extension/": Operation(NOBODY, CASE, {"hours": 1, **REASON}, later=PARTIES),
    "POST /cases/{id}/extension/decline/": Operation(NOBODY, CASE, {}, later=PARTIES),
    "POST /cases/{id}/extension/grant/": Operation(NOBODY, CASE, later=PARTIES),
    "GET /cases/{id}/terms/": Operation(PARTIES, CASE),
    "POST /cases/{id}/terms/": Operation(OF_ALFA, CASE, some_terms),
    "POST /cases/{id}/terms/preview/": Operation(OF_ALFA, CASE, {"operations": [{"do": "allow_both"}]}),
    "POST /cases/{id}/step-aside/": Operation(frozenset({"mediator"}), CASE, {}),
    "POST /cases/{id}/escalate/": Operation(NOBODY, CASE, REASON, later=PARTIES),
    # Nor is anything to open, or decided.
    "POST /cases/{id}/open/": Operation(NOBODY, CASE, {}, later=LEAD),
    "POST /cases/{id}/appeal/": Operation(NOBODY, CASE, REASON, later=LEAD),
    "GET /cases/{id}/offers/": Operation(PARTIES, CASE),
    "POST /cases/{id}/preview/": Operation(frozenset({"mediator"}), CASE, {"operations": [{"do": "allow_both"}]}),
    "GET /cases/{id}/products/": Operation(PARTIES, CASE),
    "GET /cases/{id}/precedents/": Operation(PARTIES, CASE),
    # No standing rule is announced in it.
    "POST /cases/{id}/object/": Operation(NOBODY, CASE, REASON, later=LEAD),
    "GET /standing-rules/": Operation(WORKERS),
    "GET /standing-rules/{id}/": Operation(PARTIES | {"stand_in"}, RULE),
    "POST /standing-rules/{id}/take/": Operation(
        frozenset({"mediator", "stand_in", "administrator"}), RULE, {"step": "suspend", **REASON}
    ),
    "GET /cases/{id}/proposals/": Operation(PARTIES, CASE),
    # The case is in mediation: nobody proposes any more, and what was proposed has lapsed.
    "POST /cases/{id}/proposals/": Operation(NOBODY, CASE, proposal, later=PARTIES),
    "GET /cases/{id}/ruling/": Operation(NOBODY, CASE),
    "GET /cases/{id}/timeline/": Operation(PARTIES, CASE),
    "GET /cases/{id}/statements/": Operation(PARTIES, CASE),
    "POST /cases/{id}/statements/": Operation(
        PARTIES - ADMINISTRATOR, CASE, {"kind": "comment", "text": "Hello", "source": ""}
    ),
    "GET /cases/{id}/meeting/": Operation(PARTIES, CASE),
    "GET /cases/{id}/meeting/file/": Operation(PARTIES, CASE),
    # There is one already.
    "POST /cases/{id}/meeting/": Operation(NOBODY, CASE, meeting, later=PARTIES - ADMINISTRATOR),
    "POST /cases/{id}/meeting/change/": Operation(PARTIES - ADMINISTRATOR, CASE, meeting),
    "POST /cases/{id}/meeting/cancel/": Operation(PARTIES - ADMINISTRATOR, CASE),
    "GET /statements/{id}/": Operation(PARTIES, "approvals/statement"),
    "POST /statements/{id}/retract/": Operation(LEAD, "approvals/statement"),
    "GET /attachments/{id}/": Operation(PARTIES, "approvals/attachment"),
    "GET /categories/": Operation(WORKERS),
    "GET /categories/{id}/": Operation(WORKERS, "campaigns/category"),
    "GET /channels/": Operation(WORKERS),
    "POST /channels/": Operation(ADMINISTRATOR, body={"code": "tv", "name": "TV"}),
    "GET /channels/{id}/": Operation(WORKERS, "customers/channel"),
    "PATCH /channels/{id}/": Operation(ADMINISTRATOR, "customers/channel", {"name": "Wireless"}),
    "GET /collisions/": Operation(PLANNERS),
    "GET /collisions/{id}/": Operation(PARTIES, COLLISION),
    "GET /collisions/{id}/audiences/": Operation(PARTIES, COLLISION),
    "GET /collisions/{id}/customers/": Operation(ADMINISTRATOR, COLLISION),
    "GET /collisions/{id}/products/": Operation(PARTIES, COLLISION),
    "GET /collisions/{id}/remedies/": Operation(PARTIES, COLLISION),
    "POST /collisions/{id}/remedies/": Operation(LEAD | {"member"}, COLLISION, a_remedy),
    "GET /briefings/": Operation(WORKERS),
    "GET /briefings/{id}/": Operation(WORKERS, CAMPAIGN),
    "POST /briefings/{id}/read/": Operation(WORKERS, CAMPAIGN, {"version": 1}),
    "POST /briefings/read/": Operation(WORKERS),
    "GET /inbox/": Operation(WORKERS),
    "GET /inbox/{id}/": Operation(frozenset({"mediator"}), "approvals/mail"),
    "POST /inbox/{id}/read/": Operation(frozenset({"mediator"}), "approvals/mail"),
    "POST /inbox/read/": Operation(WORKERS, body={"up_to": 1}),
    "GET /notification-preferences/": Operation(WORKERS),
    "PATCH /notification-preferences/": Operation(WORKERS, body={"comment": "none"}),
    "GET /comments/{id}/": Operation(OWN, "approvals/comment"),
    "POST /comments/{id}/retract/": Operation(LEADS, "approvals/comment"),
    "GET /customers/": Operation(WORKERS),
    "GET /customers/{id}/": Operation(DATA, "customers/customer"),
    "GET /departments/": Operation(WORKERS),
    "POST /departments/": Operation(ADMINISTRATOR, body={"code": "Delta", "name": "Delta"}),
    "GET /departments/{id}/": Operation(WORKERS, "campaigns/department"),
    "PATCH /departments/{id}/": Operation(ADMINISTRATOR, "campaigns/department", {"name": "Alpha"}),
    "POST /departments/{id}/leave/": Operation(ADMINISTRATOR, "campaigns/department", {"person": "member_Alfa"}),
    "GET /departments/{id}/members/": Operation(ADMINISTRATOR, "campaigns/department"),
    "POST /departments/{id}/members/": Operation(ADMINISTRATOR, "campaigns/department", {"person": "stand_in"}),
    "GET /detections/": Operation(LEADS | DATA),
    "POST /detections/": Operation(LEADS | DATA),
    "GET /detections/{id}/": Operation(LEADS | DATA, "campaigns/detectionrun"),
    "GET /escalation-policy/": Operation(WORKERS),
    "PATCH /escalation-policy/": Operation(ADMINISTRATOR, body={"hours_to_agree": 72}),
    "GET /history/": Operation(WORKERS),
    "GET /history/{id}/": Operation(ADMINISTRATOR, "customers/historyentry"),
    "GET /imports/": Operation(WORKERS),
    "POST /imports/": Operation(DATA, body=lambda _key: upload()),
    "GET /imports/{id}/": Operation(DATA, "campaigns/importrun"),
    "GET /mails/": Operation(WORKERS),
    "GET /mails/{id}/": Operation(frozenset({"mediator", "administrator"}), "approvals/mail"),
    "POST /mails/{id}/retry/": Operation(NOBODY, "approvals/mail", later=ADMINISTRATOR),
    "GET /me/": Operation(WORKERS),
    "PATCH /me/": Operation(WORKERS, body={"language": "en"}),
    "GET /mediators/": Operation(WORKERS),
    "POST /mediators/": Operation(ADMINISTRATOR, body={"user": "stand_in", "department": "Gamma"}),
    "GET /mediators/{id}/": Operation(WORKERS, "approvals/mediator"),
    "PATCH /mediators/{id}/": Operation(ADMINISTRATOR, "approvals/mediator", {"stand_in": None}),
    "DELETE /mediators/{id}/": Operation(ADMINISTRATOR, "approvals/mediator"),
    "GET /offers/": Operation(PLANNERS),
    # A campaign that one does not see is refused in the same words as one that does not exist.
    "POST /offers/": Operation(
        WRITERS - {"third_lead"}, body={"campaign": "Alfa-Plan", "code": "new", "name": "New"}, later=WORKERS
    ),
    "GET /offers/{id}/": Operation(OWN, OFFER),
    "PATCH /offers/{id}/": Operation(WRITERS, OFFER, {"name": "Something else"}),
    "GET /offers/{id}/checks/": Operation(OWN, OFFER),
    "GET /offers/{id}/gaps/": Operation(OWN, OFFER),
    "GET /offers/{id}/within-department/": Operation(OWN, OFFER),
    "GET /offers/{id}/history/": Operation(OWN, OFFER),
    "GET /offers/{id}/products/": Operation(OWN, OFFER),
    "GET /offers/{id}/target-products/": Operation(OWN, OFFER),
    "POST /offers/{id}/withdraw/": Operation(WRITERS, OFFER, REASON),
    "GET /people/": Operation(WORKERS),
    "POST /people/": Operation(ADMINISTRATOR, body={"username": "new", "email": "new@example.com"}),
    "GET /people/{id}/": Operation(WORKERS, "auth/user"),
    "PATCH /people/{id}/": Operation(ADMINISTRATOR, "auth/user", {"first_name": "Eva"}),
    "POST /people/{id}/password/": Operation(ADMINISTRATOR, "auth/user", {"password": "Kx93-wq!-and-more"}),
    "GET /plan/": Operation(PLANNERS),
    "GET /products/": Operation(WORKERS),
    "GET /products/{id}/": Operation(WORKERS, "campaigns/product"),
    "GET /proposals/": Operation(WORKERS),
    "GET /proposals/{id}/": Operation(PARTIES, PROPOSAL),
    "POST /proposals/{id}/accept/": Operation(NOBODY, PROPOSAL, later=PARTIES),
    "POST /proposals/{id}/decline/": Operation(NOBODY, PROPOSAL, REASON),
    "POST /proposals/{id}/withdraw/": Operation(NOBODY, PROPOSAL, later=PARTIES),
    "GET /terms/": Operation(WORKERS),
    "GET /terms/{id}/": Operation(PARTIES, TERMS),
    "POST /terms/{id}/accept/": Operation(NOBODY, TERMS, signature, later=OF_ALFA),
    "POST /terms/{id}/decline/": Operation(NOBODY, TERMS, REASON),
    "POST /terms/{id}/withdraw/": Operation(OF_ALFA, TERMS),
    "GET /requests/": Operation(WORKERS),
    "POST /requests/": Operation(WRITERS, body={"channel": "phone", "asked": "Hello"}),
    "GET /requests/{id}/": Operation(OF_ALFA | ADMINISTRATOR, REQUEST),
    "POST /requests/{id}/take/": Operation(frozenset({"member"}), REQUEST, {"instead_of": "lead_alfa"}, later=LEAD),
    "POST /requests/{id}/hand-over/": Operation(OF_ALFA, REQUEST, {"department": "Gamma", **REASON}),
    "POST /requests/{id}/answer/": Operation(OF_ALFA, REQUEST, {"text": "Until Sunday"}),
    "POST /requests/{id}/settle/": Operation(LEAD, REQUEST, an_answer),
    # The one that is theirs is not answered yet.
    "POST /requests/{id}/close/": Operation(NOBODY, REQUEST, later=OF_ALFA),
    "POST /requests/{id}/withdraw/": Operation(OF_ALFA, REQUEST, REASON),
    "GET /segments/": Operation(WORKERS),
    "GET /segments/{id}/": Operation(WORKERS, "customers/segment"),
    "GET /segments/{id}/members/": Operation(DATA, "customers/segment"),
    "POST /simulations/": Operation(
        WRITERS - {"third_lead"},
        body={"new_offer": {"campaign": "Alfa-Plan", "code": "new", "name": "New"}},
        later=WORKERS,
    ),
    "GET /tokens/": Operation(WORKERS),
    "POST /tokens/": Operation(WORKERS, body={"name": "till"}),
    "GET /tokens/{id}/": Operation(ADMINISTRATOR | {"lead", "stand_in"}, "customers/apitoken"),
    "DELETE /tokens/{id}/": Operation(ADMINISTRATOR | {"lead", "stand_in"}, "customers/apitoken"),
}


def described():
    # The parser written in C: the one in Python takes seconds.
    document = yaml.load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text(), yaml.CSafeLoader)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/api/v1')}", operation


def test_every_operation_has_an_entry():
    assert {name for name, _operation in described()} == OPERATIONS.keys()


def addresses(world: World, name: str) -> list[str]:
    _method, _space, path = name.partition(" ")
    keys = [*world.ids[OPERATIONS[name].on], MISSING] if OPERATIONS[name].on else [""]
    return [f"/api/v1{re.sub('{id}|{code}', str(key), path)}" for key in keys]


def ask(client, world, name, address):
    method = name.partition(" ")[0].lower()
    if method == "get":
        return client.get(address)
    body = OPERATIONS[name].body
    key = next(iter(re.findall(r"[0-9]+", address.removeprefix("/api/v1/"))), "0")
    form = {"format": "multipart"} if name == "POST /imports/" else {}
    return getattr(client, method)(address, body(int(key)) if callable(body) else body, **form)


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
    found = [
        f"?{one}=CANARY"
        for one in sorted(names & {"search", "code", "name", "department", "channel", "campaign", "actor"})
    ]
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
    expected = {name for name in reads if part in OPERATIONS[name].opens}
    assert {"opened": opened - expected, "shut": expected - opened} == {"opened": set(), "shut": set()}


@pytest.mark.parametrize("part", PARTS)
def test_whoever_may_changes_and_whoever_may_not_changes_nothing(world, part, writes, monkeypatch):
    """Each operation that writes, on every row, undone again."""
    monkeypatch.setattr(WriteThrottle, "THROTTLE_RATES", {"write": None})
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
            elif part not in operation.opens | operation.later and answer.status_code not in (401, 403, 404):
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
