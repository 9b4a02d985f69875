import re
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from approvals.actions import mail_hold
from approvals.choices import MailState, TimerKind
from approvals.models import Case, Mail, Timer
from approvals.tests.builders import open_dispute
from campaigns.models import DetectionRun
from config import setting_table
from config.tests.test_health import about, make_mail
from customers.actions import heartbeats
from customers.actions.events import MAX_TRIES
from customers.models import Event

TOKEN = "a-token-for-tests"


@pytest.fixture
def scrape(client, settings):
    """Reads /metrics as Prometheus does: {(name, labels): value}."""
    settings.METRICS_TOKEN = TOKEN

    def read():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
        families = text_string_to_metric_families(answer.content.decode())
        samples = [sample for family in families for sample in family.samples]
        return {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}

    return read


def state(found):
    return {key: value for key, value in found.items() if key[0].startswith("concordia_")}


QUIET = {
    ("concordia_database_reachable",): 1,
    ("concordia_events_unhandled",): 0,
    ("concordia_events_oldest_seconds",): 0,
    ("concordia_events_given_up",): 0,
    ("concordia_mails_queued",): 0,
    ("concordia_mails_oldest_seconds",): 0,
    ("concordia_mails_overdue_seconds",): 0,
    ("concordia_mails_held",): 0,
    ("concordia_mails_failed",): 0,
    ("concordia_mails_unsure",): 0,
    ("concordia_timers_overdue",): 0,
    ("concordia_timers_overdue_seconds",): 0,
    ("concordia_cases_open", ("state", "decided")): 0,
    ("concordia_cases_open", ("state", "detected")): 0,
    ("concordia_cases_open", ("state", "mediation")): 0,
    ("concordia_cases_open", ("state", "negotiation")): 0,
    ("concordia_collisions_open", ("level", "low")): 0,
    ("concordia_collisions_open", ("level", "note")): 0,
    ("concordia_collisions_open", ("level", "medium")): 0,
    ("concordia_collisions_open", ("level", "high")): 0,
    ("concordia_collisions_open", ("level", "critical")): 0,
}


def test_a_house_in_which_nothing_happens(db, scrape):
    assert state(scrape()) == QUIET


def test_a_house_at_work(db, scrape, django_user_model):
    open_dispute()
    Event.objects.all().delete()
    Mail.objects.all().delete()
    Timer.objects.all().delete()
    now = timezone.now()
    for tries, age in ((0, 60), (MAX_TRIES, 90)):
        Event.objects.create(topic="t", created_at=now - timedelta(seconds=age), tries=tries)
    Event.objects.create(topic="t", created_at=now - timedelta(days=1), handled_at=now)
    for mail_state in MailState.values:
        make_mail(django_user_model, due=timedelta(seconds=-120), state=mail_state)
    Mail.objects.filter(state=MailState.SENT).update(unsure=True)
    timer = {"case": Case.objects.get(), "kind": TimerKind.REMIND}
    Timer.objects.create(due_at=now - timedelta(seconds=30), **timer)
    Timer.objects.create(due_at=now - timedelta(days=1), done_at=now, result="reminded", **timer)
    heartbeats.beat("campaigns sweep", now=now - timedelta(seconds=20))
    DetectionRun.objects.create(
        requested_at=now,
        started_at=now - timedelta(seconds=70),
        finished_at=now - timedelta(seconds=50),
    )
    mail_hold.hold(by=None, now=now)
    changed = {
        ("concordia_events_unhandled",): 2,
        ("concordia_events_oldest_seconds",): about(90),
        ("concordia_events_given_up",): 1,
        ("concordia_mails_queued",): 4,
        ("concordia_mails_oldest_seconds",): about(120),
        ("concordia_mails_overdue_seconds",): about(120),
        ("concordia_mails_held",): 1,
        ("concordia_mails_failed",): 1,
        ("concordia_mails_unsure",): 1,
        ("concordia_timers_overdue",): 1,
        ("concordia_timers_overdue_seconds",): about(30),
        ("concordia_cases_open", ("state", "negotiation")): 1,
        ("concordia_collisions_open", ("level", "high")): 1,
        ("concordia_sweep_age_seconds", ("sweep", "campaigns sweep")): about(20),
        ("concordia_detection_seconds",): 20,
        ("concordia_detection_age_seconds",): about(50),
    }
    assert state(scrape()) == QUIET | changed


def test_the_number_of_queries_is_bounded(db, scrape, django_assert_num_queries, django_user_model):
    with django_assert_num_queries(9):
        scrape()
    open_dispute()
    for _ in range(3):
        make_mail(django_user_model, due=timedelta(0))
    with django_assert_num_queries(9):
        scrape()


def test_requests_are_counted_by_view_and_never_by_address(db, scrape, client):
    key = ("django_http_responses_total_by_status_view_method_total", ("method", "GET"), ("status", "200"))
    key += (("view", "healthz"),)
    before = scrape().get(key, 0)
    for query in ("", "?x=CANARY"):
        client.get(f"/healthz{query}")
    client.get("/nobody/CANARY/")
    found = scrape()
    assert found[key] == before + 2
    assert "CANARY" not in str(found.keys())


def test_an_invented_method_makes_no_series_of_its_own(db, scrape, client):
    client.generic("CANARY", "/healthz")
    assert "CANARY" not in str(scrape().keys())


def test_a_database_that_is_away_leaves_the_counts_of_requests(scrape, db):
    def refuse(*_):
        raise OperationalError("secret address")

    with connection.execute_wrapper(refuse):
        found = scrape()
    assert state(found) == {("concordia_database_reachable",): 0}
    assert [key for key in found if key[0].startswith("django_http_requests")]


def test_the_document_names_every_metric_and_no_other(db, scrape):
    """Those that are absent while a job never ran are named as well."""
    heartbeats.beat("campaigns sweep", now=timezone.now())
    DetectionRun.objects.create(requested_at=timezone.now(), started_at=timezone.now(), finished_at=timezone.now())
    text = setting_table.DOCUMENT.read_text()
    assert set(re.findall(r"concordia_[a-z_]+[a-z](?=[`{\s)])", text)) - {"concordia_token"} == {
        key[0] for key in state(scrape())
    }


class TestWhoMayRead:
    """No database mark: whoever may not read costs no query."""

    def test_without_a_token_in_the_settings_there_is_nothing(self, client):
        for given in ("Bearer ", "Bearer x", ""):
            assert client.get("/metrics", headers={"Authorization": given}).status_code == 404

    @pytest.mark.parametrize(
        "given", [None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"]
    )
    def test_the_header_must_have_it(self, client, settings, given):
        settings.METRICS_TOKEN = TOKEN
        answer = client.get("/metrics", headers={"Authorization": given} if given is not None else {})
        assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")

    def test_not_in_the_address(self, client, settings):
        settings.METRICS_TOKEN = TOKEN
        assert client.get(f"/metrics?token={TOKEN}&access_token={TOKEN}").status_code == 401

    def test_only_read(self, client, settings):
        settings.METRICS_TOKEN = TOKEN
        assert client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405
