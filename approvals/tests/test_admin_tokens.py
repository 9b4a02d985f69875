"""API tokens in the admin: made for oneself, shown once, revoked."""

import json
import logging
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from approvals.tests.builders import make_user
from customers.actions.tokens import create_token
from customers.models import ApiToken, HistoryEntry
from customers.tests.api import client_of
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:customers_apitoken_changelist"), reverse("admin:customers_apitoken_add")
TILL = {"name": "till", "scope": "read", "days": "30"}


@pytest.fixture
def eva():
    return make_user("eva")


def make_token(user, name="till", days=30):
    return create_token(user=user, name=name, scope="read", days=days, by=user, now=timezone.now())[0]


def page(token, name="change"):
    return reverse(f"admin:customers_apitoken_{name}", args=[token.pk])


def names(client):
    return {token.name for token in client.get(LIST).context["cl"].result_list}


def test_the_token_is_shown_once_and_works(eva, caplog):
    caplog.set_level(logging.DEBUG)
    client = signed_in(eva)
    answer = client.post(ADD, TILL)
    assert "no-store" in answer["Cache-Control"]
    (secret,) = set(re.findall(r"concordia_[\w-]{43}", answer.content.decode()))
    token = ApiToken.objects.get()
    assert (token.user, token.scope, (token.expires_at - token.created_at).days) == (eva, "read", 30)
    assert client_of().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).json()["username"] == "eva"
    for address in (LIST, page(token), ADD, reverse("admin:index")):
        assert secret not in client.get(address).content.decode()
    kept = [HistoryEntry, ApiToken]
    assert secret not in json.dumps([list(model.objects.values()) for model in kept], default=str)
    assert secret not in str([row.get_decoded() for row in Session.objects.all()])
    assert secret not in caplog.text
    assert secret not in str(client.cookies)
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.actor, entry.scope) == ("create_token", "eva", "person:eva")


@pytest.mark.parametrize("wrong", [{"name": " "}, {"days": "0"}, {"days": "367"}, {"scope": "all"}, {"days": "x"}])
def test_what_cannot_be_a_token_is_asked_again(eva, wrong):
    answer = signed_in(eva).post(ADD, TILL | wrong)
    assert (answer.status_code, set(answer.context["form"].errors)) == (200, set(wrong))
    assert "concordia_" not in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_makes_a_token_for_somebody_else(eva):
    root = make_user("root", is_superuser=True)
    signed_in(root).post(ADD, TILL | {"user": eva.pk})
    assert ApiToken.objects.get().user == root


def test_people_see_their_own_and_administrators_all(eva):
    other = make_user("other")
    mine, foreign = make_token(eva, "mine"), make_token(other, "foreign")
    client = signed_in(eva)
    assert names(client) == {"mine"}
    assert client.get(page(mine)).status_code == 200
    assert client.get(page(foreign)).status_code == 404
    root = signed_in(make_user("root", is_superuser=True))
    assert names(root) == {"mine", "foreign"}
    assert root.get(page(foreign)).status_code == 200
    assert foreign.digest not in root.get(page(foreign)).content.decode()


def test_revoking_ends_it_at_once(eva):
    token = make_token(eva)
    client = signed_in(eva)
    assert "Revoke the token" in client.get(page(token)).content.decode()
    assert "works no more" in client.post(page(token, "revoke"), follow=True).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    again = client.post(page(token, "revoke"), follow=True).content.decode()
    assert "revoked before" in again
    assert "Revoke the token" not in again
    assert HistoryEntry.objects.filter(verb="revoke_token", actor="eva").count() == 1


def test_administrators_revoke_what_others_left_behind(eva):
    token = make_token(eva)
    stranger = signed_in(make_user("stranger"))
    assert stranger.post(page(token, "revoke")).status_code == 404
    assert stranger.get(page(token, "revoke")).status_code == 405
    token.refresh_from_db()
    assert token.revoked_at is None
    signed_in(make_user("root", is_superuser=True)).post(page(token, "revoke"))
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_that_ended_says_so(eva):
    token = make_token(eva)
    ApiToken.objects.update(created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now())
    text = signed_in(eva).get(page(token)).content.decode()
    assert "Has ended" in text
    assert "Revoke the token" not in text


def test_tokens_are_never_changed_or_deleted(eva):
    token = make_token(eva)
    client = signed_in(eva)
    client.post(page(token), TILL | {"name": "renamed", "scope": "write"})
    assert client.post(page(token, "delete"), {"post": "yes"}).status_code == 403
    token.refresh_from_db()
    assert (token.name, token.scope) == ("till", "read")


def test_the_list_asks_as_many_questions_for_few_as_for_many(eva):
    root = signed_in(make_user("root", is_superuser=True))
    make_token(eva)
    with_one = queries_of(root, LIST)
    for place in range(4):
        make_token(make_user(), f"t{place}")
    assert queries_of(root, LIST) == with_one


def test_the_account_menu_leads_there(eva):
    assert f'href="{LIST}"' in signed_in(eva).get(reverse("admin:index")).content.decode()
