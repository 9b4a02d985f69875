"""Real servers and processes for tests marked `live`."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from config.celery import app
from config.up.broker import Broker
from config.up.processes import Family
from customers.actions import events

# What a child may inherit: nothing of the product's own configuration.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def wait_until(true, *, seconds=30, what="it"):
    """Poll `true()` until it returns something true, and return that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


class Valkey:
    """A broker as `manage.py up` runs it, which a test may kill and start again."""

    def __init__(self, directory: Path, family: Family):
        self._broker = Broker(directory)
        self._family = family
        self.start()

    @property
    def url(self):
        return self._broker.url

    def start(self):
        self._broker.socket.unlink(missing_ok=True)
        self.process = self._family.start(self._broker.command, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        wait_until(self.answers, what="Valkey")

    def answers(self):
        import redis

        try:
            with redis.Redis(unix_socket_path=str(self._broker.socket)) as client:
                return client.ping()
        except redis.ConnectionError:
            return False

    def flush(self):
        import redis

        with redis.Redis(unix_socket_path=str(self._broker.socket)) as client:
            client.flushall()

    def kill(self):
        """As the kernel or an operator would: without a word."""
        self._family.bury(self.process)

    def lose_memory(self):
        """While it is dead: what it had on disk is gone, as where nothing is kept on disk at all."""
        shutil.rmtree(self._broker.socket.parent / "appendonlydir", ignore_errors=True)

    def stop(self):
        self.kill()
        self._broker.forget()


class Worker:
    """`celery -A config worker` on the database of the tests; its mails arrive in `directory / "mail"`.

    `options` are more settings. Workers of one test have directories of different names.
    """

    def __init__(self, directory: Path, family: Family, broker_url: str, **options: str):
        self._options = options
        self._directory = directory
        self._family = family
        self._broker_url = broker_url
        self._log = directory / "worker.log"
        self.start()

    def start(self):
        environment = ENVIRONMENT | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LANGUAGE_CODE": "en",
            "REDIS_URL": self._broker_url,
            "SECRET_KEY": settings.SECRET_KEY,
            "VAR_DIR": str(self._directory),
        }
        environment |= self._options
        quick = [
            f"--hostname={self._directory.name}@%h",
            "--without-mingle",
            "--without-gossip",
            "--without-heartbeat",
        ]
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config",
            "worker",
            "--concurrency=2",
            "--loglevel=INFO",
            *quick,
        ]
        with self._log.open("ab") as log:
            started = self._log.stat().st_size
            self.process = self._family.start(
                command, env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(lambda: " ready." in self.log[started:], what="the worker")

    @property
    def log(self):
        """What the worker wrote: helps to read a failure."""
        return self._log.read_text(errors="replace")

    @property
    def children(self):
        """Process ids of its pool."""
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def kill(self):
        """The worker and its pool, in the middle of whatever they do."""
        self._family.bury(self.process)


def database_url():
    """The DATABASE_URL of the database the tests run on."""
    from django.db import connection

    wanted = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{wanted['NAME']}"
    person = quote(wanted["USER"], safe="") + (f":{quote(wanted['PASSWORD'], safe='')}" if wanted["PASSWORD"] else "")
    if wanted["HOST"].startswith("/"):
        return f"postgres://{person}@/{wanted['HOST']}/{wanted['NAME']}"
    port = f":{wanted['PORT']}" if wanted["PORT"] else ""
    return f"postgres://{person}@{wanted['HOST']}{port}/{wanted['NAME']}"


def ring_at(url):
    """Send the rings of this process to another broker from now on."""
    app.conf.broker_url = url
    app._pool = None
    app.amqp._producer_pool = None
    # What the other one did says nothing of this one.
    events._rests_until = 0.0
