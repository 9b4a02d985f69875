"""Processes of the product die."""

import random
import re
import time
from collections.abc import Callable

from config.tests.live import wait_until
from e2e.faults.fault import Fault, Play


def start(play: Play, *names: str, clock_hours: float = 0) -> None:
    """Start processes side by side and wait for all; a control without sweeps has no beat."""
    wanted = [name for name in names if not (name.startswith("beat") and play.house.without == "sweeps")]
    for name in wanted:
        play.house.start(name, clock_hours=clock_hours)
    for name in wanted:
        play.house.wait_for(name)


def busy_worker(play: Play) -> str:
    """The worker that stands in the middle of a detection."""

    def is_busy(name):
        return sum(
            -1 if end == "succeeded" else 1
            for end in re.findall(r"campaigns\.tasks\.\S+ (received|succeeded)", play.house.log(name))
        )

    return next(name for name in ("worker", "worker 2") if is_busy(name))


def in_the_middle(play: Play, kill: Callable[[], object]) -> None:
    """Two offers come to collide; whoever detects it is killed in the middle of the work."""
    house = play.house
    house.edit(only="MKT-0-A")
    house.quiet(within=60)
    with house.detection_blocked():
        house.edit(only="CRM-0-A")
        wait_until(house.someone_waits, what="a task in the middle of its work")
        kill()


def child_killed(play: Play) -> None:
    house = play.house
    start(play, "worker", "beat")
    for _ in range(2 if play.is_long else 1):
        in_the_middle(play, lambda: house.kill_children("worker"))
        play.drained("done again after", at_most=15)
    assert house.is_alive("worker")


def worker_killed(play: Play) -> None:
    house = play.house
    start(play, "worker", "worker 2", "beat")
    in_the_middle(play, lambda: house.kill(busy_worker(play)))
    play.drained("done by the other after", at_most=play.next_sweep)


def everything_killed(play: Play) -> None:
    house, dice = play.house, random.Random(7)  # noqa: S311 - reproducible, not secret
    start(play, "worker", "worker 2", "beat", "web")
    with house.under_load():
        for _ in range(20 if play.is_long else 4):
            time.sleep(dice.uniform(0.2, 1.5))
            name = dice.choice(["worker", "worker 2", "beat", "web", "broker"])
            if name == "broker":
                house.servers.valkey.kill()
                house.servers.valkey.start()
            elif name in house.running:
                house.kill(name)
                house.start(name)
    unheard(play)
    play.drained("quiet after", at_most=60)


def unheard(play: Play) -> None:
    """Edits whose rings are lost: nobody listens, and the broker forgets them before anybody does."""
    house = play.house
    workers = [name for name in ("worker", "worker 2") if name in house.running]
    for name in workers:
        house.kill(name)
    house.edit(5, seed=99)
    house.servers.valkey.flush()
    start(play, *workers)


def dead_before_ringing(play: Play) -> None:
    """The process that saved an edit ends between commit and bell."""
    house = play.house
    start(play, "worker", "beat")
    house.quiet(within=60)
    number = 5 if play.is_long else 2
    for seed in range(number):
        house.edit(1, seed=seed, die=True)
    written = house.ask("SELECT count(*) FROM customers_historyentry WHERE reason LIKE 'edit-%'")[0][0]
    assert written == number
    play.drained("found after", at_most=play.next_sweep)


def rings_heard_five_times(play: Play) -> None:
    """Every ring comes five times at once to four processes."""
    house = play.house
    start(play, "worker", "worker 2", "beat")
    house.servers.sink.stall = 0.05
    tasks = ["approvals.tasks.task_send_mail", "approvals.tasks.task_react", "campaigns.tasks.task_refresh"]
    tasks += ["approvals.tasks.task_sweep", "campaigns.tasks.task_sweep"]
    with house.under_load(rate=8):
        for _ in range(20 if play.is_long else 5):
            time.sleep(0.5)
            house.ring(tasks * 5)
    house.quiet(within=60)
    house.servers.sink.stall = 0
    play.measure("mails", len(house.servers.sink.copies()), at_most=10**6, unit="")
    play.measure("copies too many", house.doubles(), at_most=0, unit="")


FAULTS = [
    Fault(
        "F1", "kill -9 of a worker's child in the middle of a task", "≤ 15 s", child_killed, "mark after work", True
    ),
    Fault("F2", "kill -9 of a whole worker, another lives", "≤ 1 sweep + 10 s", worker_killed, "mark after work"),
    Fault("F3", "20 random kills of all processes under load", "quiet ≤ 60 s", everything_killed, "sweeps"),
    Fault("F8", "every ring heard 5 times at once", "0 doubled", rings_heard_five_times, "claim"),
    Fault("F10", "crash between commit and bell", "≤ 1 sweep + 10 s", dead_before_ringing, "sweeps"),
]
