"""Many people press the same button: who got through, and how the others were told."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections


def crowd(call, number, threads=None):
    """Run `call(n)` for each n below `number`, `threads` at a time, each thread with its own connection.

    32 at a time unless said otherwise; on SQLite 8, as many as `make run` serves: more would wait for each other's writes
    longer than it lets them.

    `call` returns what names its outcome: the code of a refusal, the status of a response. What it raises counts by
    name. The first of each thread start at the same instant.

    Returns {outcome: how many}.
    """
    threads = threads or (8 if connection.vendor == "sqlite" else 32)
    ready = threading.Barrier(threads)
    outcomes = Counter()

    def work(first):
        ready.wait(30)
        try:
            for n in range(first, number, threads):
                yield _outcome(call, n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        for counted in pool.map(lambda first: Counter(work(first)), range(threads)):
            outcomes += counted
    return dict(outcomes)


def _outcome(call, n):
    try:
        return call(n)
    except Exception as error:  # noqa: BLE001 - the test judges it
        return f"{type(error).__name__}: {error}"
