"""What the house has settled, and how collision rules are set, through the API."""

import pytest

from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    Campaign,
    CombinationClass,
    CombinationPolicy,
    DetectionRun,
    Fund,
    FundDraw,
    JointGroup,
    Placement,
    ProtectedScope,
    RuleSetting,
    Substitution,
)
from campaigns.rules.collisions import RULES
from campaigns.tests import factories as make
from campaigns.tests import settled
from campaigns.tests.made_up_rules import echo  # noqa: F401 - a fixture
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_rule]

ADDRESSES = {
    CombinationClass: "combination-classes",
    CombinationPolicy: "combination-policies",
    JointGroup: "joint-groups",
    AddedActivity: "added-activities",
    Placement: "placements",
    Fund: "funds",
    Substitution: "substitutions",
    ProtectedScope: "protected-scopes",
    AnnouncedPrice: "announced-prices",
}
EVERY = pytest.mark.parametrize("kind", ADDRESSES, ids=lambda kind: kind.__name__)
DAYS = {"starts_on": "2026-11-02", "ends_on": "2026-12-01"}
RULE = "/api/v1/collision-rules/echo/"


@pytest.fixture
def admin():
    return make.make_user("root", is_superuser=True)


def address(kind, pk=None):
    return f"/api/v1/{ADDRESSES[kind]}/" + (f"{pk}/" if pk else "")


def stored(kind, **fields):
    row = settled.KINDS[kind](**fields)
    row.save()
    return row


def sent(kind):
    """What is sent for a new row; the answer is the same and its id, with what is not sent as given beside."""
    match kind.__name__:
        case "CombinationClass" | "JointGroup":
            return {"code": "LOY", "name": "Loyalty"}, {}
        case "AddedActivity":
            return {"code": "WIN", "name": "Dress the window"}, {"is_retired": False}
        case "CombinationPolicy":
            classes = [settled.stored_class(code) for code in ("LOY", "SEA")]
            return {"class_a": classes[1].code, "class_b": classes[0].code, "decision": "allow"}, {
                "class_a": "LOY",
                "class_b": "SEA",
            }
        case "Placement":
            return {"code": "TOP", "name": "Top", "page": "home", "slots": 2}, {}
        case "Fund":
            return {"code": "SPRING", "name": "Spring", "amount": "1000.50"} | DAYS, {}
        case "Substitution":
            codes = [make.make_product(code).code for code in ("P-1", "P-2")]
            return {"product": codes[0], "substitute": codes[1], "rate": "0.3"}, {"rate": "0.300", "source": ""}
        case "ProtectedScope":
            make.make_category("wine")
            rest = {"brand": "", "product": None, "department": None, "reason": "", "is_hard": True}
            body = {"name": "Wine", "kind": "minimum_price", "category": "wine", "min_price": "5.00"}
            return body | DAYS, rest
        case "AnnouncedPrice":
            return {"product": make.make_product("P-1").code, "price": "9.99"} | DAYS, {"department": None}


CHANGES = {
    CombinationClass: {"name": "Other"},
    CombinationPolicy: {"decision": "deny"},
    JointGroup: {"name": "Other"},
    AddedActivity: {"is_retired": True},
    Placement: {"slots": 3},
    Fund: {"ends_on": "2026-12-24"},
    Substitution: {"rate": "0.500"},
    ProtectedScope: {"is_hard": False},
    AnnouncedPrice: {"price": "5.00"},
}


@EVERY
def test_administrators_add_read_change_and_remove(kind, admin):
    client = client_of(admin)
    body, rest = sent(kind)
    made = client.post(address(kind), body)
    row = kind.objects.get()
    assert (made.status_code, made.json()) == (201, {"id": row.pk} | body | rest)
    place = address(kind, row.pk)
    read = client.get(place)
    assert (read.json(), read["ETag"]) == (made.json(), made["ETag"])
    assert client.get(address(kind)).json()["results"] == [made.json()]
    changed = client.patch(place, CHANGES[kind], headers={"If-Match": read["ETag"]})
    assert changed.json() == made.json() | CHANGES[kind]
    refused(client.patch(place, CHANGES[kind], headers={"If-Match": read["ETag"]}), 412)
    refused(client.delete(place, headers={"If-Match": read["ETag"]}), 412)
    assert client.delete(place, headers={"If-Match": changed["ETag"]}).status_code == 204
    assert not kind.objects.exists()
    refused(client.get(place), 404)
    verbs = HistoryEntry.objects.filter(actor="root").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["add", "change", "remove"]


