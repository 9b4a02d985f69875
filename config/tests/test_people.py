import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from approvals.models import StaffProfile
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.permissions import is_administrator, is_analyst
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST = "admin:auth_user_changelist"


@pytest.fixture
def administrator():
    return make.make_user("root", is_superuser=True)


def new(**changes):
    return {
        "username": "eva",
        "first_name": "Eva",
        "last_name": "Costa",
        "email": "eva@example.com",
        "language": "es",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
    } | changes


def test_an_administrator_adds_a_colleague_who_can_sign_in(administrator):
    client = signed_in(administrator)
    assert client.post(reverse("admin:auth_user_add"), new(is_analyst="on")).status_code == 302
    eva = User.objects.get(username="eva")
    assert eva.check_password("correct horse battery")
    assert (eva.is_staff, is_administrator(eva), is_analyst(eva)) == (True, False, True)
    assert StaffProfile.objects.get(user=eva).language == "es"
    assert "password" not in str(HistoryEntry.objects.get(subject="person:eva").changes)


def test_a_colleague_needs_a_password(administrator):
    answer = signed_in(administrator).post(reverse("admin:auth_user_add"), new(password1="", password2=""))
    assert answer.status_code == 200
    assert not User.objects.filter(username="eva").exists()


def test_parts_are_given_and_taken(administrator):
    eva = make.make_user("eva")
    client = signed_in(administrator)
    address = reverse("admin:auth_user_change", args=[eva.pk])
    values = {"username": "eva", "is_active": "on", "language": "en"}
    client.post(address, values | {"is_administrator": "on", "is_analyst": "on"})
    eva = User.objects.get(pk=eva.pk)
    assert (is_administrator(eva), is_analyst(eva)) == (True, True)
    client.post(address, values)
    eva = User.objects.get(pk=eva.pk)
    assert (is_administrator(eva), is_analyst(eva)) == (False, False)
    changes = HistoryEntry.objects.filter(subject="person:eva").first().changes
    assert changes["is_administrator"] == [True, False]


def test_nobody_types_permissions_in(administrator):
    eva = make.make_user("eva")
    text = signed_in(administrator).get(reverse("admin:auth_user_change", args=[eva.pk])).content.decode()
    assert "user_permissions" not in text
    assert 'name="groups"' not in text


def test_a_lead_neither_sees_nor_makes_people():
    lead = make.lead_of(make.make_department())
    client = signed_in(lead)
    assert client.get(reverse(LIST)).status_code == 403
    assert client.post(reverse("admin:auth_user_add"), new(is_administrator="on")).status_code == 403
    address = reverse("admin:auth_user_change", args=[lead.pk])
    assert client.post(address, {"username": lead.username, "is_administrator": "on"}).status_code in {302, 403}
    lead.refresh_from_db()
    assert (lead.is_superuser, User.objects.filter(username="eva").exists()) == (False, False)


def test_a_lead_sets_nobodys_password():
    lead = make.lead_of(make.make_department())
    admin = make.make_user("root", is_superuser=True)
    address = reverse("admin:auth_user_password_change", args=[admin.pk])
    values = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}
    assert signed_in(lead).post(address, values).status_code == 403
    admin.refresh_from_db()
    assert admin.check_password("secret")


def test_an_administrator_sets_a_password_and_takes_it_away(administrator):
    eva = make.make_user("eva")
    address = reverse("admin:auth_user_password_change", args=[eva.pk])
    client = signed_in(administrator)
    values = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}
    assert client.post(address, values | {"password2": "other"}).status_code == 200
    assert not HistoryEntry.objects.filter(verb="set_password").exists()
    assert client.post(address, values | {"set-password": ""}).status_code == 302
    eva.refresh_from_db()
    assert eva.check_password("correct horse battery")
    values = {"password1": "", "password2": "", "usable_password": "false", "unset-password": ""}
    assert client.post(address, values).status_code == 302
    eva.refresh_from_db()
    assert not eva.has_usable_password()
    written = HistoryEntry.objects.filter(verb="set_password")
    assert list(written.values_list("subject", "actor", "changes")) == [("person:eva", "root", {})] * 2


def test_people_are_never_deleted(administrator):
    eva = make.make_user("eva")
    assert signed_in(administrator).post(reverse("admin:auth_user_delete", args=[eva.pk])).status_code == 403
    assert User.objects.filter(pk=eva.pk).exists()


def test_the_list_asks_as_many_questions_for_few_as_for_many(administrator):
    client = signed_in(administrator)
    make.make_department()
    with_one = queries_of(client, reverse(LIST))
    for _ in range(5):
        make.make_department(members=[make.make_user()])
    assert queries_of(client, reverse(LIST)) == with_one


def test_passwords_cannot_be_guessed_through_the_address(administrator):
    make.make_user("eva")
    answer = signed_in(administrator).get(reverse(LIST), {"password__startswith": "pbkdf2"})
    assert answer.status_code in {302, 400}
