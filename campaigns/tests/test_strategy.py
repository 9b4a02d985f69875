"""What departments want, what their offers keep to, and words to avoid: who writes them, at every door."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.actions import ground_rules
from campaigns.models import BrandRules, DepartmentGoal, WordToAvoid
from campaigns.rules.phrases import wrong_phrase
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm():
    return make.make_department("CRM", members=[make.make_user("pau")])


@pytest.fixture
def sales():
    return make.make_department("SALES")


@pytest.fixture
def lead(crm):
    return make.lead_of(crm)


@pytest.fixture
def admin():
    return make.make_user("boss", is_superuser=True)


def put(row, by):
    return ground_rules.put(row=row, by=by, now=make.NOW)


def a_goal(department, code="more", **fields):
    return DepartmentGoal(code=code, name="Sell more", department=department, **fields)


def page(model, name, *args):
    return reverse(f"admin:campaigns_{model}_{name}", args=args)


# Writing


@pytest.mark.parametrize("new", [a_goal, lambda department: BrandRules(department=department, deepest_discount=20)])
def test_leads_write_what_is_their_departments_own(crm, sales, lead, admin, new):
    for person in (make.lead_of(sales), crm.memberships.get(user__username="pau").user, make.make_analyst()):
        with pytest.raises(PermissionDenied):
            put(new(crm), person)
    row = put(new(crm), lead)
    row.department = sales
    for person in (lead, make.lead_of(sales)):
        with pytest.raises(PermissionDenied):
            put(row, person)
    stored = type(row).objects.get()
    assert stored.department == crm
    for person in (make.lead_of(sales), make.make_analyst("second")):
        with pytest.raises(PermissionDenied):
            ground_rules.remove(row=stored, by=person, now=make.NOW)
    ground_rules.remove(row=stored, by=admin, now=make.NOW)
    assert [entry.verb for entry in HistoryEntry.objects.exclude(verb="join").order_by("pk")] == ["add", "remove"]


def test_history_tells_how_brand_rules_became_so(crm, lead):
    rules = put(BrandRules(department=crm, deepest_discount=20), lead)
    rules.never_words = " cheap* \n\nCHEAP*\nlast chance\n"
    put(rules, lead)
    assert BrandRules.objects.get().never_words == "cheap*\nlast chance"
    change = HistoryEntry.objects.get(verb="change")
    assert (change.subject, change.changes) == ("brand_rules:CRM", {"never_words": ["", "cheap*\nlast chance"]})


def test_a_department_has_one_set_of_rules(crm, lead):
    put(BrandRules(department=crm), lead)
    with pytest.raises(ValidationError) as told:
        put(BrandRules(department=crm), lead)
    assert told.value.message_dict == {"department": ["This department has its brand rules already: change those."]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"deepest_discount": 0}, "deepest_discount"),
        ({"deepest_discount": 101}, "deepest_discount"),
        ({"never_words": "fine\nbe*"}, "never_words"),
        ({"never_words": "a" * 101}, "never_words"),
        ({"never_words": "\n".join(f"word{n}" for n in range(201))}, "never_words"),
        ({"protected_brands": "A" * 101}, "protected_brands"),
    ],
)
def test_what_is_wrong_is_said_by_field(crm, lead, fields, message):
    with pytest.raises(ValidationError) as told:
        put(BrandRules(department=crm, **fields), lead)
    assert list(told.value.message_dict) == [message]
    assert not BrandRules.objects.exists()


def test_the_database_holds_what_is_promised(crm):
    with pytest.raises(IntegrityError), transaction.atomic():
        BrandRules.objects.create(department=crm, deepest_discount=120)
    for wrong in ({"kind": "song"}, {"language": "fr"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            WordToAvoid.objects.create(**{"language": "es", "phrase": "x", "kind": "jargon"} | wrong)


def test_a_goal_that_campaigns_serve_is_retired_and_not_removed(crm, sales, lead):
    goal = put(a_goal(crm), lead)
    make.make_campaign(sales, "SECRET", serves=[goal])
    with pytest.raises(ValidationError) as told:
        ground_rules.remove(row=goal, by=lead, now=make.NOW)
    assert "1 campaign serves it." in told.value.messages[0]
    assert "SECRET" not in told.value.messages[0]
    assert DepartmentGoal.objects.exists()
    goal.is_retired = True
    assert put(goal, lead).is_retired


# Words to avoid


def test_the_house_comes_with_lists_in_both_languages():
    rows = list(WordToAvoid.objects.all())
    for language in ("es", "en"):
        assert {row.kind for row in rows if row.language == language} == {"exaggeration", "jargon", "unclear"}
    assert all(row.advice and not wrong_phrase(row.phrase) for row in rows)
    for row in rows:
        row.full_clean()


def test_administrators_keep_the_lists(lead, admin):
    row = WordToAvoid(language="en", phrase="newfangled", kind="jargon", advice="new")
    for person in (lead, make.make_analyst()):
        with pytest.raises(PermissionDenied):
            put(row, person)
    put(row, admin)
    assert HistoryEntry.objects.get(verb="add").subject == "word_to_avoid:en newfangled"
    twice = WordToAvoid(language="en", phrase="NEWFANGLED", kind="unclear")
    with pytest.raises(ValidationError) as told:
        put(twice, admin)
    assert told.value.message_dict == {"phrase": ["There is “newfangled” already."]}
    for phrase in ("be*st", "…"):
        with pytest.raises(ValidationError) as told:
            put(WordToAvoid(language="en", phrase=phrase, kind="jargon"), admin)
        assert list(told.value.message_dict) == ["phrase"]
    ground_rules.remove(row=row, by=admin, now=make.NOW)
    assert not WordToAvoid.objects.filter(phrase__iexact="newfangled").exists()


# Pages


def test_leads_write_on_their_own_pages_and_everybody_reads(crm, sales, lead):
    client, other = signed_in(lead), signed_in(make.lead_of(sales))
    sent = {"code": "more", "name": "Sell more", "department": crm.pk, "note": "By May"}
    assert client.post(page("departmentgoal", "add"), sent).status_code == 302
    goal = DepartmentGoal.objects.get()
    place = page("departmentgoal", "change", goal.pk)
    assert client.post(place, {"name": "Sell better", "department": crm.pk, "is_retired": "on"}).status_code == 302
    goal.refresh_from_db()
    assert (goal.code, goal.name, goal.is_retired) == ("more", "Sell better", True)
    text = other.get(place).content.decode()
    assert "Sell better" in text
    assert "Sell more → Sell better" in text
    assert other.post(place, {"name": "X", "department": crm.pk}).status_code == 403
    assert other.post(page("departmentgoal", "add"), sent | {"code": "x"}).status_code == 200
    assert signed_in(make.make_analyst()).get(page("departmentgoal", "changelist")).status_code == 200
    rules = {"department": crm.pk, "deepest_discount": "25", "protected_brands": "Aurora", "never_words": "cheap*"}
    assert client.post(page("brandrules", "add"), rules).status_code == 302
    row = BrandRules.objects.get()
    place = page("brandrules", "change", row.pk)
    assert "25 %" in other.get(page("brandrules", "changelist")).content.decode()
    assert "cheap*" in other.get(place).content.decode()
    assert other.post(place, {"deepest_discount": "90"}).status_code == 403
    answer = client.post(place, {"deepest_discount": "30", "never_words": "be*"})
    assert "at least 3 letters" in answer.content.decode()
    assert client.post(place, {"deepest_discount": "30"}).status_code == 302
    row.refresh_from_db()
    assert (row.deepest_discount, row.never_words, row.department) == (30, "", crm)


def test_the_pages_of_words(lead, admin):
    sent = {"language": "en", "phrase": "newfangled", "kind": "jargon", "advice": "new"}
    assert signed_in(lead).post(page("wordtoavoid", "add"), sent).status_code == 403
    client = signed_in(admin)
    assert client.post(page("wordtoavoid", "add"), sent).status_code == 302
    assert "newfangled" in client.get(page("wordtoavoid", "changelist") + "?q=newf").content.decode()
    row = WordToAvoid.objects.get(phrase="newfangled")
    assert client.post(page("wordtoavoid", "change", row.pk), sent | {"phrase": "newer*"}).status_code == 302
    assert client.post(page("wordtoavoid", "delete", row.pk)).status_code == 302


@pytest.mark.parametrize(
    ("model", "place"),
    [("departmentgoal", "department-goals"), ("brandrules", "brand-rules"), ("wordtoavoid", "words-to-avoid")],
)
def test_queries_do_not_grow_with_the_rows(crm, lead, model, place):
    client, api = signed_in(lead), client_of(lead)
    addresses = page(model, "changelist"), f"/api/v1/{place}/"
    WordToAvoid.objects.all().delete()

    def add(number):
        match model:
            case "departmentgoal":
                make.make_campaign(crm, serves=[put(a_goal(crm, f"G{number}"), lead)])
            case "brandrules":
                department = make.make_department(f"X{number}")
                BrandRules.objects.create(department=department, never_words="a\nb", protected_brands="c")
            case _:
                WordToAvoid.objects.create(language="en", phrase=f"word{number}", kind="jargon")

    add(0)
    with_one = [queries_of(one, address) for one, address in zip((client, api), addresses, strict=True)]
    for number in (1, 2):
        add(number)
    assert [queries_of(one, address) for one, address in zip((client, api), addresses, strict=True)] == with_one


# API


def test_the_api_writes_what_the_pages_write(crm, sales, lead, admin):
    client, other = client_of(lead), client_of(make.lead_of(sales))
    body = {"code": "more", "name": "Sell more", "department": "CRM", "note": "", "is_retired": False}
    made = client.post("/api/v1/department-goals/", body)
    assert made.json() == body | {"id": DepartmentGoal.objects.get().pk}
    place = f"/api/v1/department-goals/{made.json()['id']}/"
    assert client.patch(place, {"is_retired": True}).json()["is_retired"]
    refused(other.patch(place, {"name": "X"}), 403)
    refused(client.patch(place, {"code": "x"}), 400, **{"/code": "invalid"})
    assert client.get("/api/v1/department-goals/?department=CRM&is_retired=true").json()["count"] == 1
    rules = {
        "department": "CRM",
        "deepest_discount": "25.00",
        "protected_brands": ["Aurora", "Zora"],
        "never_words": ["cheap*"],
    }
    made = client.post("/api/v1/brand-rules/", rules)
    assert made.json() == rules | {"id": BrandRules.objects.get().pk}
    place = f"/api/v1/brand-rules/{made.json()['id']}/"
    changed = client.patch(place, {"never_words": [], "deepest_discount": None}, headers={"If-Match": made["ETag"]})
    assert (changed.json()["never_words"], changed.json()["deepest_discount"]) == ([], None)
    refused(client.patch(place, {"never_words": ["be*"]}), 400, **{"/never_words": "invalid"})
    refused(client.patch(place, {"never_words": "cheap"}), 400, **{"/never_words": "not_a_list"})
    refused(client.patch(place, {"never_words": ["a\nb"]}), 400, **{"/never_words/0": "character"})
    refused(client.patch(place, {"deepest_discount": "0"}), 400, **{"/deepest_discount": "out_of_range"})
    refused(other.delete(place), 403)
    assert BrandRules.objects.get().protected_brands == "Aurora\nZora"
    word = {"language": "en", "phrase": "newfangled", "kind": "jargon", "advice": "new"}
    refused(client.post("/api/v1/words-to-avoid/", word), 403)
    boss = client_of(admin)
    made = boss.post("/api/v1/words-to-avoid/", word).json()
    assert made == word | {"id": made["id"]}
    refused(boss.post("/api/v1/words-to-avoid/", word | {"phrase": "Newfangled"}), 400, **{"/phrase": "invalid"})
    assert boss.get("/api/v1/words-to-avoid/?language=en&kind=jargon&search=newf").json()["count"] == 1
    assert boss.delete(f"/api/v1/words-to-avoid/{made['id']}/").status_code == 204
