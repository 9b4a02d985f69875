"""A machine with PostgreSQL and Valkey, and two with a worker each."""

import contextlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass

import psycopg
import pytest
import redis

from config.paths import BASE_DIR
from config.tests.live import ENVIRONMENT, wait_until
from config.tests.postgres import NoServerError, Server
from config.up.broker import Broker
from config.up.processes import Family
from e2e.hosts.network import Machine, NoNetworkError, as_user, network

SHARDS = 12


class NetworkServer(Server):
    """PostgreSQL that other machines reach; its socket file still works from here."""

    def start_on(self, machine):
        with (self._data / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.83.0.0/24 trust\n")
        options = {"listen_addresses": machine.address, "unix_socket_directories": str(self._data), "fsync": "off"}
        options["log_connections"] = "on"
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.log = self._home / "log"
        with self.log.open("ab") as out:
            self._process = self._family.start(
                machine.inside(*as_user(self._user, command)), env=ENVIRONMENT, cwd=self._home, stdout=out, stderr=out
            )
        wait_until(self._is_ready, what="PostgreSQL")

    @property
    def callers(self):
        """Addresses from which anybody has come over the network."""
        return set(re.findall(r"connection received: host=([\d.]+)", self.log.read_text()))

    def _is_ready(self):
        status = self._data / "postmaster.pid"
        return (self._data / ".s.PGSQL.5432.lock").exists() and "ready" in status.read_text()


class Host:
    """A machine that runs the product, with a folder of its own and the servers at the other end of its cable."""

    def __init__(self, machine, folder, servers, database):
        self.machine, self.name = machine, machine.name
        self._folder, self._family, self._worker = folder / machine.name, servers.family, None
        self._folder.mkdir()
        self.log_file = self._folder / "worker.log"
        self._environment = ENVIRONMENT | {
            "DATABASE_URL": f"postgres://{servers.postgres.user}@{servers.machine.address}:5432/{database}?sslmode=disable",
            "DETECTION_SHARDS": str(SHARDS),
            "LANGUAGE_CODE": "en",
            "REDIS_URL": f"redis://{servers.machine.address}:6379/0",
            "SECRET_KEY": "only for tests",
            "VAR_DIR": str(self._folder),
        }

    def run(self, *arguments):
        """Run Python there to its end; returns what it printed."""
        done = subprocess.run(
            self.machine.inside(sys.executable, *arguments),
            env=self._environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def plan(self, work):
        return json.loads(self.run("-m", "e2e.hosts.plan", work))

    def start_worker(self):
        command = ["-m", "celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=INFO"]
        with self.log_file.open("ab") as log:
            self._worker = self._family.start(
                self.machine.inside(sys.executable, *command, "--without-mingle", "--without-gossip"),
                env=self._environment,
                cwd=BASE_DIR,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: " ready." in self.log, seconds=90, what=f"the worker on {self.name}")

    def stop(self):
        if self._worker:
            self._family.bury(self._worker)

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")


@dataclass
class Servers:
    """What stands on the first machine, for all tests."""

    machine: Machine
    others: list[Machine]
    family: Family
    postgres: NetworkServer
    broker: Broker

    def connect(self, database, **options):
        """Past the network."""
        place = {"host": str(self.postgres.socket.parent), "user": self.postgres.user, "dbname": database}
        return psycopg.connect(**place, **options)

    def ask(self, database, question):
        with self.connect(database, autocommit=True) as connection:
            cursor = connection.execute(question)
            return cursor.fetchall() if cursor.description else []


class House:
    """Two hosts with a database of their own."""

    def __init__(self, servers, folder, database):
        self._servers, self._database = servers, database
        self.hosts = [Host(machine, folder, servers, database) for machine in servers.others]

    def ask(self, question):
        return self._servers.ask(self._database, question)

    @contextlib.contextmanager
    def reading_blocked(self):
        """While this lasts, whoever has taken a slice stands in the middle of it."""
        with self._servers.connect(self._database) as connection:
            connection.execute("LOCK TABLE campaigns_offeritem IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()

    @property
    def callers(self):
        return self._servers.postgres.callers

    def slices(self):
        """[(number, machine of whoever took it last, tries, whether it is done)]"""
        rows = self.ask(
            "SELECT number, worker, tries, finished_at IS NOT NULL FROM campaigns_detectionshard ORDER BY number"
        )
        return [(number, worker.rpartition(":")[0], tries, done) for number, worker, tries, done in rows]

    def is_finished(self):
        return self.ask("SELECT finished_at IS NOT NULL FROM campaigns_detectionrun") == [(True,)]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("servers")
    with contextlib.ExitStack() as stack:
        try:
            machine, *others = stack.enter_context(network("servers", "one", "two"))
            postgres = NetworkServer()
        except (NoNetworkError, NoServerError) as error:
            pytest.skip(f"no machines: {error}")
        stack.callback(postgres.forget)
        postgres.start_on(machine)
        family = Family()
        stack.callback(family.close)
        broker = Broker(folder / "valkey")
        stack.callback(broker.forget)
        reachable = ["--port", "6379", "--bind", machine.address, "--protected-mode", "no"]
        family.start(machine.inside(*broker.command, *reachable), env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        wait_until(broker.socket.exists, what="Valkey")
        found = Servers(machine, others, family, postgres, broker)
        found.ask("postgres", "CREATE DATABASE seed")
        host = Host(others[0], folder, found, "seed")
        host.run("manage.py", "migrate", "--verbosity=0")
        host.plan("fill")
        yield found


@pytest.fixture
def house(servers, tmp_path, request):
    name = f"house_{abs(hash(request.node.nodeid))}"
    servers.ask("postgres", f"CREATE DATABASE {name} TEMPLATE seed")
    with redis.Redis(unix_socket_path=str(servers.broker.socket)) as client:
        client.flushall()
    found = House(servers, tmp_path, name)
    yield found
    for host in found.hosts:
        host.stop()
        host.machine.put_it_back()
