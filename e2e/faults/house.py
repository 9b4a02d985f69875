"""The whole product as processes on a database of its own, and the judge of what it did."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from config.paths import BASE_DIR
from config.tests.live import ENVIRONMENT, wait_until
from customers.tests.ports import free_port
from e2e.faults.servers import Servers, administer, connect
from e2e.faults.web import Visitor

SECRET = "only for tests"

# Which mails a test waits for; one whose sender died is due once its lease is over.
ANY, DUE, NONE = "true", "coalesce(lease_until, not_before) <= now()", "false"


def seed(found: Servers, folder: Path) -> None:
    """Make the database "seed", of which every house gets a copy."""
    administer(found, "CREATE DATABASE seed")
    house = House(found, folder / "seed", "seed")
    house.run("manage.py", "migrate", "--verbosity=0")
    lines = house.run("-m", "e2e.faults.seed").split("\n")
    found.sessions = dict(line.split() for line in lines if line)


class House:
    """Processes of the product on a database of their own. `without` is the protection that they lack."""

    def __init__(self, found: Servers, folder: Path, database: str, *, without: str = "", sweep: float = 5) -> None:
        self.servers, self.folder, self.sweep, self.without = found, folder, sweep, without
        self._database = database
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._journals: list[Path] = []
        # Where in its log the latest start of a process begins.
        self._begun: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    @contextlib.contextmanager
    def opened(cls, found: Servers, folder: Path, name: str, **options) -> Iterator["House"]:
        """A house on a fresh copy of the seeded database; everything it started ends with it."""
        found.heal()
        # Without a checkpoint a copied sequence goes back in a crash: PostgreSQL takes its page for one it has logged.
        administer(found, f"CREATE DATABASE {name} TEMPLATE seed", "CHECKPOINT")
        house = cls(found, folder, name, **options)
        try:
            yield house
        finally:
            for process in list(house._processes):
                house.kill(process)
            found.heal()

    # Processes

    @property
    def environment(self) -> dict[str, str]:
        found = self.servers
        return ENVIRONMENT | {
            "DATABASE_URL": f"postgres://{found.postgres.user}@127.0.0.1:{found.database.port}/{self._database}"
            "?sslmode=disable&connect_timeout=5",
            "DJANGO_SETTINGS_MODULE": "e2e.faults.product",
            "EMAIL_URL": f"smtp://127.0.0.1:{found.mail.port}",
            "FAULTS_SWEEP": str(self.sweep),
            "FAULTS_WITHOUT": self.without,
            "LANGUAGE_CODE": "en",
            "PYTHONUNBUFFERED": "1",
            "REDIS_URL": f"redis://127.0.0.1:{found.broker.port}/0",
            "SECRET_KEY": SECRET,
            # Its visitors come with a session and no second factor.
            "REQUIRE_TWO_FACTOR": "no",
            "VAR_DIR": str(self.folder),
        }

    def run(self, *arguments: str, check: bool = True) -> str:
        """Run Python to its end in the environment of the house."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, *, clock_hours: float = 0) -> None:
        """Start a process: "worker", "worker 2", "beat", "beat 2", "web"."""
        log = self._log(name)
        self._begun[name] = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            self._processes[name] = self.servers.family.start(
                self._command(name),
                env=self.environment | {"FAULTS_CLOCK_HOURS": str(clock_hours)},
                cwd=BASE_DIR,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, name: str) -> None:
        """Until a process that was started works."""
        sign = {"worker": " ready.", "beat": "beat: Starting", "web": "Booting worker"}[name.split(maxsplit=1)[0]]
        wait_until(lambda: sign in self.log(name)[self._begun[name] :], seconds=90, what=name)
        if name == "web":
            wait_until(lambda: self.visitor("admin").get("/healthz").status == 200, seconds=90, what="the web server")

    def _command(self, name: str) -> list[str]:
        celery = [sys.executable, "-m", "celery", "-A", "config"]
        match name.split(maxsplit=1)[0]:
            case "worker":
                quick = ["--without-mingle", "--without-gossip", f"--hostname={name.replace(' ', '')}@%h"]
                return [*celery, "worker", "--concurrency=2", "--loglevel=INFO", *quick]
            case "beat":
                schedule = self.folder / f"schedule-{name.replace(' ', '')}"
                return [*celery, "beat", "--loglevel=INFO", "--pidfile=", f"--schedule={schedule}"]
        port = self._web_port()
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi",
            f"--bind=127.0.0.1:{port}",
            "--workers=2",
            "--threads=4",
        ]
        return [*web, "--no-control-socket"]

    def kill(self, name: str) -> None:
        """The process and its children, without a word."""
        if process := self._processes.pop(name, None):
            self.servers.family.bury(process)

    def kill_children(self, name: str) -> None:
        """The pool of a worker, of which the worker itself must make a new one."""
        pid = self._processes[name].pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), 9)

    @property
    def running(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: process.pid for name, process in self._processes.items()}

    def is_alive(self, name: str) -> bool:
        return self._processes[name].poll() is None

    def log(self, name: str) -> str:
        return self._log(name).read_bytes().decode("latin-1")  # one character for each byte, as `_begun` counts them

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"

    def _web_port(self) -> int:
        kept = self.folder / "port"
        if not kept.exists():
            kept.write_text(str(free_port()))
        return int(kept.read_text())

    def visitor(self, username: str) -> Visitor:
        return Visitor(self._web_port(), self.servers.sessions[username])

    # Work

    def edit(self, edits: int = 1, *, seed: int = 1, only: str = "", die: bool = False) -> None:
        """Some edits by one process, of the offer `only` if given; with `die` it ends before its first bell rings."""
        options = [*(["--die"] if die else []), *([f"--only={only}"] if only else [])]
        self.run(*self._load(50, edits, seed), *options, check=not die)

    def ring(self, tasks: Iterable[str]) -> None:
        """Send these tasks at once, as events.ring does."""
        from celery import Celery

        with Celery(broker=self.environment["REDIS_URL"]) as app:
            app.conf.broker_transport_options = {"global_keyprefix": "concordia:"}
            for task in tasks:
                app.send_task(task, ignore_result=True)

    @contextlib.contextmanager
    def under_load(self, rate: float = 10, seed: int = 1) -> Iterator[None]:
        """People at work while something breaks."""
        with self._log("load").open("ab") as out:
            self._processes["load"] = self.servers.family.start(
                [sys.executable, *self._load(rate, None, seed)], env=self.environment, cwd=BASE_DIR, stderr=out
            )
        before = len(self.accepted())
        wait_until(lambda: len(self.accepted()) > before, what="the first edit")
        yield
        assert self.is_alive("load"), self.log("load")
        self.kill("load")

    def _load(self, rate: float, edits: int | None, seed: int) -> list[str]:
        journal = self.folder / f"journal-{len(self._journals)}"
        self._journals.append(journal)
        journal.touch()
        bounded = [f"--edits={edits}"] if edits else []
        return ["-m", "e2e.faults.load", str(journal), f"--rate={rate}", f"--seed={seed}", *bounded]

    def accept(self, token: str) -> None:
        """An edit through the pages was answered as saved."""
        journal = self.folder / "journal-web"
        if journal not in self._journals:
            self._journals.append(journal)
        with journal.open("a") as file:
            file.write(f"accepted {token}\n")

    def accepted(self) -> set[str]:
        lines = [line for journal in self._journals for line in journal.read_text().splitlines()]
        return {line.split()[1] for line in lines if line.startswith("accepted ")}

    # Looking

    def ask(self, question: str) -> list[tuple]:
        """SQL, past the proxy."""
        with connect(self.servers, self._database) as connection:
            cursor = connection.execute(question)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def detection_blocked(self) -> Iterator[None]:
        """While this lasts, whoever detects stands in the middle of the work and waits."""
        with connect(self.servers, self._database, autocommit=False) as connection:
            connection.execute(
                "INSERT INTO customers_heartbeat (name) VALUES ('detection') ON CONFLICT (name) DO NOTHING"
            )
            connection.commit()
            connection.execute("SELECT * FROM customers_heartbeat WHERE name = 'detection' FOR UPDATE")
            yield
            connection.rollback()

    def wait_for_database(self) -> None:
        """Until it has recovered and answers."""

        def answers():
            try:
                return bool(self.ask("SELECT 1"))
            except psycopg.OperationalError:
                return False

        wait_until(answers, what="the database")

    def someone_waits(self) -> bool:
        return bool(self.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))

    def backlog(self, *, mails: str = ANY) -> list[int]:
        """What still waits: events, detections, mails (an SQL condition)."""
        waiting = [
            "SELECT count(*) FROM customers_event WHERE handled_at IS NULL AND tries < 8",
            "SELECT count(*) FROM campaigns_detectionrun WHERE finished_at IS NULL",
        ]
        waiting.append(f"SELECT count(*) FROM approvals_mail WHERE state IN ('queued', 'sending') AND {mails}")  # noqa: S608
        return [self.ask(question)[0][0] for question in waiting]

    def quiet(self, within: float, *, mails: str = ANY) -> float:
        """Wait until nothing waits; the seconds it took. Fails after `within` seconds."""
        begun = time.monotonic()
        while any(waiting := self.backlog(mails=mails)):
            took = time.monotonic() - begun
            assert took < within, f"after {took:.0f} s events, detections, mails still wait: {waiting}"
            time.sleep(0.1)
        return time.monotonic() - begun

    # Judging

    def judge(self) -> None:
        """Accepted edits exist once, mails arrived as the rows say, and all invariants hold."""
        written = self.ask("SELECT reason, count(*) FROM customers_historyentry WHERE reason LIKE 'edit-%' GROUP BY 1")
        accepted = self.accepted()
        lost = accepted - {token for token, _number in written}
        assert not lost, f"{len(lost)} of {len(accepted)} accepted edits are lost"
        doubled = {token: number for token, number in written if number > 1}
        assert not doubled, f"edits were written more than once: {doubled}"
        self._judge_mail()
        verdicts = json.loads(self.run("-m", "e2e.faults.judge", check=False) or "{}")
        assert verdicts, "the judge said nothing"
        broken = {code: verdict["problems"] for code, verdict in verdicts.items() if verdict["problems"]}
        named = "\n".join(problem for problems in broken.values() for problem in problems)
        assert not broken, f"{', '.join(broken)} broken: {named[:4000]}"

    def _judge_mail(self) -> None:
        """At most one copy of each mail, but for those that say so; what is marked as sent was received by its reader."""
        copies = self.servers.sink.copies()
        rows = self.ask(
            "SELECT m.message_id, m.state, m.unsure, m.tries, u.email FROM approvals_mail m "
            "JOIN auth_user u ON u.id = m.recipient_id"
        )
        assert copies.keys() <= {row[0] for row in rows}, "mails arrived that no row knows"
        missing = [row for row in rows if row[1] == "sent" and row[0] not in copies]
        assert not missing, f"{len(missing)} mails are marked as sent and did not arrive"
        secret = [row for row in rows if copies.get(row[0], 0) > 1 and not row[2]]
        assert not secret, f"{len(secret)} mails arrived more than once and do not say so"
        readers = {row[0]: row[4] for row in rows}
        wrong = [letter for letter in self.servers.sink.letters if readers[letter.message_id] != letter.to]
        assert not wrong, f"mails went to the wrong person: {wrong[:3]}"

    def doubles(self) -> int:
        """How many copies too many arrived."""
        return sum(number - 1 for number in self.servers.sink.copies().values())
