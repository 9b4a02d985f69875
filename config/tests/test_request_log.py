"""Each request is told once, by its route and by numbers."""

import logging
import re

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.utils.functional import SimpleLazyObject

from campaigns.tests import factories as make
from config.logs.requests import RequestLog
from customers.tests.pages import signed_in

REQUESTS = "config.logs.requests"


@pytest.fixture
def told(caplog):
    """Events of requests as they were given to the formatter."""
    caplog.set_level(logging.DEBUG, logger=REQUESTS)
    return lambda: [record.msg for record in caplog.records if record.name == REQUESTS]


def test_a_request_is_its_route_and_never_what_was_typed(db, told):
    user = make.make_user("administrator", is_superuser=True)
    answer = signed_in(user).get(
        "/admin/auth/user/4711/change/?q=CANARY", headers={"X-Request-ID": "proxy-0123456789"}
    )
    assert answer["X-Request-ID"] == "proxy-0123456789"
    (event,) = told()
    assert isinstance(event.pop("ms"), int)
    assert event == {
        "event": "GET /admin/auth/user/<path:object_id>/change/ 302",
        "method": "GET",
        "route": "/admin/auth/user/<path:object_id>/change/",
        "status": 302,
        "request_id": "proxy-0123456789",
        "user_id": user.pk,
    }


@pytest.mark.parametrize("given", ["", "short", "ana@tienda.es", "a b c d e f g h", "x" * 65, "../../../etc"])
def test_an_id_that_is_no_sane_token_is_replaced(client, told, given):
    assert re.fullmatch(r"[0-9a-f]{32}", client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"])


def test_the_next_request_has_another_id(client):
    first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))
    assert first != second


def test_who_watches_is_not_told_of(client, caplog):
    caplog.set_level(logging.INFO, logger=REQUESTS)
    assert client.get("/healthz").status_code == 200
    assert [record for record in caplog.records if record.name == REQUESTS] == []


def test_an_address_that_leads_nowhere_is_not_repeated(db, told):
    Client().get("/nobody/CANARY/")
    assert [event["event"] for event in told()] == ["GET - 404"]


def test_nobody_is_asked_for_only_to_be_logged(rf, told):
    """An answer that needed no session has a line without one: it must also come while the database is away."""

    def refuse():
        raise OperationalError

    request = rf.get("/healthz")
    request.user = SimpleLazyObject(refuse)
    assert RequestLog(lambda request: HttpResponse(status=204))(request).status_code == 204
    (event,) = told()
    assert (event["status"], "user_id" in event) == (204, False)
