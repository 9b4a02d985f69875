"""What every part of the API has in common, tried on channels, segments, customers and history."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.utils import timezone

from customers.actions import requests
from customers.models import ApiToken, Channel, Customer, HistoryEntry, IdempotentRequest, Segment
from customers.rest.idempotency import fingerprint_of
from customers.tests.api import PROBLEM, Slow, client_of, refused, token_client
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db

CHANNELS = "/api/v1/channels/"


def person(name="admin", **fields):
    return User.objects.create_user(name, f"{name}@example.com", "secret", **{"is_staff": True} | fields)


@pytest.fixture
def admin():
    return person(is_superuser=True)


@pytest.fixture
def client(admin):
    return client_of(admin)


@pytest.fixture
def radio():
    return Channel.objects.create(code="radio", name="Radio")


def make_channels(number):
    Channel.objects.bulk_create([Channel(code=f"c{n:03}", name=f"Channel {n:03}") for n in range(number)])


# Who is let in


def test_anonymous_is_told_how_to_sign_in(radio):
    response = client_of().get(CHANNELS)
    refused(response, 401)
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_whoever_does_not_work_here_is_nobody(radio):
    refused(client_of(person("customer", is_staff=False)).get(CHANNELS), 401)


def test_every_address_below_the_api_answers_with_problems(client):
    refused(client_of().get("/api/v1/nothing/"), 401)
    refused(client.get("/api/v1/nothing/"), 404)
    refused(client.delete(CHANNELS), 405)
    refused(client.get(CHANNELS, headers={"Accept": "text/html"}), 406)
    refused(client.post(CHANNELS, "a=1", content_type="text/plain"), 415)


def test_token_reads_and_writes_in_its_scope(admin, radio):
    assert token_client(admin).get(CHANNELS).status_code == 200
    reader = token_client(admin, "read")
    assert reader.get(CHANNELS).status_code == 200
    refused(reader.post(CHANNELS, {"code": "tv", "name": "TV"}), 403)
    assert list(Channel.objects.all()) == [radio]


def test_token_ends_by_itself_by_revoking_and_with_its_person(admin):
    refused(token_client(admin, made=timedelta(days=2)).get(CHANNELS), 401)
    other = token_client(admin)
    client_of(admin).delete(f"/api/v1/tokens/{ApiToken.objects.latest('id').pk}/")
    refused(other.get(CHANNELS), 401)
    third = token_client(admin)
    User.objects.update(is_active=False)
    refused(third.get(CHANNELS), 401)


def test_token_is_shown_once_and_stored_as_a_digest(client):
    answer = client.post("/api/v1/tokens/", {"name": "till"}, headers={"Idempotency-Key": "k1"})
    again = client.post("/api/v1/tokens/", {"name": "till"}, headers={"Idempotency-Key": "k1"})
    secret = answer.json()["token"]
    assert (answer.status_code, again.status_code) == (201, 201)
    assert again.json() == answer.json() | {"token": ""}
    stored = json.dumps(
        [list(ApiToken.objects.values_list()), list(IdempotentRequest.objects.values_list())], default=str
    )
    assert secret not in stored
    assert secret not in json.dumps(list(HistoryEntry.objects.values_list()), default=str)
    assert client_of().get(CHANNELS, headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_token_makes_no_tokens(admin):
    refused(token_client(admin).post("/api/v1/tokens/", {"name": "child"}), 403)
    assert ApiToken.objects.count() == 1


def test_tokens_of_others_are_not_there(admin):
    token_client(admin)
    token = ApiToken.objects.get()
    stranger = client_of(person("stranger"))
    assert stranger.get("/api/v1/tokens/").json()["results"] == []
    refused(stranger.delete(f"/api/v1/tokens/{token.pk}/"), 404)
    token.refresh_from_db()
    assert token.revoked_at is None


def test_command_prints_a_token_that_works(admin, capsys):
    call_command("create_token", "admin", "--read-only", "--days", "3")
    token = ApiToken.objects.get()
    assert (token.scope, (token.expires_at - token.created_at).days) == ("read", 3)
    secret = capsys.readouterr().out.strip()
    assert client_of().get(CHANNELS, headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_session_needs_the_csrf_token(admin):
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(admin)
    refused(client.post(CHANNELS, {"code": "tv", "name": "TV"}), 403)
    assert not Channel.objects.exists()


# Lists


def test_list_has_pages_of_at_most_200_rows(client):
    make_channels(205)
    page = client.get(CHANNELS, {"page_size": 200}).json()
    assert (page["count"], len(page["results"])) == (205, 200)
    rest = client.get(page["next"]).json()
    assert [row["code"] for row in rest["results"]] == [f"c{n:03}" for n in range(200, 205)]
    refused(client.get(CHANNELS, {"page_size": 201}), 400, page_size="invalid")
    refused(client.get(CHANNELS, {"page": "9"}), 404)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("nmae=x", "nmae"),
        ("code=a&code=b", "code"),
        ("page=-1", "page"),
        ("page=1_0", "page"),
        ("page=٣", "page"),
        ("page_size=0", "page_size"),
        ("page_size=1000000000", "page_size"),
        ("ordering=password", "ordering"),
        ("ordering=", "ordering"),
        ("fields=code,budget", "fields"),
        ("fields=", "fields"),
        ("code=%00", "code"),
        ("code=", "code"),
    ],
)
def test_what_a_list_does_not_understand_is_refused(client, query, parameter):
    refused(client.get(f"{CHANNELS}?{query}"), 400, **{parameter: "invalid"})


def test_list_is_filtered_searched_ordered_and_cut_to_fields(client):
    make_channels(3)
    read = lambda query: [row["code"] for row in client.get(f"{CHANNELS}?{query}").json()["results"]]  # noqa: E731
    assert read("code=c001") == ["c001"]
    assert read("search=channel 002") == ["c002"]
    assert read("ordering=-code") == ["c002", "c001", "c000"]
    assert client.get(f"{CHANNELS}?fields=code&code=c001").json()["results"] == [{"code": "c001"}]


@pytest.mark.parametrize("address", [CHANNELS, "/api/v1/segments/", "/api/v1/customers/", "/api/v1/history/"])
def test_queries_do_not_grow_with_the_rows(client, address):
    def fill(start, number):
        for n in range(start, start + number):
            Channel.objects.create(code=f"q{n}", name="Q")
            Segment.objects.create(code=f"q{n}", name="Q", members=b"")
            Customer.objects.create(code=f"q{n}", number=n)
            HistoryEntry.objects.create(at=timezone.now(), verb="v", subject=f"x:{n}", scope="x")

    fill(0, 1)
    assert queries_of(client, address) == 5  # session, person, language, count, rows
    fill(1, 3)
    assert queries_of(client, address) == 5


# Writing


def test_administrator_adds_and_changes_with_history(client, admin):
    made = client.post(CHANNELS, {"code": "tv", "name": "TV", "capacity_per_day": 5})
    assert made.status_code == 201
    address = f"{CHANNELS}{made.json()['id']}/"
    changed = client.patch(address, {"name": "Television"}, headers={"If-Match": made["ETag"]})
    assert changed.json() == made.json() | {"name": "Television"}
    assert list(HistoryEntry.objects.order_by("id").values_list("verb", "subject", "actor", "changes")) == [
        ("add", "channel:tv", "admin", {"code": [None, "tv"], "name": [None, "TV"], "capacity_per_day": [None, 5]}),
        ("change", "channel:tv", "admin", {"name": ["TV", "Television"]}),
    ]


def test_others_read_and_do_not_write(radio):
    stranger = client_of(person("stranger"))
    assert stranger.get(f"{CHANNELS}{radio.pk}/").json()["code"] == "radio"
    refused(stranger.patch(f"{CHANNELS}{radio.pk}/", {"name": "X"}), 403)
    refused(stranger.post(CHANNELS, {"code": "tv", "name": "TV"}), 403)
    assert list(Channel.objects.values_list("code", "name")) == [("radio", "Radio")]


BODIES = {
    "unknown field": ('{"code": "a", "name": "A", "colour": 1}', {"/colour": "unknown"}),
    "read-only field": ('{"code": "a", "name": "A", "id": 7}', {"/id": "read_only"}),
    "missing": ("{}", {"/code": "required", "/name": "required"}),
    "blank": ('{"code": "a", "name": "  "}', {"/name": "blank"}),
    "text for a number": ('{"code": "a", "name": "A", "capacity_per_day": "1_000"}', {"/capacity_per_day": "invalid"}),
    "true for a number": ('{"code": "a", "name": "A", "capacity_per_day": true}', {"/capacity_per_day": "invalid"}),
    "fraction": ('{"code": "a", "name": "A", "capacity_per_day": 1.5}', {"/capacity_per_day": "invalid"}),
    "negative": ('{"code": "a", "name": "A", "capacity_per_day": -1}', {"/capacity_per_day": "min_value"}),
    "10^30": (f'{{"code": "a", "name": "A", "capacity_per_day": 1{"0" * 30}}}', {"/capacity_per_day": "max_value"}),
    "number for a text": ('{"code": 5, "name": "A"}', {"/code": "invalid"}),
    "not an object": ("[1]", {"": "invalid"}),
    "NUL": ('{"code": "a", "name": "A\\u0000"}', {"/name": "character"}),
}


@pytest.mark.parametrize("case", BODIES)
def test_bodies_are_refused_at_their_place(client, case):
    body, errors = BODIES[case]
    refused(client.post(CHANNELS, body, content_type="application/json"), 400, **errors)
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"code": "a", "name": "A", "code": "b"}', 400),
        ('{"code": "a", "name": NaN}', 400),
        ('{"code": "a", "name": Infinity}', 400),
        ('{"code": "a",', 400),
        ('{"code": "a",}', 400),
        ('{"code": "\\ud800", "name": "A"}', 400),
        (b'{"code": "\xff"}', 400),
        ("[" * 200_000, 400),
        ('{"a":' * 25 + "1" + "}" * 25, 400),
        ('{"capacity_per_day": 1' + "0" * 5000 + "}", 400),
        ('{"code": "' + "a" * 1024 * 1024 + '"}', 413),
    ],
    ids=["twice", "nan", "infinity", "truncated", "comma", "surrogate", "bytes", "deep", "nested", "digits", "large"],
)
def test_json_that_others_would_read_otherwise_is_refused(client, body, status):
    assert refused(client.post(CHANNELS, body, content_type="application/json"), status)
    assert not Channel.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}], ids=["plain", "with a key"])
def test_whoever_sends_slowly_holds_no_transaction(admin, radio, headers):
    for method, path in (("POST", CHANNELS), ("PATCH", f"{CHANNELS}{radio.pk}/")):
        body = json.dumps({"name": "TV"} | ({"code": "tv"} if method == "POST" else {})).encode()
        slow = Slow(body)
        answer = token_client(admin).generic(
            method, path, body, content_type="application/json", headers=headers, **{"wsgi.input": slow}
        )
        assert (answer.status_code, answer.json()["name"]) == ({"POST": 201, "PATCH": 200}[method], "TV")
        assert (slow.tell(), [within for within in slow.within if within]) == (len(body), [])


def test_what_the_database_refuses_is_named_too(client, radio):
    refused(client.post(CHANNELS, {"code": "radio", "name": "A"}), 400, **{"/code": "unique"})
    response = client.post(CHANNELS, {"code": "tv", "name": "A", "quiet_from": "22:00"})
    assert refused(response, 400, **{"": "invalid"}) == "Give both ends of the quiet hours, or neither."


def test_who_comes_second_by_a_moment_is_told_so(client, radio, monkeypatch):
    """As if another request had added the row between our look and our write."""
    monkeypatch.setattr(Channel, "full_clean", lambda row: None)
    monkeypatch.setattr("rest_framework.validators.UniqueValidator.__call__", lambda *_: None)
    refused(client.post(CHANNELS, {"code": "radio", "name": "Radio"}), 409)
    assert list(Channel.objects.all()) == [radio]


# ETags


def test_reading_again_is_cheap_and_overwriting_is_refused(client, radio):
    address = f"{CHANNELS}{radio.pk}/"
    read = client.get(address)
    again = client.get(address, headers={"If-None-Match": read["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{address}?fields=code")["ETag"] == read["ETag"]
    Channel.objects.update(name="Wireless")
    refused(client.patch(address, {"name": "Mine"}, headers={"If-Match": read["ETag"]}), 412)
    assert Channel.objects.get().name == "Wireless"
    assert client.patch(address, {"name": "Mine"}, headers={"If-Match": "*"}).status_code == 200


# Sending again


def key(value="k1"):
    return {"Idempotency-Key": value}


def test_same_request_again_gives_the_same_answer_and_one_effect(client):
    body = {"code": "tv", "name": "TV"}
    first = client.post(CHANNELS, body, headers=key())
    again = client.post(CHANNELS, {"name": "TV", "code": "tv"}, headers=key())
    assert (again.status_code, again.json(), again["ETag"]) == (201, first.json(), first["ETag"])
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert (Channel.objects.count(), HistoryEntry.objects.count()) == (1, 1)


def test_refusal_is_answered_again_as_well(client, radio):
    first = client.post(CHANNELS, {"code": "radio", "name": "A"}, headers=key())
    Channel.objects.all().delete()
    again = client.post(CHANNELS, {"code": "radio", "name": "A"}, headers=key())
    assert (again.status_code, again.json(), again["Content-Type"]) == (400, first.json(), PROBLEM)
    assert not Channel.objects.exists()


def test_key_for_another_request_is_refused(client):
    client.post(CHANNELS, {"code": "tv", "name": "TV"}, headers=key())
    refused(client.post(CHANNELS, {"code": "radio", "name": "TV"}, headers=key()), 422)
    refused(client.post("/api/v1/tokens/", {"code": "tv", "name": "TV"}, headers=key()), 422)
    assert Channel.objects.count() == 1


def test_keys_of_two_people_do_not_meet(client):
    client.post(CHANNELS, {"code": "tv", "name": "TV"}, headers=key())
    refused(client_of(person("stranger")).post(CHANNELS, {"code": "tv", "name": "TV"}, headers=key()), 403)


def test_running_request_is_not_run_twice_until_its_lease_ends(client, admin, rf):
    now = timezone.now()
    body = {"code": "tv", "name": "TV"}
    request = rf.post(CHANNELS)
    request.data = body
    row = requests.take(user=admin, key="k1", fingerprint=fingerprint_of(request), now=now)
    refused(client.post(CHANNELS, body, headers=key()), 409)
    assert not Channel.objects.exists()
    IdempotentRequest.objects.filter(pk=row.pk).update(lease_until=now)
    assert client.post(CHANNELS, body, headers=key()).status_code == 201
    with pytest.raises(requests.StillRunning):  # the one that had died comes back: its transaction must not commit
        requests.answer(row, status=201, body="", headers={})


def test_what_a_body_said_cannot_be_guessed_from_what_is_kept(rf, settings):
    request = rf.post(CHANNELS)
    request.data = {"password": "easy"}
    kept = fingerprint_of(request)
    settings.SECRET_KEY = "another"
    assert fingerprint_of(request) != kept


def test_failure_of_ours_leaves_nothing_and_can_be_tried_again(admin, monkeypatch):
    from rest_framework.test import APIClient

    client = APIClient(raise_request_exception=False)
    client.force_login(admin)
    with monkeypatch.context() as broken:
        broken.setattr("customers.actions.history.write", lambda **_: 1 / 0)
        refused(client.post(CHANNELS, {"code": "tv", "name": "TV"}, headers=key()), 500)
    assert (Channel.objects.count(), IdempotentRequest.objects.count()) == (0, 0)
    assert client.post(CHANNELS, {"code": "tv", "name": "TV"}, headers=key()).status_code == 201


def test_answers_are_forgotten_after_two_days(client):
    client.post(CHANNELS, {"code": "tv", "name": "TV"}, headers=key())
    assert requests.forget(now=timezone.now() + timedelta(days=1)) == 0
    assert requests.forget(now=timezone.now() + timedelta(days=3)) == 1


# What is there


def test_analysts_and_administrators_read_customers_and_members(client):
    Customer.objects.create(code="ana", number=3, email="ana@example.com")
    segment = Segment.objects.create(code="s", name="S", members=b"")
    from pyroaring import BitMap

    from customers.actions.segments import replace_members

    replace_members(segment=segment, numbers=BitMap([3]), by=None, now=timezone.now())
    analyst, stranger = person("analyst"), person("stranger")
    analyst.groups.add(Group.objects.get(name="Analysts"))
    for reader in (client, client_of(analyst)):
        assert [row["code"] for row in reader.get("/api/v1/customers/").json()["results"]] == ["ana"]
        members = reader.get(f"/api/v1/segments/{segment.pk}/members/").json()
        assert (members["count"], [row["email"] for row in members["results"]]) == (1, ["ana@example.com"])
    other = client_of(stranger)
    assert other.get("/api/v1/customers/").json()["results"] == []
    assert other.get("/api/v1/segments/").json()["results"][0]["size"] == 1
    refused(other.get(f"/api/v1/segments/{segment.pk}/members/"), 403)
    refused(other.get(f"/api/v1/customers/{Customer.objects.get().pk}/"), 404)
    refused(other.get("/api/v1/customers/999/"), 404)


def test_throttle_answers_429_with_the_time_to_wait(client, monkeypatch):
    from customers.rest.access import ReadThrottle

    monkeypatch.setattr(ReadThrottle, "THROTTLE_RATES", {"read": "2/min"})
    assert [client.get(CHANNELS).status_code for _ in range(3)] == [200, 200, 429]
    response = client.get(CHANNELS)
    refused(response, 429)
    assert 1 <= int(response["Retry-After"]) <= 61
