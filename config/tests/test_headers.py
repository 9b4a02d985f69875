"""Every answer of every route carries the headers that keep browsers from doing what the house never asks them to."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from campaigns.tests import factories as make
from config.tests.test_side_doors import routes
from config.urls import urlpatterns as ours
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
OTHERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _raise(error: Exception):
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("broken/", _raise(ValueError("broken"))),
    path("refused/", _raise(PermissionDenied())),
    path("", include(ours)),
]


def policy(answer):
    return dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))


def check(answer, referrer=OTHERS["Referrer-Policy"], **loosened):
    assert policy(answer) == POLICY | loosened
    assert {name: answer.get(name) for name in OTHERS} == OTHERS | {"Referrer-Policy": referrer}
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.fixture(params=["stranger", "administrator"])
def client(request):
    client = Client() if request.param == "stranger" else signed_in(make.make_user("root", is_superuser=True))
    client.raise_request_exception = False
    return client


def test_every_route_answers_with_them(client):
    addresses = {"/" + re.sub(r"\(\?P.*|<[^>]+>", "1", route) for route in routes()}
    for address in sorted(addresses):
        # The API's description is drawn by a library whose style sheet holds pictures.
        loosened = {"img-src": "'self' data:"} if address == "/api/docs/" else {}
        # This address lets whoever knows it act.
        loosened |= {"referrer": "no-referrer"} if address.startswith("/unsubscribe/") else {}
        check(client.get(address), **loosened)
        check(client.post(address), **loosened)


@pytest.mark.parametrize(("address", "status"), [("/broken/", 500), ("/refused/", 403), ("/nowhere", 404)])
def test_errors_answer_with_them(client, settings, address, status):
    settings.ROOT_URLCONF = __name__
    answer = client.get(address)
    assert answer.status_code == status
    check(answer)


def test_what_never_reaches_a_view_answers_with_them():
    forged = Client(enforce_csrf_checks=True).post(reverse("admin:login"), {"username": "x"})
    assert forged.status_code == 403
    check(forged)
    elsewhere = Client().get("/admin/", headers={"host": "evil.example"})
    assert elsewhere.status_code == 400
    check(elsewhere)


def test_static_files_answer_with_them():
    answer = Client().get("/static/concordia/frame.js")
    assert answer.status_code == 200
    check(answer)
    answer.close()


def test_a_redirect_to_https_answers_with_them(settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/admin/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/admin/")
    check(answer)


def test_no_page_says_anything_inline():
    """What a browser would refuse is not even written."""
    client = signed_in(make.make_user("root", is_superuser=True))
    make.make_campaign()
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|<[^>]*\s(on\w+|style)=|javascript:", re.IGNORECASE)
    links = [item["link"] for group in client.get("/admin/").context["sidebar_navigation"] for item in group["items"]]
    for address in [*links, reverse("admin:auth_user_add"), "/nowhere/"]:
        text = client.get(address, follow=True).content.decode()
        assert inline.search(text) is None, (address, inline.search(text))


def test_alpine_is_the_build_that_does_not_evaluate():
    text = Path(finders.find("vendor/alpine-csp/alpine-csp-3.17.4.min.js")).read_text()
    assert "sourceMappingURL" not in text
    assert "new Function" not in text
    assert "AsyncFunction" not in text
