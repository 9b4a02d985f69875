"""Mediators, the escalation policy and one's own settings in the admin."""

import pytest
from django.urls import reverse

from approvals.models import EscalationPolicy, Mediator, StaffProfile
from approvals.rules.deadlines import LIMITS
from approvals.tests.builders import make_department, make_mediator, make_user
from campaigns.models import Department
from campaigns.tests.factories import lead_of
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

MEDIATORS = "admin:approvals_mediator_changelist"
POLICY = "admin:approvals_escalationpolicy_change"
SETTINGS = "admin:approvals_staffprofile_changelist"
QUERIES = 10


@pytest.fixture
def alicia():
    return make_user("alicia", is_superuser=True)


@pytest.fixture
def lead():
    return lead_of(make_department("CRM"))


def state():
    return (
        list(Mediator.objects.order_by("pk").values()),
        list(EscalationPolicy.objects.values()),
        HistoryEntry.objects.count(),
    )


# Mediators


def test_administrator_names_a_mediator(client, alicia):
    marta, jorge = make_user("marta"), make_user("jorge")
    client.force_login(alicia)
    response = client.post(
        reverse("admin:approvals_mediator_add"), {"user": marta.pk, "department": "", "stand_in": jorge.pk}
    )
    assert response.status_code == 302
    mediator = Mediator.objects.get()
    assert (mediator.user, mediator.department, mediator.stand_in) == (marta, None, jorge)
    assert HistoryEntry.objects.get(verb="name_mediator").actor == "alicia"


def test_administrator_gives_a_mandate_for_two_departments(client, alicia):
    marta, crm, sales = make_user("marta"), make_department("CRM"), make_department("SAL")
    Department.objects.filter(pk=crm.pk).update(business_unit="Retail")
    client.force_login(alicia)
    page = reverse("admin:approvals_mediator_add")
    assert '<option value="Retail">' in client.get(page).content.decode()
    fields = {
        "user": marta.pk,
        "department": crm.pk,
        "other_department": sales.pk,
        "from_level": "high",
        "most_cases": "2",
    }
    before = state()
    wrong = client.post(page, {**fields, "business_unit": "Retail", "most_cases": "0"})
    assert set(wrong.context["adminform"].form.errors) == {"most_cases", "business_unit"}
    wrong = client.post(page, {**fields, "business_unit": "Retail"})
    assert "only one of these" in wrong.context["adminform"].form.errors["business_unit"][0]
    assert state() == before
    assert client.post(page, fields).status_code == 302
    text = client.get(reverse(MEDIATORS)).content.decode()
    assert f"{crm.name} × {sales.name}, from level “High”" in text
    assert "0 of 2" in text


def test_refusals_stand_beside_their_field(client, alicia):
    pau = make_user("pau")
    crm = make_department("SAL", members=[pau])
    client.force_login(alicia)
    before = state()
    response = client.post(
        reverse("admin:approvals_mediator_add"), {"user": pau.pk, "department": crm.pk, "stand_in": ""}
    )
    assert "would belong to a party" in response.context["adminform"].form.errors["user"][0]
    assert state() == before


def test_administrator_changes_and_dismisses_a_mediator(client, alicia):
    marta = make_mediator()
    mediator = Mediator.objects.get()
    jorge = make_user("jorge")
    client.force_login(alicia)
    page = reverse("admin:approvals_mediator_change", args=[mediator.pk])
    client.post(page, {"user": marta.pk, "department": "", "stand_in": jorge.pk})
    assert Mediator.objects.get().stand_in == jorge
    assert HistoryEntry.objects.filter(verb="change_mediator").count() == 1
    client.post(reverse("admin:approvals_mediator_delete", args=[mediator.pk]), {"post": "yes"})
    assert not Mediator.objects.exists()
    assert HistoryEntry.objects.filter(verb="dismiss_mediator").count() == 1


