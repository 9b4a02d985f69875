"""The pages of two-factor sign-in, and that nothing of the house opens before them."""

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.models import Mediator
from approvals.tests.codes import code, with_app
from campaigns.tests.factories import lead_of, make_department, make_user
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

ASK, MANAGE, HOME = "/admin/approvals/staffprofile/code/", "/admin/approvals/staffprofile/two-factor/", "/admin/"
PLAN = "/admin/campaigns/campaign/plan/"
urlpatterns = [path("api/v1/offers/", lambda request: HttpResponse("data")), path("", include("config.urls"))]


@pytest.fixture
def lead():
    return lead_of(make_department("CRM"))


@pytest.fixture
def root(settings):
    settings.REQUIRE_TWO_FACTOR = True
    return make_user("root", is_superuser=True)


def sign_in(person):
    client = Client()
    answer = client.post(reverse("admin:login"), {"username": person.username, "password": "secret", "next": PLAN})
    assert (answer.status_code, answer["Location"]) == (302, PLAN)
    return client


def leads_to(client, address=HOME):
    answer = client.get(address)
    return answer.status_code, answer.headers.get("Location", "")


def key_on(text):
    return re.search(r'class="c-key">([A-Z2-7 ]+)<', text)[1].replace(" ", "")


def code_for(key):
    from base64 import b32decode

    return code(b32decode(key).hex())


def test_whoever_has_none_and_needs_none_signs_in_as_before(lead):
    assert leads_to(sign_in(lead)) == (200, "")


def test_a_person_sets_it_up_and_is_asked_from_then_on(lead):
    client = sign_in(lead)
    assert "Whoever learns your password" in client.get("/admin/approvals/staffprofile/").content.decode()
    text = client.get(MANAGE).content.decode()
    assert "<svg" in text
    key = key_on(text)
    assert key == key_on(client.get(MANAGE).content.decode())
    assert not TOTPDevice.objects.exists()
    answer = client.post(MANAGE, {"code": code_for(key), "next": PLAN})
    shown = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code>", answer.content.decode())
    assert len(shown) == 10
    # Set up within this session, so not asked for in it; the key and the codes are not shown again.
    text = client.get(MANAGE).content.decode()
    assert "10 recovery codes left" in text
    assert not re.search(r"[a-z2-9]{5}-[a-z2-9]{5}<", text)
    assert "c-key" not in text
    other = sign_in(lead)
    assert leads_to(other, PLAN) == (302, f"{ASK}?next={PLAN.replace('/', '%2F')}")
    answer = other.post(ASK, {"code": shown[0], "next": PLAN})
    assert (answer.status_code, answer["Location"]) == (302, PLAN)
    assert leads_to(other, PLAN) == (200, "")


def test_a_wrong_code_sets_nothing_up(lead):
    client = sign_in(lead)
    client.get(MANAGE)
    answer = client.post(MANAGE, {"code": "000000"})
    assert "not the code that belongs to this key" in answer.content.decode()
    assert not TOTPDevice.objects.exists()


def test_before_the_code_nothing_opens_and_nothing_changes(lead, settings):
    settings.ROOT_URLCONF = __name__
    with_app(lead)
    client = sign_in(lead)
    for address in (HOME, PLAN, MANAGE, "/admin/approvals/staffprofile/", "/admin/password_change/", "/"):
        status, location = leads_to(client, address)
        assert (status, location.split("?")[0]) == (302, ASK), address
    answer = client.post("/admin/password_change/", {"old_password": "secret", "new_password1": "x" * 20})
    assert (answer.status_code, answer["Location"]) == (302, ASK)
    answer = client.post(MANAGE, {"code": code(), "turn_off": ""})
    assert (answer.status_code, answer["Location"]) == (302, ASK)
    assert TOTPDevice.objects.filter(user=lead).exists()
    answer = client.get("/api/v1/offers/")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["detail"].startswith("Your session has a password alone.")
    assert Client().get("/api/v1/offers/").content == b"data"
    assert leads_to(client, "/healthz")[0] == 200


def test_the_code_opens_and_the_session_gets_a_new_key(lead):
    with_app(lead)
    client = sign_in(lead)
    before = client.session.session_key
    assert client.post(ASK, {"code": "999999x"}).status_code == 200
    assert leads_to(client)[0] == 302
    answer = client.post(ASK, {"code": code(), "next": "//evil.example/"})
    assert answer["Location"] == HOME
    assert client.session.session_key != before
    assert leads_to(client)[0] == 200
    assert leads_to(client, ASK) == (302, HOME)


def test_a_code_that_was_used_is_refused(lead):
    with_app(lead)
    shown = code()
    assert sign_in(lead).post(ASK, {"code": shown}).status_code == 302
    second = sign_in(lead)
    assert "This code does not fit" in second.post(ASK, {"code": shown}).content.decode()
    assert leads_to(second)[0] == 302


