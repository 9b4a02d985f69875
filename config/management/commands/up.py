"""Everything in one terminal: `make run` ends here."""

import contextlib
import http.client
import itertools
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, call_command
from django.db import OperationalError, connections
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Department
from config.celery import app
from config.demo import ADMINISTRATOR, PASSWORD, PEOPLE
from config.paths import VAR_DIR
from config.up import lock
from config.up.broker import Broker
from config.up.house import DiedError, House
from config.up.output import Output
from customers.actions.events import ring
from customers.models import Customer

# Variables of other programs' making that change what ours do.
_NOT_INHERITED = {"APP", "BROKER_URL", "RESULT_BACKEND", "LOADER", "CELERY_CONFIG_MODULE", "GUNICORN_CMD_ARGS"}

# A worker of root warns of whoever can reach the broker: ours is a socket that only its owner can open, or the
# operator's own choice.
_CELERY = [
    sys.executable,
    "-W",
    "ignore:You're running the worker with superuser",
    "-m",
    "celery",
    "-q",
    "-A",
    "config",
]
# Mingle and gossip are talk between workers; here is one.
_WORKER = [*_CELERY, "worker", "--concurrency=2", "--loglevel=INFO", "--without-mingle", "--without-gossip"]
_BEAT = [*_CELERY, "beat", "--loglevel=WARNING", "--pidfile="]

# An import that is killed leaves a hundred megabytes behind: here they go with the next start or stop.
_SCRATCH = VAR_DIR / "tmp"


class Command(BaseCommand):
    help = "Starts broker, worker, beat and web server, and stops them in order on Ctrl-C."
    requires_system_checks = []

    def handle(self, *args, **options):
        port = _port()
        # Kept until the end of this process: the lock is the open file.
        held = _take_lock(_address(port))
        listener = _listen(port)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        code = Start(port, listener).run()
        held.close()
        sys.exit(code)


def _port():
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit("up: " + _("PORT is “%(text)s”; it must be a number from 1 to 65535.") % {"text": text})
    return int(text)


def _address(port):
    """What a person opens, as the README says it."""
    return f"http://localhost:{port}{reverse('admin:index')}"


def _take_lock(address):
    try:
        return lock.take(VAR_DIR / "run" / "up.lock", address)
    except lock.TakenError as other:
        text = _("Already running at %(address)s: open that, or stop it first with Ctrl-C where it was started.")
        sys.exit("up: " + text % {"address": other})


