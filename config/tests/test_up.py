"""`manage.py up` as a person or an operator meets it: real processes in a `var/` of their own."""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from config.tests.live import ENVIRONMENT, ring_at, wait_until
from customers.tests.ports import free_port

pytestmark = pytest.mark.live


class Up:
    def __init__(self, var, **environment):
        self.var = var
        self.port = free_port()
        self._log = var.parent / f"{var.name}.log"
        own = {"VAR_DIR": str(var), "PORT": str(self.port), "NO_DEMO": "1", "LANGUAGE_CODE": "en"}
        self._environment = ENVIRONMENT | own | environment
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(self.command, env=self._environment, stdout=log, stderr=log)

    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "up")

    @property
    def log(self):
        return self._log.read_text()

    def second_start(self, **environment):
        return subprocess.run(
            self.command, env=self._environment | environment, capture_output=True, text=True, check=False
        )

    def wait_until_ready(self):
        wait_until(lambda: "| open http" in self.log or self.process.poll() is not None, seconds=300, what="up")
        assert self.status("/readyz") == 200, self.log
        return self

    def status(self, path):
        with contextlib.suppress(OSError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code

    @property
    def address(self):
        """The address that it tells people to open."""
        (said,) = re.findall(r"\| open (\S+)", self.log)
        return said

    def processes(self, part=""):
        """Numbers of the processes of this house whose command names `part`; zombies are no longer processes."""
        mark = f"VAR_DIR={self.var}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                # Valkey writes its title over its environment, but works in a folder of `var`.
                ours = mark in (folder / "environ").read_bytes().split(b"\0")
                ours = ours or (folder / "cwd").readlink().is_relative_to(self.var)
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if ours and command and part in command:
                    found.append(int(folder.name))
        return sorted(found)

    def told(self, part, variable):
        """The value of a variable in the environment of the first process whose command names `part`, or None."""
        environment = Path(f"/proc/{self.processes(part)[0]}/environ").read_bytes().decode().split("\0")
        return dict(line.split("=", 1) for line in environment if "=" in line).get(variable)

    def end(self, number):
        """Send a signal to `up` and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def ring(self, task):
        ring_at((self.var / "run" / "redis.url").read_text())
        try:
            app.send_task(task, ignore_result=True, retry=False)
        finally:
            ring_at(settings.CELERY_BROKER_URL)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """What a first start makes of an empty folder takes seconds; most tests are about what comes after."""
    var = tmp_path_factory.mktemp("migrated")
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity=0")
    subprocess.run(command, env=ENVIRONMENT | {"VAR_DIR": str(var), "SECRET_KEY": "of-the-first-start"}, check=True)
    return var / "db.sqlite3"


@pytest.fixture
def start(request, tmp_path):
    started = []

    def start_up(var=None, *, is_new=False, **environment):
        var = var or tmp_path / "var"
        if not is_new and not var.exists():
            var.mkdir()
            shutil.copy(request.getfixturevalue("migrated"), var)
        started.append(Up(var, **environment))
        return started[-1]

    yield start_up
    for up in started:
        up.process.kill()
        up.process.wait()
        for process in up.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def test_from_an_empty_var_to_ready_and_back_to_nothing(start):
    up = start(is_new=True).wait_until_ready()
    assert up.told("gunicorn", "REQUIRE_TWO_FACTOR") is None
    assert up.status("/healthz") == 200
    for address in (up.address, f"http://localhost:{up.port}/"):
        with urllib.request.urlopen(address, timeout=20) as page:  # noqa: S310 - its own address
            assert (page.status, page.url.partition("?")[0]) == (200, f"{up.address}login/")
    for name in ("secret_key", "run/redis.url"):
        assert stat.S_IMODE((up.var / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((up.var / "broker" / "valkey.sock").stat().st_mode) == 0o700

    second = up.second_start(PORT=str(free_port()))
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert up.address in second.stderr

    assert up.end(signal.SIGINT) == 0
    assert up.processes() == []
    assert not (up.var / "run" / "redis.url").exists()
    assert up.log.index("stopping") < up.log.index("Warm shutdown") < up.log.index("bye bye")

    key = (up.var / "secret_key").read_text()
    again = start().wait_until_ready()
    assert (up.var / "secret_key").read_text() == key
    assert again.end(signal.SIGTERM) == 0
    assert again.processes() == []


def test_ctrl_c_lets_the_worker_finish_its_task(start):
    up = start().wait_until_ready()
    before = _last_sweep(up)
    with contextlib.closing(sqlite3.connect(up.var / "db.sqlite3", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")  # the task can come to no end before we let it
        received = up.log.count("task_sweep")
        up.ring("campaigns.tasks.task_sweep")
        wait_until(lambda: up.log.count("task_sweep") > received, what="the task")
        up.process.send_signal(signal.SIGINT)
        wait_until(lambda: "Warm shutdown" in up.log, what="the worker's stop")
        time.sleep(1)
        assert up.process.poll() is None
        database.execute("ROLLBACK")
    assert up.process.wait(60) == 0
    assert _last_sweep(up) > before
    assert up.processes() == []


def _last_sweep(up):
    with contextlib.closing(sqlite3.connect(up.var / "db.sqlite3")) as database:
        query = "SELECT last_ok_at FROM customers_heartbeat WHERE name = 'campaigns sweep'"
        return database.execute(query).fetchone()[0]


def test_second_ctrl_c_stops_at_once(start):
    up = start().wait_until_ready()
    with contextlib.closing(sqlite3.connect(up.var / "db.sqlite3", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        received = up.log.count("task_sweep")
        up.ring("campaigns.tasks.task_sweep")
        wait_until(lambda: up.log.count("task_sweep") > received, what="the task")
        up.process.send_signal(signal.SIGINT)
        wait_until(lambda: "Warm shutdown" in up.log, what="the worker's stop")
        started = time.monotonic()
        assert up.end(signal.SIGINT) == 130
        assert time.monotonic() - started < 5
    assert up.processes() == []


def test_dead_broker_comes_back_on_the_same_socket(start, tmp_path):
    # A path too long for a socket: the broker finds another place, and leaves nothing there.
    up = start(tmp_path / ("long" * 25)).wait_until_ready()
    url = (up.var / "run" / "redis.url").read_text()
    place = Path(url.removeprefix("redis+socket://").partition("?")[0])
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700

    (broker,) = up.processes("valkey-server")
    os.kill(broker, signal.SIGKILL)
    (second,) = wait_until(
        lambda: [process for process in up.processes("valkey-server") if process != broker], what="a new broker"
    )
    assert second != broker
    before = _last_sweep(up)
    wait_until(lambda: up.status("/readyz") == 200, what="ready again")
    up.ring("campaigns.tasks.task_sweep")
    wait_until(lambda: _last_sweep(up) > before, what="a task after the restart")
    assert (up.var / "run" / "redis.url").read_text() == url

    assert up.end(signal.SIGINT) == 0
    assert not place.parent.exists()


@pytest.mark.parametrize("victim", ["beat", "worker", "gunicorn"])
def test_any_other_death_stops_all_with_its_exit_code(start, victim):
    up = start().wait_until_ready()
    os.kill(up.processes(victim)[0], signal.SIGKILL)
    assert up.process.wait(60) == 128 + signal.SIGKILL
    assert up.processes() == []


def test_no_orphan_when_up_is_killed(start):
    up = start().wait_until_ready()
    assert len(up.processes()) == 10  # up, undertaker, broker, beat, worker and its two, web and its two
    up.end(signal.SIGKILL)
    wait_until(lambda: up.processes() == [], seconds=5, what=f"the end of {up.processes()}")
    # Nothing is in the way of the next start.
    assert start().wait_until_ready().end(signal.SIGINT) == 0


def test_busy_port_is_one_line_before_anything_is_started(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = start(is_new=True, PORT=str(port))
        assert up.process.wait(20) == 1
    assert up.log.count("\n") == 1
    assert str(port) in up.log
    assert not (up.var / "db.sqlite3").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_port_that_is_none(start, port):
    up = start(is_new=True, PORT=port)
    assert up.process.wait(20) == 1
    assert up.log == f"up: PORT is “{port}”; it must be a number from 1 to 65535.\n"


def test_demo_comes_with_the_first_start_whole_or_not_at_all(start):
    up = start(is_new=True, NO_DEMO="")
    wait_until(lambda: "products" in up.log, seconds=180, what="the demo")
    assert list((up.var / "tmp").iterdir())
    assert up.end(signal.SIGINT) == 0
    assert up.processes() == []
    assert not (up.var / "tmp").exists()

    up = start(NO_DEMO="").wait_until_ready()
    assert "demo   |" in up.log
    assert [line for line in up.log.splitlines() if line.startswith("up     |   lucia ")]
    # Everybody knows its passwords: a second factor would protect nothing.
    assert up.told("gunicorn", "REQUIRE_TWO_FACTOR") == "no"
    assert up.end(signal.SIGINT) == 0

    up = start(NO_DEMO="").wait_until_ready()
    assert "demo   |" not in up.log
    assert [line for line in up.log.splitlines() if line.startswith("up     |   lucia ")]
