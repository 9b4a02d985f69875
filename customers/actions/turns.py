"""Taking turns with others at a database that lets one process write at a time."""

import time

from django.db import connection

# On SQLite who waits looks every tenth of a second. Transactions that follow each other at once would keep everybody out
# until the last: after so many seconds the lock is left free for long enough to be seen.
BUSY = 0.5
BREATH = 0.12


class Turns:
    """Of something long in many short transactions: `pass_on` between them lets others write."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def pass_on(self) -> None:
        """Within a transaction (the demo is one) there is nothing to let go."""
        busy = time.monotonic() - self._since > BUSY
        if busy and connection.vendor == "sqlite" and not connection.in_atomic_block:
            time.sleep(BREATH)
            self._since = time.monotonic()