def test_everybody_reads_who_mediates_and_nobody_else_changes_it(client, lead):
    marta = make_mediator()
    mediator = Mediator.objects.get()
    client.force_login(lead)
    assert marta.first_name in client.get(reverse(MEDIATORS)).content.decode()
    before = state()
    page = reverse("admin:approvals_mediator_change", args=[mediator.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"user": lead.pk, "department": "", "stand_in": ""}).status_code == 403
    assert client.post(reverse("admin:approvals_mediator_add"), {"user": lead.pk}).status_code == 403
    delete = reverse("admin:approvals_mediator_delete", args=[mediator.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert state() == before


def test_without_mediators_the_list_says_what_that_means(client, alicia):
    client.force_login(alicia)
    assert "Nobody mediates yet" in client.get(reverse(MEDIATORS)).content.decode()


def test_list_of_mediators_costs_the_same_for_many(client, alicia, django_assert_num_queries):
    make_mediator(stand_in=make_user())
    client.force_login(alicia)
    client.get(reverse(MEDIATORS))
    with django_assert_num_queries(QUERIES):
        client.get(reverse(MEDIATORS))
    for place in range(5):
        make_mediator(f"m{place}", stand_in=make_user(), department=make_department())
    with django_assert_num_queries(QUERIES):
        assert len(client.get(reverse(MEDIATORS)).context["cl"].result_list) == 6


# The policy


def policy_form():
    """What the form of the policy sends if nobody changes anything."""
    stored = EscalationPolicy.objects.get()
    return {name: getattr(stored, name) for name in ("opens_at_level", *LIMITS)}


def test_the_list_of_policies_is_the_one_form(client, alicia):
    client.force_login(alicia)
    response = client.get(reverse("admin:approvals_escalationpolicy_changelist"))
    assert response.url == reverse(POLICY, args=[1])
    assert client.get(response.url).status_code == 200


def test_administrator_changes_the_policy(client, alicia):
    client.force_login(alicia)
    fields = policy_form() | {
        "opens_at_level": "low",
        "hours_to_agree": 72,
        "hours_before_start": 12,
        "hours_to_decide": 9,
    }
    assert client.post(reverse(POLICY, args=[1]), fields).status_code == 302
    stored = EscalationPolicy.objects.get()
    assert (stored.opens_at_level, stored.hours_to_agree, stored.hours_before_start) == ("low", 72, 12)
    assert stored.hours_to_decide == 9
    assert HistoryEntry.objects.get(verb="change_policy").actor == "alicia"


def test_more_hours_than_anybody_waits_are_refused(client, alicia):
    client.force_login(alicia)
    before = state()
    fields = policy_form() | {"hours_to_agree": 401}
    response = client.post(reverse(POLICY, args=[1]), fields)
    assert "“401” is out of range: from 1 to 400" in response.content.decode()
    assert state() == before


def test_nobody_else_changes_adds_or_deletes_the_policy(client, alicia, lead):
    before = state()
    client.force_login(lead)
    fields = policy_form() | {"opens_at_level": "low", "hours_to_agree": 72, "hours_before_start": 12}
    assert client.get(reverse(POLICY, args=[1])).status_code == 200
    assert client.post(reverse(POLICY, args=[1]), fields).status_code == 403
    client.force_login(alicia)
    assert client.post(reverse("admin:approvals_escalationpolicy_add"), fields).status_code == 403
    delete = reverse("admin:approvals_escalationpolicy_delete", args=[1])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert state() == before


# My settings


def test_everybody_chooses_their_own_language(client, lead):
    client.force_login(lead)
    assert client.get(reverse(SETTINGS)).status_code == 200
    response = client.post(reverse(SETTINGS), {"language": "es"}, follow=True)
    assert StaffProfile.objects.get(user=lead).language == "es"
    assert '<html lang="es"' in response.content.decode()


def test_an_unknown_language_changes_nothing(client, lead):
    client.force_login(lead)
    response = client.post(reverse(SETTINGS), {"language": "tlh"})
    assert response.context["form"].errors["language"]
    assert not StaffProfile.objects.exists()


def test_settings_of_other_people_have_no_page(client, alicia, lead):
    profile = StaffProfile.objects.create(user=lead, language="es")
    client.force_login(alicia)
    for path in (f"{profile.pk}/change/", f"{profile.pk}/delete/", "add/"):
        assert client.get(f"{reverse(SETTINGS)}{path}").status_code == 404


def test_settings_ask_people_to_sign_in(client):
    assert "/login/" in client.get(reverse(SETTINGS)).url
