"""The way in: guessing is slowed down, passwords are kept well, sessions end."""

import logging
import time

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse

from campaigns.tests import factories as make
from config import settings as ours
from config import visitors
from config.sessions import SEEN_AT, SIGNED_IN_AT
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LOGIN, WRONG = "/admin/login/", "wrong"
HERE, THERE = "203.0.113.7", "198.51.100.4"


@pytest.fixture(autouse=True)
def _throttled(settings):
    settings.AXES_ENABLED = True


@pytest.fixture
def eva():
    return make.make_user("eva")


def post(username="eva", password=WRONG, address=HERE, client=None, **headers):
    client = client or Client()
    return client.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=address, headers=headers)


def guess(times=8, **how):
    return [post(**how).status_code for _ in range(times)]


def test_the_eighth_wrong_password_locks(eva):
    assert guess() == [200] * 7 + [429]
    answer = post(password="secret")
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    text = answer.content.decode()
    assert "Too many wrong passwords" in text
    assert "Wait 15 minutes" in text
    assert "Content-Security-Policy" in answer


def test_the_page_speaks_the_language_of_the_browser(eva):
    guess()
    assert '<html lang="es"' in post(**{"accept-language": "es"}).content.decode()


def test_from_elsewhere_the_person_still_gets_in(eva):
    guess()
    assert post(password="secret", address=THERE).status_code == 302


def test_other_people_still_get_in_from_there(eva):
    make.make_user("ines")
    guess()
    assert post("ines", "secret").status_code == 302


def test_a_right_password_starts_the_count_again(eva):
    assert guess(7) == [200] * 7
    assert post(password="secret").status_code == 302
    assert guess(7) == [200] * 7


def test_the_lock_opens_by_itself(eva, settings):
    guess()
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - settings.AXES_COOLOFF_TIME)
    assert post(password="secret").status_code == 302


def test_trying_on_does_not_prolong_the_lock(eva):
    guess()
    before = AccessAttempt.objects.get().attempt_time
    assert guess(3) == [429] * 3
    assert AccessAttempt.objects.get().attempt_time == before


def test_forwarded_addresses_bypass_nothing(eva):
    """Nobody stands before us, so what a request says of its way here is made up."""
    answers = [post(**{"x-forwarded-for": f"10.0.0.{number}"}).status_code for number in range(9)]
    assert answers == [200] * 7 + [429] * 2


def test_behind_a_proxy_the_last_address_it_wrote_counts(eva, settings):
    settings.TRUSTED_PROXIES = 1

    def through(number, client):
        return post(address="10.0.0.1", **{"x-forwarded-for": f"9.9.9.{number}, {client}"}).status_code

    assert [through(number, HERE) for number in range(9)] == [200] * 7 + [429] * 2
    assert through(0, THERE) == 200


def test_who_has_a_whole_network_guesses_no_more_often(eva):
    answers = [post(address=f"2001:db8:1:2::{number}").status_code for number in range(9)]
    assert answers == [200] * 7 + [429] * 2
    assert post(password="secret", address="2001:db8:1:3::1").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "10.0.0.1"),
        (0, HERE, "10.0.0.1"),
        (1, HERE, HERE),
        (1, f"1.1.1.1, {HERE}", HERE),
        (2, f"1.1.1.1, {HERE}, 10.0.0.2", HERE),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, f"::ffff:{HERE}", HERE),
        # Not through all of our proxies, or nonsense: whom we really talk to.
        (2, HERE, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, f"{HERE}, <script>", "10.0.0.1"),
    ],
)
def test_where_a_request_comes_from(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded})
    assert visitors.address(request) == expected


def test_nobody_learns_who_exists(eva):
    def told(username):
        page = post(username).content.decode().replace(username, "")
        return page[page.index("<main") : page.index('name="csrfmiddlewaretoken"')]

    assert told("eva") == told("nobody")
    assert guess(8, username="eva")[-1] == guess(8, username="nobody")[-1] == 429
    assert post("eva").content == post("nobody").content


def test_no_password_is_written_down(eva, caplog):
    with caplog.at_level(logging.DEBUG):
        guess(9, password="Tr0ub4dor&3")
        post(password="secret", address=THERE)
    rows = str(list(AccessAttempt.objects.values()))
    for secret in ("Tr0ub4dor", "secret"):
        assert secret not in caplog.text
        assert secret not in rows


def test_the_lock_is_lifted_on_the_page_of_the_person(eva):
    guess()
    client = signed_in(make.make_user("root", is_superuser=True))
    page = reverse("admin:auth_user_change", args=[eva.pk])
    assert HERE in client.get(page).content.decode()
    address = reverse("admin:auth_user_unlock", args=[eva.pk])
    assert client.get(address).status_code == 405
    assert signed_in(eva).post(address).status_code == 404
    assert AccessAttempt.objects.count() == 1
    assert "The lock is lifted" in client.post(address, follow=True).content.decode()
    assert HistoryEntry.objects.filter(verb="lift_lock", actor="root").count() == 1
    assert post(password="secret").status_code == 302


def test_passwords_are_hashed_with_argon2(settings):
    settings.PASSWORD_HASHERS = ours.PASSWORD_HASHERS
    user = User.objects.create_user("new", password="correct horse battery")
    assert identify_hasher(user.password).algorithm == "argon2"


@pytest.mark.parametrize("weak", ["eleven-long", "qwertyuiop12", "843902117456", "eva.costa.eva"])
def test_weak_passwords_are_refused(weak):
    person = User(username="eva.costa", first_name="Eva", last_name="Costa", email="eva.costa@example.com")
    with pytest.raises(ValidationError):
        validate_password(weak, person)
    validate_password("correct horse battery", person)


def test_a_new_password_ends_the_other_sessions(eva):
    here, there = signed_in(eva), signed_in(eva)
    values = {"old_password": "secret", "new_password1": "correct horse", "new_password2": "correct horse"}
    assert here.post("/admin/password_change/", values).status_code == 302
    assert (here.get("/admin/").status_code, there.get("/admin/").status_code) == (200, 302)


def test_a_password_set_by_an_administrator_ends_all_sessions(eva):
    client, root = signed_in(eva), signed_in(make.make_user("root", is_superuser=True))
    values = {"password1": "correct horse", "password2": "correct horse", "usable_password": "true"}
    assert root.post(reverse("admin:auth_user_password_change", args=[eva.pk]), values).status_code == 302
    assert client.get("/admin/").status_code == 302


def test_signing_in_gives_the_session_a_new_key(eva):
    client = Client()
    session = client.session
    session["known"] = "to an attacker"
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert post(password="secret", client=client).status_code == 302
    assert client.session.session_key != session.session_key


def test_a_session_ends_after_a_week_however_busy(eva, settings):
    client = signed_in(eva)
    assert client.get("/admin/").status_code == 200
    session = client.session
    session[SIGNED_IN_AT] = int(time.time()) - settings.SESSION_DAYS * 24 * 3600 + 60
    session.save()
    assert client.get("/admin/").status_code == 200
    session[SIGNED_IN_AT] -= 120
    session.save()
    assert client.get("/admin/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_whoever_works_is_not_thrown_out_after_twelve_hours(eva):
    """The age counts from the last write of the session, and a session in use is written now and then."""
    client = signed_in(eva)
    client.get("/admin/")
    session = client.session
    assert session.get_expiry_age() == 12 * 3600
    session[SEEN_AT] = int(time.time()) - 601
    session.save()
    assert "sessionid" in client.get("/admin/").cookies
    assert "sessionid" not in client.get("/admin/").cookies
    assert queries_of(client, "/admin/") == queries_of(client, "/admin/")
