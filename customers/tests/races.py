"""Many at the same instant, each in a thread with a connection of its own."""

import threading

from django.db import connection, connections, transaction


def race(*runners, seconds=60):
    """Run all at once; returns what each returned or raised, in their order."""
    barrier = threading.Barrier(len(runners))
    results = [None] * len(runners)

    def run(place, runner):
        try:
            connection.ensure_connection()
            barrier.wait(20)
            results[place] = runner()
        except Exception as error:  # noqa: BLE001 - the test judges it
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads)
    return results


def raised(results, *allowed):
    """Errors that nobody expected."""
    return [result for result in results if isinstance(result, BaseException) and not isinstance(result, allowed)]


def together(*runners, seconds=60):
    """As `race`, where nobody may fail."""
    results = race(*runners, seconds=seconds)
    for error in raised(results):
        raise error
    return results


# How long the first one waits for the second, in seconds, where a lock is to keep the second out and where none is.
PATIENCE = {True: 0.5, False: 5}


def held_open(first, second, *, locked=True):
    """Run `second` while the transaction of `first` has done its work and is still open.

    Where a lock keeps them apart, `second` goes on only after the commit; otherwise it is through before.
    Returns what each returned or raised.
    """
    reached, through = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            try:
                return first()
            finally:
                reached.set()
                through.wait(PATIENCE[locked])

    return race(hold, _once(reached, second, through))


def paused_at(text, first, second, *, locked=True):
    """Run `second` while `first` stands before its first statement that contains `text`.

    As with `held_open`, a lock that `first` has by then lets `second` go on only after its commit.
    """
    reached, through = threading.Event(), threading.Event()

    def pause(execute, sql, params, many, context):
        if text in sql and not reached.is_set():
            reached.set()
            through.wait(PATIENCE[locked])
        return execute(sql, params, many, context)

    def run():
        try:
            with connection.execute_wrapper(pause):
                return first()
        finally:
            assert reached.is_set(), f"no statement with {text}"

    return race(run, _once(reached, second, through))


def _once(reached, second, through):
    def come_second():
        assert reached.wait(20)
        try:
            return second()
        finally:
            through.set()

    return come_second
