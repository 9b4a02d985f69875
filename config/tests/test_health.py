import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from approvals.actions import mail_hold
from approvals.choices import MailState
from approvals.models import Mail, SpecialDay
from config.backlog import SWEEPS
from customers.actions import heartbeats
from customers.actions.events import MAX_TRIES
from customers.models import Event, Heartbeat


def about(seconds):
    """A machine that is busy may take a while between writing and asking."""
    return pytest.approx(seconds, abs=8)


WELL = {
    "broker": {"ok": True},
    "calendar": {"ok": True, "days_covered": None},
    "database": {"ok": True},
    "events": {"ok": True, "given_up": 0},
    "migrations": {"ok": True, "missing": 0},
    "outbox": {"ok": True, "held": False, "oldest_seconds": 0, "overdue_seconds": 0, "failed": 0},
    "sweeps": {"ok": True, "seconds": dict.fromkeys(SWEEPS, about(0))},
}


@pytest.fixture
def well(db):
    """A house in which everything has just run."""
    for name in SWEEPS:
        heartbeats.beat(name, now=timezone.now())


def make_mail(django_user_model, *, due, state=MailState.QUEUED):
    reader, _ = django_user_model.objects.get_or_create(username="marta")
    number = Mail.objects.count()
    moment = timezone.now() + due
    return Mail.objects.create(
        key=f"news-{number}",
        event="case_opened",
        recipient=reader,
        language="en",
        subject="secret subject",
        text="secret",
        html="secret",
        message_id=f"<{number}@localhost>",
        state=state,
        created_at=moment,
        not_before=moment,
        sent_at=moment if state == MailState.SENT else None,
        lease_until=moment if state == MailState.SENDING else None,
        digest=Mail.objects.first() if state == MailState.DIGESTED else None,
    )


def test_healthz_is_the_process_alone(client):
    """No database mark: the answer needs none."""
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert client.post("/healthz").status_code == 405


def test_ready_says_numbers_and_leaves_no_cookie(client, well, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "degraded": False, "parts": WELL}
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]
    assert client.post("/readyz").status_code == 405


def _not_ready(client):
    """What is not well, after checking that the rest is."""
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "secret" not in response.content.decode()
    answer = response.json()
    assert answer["ready"] is False
    return {name: part for name, part in answer["parts"].items() if not part["ok"]}


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize("age", [None, timedelta(seconds=301)])
def test_a_sweep_that_stands_still(client, well, name, age):
    assert client.get("/readyz").status_code == 200
    last = heartbeats.lock(name)
    last.last_ok_at = timezone.now() - age if age else None
    last.save(update_fields=["last_ok_at"])
    bad = _not_ready(client)
    assert set(bad) == {"sweeps"}
    assert bad["sweeps"]["seconds"][name] == (about(301) if age else None)


def test_a_house_that_was_never_swept(client, db):
    assert set(_not_ready(client)) == {"sweeps"}


@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.SENDING, MailState.DAILY])
def test_a_mail_that_nobody_sends(client, well, django_user_model, state):
    make_mail(django_user_model, due=timedelta(seconds=-290), state=state)
    outbox = client.get("/readyz").json()["parts"]["outbox"]
    assert (outbox["ok"], outbox["overdue_seconds"]) == (True, about(290))
    make_mail(django_user_model, due=timedelta(seconds=-301), state=state)
    bad = _not_ready(client)
    assert set(bad) == {"outbox"}
    assert bad["outbox"]["overdue_seconds"] == about(301)


def test_mails_that_wait_for_their_time_or_for_nobody(client, well, django_user_model):
    waiting = make_mail(django_user_model, due=timedelta(hours=1))
    Mail.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(hours=2))
    daily = make_mail(django_user_model, due=timedelta(hours=4), state=MailState.DAILY)
    Mail.objects.filter(pk=daily.pk).update(created_at=timezone.now() - timedelta(hours=20))
    for state in (MailState.SENT, MailState.FAILED):
        make_mail(django_user_model, due=timedelta(hours=-1), state=state)
    outbox = {"ok": True, "held": False, "oldest_seconds": about(7200), "overdue_seconds": 0, "failed": 1}
    assert client.get("/readyz").json() == {"ready": True, "degraded": False, "parts": WELL | {"outbox": outbox}}


def test_mails_that_failed_lately_are_told_and_harm_nobody(client, well, django_user_model):
    for days in (0, 1, 6.9, 7.1, 90):
        make_mail(django_user_model, due=timedelta(days=-days), state=MailState.FAILED)
    # Written long ago and tried until yesterday.
    late = make_mail(django_user_model, due=timedelta(days=-1), state=MailState.FAILED)
    Mail.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(days=30))
    make_mail(django_user_model, due=timedelta(days=-1), state=MailState.SENT)
    assert client.get("/readyz").json() == {
        "ready": True,
        "degraded": False,
        "parts": WELL | {"outbox": WELL["outbox"] | {"failed": 4}},
    }


def test_mail_that_is_held_waits_on_purpose(client, well, django_user_model):
    make_mail(django_user_model, due=timedelta(hours=-1))
    assert set(_not_ready(client)) == {"outbox"}
    mail_hold.hold(by=None, now=timezone.now())
    outbox = {"ok": True, "held": True, "oldest_seconds": about(3600), "overdue_seconds": about(3600), "failed": 0}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["outbox"]) == (200, outbox)


def test_news_that_was_given_up_is_counted(client, well):
    for tries in (MAX_TRIES, MAX_TRIES - 1):
        Event.objects.create(topic="collisions.changed", created_at=timezone.now(), tries=tries)
    Event.objects.create(
        topic="collisions.changed", created_at=timezone.now(), handled_at=timezone.now(), tries=MAX_TRIES
    )
    assert client.get("/readyz").json()["parts"]["events"] == {"ok": True, "given_up": 1}


def test_code_that_is_ahead_of_its_database(client, well):
    MigrationRecorder(connection).record_unapplied("approvals", "0001_initial")
    assert _not_ready(client) == {"migrations": {"ok": False, "missing": 1}}


def test_a_database_that_does_not_answer(client, well):
    def refuse(*_):
        raise OperationalError("secret address")

    with connection.execute_wrapper(refuse):
        bad = _not_ready(client)
    assert set(bad) == {"calendar", "database", "events", "migrations", "outbox", "sweeps"}
    assert all(part == {"ok": False, "error": "OperationalError"} for part in bad.values())


@pytest.mark.live
def test_days_off_that_end_keep_nobody_from_working(client, well):
    SpecialDay.objects.create(day=timezone.localdate() - timedelta(days=800), name="Holiday", source="ES")
    answer = client.get("/readyz").json()
    assert (answer["ready"], answer["degraded"], answer["parts"]["calendar"]["ok"]) == (True, True, False)
    assert answer["parts"]["calendar"]["days_covered"] < 0


@pytest.mark.live
def test_a_broker_that_is_away(client, well, valkey):
    assert client.get("/readyz").status_code == 200
    valkey.kill()
    started = time.monotonic()
    answer = client.get("/readyz")
    assert time.monotonic() - started < 2
    parts = WELL | {"broker": {"ok": False, "error": "OperationalError"}}
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "degraded": True, "parts": parts})
    # Nobody rings: once the sweeps are too old, that is what is wrong.
    Heartbeat.objects.update(last_ok_at=timezone.now() - timedelta(seconds=301))
    assert set(_not_ready(client)) == {"broker", "sweeps"}
    for name in SWEEPS:
        heartbeats.beat(name, now=timezone.now())
    valkey.start()
    assert client.get("/readyz").json() == {"ready": True, "degraded": False, "parts": WELL}