def test_the_language_can_be_changed_and_the_house_left_before_the_code(lead):
    with_app(lead)
    client = sign_in(lead)
    client.post(reverse("admin:set_language"), {"language": "es", "next": ASK})
    assert '<html lang="es"' in client.get(ASK).content.decode()
    client.post(reverse("admin:logout"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("part", ["administrator", "mediator", "stand-in"])
def test_who_must_have_one_opens_nothing_else_until_then(root, part, settings):
    settings.ROOT_URLCONF = __name__
    isabel, henry = make_user("isabel"), make_user("henry")
    Mediator.objects.create(user=isabel, stand_in=henry)
    person = {"administrator": root, "mediator": isabel, "stand-in": henry}[part]
    client = sign_in(person)
    for address in (HOME, PLAN, "/admin/auth/user/", "/admin/password_change/", ASK):
        status, location = leads_to(client, address)
        assert (status, location.split("?")[0]) == (302, MANAGE), address
    assert client.get("/api/v1/offers/").json()["detail"].startswith("Your role asks for two-factor sign-in.")
    assert client.post("/admin/auth/user/add/", {"username": "evil"})["Location"] == MANAGE
    assert not User.objects.filter(username="evil").exists()
    text = client.get(MANAGE).content.decode()
    assert "Administrators and mediators need two-factor sign-in" in text
    assert "nav-sidebar" not in text
    client.post(MANAGE, {"code": code_for(key_on(text))})
    assert leads_to(client)[0] == 200


def test_a_new_duty_holds_in_sessions_that_are_open(root, lead):
    client = signed_in(lead)
    assert leads_to(client)[0] == 200
    mandate = Mediator.objects.create(user=lead)
    assert leads_to(client)[1].split("?")[0] == MANAGE
    mandate.delete()
    assert leads_to(client)[0] == 200


def test_outside_of_the_duty_the_demo_asks_nobody(root, settings):
    settings.REQUIRE_TWO_FACTOR = False
    assert leads_to(sign_in(root))[0] == 200


def test_it_is_turned_off_and_codes_are_renewed_with_a_code(lead):
    with_app(lead)
    client = sign_in(lead)
    client.post(ASK, {"code": code()})
    for button in ("renew", "turn_off"):
        assert "This code does not fit" in client.post(MANAGE, {"code": "000000", button: ""}).content.decode()
        TOTPDevice.objects.get().throttle_reset()
    assert StaticToken.objects.count() == 10
    TOTPDevice.objects.update(last_t=-1)
    text = client.post(MANAGE, {"code": code(), "renew": ""}).content.decode()
    codes = re.findall(r"<li><code>([^<]+)</code>", text)
    assert len(codes) == 10
    answer = client.post(MANAGE, {"code": codes[9], "turn_off": ""})
    assert answer["Location"] == "/admin/approvals/staffprofile/"
    assert not TOTPDevice.objects.exists()
    assert leads_to(client)[0] == 200


def test_asking_costs_no_query_more(lead, django_assert_num_queries):
    without = queries_of(signed_in(lead), PLAN)
    with_app(lead)
    client = sign_in(lead)
    client.post(ASK, {"code": code()})
    assert queries_of(client, PLAN) == without


def test_an_administrator_takes_a_device_away_on_the_page_of_the_person(lead):
    with_app(lead)
    client = signed_in(make_user("root", is_superuser=True))
    page = reverse("admin:auth_user_change", args=[lead.pk])
    assert "Take the lost device away" in client.get(page).content.decode()
    address = reverse("admin:auth_user_device", args=[lead.pk])
    assert client.get(address).status_code == 405
    assert signed_in(make_user("eva")).post(address).status_code == 404
    assert TOTPDevice.objects.exists()
    assert "The device is taken away" in client.post(address, follow=True).content.decode()
    assert not TOTPDevice.objects.exists()
    assert "Take the lost device away" not in client.get(page).content.decode()


def test_nobody_reads_keys_in_the_admin(root, settings):
    settings.REQUIRE_TWO_FACTOR = False
    client = signed_in(root)
    for folder in ("otp_totp/totpdevice", "otp_static/staticdevice", "axes/accessattempt"):
        assert client.get(f"/admin/{folder}/").status_code == 404


def test_each_page_says_where_it_stands(lead, root):
    crumbs = signed_in(lead).get(MANAGE).context["crumbs"]
    assert [str(one["title"]) for one in crumbs] == ["My settings", "Set up two-factor sign-in"]
    # Whoever must set it up first has no settings to go back to.
    assert [str(one["title"]) for one in signed_in(root).get(MANAGE).context["crumbs"]] == [
        "Set up two-factor sign-in"
    ]
