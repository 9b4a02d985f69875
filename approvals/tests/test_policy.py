"""Who mediates, by which policy: success, every refusal, and nothing changed."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals.actions import policy
from approvals.models import Case, EscalationPolicy, Mediator
from approvals.tests.builders import NOW, make_department, make_dispute, make_user, settle_down
from campaigns.models import Category, Department
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def alicia():
    return make_user("alicia", is_superuser=True)


@pytest.fixture
def marta():
    return make_user("marta")


def state():
    return (
        list(Mediator.objects.order_by("pk").values()),
        list(EscalationPolicy.objects.values()),
        HistoryEntry.objects.count(),
    )


def name(**given):
    fields = {"department": None, "stand_in": None, "now": NOW} | given
    return policy.name_mediator(**fields)


def test_name_a_mediator(alicia, marta):
    jorge = make_user("jorge")
    mediator = name(user=marta, stand_in=jorge, by=alicia)
    assert (mediator.user, mediator.department, mediator.stand_in) == (marta, None, jorge)
    entry = HistoryEntry.objects.get(verb="name_mediator")
    assert entry.actor == "alicia"
    assert entry.changes == {"user": [None, "marta"], "stand_in": [None, "jorge"]}


def test_somebody_has_a_mandate_once_and_others_have_the_same(alicia, marta):
    crm, sales = make_department("CRM"), make_department("SAL")
    name(user=marta, by=alicia)
    name(user=marta, department=crm, other_department=sales, by=alicia)
    before = state()
    for mandate in ({}, {"department": sales, "other_department": crm}):
        with pytest.raises(ValidationError, match="This person has this mandate already"):
            name(user=marta, **mandate, by=alicia)
    assert state() == before
    name(user=make_user("jorge"), department=sales, other_department=crm, by=alicia)
    name(user=marta, from_level="high", by=alicia)


def test_a_mandate_with_everything_that_it_can_say(alicia, marta):
    crm, sales = make_department("CRM"), make_department("SAL")
    values = {"department": crm, "other_department": sales, "from_level": "high", "most_cases": 3}
    mediator = name(user=marta, **values, by=alicia)
    assert str(mediator).endswith(f"{crm.name} × {sales.name}, from level “High”")
    assert HistoryEntry.objects.get(verb="name_mediator").changes == {
        "user": [None, "marta"],
        "department": [None, "CRM"],
        "other_department": [None, "SAL"],
        "from_level": [None, "high"],
        "most_cases": [None, 3],
    }


@pytest.mark.parametrize(
    ("mandate", "field", "words"),
    [
        ({"other_department": "CRM"}, "department", "Choose the first"),
        ({"department": "CRM", "other_department": "CRM"}, "other_department", "two different"),
        ({"department": "CRM", "category": "sofas"}, "category", "departments or a category"),
        ({"category": "sofas", "business_unit": "Retail"}, "business_unit", "only one of these"),
        ({"business_unit": "Nowhere"}, "business_unit", "No department belongs"),
        ({"most_cases": 0}, "most_cases", "From 1 to 1000"),
        ({"from_level": "note"}, "from_level", "not a valid choice"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused_beside_its_field(alicia, marta, mandate, field, words):
    crm = make_department("CRM")
    Department.objects.update(business_unit="Retail")
    rows = {"CRM": crm, "sofas": Category.objects.create(code="sofas", size=0)}
    before = state()
    with pytest.raises(ValidationError) as refused:
        name(user=marta, **{key: rows.get(value, value) for key, value in mandate.items()}, by=alicia)
    assert words in refused.value.message_dict[field][0]
    assert state() == before


@pytest.mark.parametrize("field", ["user", "stand_in"])
def test_a_member_of_either_department_of_a_pair_is_refused(alicia, marta, field):
    pau = make_user("pau")
    crm, sales = make_department("CRM"), make_department("SAL", members=[pau])
    before = state()
    with pytest.raises(ValidationError) as refused:
        name(**{"user": marta, field: pau}, department=crm, other_department=sales, by=alicia)
    assert f"works in {sales.name}" in refused.value.message_dict[field][0]
    assert state() == before


@pytest.mark.parametrize("field", ["user", "stand_in"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_active": False}, "cannot sign in"),
        ({"is_staff": False}, "cannot sign in"),
        ({"is_superuser": True}, "is an administrator"),
    ],
)
def test_people_who_could_never_decide_are_refused(alicia, marta, field, fields, words):
    person = make_user("pau", **fields)
    before = state()
    with pytest.raises(ValidationError) as refused:
        name(**{"user": marta, field: person}, by=alicia)
    assert words in refused.value.message_dict[field][0]
    assert state() == before


@pytest.mark.parametrize("field", ["user", "stand_in"])
def test_a_member_of_the_department_is_refused(alicia, marta, field):
    pau = make_user("pau")
    crm = make_department("CRM", members=[pau])
    before = state()
    with pytest.raises(ValidationError) as refused:
        name(**{"user": marta, field: pau}, department=crm, by=alicia)
    assert "would belong to a party" in refused.value.message_dict[field][0]
    assert state() == before
    name(**{"user": marta, field: pau}, by=alicia)


def test_nobody_stands_in_for_themselves(alicia, marta):
    before = state()
    with pytest.raises(ValidationError, match="Nobody stands in for themselves"):
        name(user=marta, stand_in=marta, by=alicia)
    assert state() == before


def test_change_a_mediator_tells_what_changed(alicia, marta):
    mediator = name(user=marta, by=alicia)
    jorge = make_user("jorge")
    policy.change_mediator(mediator=mediator, user=marta, department=None, stand_in=jorge, by=alicia, now=NOW)
    mediator.refresh_from_db()
    assert mediator.stand_in == jorge
    assert HistoryEntry.objects.get(verb="change_mediator").changes == {"stand_in": [None, "jorge"]}


def test_changing_nothing_writes_nothing(alicia, marta):
    mediator = name(user=marta, by=alicia)
    before = state()
    policy.change_mediator(mediator=mediator, user=marta, department=None, stand_in=None, by=alicia, now=NOW)
    policy.change_policy(opens_at_level="medium", hours_to_agree=18, hours_before_start=24, by=alicia, now=NOW)
    assert state() == before


def test_dismiss_a_mediator(alicia, marta):
    mediator = name(user=marta, by=alicia)
    policy.dismiss_mediator(mediator=mediator, by=alicia, now=NOW)
    assert not Mediator.objects.exists()
    assert HistoryEntry.objects.get(verb="dismiss_mediator").changes["user"] == ["marta", None]


def test_change_the_policy(alicia):
    policy.change_policy(
        opens_at_level="low", hours_to_agree=72, hours_before_start=12, hours_to_decide=9, by=alicia, now=NOW
    )
    stored = EscalationPolicy.objects.get()
    assert (stored.opens_at_level, stored.hours_to_agree, stored.hours_before_start) == ("low", 72, 12)
    assert stored.hours_to_decide == 9
    changes = HistoryEntry.objects.get(verb="change_policy").changes
    assert changes == {
        "opens_at_level": ["medium", "low"],
        "hours_to_agree": [18, 72],
        "hours_before_start": [24, 12],
        "hours_to_decide": [18, 9],
    }


def test_a_lower_level_opens_cases_for_what_collides_already(alicia):
    EscalationPolicy.objects.update(opens_at_level="critical")
    dispute = make_dispute()
    settle_down()
    assert not Case.objects.exists()
    policy.change_policy(opens_at_level="critical", hours_to_agree=72, hours_before_start=12, by=alicia, now=NOW)
    settle_down()
    assert not Case.objects.exists()
    policy.change_policy(opens_at_level="high", hours_to_agree=72, hours_before_start=12, by=alicia, now=NOW)
    settle_down()
    assert dispute.case.level == "high"


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens_at_level": "huge"},
        {"hours_to_agree": 0},
        {"hours_to_agree": 401},
        {"hours_before_start": -1},
        {"hours_to_decide": 0},
        {"hours_to_decide": 401},
    ],
)
def test_a_policy_that_cannot_work_is_refused(alicia, wrong):
    before = state()
    fields = {"opens_at_level": "low", "hours_to_agree": 18, "hours_before_start": 24} | wrong
    with pytest.raises(ValidationError):
        policy.change_policy(**fields, by=alicia, now=NOW)
    assert state() == before


def test_only_administrators_change_any_of_it(alicia, marta):
    mediator = name(user=marta, by=alicia)
    lead = make_department("CRM").memberships.get().user
    before = state()
    for person in (marta, lead):
        with pytest.raises(PermissionDenied):
            name(user=lead, department=make_department(), by=person)
        with pytest.raises(PermissionDenied):
            policy.change_mediator(mediator=mediator, user=lead, department=None, stand_in=None, by=person, now=NOW)
        with pytest.raises(PermissionDenied):
            policy.dismiss_mediator(mediator=mediator, by=person, now=NOW)
        with pytest.raises(PermissionDenied):
            policy.change_policy(opens_at_level="low", hours_to_agree=18, hours_before_start=24, by=person, now=NOW)
    assert state()[:2] == before[:2]
