"""Many at the same instant, each in a thread with a connection of its own."""

import threading

from django.db import connection, connections


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