@EVERY
def test_everybody_reads_and_nobody_else_writes(kind):
    row = stored(kind)
    body, _rest = sent(kind)
    before = list(kind.objects.values())
    people = [make.lead_of(make.make_department("CRM"))]
    people += [] if kind in {Substitution, AnnouncedPrice} else [make.make_analyst()]
    for person in people:
        client = client_of(person)
        assert client.get(address(kind, row.pk)).json()["id"] == row.pk
        refused(client.post(address(kind), body), 403)
        refused(client.patch(address(kind, row.pk), CHANGES[kind]), 403)
        refused(client.delete(address(kind, row.pk)), 403)
    assert list(kind.objects.values()) == before
    assert not DetectionRun.objects.exists()


@pytest.mark.parametrize("kind", [Substitution, AnnouncedPrice])
def test_analysts_write_what_is_measured(kind):
    client = client_of(make.make_analyst())
    made = client.post(address(kind), sent(kind)[0])
    assert made.status_code == 201
    assert client.delete(address(kind, made.json()["id"])).status_code == 204


@EVERY
def test_the_same_key_adds_once(kind, admin):
    client = client_of(admin)
    body, _rest = sent(kind)
    first, second = (client.post(address(kind), body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.json(), second["Idempotency-Replayed"]) == (second.json(), "true")
    assert kind.objects.count() == 1


@EVERY
def test_queries_do_not_grow_with_the_rows(kind, admin):
    client = client_of(admin)
    stored(kind)
    with_one = queries_of(client, address(kind))
    for _ in range(2):
        stored(kind)
    assert queries_of(client, address(kind)) == with_one
    assert client.get(address(kind)).json()["count"] == 3


@pytest.mark.parametrize(
    ("kind", "changes", "errors"),
    [
        (CombinationClass, {"colour": "red"}, {"/colour": "unknown"}),
        (CombinationPolicy, {"class_a": "NONE"}, {"/class_a": "does_not_exist"}),
        (Placement, {"slots": 0}, {"/slots": "out_of_range"}),
        (Placement, {"slots": "2"}, {"/slots": "invalid"}),
        (Fund, {"ends_on": "2026-11-01"}, {"/ends_on": "invalid"}),
        (Fund, {"amount": "-1"}, {"/amount": "out_of_range"}),
        (Fund, {"ends_before": "2026-12-02"}, {"/ends_before": "unknown"}),
        (Substitution, {"rate": "1.5"}, {"/rate": "out_of_range"}),
        (Substitution, {"substitute": "P-1"}, {"/substitute": "invalid"}),
        (ProtectedScope, {"brand": "Acme"}, {"": "invalid"}),
        (ProtectedScope, {"min_price": None}, {"": "invalid"}),
        (AnnouncedPrice, {"product": None}, {"/product": "null"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_wrong_is_named_with_its_place(kind, changes, errors, admin):
    body, _rest = sent(kind)
    refused(client_of(admin).post(address(kind), body | changes), 400, **errors)
    assert not kind.objects.exists()


@pytest.mark.parametrize("kind", [CombinationPolicy, Substitution, AnnouncedPrice])
def test_what_is_there_already_is_said(kind, admin):
    client = client_of(admin)
    body, _rest = sent(kind)
    client.post(address(kind), body)
    assert "already" in refused(client.post(address(kind), body), 400, **{"": "unique_together"})
    assert kind.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "changes", "place"),
    [
        (Fund, lambda: {"code": "OTHER"}, "/code"),
        (CombinationPolicy, lambda: {"class_b": settled.stored_class().code}, "/class_b"),
        (Substitution, lambda: {"product": make.make_product().code}, "/product"),
        (AnnouncedPrice, lambda: {"product": make.make_product().code}, "/product"),
    ],
)
def test_what_names_a_row_stays(kind, changes, place, admin):
    row = stored(kind)
    refused(client_of(admin).patch(address(kind, row.pk), changes()), 400, **{place: "invalid"})
    assert not HistoryEntry.objects.filter(verb="change").exists()


def test_what_is_in_use_stays_and_says_by_whom(admin):
    fund = stored(Fund)
    FundDraw.objects.create(offer=make.make_offer(make.make_campaign(), "O-1"), fund=fund, amount=1)
    detail = refused(client_of(admin).delete(address(Fund, fund.pk)), 409)
    assert detail == "1 offer names it: O-1. It can be removed once nothing names it."
    assert Fund.objects.get() == fund


def test_rows_are_found_by_what_they_are(admin):
    client = client_of(admin)
    first, second = settled.stored_class("LOY"), settled.stored_class("SEA")
    settled.policy(first, second, "deny").save()
    settled.policy(second, second).save()
    found = client.get(f"{address(CombinationPolicy)}?combination_class=LOY").json()["results"]
    assert [one["decision"] for one in found] == ["deny"]
    product = make.make_product("P-1", name="Rioja")
    stored(AnnouncedPrice)
    stored(AnnouncedPrice, product=product)
    for query in ("product=P-1", "search=rioja"):
        rows = client.get(f"{address(AnnouncedPrice)}?{query}").json()["results"]
        assert [one["product"] for one in rows] == ["P-1"], query
    stored(Fund, code="LATE", starts_on="2027-01-01", ends_before="2027-02-01")
    stored(Fund, code="SOON")
    assert [one["code"] for one in client.get(f"{address(Fund)}?starts_from=2027-01-01").json()["results"]] == ["LATE"]
    assert [one["code"] for one in client.get(f"{address(Fund)}?ordering=starts_on").json()["results"]] == [
        "SOON",
        "LATE",
    ]
    refused(client.get(f"{address(Fund)}?amount=1"), 400, amount="invalid")
    refused(client.get(f"{address(Fund)}?ordering=ends_before"), 400, ordering="invalid")


# Joint groups of campaigns


def test_administrators_put_a_campaign_into_its_group(admin):
    campaign, group = make.make_campaign(), stored(JointGroup)
    client, place = client_of(admin), f"/api/v1/campaigns/{campaign.pk}/"
    read = client.get(place)
    assert read.json()["joint_group"] is None
    answer = client.post(f"{place}joint-group/", {"group": group.code}, headers={"If-Match": read["ETag"]})
    assert (answer.status_code, answer.json()["joint_group"]) == (200, group.code)
    assert Campaign.objects.get().joint_group == group
    refused(client.post(f"{place}joint-group/", {"group": None}, headers={"If-Match": read["ETag"]}), 412)
    refused(client.post(f"{place}joint-group/", {}), 400, **{"/group": "required"})
    refused(client.post(f"{place}joint-group/", {"group": "none"}), 400, **{"/group": "does_not_exist"})
    assert client.post(f"{place}joint-group/", {"group": None}).json()["joint_group"] is None
    lead = client_of(make.lead_of(campaign.department))
    refused(lead.post(f"{place}joint-group/", {"group": group.code}), 403)
    assert Campaign.objects.get().joint_group is None


# Collision rules


def test_rules_are_read_with_what_their_numbers_may_be(admin, echo):  # noqa: F811
    client = client_of(admin)
    answer = client.get(RULE)
    assert answer.json() == {
        "code": "echo",
        "name": "Echo",
        "summary": "Two offers say the same.",
        "mode": "on",
        "base": 30,
        "default_base": 30,
        "numbers": {"likeness": "0.8", "window": "14"},
        "options": [
            {
                "name": "likeness",
                "label": "How alike they are",
                "unit": "",
                "default": "0.8",
                "lowest": "0.5",
                "highest": "1",
                "places": 2,
            },
            {
                "name": "window",
                "label": "Between them",
                "unit": "days",
                "default": "14",
                "lowest": "1",
                "highest": "90",
                "places": 0,
            },
        ],
        "opens_from": None,
    }
    assert client.get(RULE, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    listed = client.get("/api/v1/collision-rules/").json()
    assert [one["code"] for one in listed["results"]] == [*(rule.CODE for rule in RULES), "echo"]
    assert listed["results"][-1] == answer.json()
    assert client.get("/api/v1/collision-rules/?page_size=1&fields=code").json()["results"] == [
        {"code": RULES[0].CODE}
    ]
    refused(client.get("/api/v1/collision-rules/?ordering=code"), 400, ordering="invalid")
    refused(client.get("/api/v1/collision-rules/nothing/"), 404)


def test_administrators_set_a_rule(admin, echo):  # noqa: F811
    client = client_of(admin)
    before = client.get(RULE)
    body = {"mode": "report", "base": 20, "numbers": {"window": 7}, "opens_from": "high"}
    changed = client.patch(RULE, body, headers={"If-Match": before["ETag"]})
    expected = before.json() | body | {"numbers": {"likeness": "0.8", "window": "7"}}
    assert (changed.status_code, changed.json()) == (200, expected)
    refused(client.patch(RULE, {"mode": "off"}, headers={"If-Match": before["ETag"]}), 412)
    assert client.patch(RULE, {"numbers": {"likeness": "0.90"}}).json()["numbers"] == {
        "likeness": "0.9",
        "window": "7",
    }
    assert HistoryEntry.objects.filter(subject="rule:echo", actor="root").count() == 2
    back = {"mode": "on", "base": None, "numbers": {"likeness": None, "window": None}, "opens_from": None}
    assert client.patch(RULE, back).json() == before.json()
    assert not RuleSetting.objects.exists()
    assert DetectionRun.objects.filter(started_at=None).count() == 1


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"mode": "loud"}, {"/mode": "invalid_choice"}),
        ({"mode": None}, {"/mode": "null"}),
        ({"base": 101}, {"/base": "max_value"}),
        ({"base": "20"}, {"/base": "invalid"}),
        ({"opens_from": "note"}, {"/opens_from": "invalid_choice"}),
        ({"opens_from": ""}, {"/opens_from": "invalid_choice"}),
        ({"numbers": []}, {"/numbers": "invalid"}),
        ({"numbers": {"likeness": 2, "volume": 1}}, {"/numbers/likeness": "invalid", "/numbers/volume": "invalid"}),
        ({"numbers": {"window": True}}, {"/numbers/window": "invalid"}),
        ({"numbers": {"window": "1.5"}}, {"/numbers/window": "invalid"}),
        ({"options": []}, {"/options": "read_only"}),
        ({"code": "other"}, {"/code": "read_only"}),
    ],
)
def test_what_a_rule_cannot_be_set_to_is_named(admin, echo, body, errors):  # noqa: F811
    refused(client_of(admin).patch(RULE, body), 400, **errors)
    assert not RuleSetting.objects.exists()


def test_everybody_reads_rules_and_nobody_else_sets_one(echo):  # noqa: F811
    for person in (make.lead_of(make.make_department("CRM")), make.make_analyst()):
        client = client_of(person)
        assert client.get(RULE).json()["mode"] == "on"
        refused(client.patch(RULE, {"mode": "off"}), 403)
    assert not RuleSetting.objects.exists()


def test_the_list_of_rules_asks_as_many_questions_for_one_row_as_for_many(admin, echo):  # noqa: F811
    client = client_of(admin)
    RuleSetting.objects.create(rule="echo", base=1)
    with_one = queries_of(client, "/api/v1/collision-rules/")
    RuleSetting.objects.create(rule="overlap", base=1)
    RuleSetting.objects.create(rule="gone", base=1)
    assert queries_of(client, "/api/v1/collision-rules/") == with_one
