"""Ends every process group it was told of when its parent is gone, however the parent went.

The kernel can end a process's own children with it, but not their children: a worker's pool would live on. This
process reads "+GROUP" and "-GROUP" lines; the end of its input means that the parent is dead.
Started as a file, without the house's packages, so that it is small and quick.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
