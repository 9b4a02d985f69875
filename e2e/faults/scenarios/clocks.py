"""Schedulers that are two, and clocks that disagree."""

import time

from config.tests.live import wait_until
from e2e.faults.fault import Fault, Play
from e2e.faults.scenarios.mail import some_mails
from e2e.faults.scenarios.workers import start

OPEN = "SELECT count(*) FROM approvals_case WHERE state = 'negotiation'"


def two_schedulers(play: Play) -> None:
    house, sink = play.house, play.house.servers.sink
    start(play, "worker", "worker 2", "beat", "beat 2")
    house.servers.mail.down()
    some_mails(play)
    sink.stall = 0.05
    house.servers.mail.ok()
    for _ in range(10 if play.is_long else 2):
        time.sleep(1)
        house.kill("beat")
        start(play, "beat")
    make_due(play)
    wait_until(lambda: house.ask(OPEN) == [(0,)], seconds=house.sweep + 20, what="the escalations")
    house.quiet(within=150)
    sink.stall = 0
    twice = house.ask(
        "SELECT subject FROM customers_historyentry WHERE verb = 'escalate' AND scope = subject "
        "GROUP BY 1 HAVING count(*) > 1"
    )
    assert twice == []
    play.measure("copies too many", house.doubles(), at_most=0, unit="")


def make_due(play: Play) -> None:
    """The time of all open cases is over."""
    play.house.ask("UPDATE approvals_case SET agree_by = now() WHERE state = 'negotiation'")
    play.house.ask("UPDATE approvals_timer SET due_at = now() WHERE done_at IS NULL AND kind = 'escalate'")


def clocks_apart(play: Play) -> None:
    """A worker a day ahead and one an hour behind; the database says what time it is."""
    house = play.house
    start(play, "worker", clock_hours=24 * 3)
    start(play, "worker 2", clock_hours=-1)
    start(play, "beat")
    some_mails(play)
    house.quiet(within=60)
    time.sleep(2 * house.sweep)
    early = house.ask("SELECT count(*) FROM approvals_case WHERE escalated_at IS NOT NULL")[0][0]
    play.measure("escalated early", early, at_most=0, unit="")
    make_due(play)
    due = time.monotonic()
    wait_until(lambda: house.ask(OPEN) == [(0,)], seconds=120, what="the escalations")
    play.measure("escalated after", time.monotonic() - due, at_most=play.next_sweep)
    house.kill("worker")
    house.kill("worker 2")
    start(play, "worker", clock_hours=5 / 60)
    start(play, "worker 2", clock_hours=-5 / 60)
    house.edit(10, seed=77)
    house.quiet(within=60)
    play.measure("copies too many", house.doubles(), at_most=0, unit="")


FAULTS = [
    Fault("F15", "two schedulers, one killed 10 times", "0 doubled", two_schedulers, "claim"),
    Fault(
        "F16", "clocks 3 days ahead, 1 h behind, ± 5 min", "0 early, ≤ 1 sweep + 10 s late", clocks_apart, "one clock"
    ),
]