def _listen(port):
    """The socket of the web server, opened first so that a busy port is known before anything is started."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        text = _("Port %(port)d cannot be used (%(why)s). Choose another: PORT=%(other)d make run")
        sys.exit("up: " + text % {"port": port, "why": error.strerror, "other": port % 65535 + 1})


class Start:
    """One start of the house, from an empty `var/` to the last process stopped."""

    def __init__(self, port, listener):
        self._port = port
        self._listener = listener
        self._out = Output()
        self._house = House(self._out)
        own = not (os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE"))
        self._broker = Broker(VAR_DIR / "broker") if own else None

    def run(self):
        """Returns the exit code: 0 after Ctrl-C, else that of the process whose death ended everything."""
        code = 0
        try:
            try:
                self._open()
                while True:
                    self._house.watch(60)
            except DiedError as died:
                self._out.line("up", _("%(died)s; stopping the others") % {"died": died})
                code = died.code
            except KeyboardInterrupt:
                self._out.line("up", _("stopping: web, beat, worker, broker"))
            self._stop()
        except KeyboardInterrupt:
            self._out.line("up", _("stopping at once"))
            code = 130
        finally:
            signal.signal(signal.SIGINT, _nothing)
            self._house.close()
            self._forget_broker()
            shutil.rmtree(_SCRATCH, ignore_errors=True)
        return code

    def _open(self):
        self._prepare()
        env = self._environment()
        if self._broker:
            self._house.start("broker", self._broker.command, env=env, comes_back=True)
        if not os.environ.get("NO_DEMO") and _is_empty():
            self._out.line("up", _("loading the demo; NO_DEMO=1 starts without it"))
            self._house.run("demo", [sys.executable, "manage.py", "load_demo"], env=env)
        if _runs_demo():
            # Its passwords are public; whoever says otherwise is heard.
            env.setdefault("REQUIRE_TWO_FACTOR", "no")
        connections.close_all()
        self._house.start("worker", _WORKER, env=env)
        self._house.start("beat", _BEAT, env=env)
        descriptor = self._listener.fileno()
        self._house.start("web", _web(descriptor), env=env, pass_fds=[descriptor])
        # From here on the port is the web server's alone: closed when it closes.
        self._listener.close()
        for sweep in ("campaigns.tasks.task_sweep", "approvals.tasks.task_sweep"):
            ring(sweep)  # beat would only begin in a minute
        self._tell_when_ready()

    def _prepare(self):
        self._out.line("up", _("preparing database and static files"))
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            sys.exit("up: " + _("The database does not answer: %(why)s") % {"why": str(error).splitlines()[0]})
        call_command("collectstatic", interactive=False, verbosity=0)
        shutil.rmtree(_SCRATCH, ignore_errors=True)
        _SCRATCH.mkdir(mode=0o700)
        if self._broker:
            app.conf.broker_url = self._broker.url
            _write_private(VAR_DIR / "run" / "redis.url", self._broker.url)

    def _environment(self):
        env = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(VAR_DIR), "PYTHONUNBUFFERED": "1"}
        env["TMPDIR"] = str(_SCRATCH)
        # Links in mails lead to where this house answers.
        env.setdefault("SITE_URL", f"http://localhost:{self._port}")
        if self._broker:
            env["REDIS_URL"] = self._broker.url
        return env

    def _tell_when_ready(self, seconds=60):
        end = time.monotonic() + seconds
        while (answer := _ask(self._port)) != (200, ""):
            if time.monotonic() > end:
                text = _("started, but not ready after %(seconds)d seconds: %(answer)s")
                self._out.line("up", text % {"seconds": seconds, "answer": answer[1]})
                break
            self._house.watch(0.3)
        for line in _demo_logins():
            self._out.line("up", line)
        connections.close_all()
        text = _("open %(address)s (Ctrl-C stops everything)")
        self._out.line("up", text % {"address": _address(self._port)})

    def _stop(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _nothing)  # only Ctrl-C, said again, is impatience
        self._listener.close()
        self._house.stop("web", patience=15)
        self._house.stop("beat", patience=10)
        # A task ends by itself at its time limit.
        self._house.stop("worker", patience=settings.CELERY_TASK_TIME_LIMIT + 10)
        self._house.stop("broker", patience=10)

    def _forget_broker(self):
        if self._broker:
            self._broker.forget()
            (VAR_DIR / "run" / "redis.url").unlink(missing_ok=True)


def _is_empty():
    return not any(model.objects.exists() for model in (User, Department, Customer))


def _runs_demo():
    """False once the demo's people are gone or have passwords of their own."""
    people = {user.username: user for user in User.objects.filter(username__in=[p.username for p in PEOPLE])}
    return len(people) == len(PEOPLE) and people[ADMINISTRATOR.username].check_password(PASSWORD)


def _demo_logins():
    """Whom to sign in as."""
    if not _runs_demo():
        return
    yield _("sign in with the password “%(password)s” as") % {"password": PASSWORD}
    for role, persons in itertools.groupby(PEOPLE, key=lambda person: (str(person.role), person.department)):
        yield f"  {', '.join(person.username for person in persons):16} {', '.join(filter(None, role))}"


def _nothing(number, frame):
    """A handler rather than SIG_IGN, which a process started now would inherit."""


def _web(descriptor):
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    return [*command, f"--bind=fd://{descriptor}", "--log-level=warning"]


def _ask(port):
    """(200, "") when the house is ready, else what is missing."""
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as client:
        try:
            client.request("GET", "/readyz", headers={"Host": host})
            response = client.getresponse()
            text = response.read(2000).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}"
    return response.status, "" if response.status == 200 else text


def _write_private(path: Path, text):
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
