"""One `up` at a time in one `var/`."""

import fcntl
from pathlib import Path
from typing import IO


class TakenError(Exception):
    """Another `up` holds the lock; says where it answers."""


def take(path: Path, address: str) -> IO[str]:
    """Hold the lock until the returned file is closed or this process ends, in whatever way."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        other = file.read().strip()
        file.close()
        raise TakenError(other) from None
    file.truncate(0)
    file.write(address)
    file.flush()
    return file
