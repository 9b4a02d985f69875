"""compose.yaml and Dockerfile as plain processes: the same commands and variables, with real servers beside them.

No container engine is needed, and none is played: what a container adds (its file system, its network) is not tried.
"""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import environ
import psycopg
import yaml

from config.paths import BASE_DIR
from config.tests.live import ENVIRONMENT, Valkey
from customers.tests.ports import free_port

COMPOSE = yaml.safe_load((BASE_DIR / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
TOKEN = "token-of-the-test"


def instructions():
    """[(instruction, rest)] of the Dockerfile, continued lines joined."""
    text = (BASE_DIR / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def image_environment():
    """ENV of the image that runs."""
    pairs = [rest.split() for word, rest in instructions() if word == "ENV"]
    return dict(pair.split("=", 1) for rest in pairs for pair in rest)


class Production:
    """The services of compose.yaml that are ours, on a database and a broker of this test."""

    def __init__(self, folder: Path, family, database_url: str, email_url: str):
        self.folder = folder
        self.database_url = database_url
        self._family = family
        self._processes = {}
        self.broker = Valkey(folder / "broker", family)
        self.port = free_port()
        for name in ("var/mail", "var/run", "var/tmp", "secrets", "logs", "static"):
            (folder / name).mkdir(parents=True)
        secrets = {
            "secret_key": "a key of fifty characters that nobody else knows at all",
            "database_url": database_url,
            "email_url": email_url,
            "metrics_token": TOKEN,
        }
        for name, content in secrets.items():
            (folder / "secrets" / name).write_text(content + "\n")

    def environment(self, service):
        """What the container of `service` has, with the places of this test."""
        inside = image_environment() | SERVICES[service]["environment"]
        places = {
            "/var/lib/concordia": self.folder / "var",
            "/run/secrets": self.folder / "secrets",
            "/opt/static": self.folder / "static",
            "/opt/venv/bin:$PATH": f"{Path(sys.executable).parent}:{ENVIRONMENT['PATH']}",
            "0.0.0.0:8000": f"127.0.0.1:{self.port}",
            "redis://redis:6379/0": self.broker.url,
        }
        found = {}
        for name, value in inside.items():
            for there, here in places.items():
                value = value.replace(there, str(here))  # noqa: PLW2901
            found[name] = value
        # Tests may run as root, which the image never does; Celery would say so before there are logs.
        quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
        return {"HOME": ENVIRONMENT.get("HOME", "/"), "LANGUAGE_CODE": "en"} | quiet | found

    def log(self, service):
        return self.folder / "logs" / f"{service}.log"

    def start(self, service):
        environment = self.environment(service)
        program, *arguments = SERVICES[service]["command"]
        with self.log(service).open("ab") as log:
            self._processes[service] = self._family.start(
                [str(Path(sys.executable).parent / program), *arguments],
                env=environment,
                cwd=BASE_DIR,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self._processes[service]

    def stop(self, service):
        """As an engine does it, with the patience that compose.yaml gives. Returns the exit code."""
        process = self._processes.pop(service)
        process.send_signal(signal.SIGTERM)
        patience = re.fullmatch(r"(\d+)s", SERVICES[service].get("stop_grace_period", "10s"))[1]
        try:
            return process.wait(int(patience))
        finally:
            self._family.bury(process)

    def close(self):
        for process in self._processes.values():
            self._family.bury(process)
        self.broker.stop()

    def manage(self, *arguments, **variables):
        """manage.py in a container of the image, once."""
        command = [sys.executable, "manage.py", *arguments]
        environment = self.environment("web") | variables
        return subprocess.run(
            command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=False, timeout=120
        )

    def run(self, program):
        """Python inside the house; returns what it prints."""
        done = self.manage("shell", "--no-imports", "-c", program)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def get(self, path, **headers):
        """(status, text) of a page."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def sql(self, statement, *, database=None):
        """Rows of a query; of other statements, nothing. In the database of the house, or another of its server."""
        where = environ.Env.db_url_config(self.database_url)
        place = {"host": where["HOST"], "user": where["USER"], "dbname": database or where["NAME"]}
        with psycopg.connect(**place, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def lines(self, service):
        """What the service has logged; each line is one object, but for a worker's good-bye."""
        lines = self.log(service).read_text().splitlines()
        return [json.loads(line) for line in lines if line and line != "worker: Warm shutdown (MainProcess)"]
