"""The commands of compose.yaml run, together, on PostgreSQL and a real broker; nobody's data is in what they log."""

import base64
import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

import pytest
import redis
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from approvals.tests.test_outbox import Sink, smtp_server
from config.paths import BASE_DIR
from config.tests import postgres
from config.tests.live import wait_until
from config.tests.production import SERVICES, TOKEN, Production, instructions

pytestmark = pytest.mark.live

# Words and numbers of people, which no log and no message may hold.
NAME, USERNAME, EMAIL = "Canaria", "ana.canaria", "ana.canaria@correo-canario.es"
PHONE, CUSTOMER, CODE = "+34 611 22 33 44", "cliente.canario@correo-canario.es", "CANARY-CUSTOMER-77"
PASSWORD, SEARCHED, REPLY = "canary-Passw0rd", "canarysearch", "canaryreply"
CANARIES = [NAME, USERNAME, EMAIL, PHONE, "611 22 33 44", CUSTOMER, CODE, PASSWORD, SEARCHED, REPLY, "correo-canario"]

# Two departments whose offers collide, with a lead of that name who may also look at customers, and a customer; mails
# to the lead are refused.
SEED = f"""
from django.utils import timezone
from campaigns.tests import factories
factories.NOW = timezone.now()
from campaigns.tests.factories import *
from django.contrib.auth.models import Group
from customers.models import Customer
lead = make_user("{USERNAME}", email="{EMAIL}", first_name="{NAME}")
lead.groups.add(Group.objects.get(name="Analysts"))
segment = make_segment(numbers=range(50))
products = make_products(3)
Customer.objects.create(number=1, code="{CODE}", email="{CUSTOMER}", attributes={{"phone": "{PHONE}"}})
day = (timezone.now() + timezone.timedelta(days=20)).date()
for code, who in (("MKT", lead), ("SAL", None)):
    campaign = make_campaign(make_department(code, lead=who), code + "-1", starts_on=day)
    make_offer(campaign, code + "-1-A", segments=[segment], products=products)
    submit(campaign)
""".replace("timezone.timedelta", "__import__('datetime').timedelta")

