"""Starting processes that never outlive their parent, not even when it is killed."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> Callable[[], None] | None:
    """What a child calls between fork and exec; None where the kernel does not offer it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Family:
    """The processes started here. Each has a session of its own, so that Ctrl-C reaches the parent alone.

    Start them from the main thread: the kernel takes the end of the starting thread for the end of the parent.
    """

    def __init__(self) -> None:
        self._undertaker = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("undertaker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(
        self, command: Sequence[str], *, env: Mapping[str, str], pass_fds: Sequence[int] = (), **options: Any
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - safe, this program has one thread
            pass_fds=pass_fds,
            **options,
        )
        self._tell("+", process.pid)
        return process

    def bury(self, process: subprocess.Popen[bytes]) -> None:
        """End what a process left behind. Call once it has been waited for, or to kill it with all its children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._tell("-", process.pid)

    def close(self) -> None:
        """Everybody still known to the undertaker ends."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._undertaker.wait()

    def _tell(self, sign: str, group: int) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.write(f"{sign}{group}\n".encode())
            self._pipe.flush()

    @property
    def _pipe(self) -> Any:
        return self._undertaker.stdin