SESSION = f"""
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
user, session = User.objects.get(username="{USERNAME}"), SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory, processes):
    """Everything of compose.yaml, started in its order and ready."""
    sink = Sink(to={EMAIL: f"550 5.1.1 <{EMAIL}>: {REPLY}, {NAME} has left"})
    try:
        with postgres.server() as url, smtp_server(sink) as port:
            folder = tmp_path_factory.mktemp("production")
            house = Production(folder, processes, url, f"smtp://127.0.0.1:{port}")
            house.sink = sink
            _collect_static_files(house)
            assert house.start("migrate").wait(120) == 0, house.log("migrate").read_text()
            for service in ("web", "worker", "beat"):
                house.start(service)
            try:
                wait_until(lambda: house.get("/readyz")[0] == 200, seconds=150, what="readyz")
                yield house
            finally:
                house.close()
    except postgres.NoServerError as error:
        if os.environ.get("CONCORDIA_REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(f"no PostgreSQL: {error}")


def _collect_static_files(house):
    """The step of the Dockerfile that does it."""
    (step,) = [rest for word, rest in instructions() if word == "RUN" and "collectstatic" in rest]
    (command,) = [part for part in step.split("&&") if "collectstatic" in part]
    words = shlex.split(command)
    variables = dict(word.split("=", 1) for word in words if "=" in word)
    variables["VAR_DIR"] = str(house.folder / "build")
    environment = {"PATH": os.environ["PATH"], "STATIC_ROOT": str(house.folder / "static")} | variables
    program = [sys.executable, *words[words.index("python") + 1 :]]
    subprocess.run(program, env=environment, cwd=BASE_DIR, check=True, capture_output=True)


@pytest.fixture(scope="module")
def seeded(house):
    house.run(SEED)
    wait_until(lambda: house.sql("SELECT 1 FROM approvals_mail WHERE state = 'failed'"), what="the refused mail")
    wait_until(lambda: house.sink.got, what="the other mail")
    return house


def test_ready_and_an_event_is_handled(seeded):
    """A collision has become a case and the case mails: web, worker, beat, database and broker work together."""
    (status, text) = seeded.get("/readyz")
    assert status == 200
    assert {name: part["ok"] for name, part in json.loads(text)["parts"].items()} == dict.fromkeys(
        ("broker", "calendar", "database", "events", "migrations", "outbox", "sweeps"), True
    )
    assert seeded.sql("SELECT state FROM approvals_case") == [("negotiation",)]
    assert seeded.sql("SELECT count(*) FROM customers_event WHERE handled_at IS NULL") == [(0,)]


def test_the_health_check_of_the_image(house):
    (check,) = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
    command = json.loads(check.partition("CMD ")[2])

    def ask(**variables):
        done = subprocess.run(
            [sys.executable, *command[1:]], env=house.environment("web") | variables, cwd=BASE_DIR, check=False
        )
        return done.returncode

    assert ask() == 0
    assert ask(ALLOWED_HOSTS="127.0.0.1, localhost") == 0
    assert ask(BIND="127.0.0.1:1") == 1


def test_pages_and_their_static_files(house):
    status, text = house.get("/admin/login/")
    assert status == 200
    style = re.search(r'href="(/static/concordia/concordia\.[0-9a-f]{12}\.css)"', text)[1]
    assert house.get(style)[0] == 200


def test_requests_of_all_web_processes_are_counted(house):
    def counted():
        status, text = house.get("/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        name = "django_http_responses_total_by_status_view_method_total"
        values = {
            sample.value for sample in samples if sample.name == name and sample.labels["view"] == "admin:jsi18n"
        }
        gauges = {sample.name for sample in samples if sample.name.startswith("concordia_")}
        return sum(values), gauges

    before, gauges = counted()
    for _ in range(40):
        house.get("/admin/jsi18n/")
    after, _ = counted()
    assert after == before + 40
    assert "concordia_detection_seconds" in gauges or "concordia_events_unhandled" in gauges
    files = list((house.folder / "var" / "run" / "metrics").glob("counter_*.db"))
    assert len(files) > 1, "only one process has counted: nothing was put together"
    assert house.get("/metrics", Authorization="Bearer wrong")[0] == 401


def test_a_worker_survives_what_it_does_not_know(house):
    """As in an upgrade: new code rings an old worker for a task it has not, or gives one more argument."""
    house.run("from celery import current_app as app; app.send_task('approvals.tasks.task_of_tomorrow')")
    house.run("from celery import current_app as app; app.send_task('approvals.tasks.task_react', kwargs={'new': 1})")
    wait_until(lambda: "task_of_tomorrow" in house.log("worker").read_text(), what="the unknown task")
    wait_until(lambda: "raised unexpected" in house.log("worker").read_text(), what="the unknown argument")
    # Nothing hangs on either message: the sweep does what they rang for.
    finished = house.log("worker").read_text().count("task_sweep")
    house.run("from customers.actions.events import ring; ring('approvals.tasks.task_sweep')")
    wait_until(lambda: house.log("worker").read_text().count("task_sweep") > finished + 1, what="a sweep")
    assert house._processes["worker"].poll() is None


@pytest.fixture(scope="module")
def told(seeded):
    _sign_in(seeded, *((name, PASSWORD) for name in (USERNAME, EMAIL, PHONE)))
    _look_for_somebody(seeded)
    _break_pages(seeded)
    _break_the_worker(seeded)
    _import_what_is_wrong(seeded)
    return seeded


class TestNobodysData:
    """The main flows and their failures, with words that are looked for afterwards."""

    def test_logs_are_json_and_hold_none(self, told):
        text = "".join(told.log(service).read_text() for service in ("migrate", "web", "worker", "beat"))
        assert [word for word in CANARIES if word.casefold() in text.casefold()] == []
        for service in ("web", "worker", "beat"):
            assert all({"time", "level", "logger", "event"} <= line.keys() for line in told.lines(service))

    def test_the_words_were_really_there(self, told):
        """Or a log that says nothing would pass."""
        (error,) = told.sql("SELECT error FROM approvals_mail WHERE state = 'failed' LIMIT 1")[0]
        assert EMAIL in error
        assert REPLY in error
        failed = [line for line in told.lines("web") if line["event"] == "request_failed"]
        assert [line["request"] for line in failed] == ["GET /admin/customers/customer/", "POST /admin/login/"]
        assert [line["exception"].splitlines()[-1].partition(":")[0] for line in failed] == [
            "ProgrammingError",
            "IntegrityError",
        ]
        (line,) = [line for line in told.lines("worker") if line["event"].startswith("timer ")][:1]
        assert line["exception"].splitlines()[-1].startswith("IntegrityError: new row for relation '…' violates check")

    def test_requests_tell_route_number_and_duration(self, told):
        lines = [line for line in told.lines("web") if line["logger"] == "config.logs.requests"]
        (found,) = [line for line in lines if line["route"] == "/admin/customers/customer/" and line["status"] == 200]
        ((number,),) = told.sql(f"SELECT id FROM auth_user WHERE username = '{USERNAME}'")
        assert (found["method"], found["user_id"], found["request_id"]) == ("GET", number, "look-for-somebody")
        assert isinstance(found["ms"], int)

    def test_tasks_tell_name_id_and_duration(self, told):
        line = [line for line in told.lines("worker") if "seconds" in line][-1]
        assert re.fullmatch(r"(approvals|campaigns)\.tasks\.task_\w+", line["task"])
        assert re.fullmatch(r"[0-9a-f-]{36}", line["task_id"])
        assert line["event"] == f"Task {line['task']}[{line['task_id']}] succeeded in {line['seconds']:.3f}s"

    def test_messages_hold_none_and_no_arguments(self, told):
        """Rings that nobody has heard yet lie in the broker."""
        told.stop("worker")
        try:
            told.run(_EDIT)
            kept = _everything_in(told.broker)
        finally:
            told.start("worker")
        messages = [json.loads(value) for key, value in kept if key == "concordia:celery"]
        assert messages
        bodies = [json.loads(base64.b64decode(message["body"])) for message in messages]
        assert [body[:2] for body in bodies] == [[[], {}]] * len(bodies)
        text = str(kept) + str(bodies)
        assert [word for word in CANARIES if word.casefold() in text.casefold()] == []


_EDIT = f"""
from django.contrib.auth.models import User
from django.utils import timezone
from campaigns.actions import offers
from campaigns.models import Offer
offer = Offer.objects.get(code="MKT-1-A")
offers.change_offer(offer=offer, by=User.objects.get(username="{USERNAME}"), now=timezone.now(), fields={{"name": "{NAME}"}})
"""


def _everything_in(broker):
    """[(key, value)] of every value of every key."""
    readers = {
        "list": lambda client, key: client.lrange(key, 0, -1),
        "set": lambda client, key: client.smembers(key),
        "zset": lambda client, key: client.zrange(key, 0, -1),
        "hash": lambda client, key: [part for pair in client.hgetall(key).items() for part in pair],
        "string": lambda client, key: [client.get(key)],
    }
    with redis.Redis(unix_socket_path=str(broker._broker.socket), decode_responses=True) as client:
        return [(key, value) for key in client.scan_iter() for value in readers[client.type(key)](client, key)]


def _signed_in(house):
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={house.run(SESSION)}"}


def _sign_in(house, *logins):
    """Fill the form of the login in, with one (name, password) after the other."""
    script = f"""
import http.cookiejar, re, urllib.error, urllib.parse, urllib.request
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
page = opener.open("http://127.0.0.1:{house.port}/admin/login/?next=/{SEARCHED}/").read().decode()
token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page)[1]
for name, password in {logins!r}:
    data = urllib.parse.urlencode(dict(csrfmiddlewaretoken=token, username=name, password=password)).encode()
    try:
        opener.open("http://127.0.0.1:{house.port}/admin/login/", data)
    except urllib.error.HTTPError:
        pass
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def _look_for_somebody(house):
    session = _signed_in(house)
    query = f"?q={CUSTOMER}"
    status, text = house.get(f"/admin/customers/customer/{query}", **session, **{"X-Request-ID": "look-for-somebody"})
    assert (status, CODE in text) == (200, True)
    house.get(f"/admin/customers/customer/?q={SEARCHED}&email={EMAIL}", **session, **{"User-Agent": EMAIL})
    house.get(f"/{SEARCHED}/{EMAIL}/", **session)


@contextlib.contextmanager
def _refusing(house, table):
    """The database refuses each row of `table`, and shows in its words what the row holds."""
    house.sql(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK (false) NOT VALID")
    try:
        yield
    finally:
        house.sql(f"ALTER TABLE {table} DROP CONSTRAINT refused")


def _break_pages(house):
    session = _signed_in(house)
    house.sql("ALTER TABLE customers_customer RENAME TO away")
    try:
        assert house.get(f"/admin/customers/customer/?q={SEARCHED}", **session)[0] == 500
    finally:
        house.sql("ALTER TABLE away RENAME TO customers_customer")
    with _refusing(house, "auth_user"):
        _sign_in(house, (USERNAME, "secret"))


def _break_the_worker(house):
    """A reminder is due, and its mail, with the reader's name in it, is refused by the database."""
    with _refusing(house, "approvals_mail"):
        house.sql("UPDATE approvals_timer SET due_at = now() WHERE done_at IS NULL")
        house.run("from customers.actions.events import ring; ring('approvals.tasks.task_sweep')")
        wait_until(lambda: "timer 1 of case 1 failed" in house.log("worker").read_text(), what="the failed timer")


def _import_what_is_wrong(house):
    folder = house.folder / "dataset"
    folder.mkdir()
    (folder / "customers.csv").write_text(
        f"customer_code,email,surprise\n{CODE},{CUSTOMER},{PHONE}\n,{EMAIL} {NAME},\n"
    )
    done = house.manage("import_dataset", str(folder))
    assert done.returncode != 0
    # What the command prints names cells; what it logs does not.
    assert [line for line in done.stderr.splitlines() if CODE in line or EMAIL in line] == []


def test_while_the_database_is_away(house):
    def let(connections):
        house.sql(f"ALTER DATABASE postgres WITH ALLOW_CONNECTIONS {connections}", database="template1")

    let("false")
    try:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'"
        house.sql(ended, database="template1")
        begun = time.monotonic()
        status, text = house.get("/readyz")
        assert time.monotonic() - begun < 5
        answer = json.loads(text)
        assert (status, answer["ready"], answer["degraded"]) == (503, False, False)
        assert answer["parts"]["database"] == {"ok": False, "error": "OperationalError"}
        assert answer["parts"]["broker"] == {"ok": True}
        assert house.get("/healthz") == (200, "ok")
        status, text = house.get("/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200
        assert "\nconcordia_database_reachable 0.0\n" in text
    finally:
        let("true")
    wait_until(lambda: house.get("/readyz")[0] == 200, what="ready again")


def test_while_the_broker_is_away(house):
    def answer():
        status, text = house.get("/readyz")
        return status, json.loads(text)["degraded"]

    house.broker.kill()
    try:
        assert answer() == (200, True)
        assert house.get("/admin/login/")[0] == 200
    finally:
        house.broker.start()
    wait_until(lambda: answer() == (200, False), what="the broker")


def test_who_is_told_to_stop_stops(house):
    time.sleep(1)
    assert {service: house.stop(service) for service in ("web", "beat", "worker")} == {
        "web": 0,
        "beat": 0,
        "worker": 0,
    }
    assert {name for name in SERVICES if name in house._processes} <= {"migrate"}
