"""Redis is away, silent, or forgets."""

import time

from config.tests.live import wait_until
from e2e.faults.fault import Fault, Play
from e2e.faults.scenarios.workers import start, unheard
from e2e.faults.web import Answer, new_token, p95


def edit_by_pages(play: Play, seconds: float) -> list[Answer]:
    """Leads save offers through the pages for so long; what the pages answered."""
    house = play.house
    offers = house.ask("SELECT id, substr(code, 1, 3) FROM campaigns_offer ORDER BY code")
    answers, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        pk, department = offers[len(answers) % len(offers)]
        token = new_token()
        answer = house.visitor(f"lead_{department.lower()}").edit(pk, token, f"SHARED-{len(answers) % 6}")
        if answer.status == 302:
            house.accept(token)
        answers.append(answer)
        time.sleep(max(0.0, 0.25 - answer.seconds))
    return answers


HANDLED = "SELECT count(*) FROM customers_event WHERE handled_at IS NOT NULL"


def usual_bar(play: Play) -> float:
    """Seconds that a save may take: 1, or twice as long as before the fault where the machine is busy anyway."""
    before = p95([answer.seconds for answer in edit_by_pages(play, 4)])
    play.numbers.append(f"p95 before {before:.1f} s")
    return max(1.0, 2 * before)


def judge_pages(play: Play, answers: list[Answer]) -> list[float]:
    """Everything was saved; the seconds that each took."""
    assert len(answers) > 5, f"only {len(answers)} pages were answered"
    wrong = [answer for answer in answers if answer.status != 302]
    assert not wrong, f"{len(wrong)} of {len(answers)}: {wrong[0].status} {wrong[0].text[:300]}"
    play.numbers.append(f"{len(answers)} saved")
    return [answer.seconds for answer in answers]


def unreachable(play: Play) -> None:
    house = play.house
    start(play, "worker", "beat", "web")
    bar = usual_bar(play)
    house.servers.broker.down()
    answers = edit_by_pages(play, 60 if play.is_long else 6)
    house.servers.broker.ok()
    play.measure("p95 of saving", p95(judge_pages(play, answers)), at_most=bar)
    play.drained("backlog gone after", at_most=60)


def half_open(play: Play) -> None:
    house = play.house
    start(play, "worker", "beat", "web")
    edit_by_pages(play, 1)
    house.quiet(within=60)
    house.servers.broker.blackhole()
    answers = edit_by_pages(play, 60 if play.is_long else 10)
    house.servers.broker.ok()
    healed = time.monotonic()
    before = house.ask(HANDLED)
    wait_until(lambda: house.ask(HANDLED) > before, seconds=60, what="the worker")
    play.measure("worker works again after", time.monotonic() - healed, at_most=30)
    play.drained("backlog gone after", at_most=60)
    seconds = judge_pages(play, answers)
    # Each web process waits for its time-outs once a minute.
    play.measure("saves of more than 4 s", sum(one > 4 for one in seconds), at_most=4, unit="")
    play.numbers.append(f"p95 {p95(seconds):.1f} s")


def emptied(play: Play) -> None:
    house = play.house
    start(play, "worker", "worker 2", "beat")
    with house.under_load():
        for _ in range(5 if play.is_long else 3):
            time.sleep(0.7)
            house.servers.valkey.flush()
        house.servers.valkey.kill()
        house.servers.valkey.lose_memory()
        house.servers.valkey.start()
        time.sleep(1)
    unheard(play)
    play.drained("quiet after", at_most=play.next_sweep)


def answer_swallowed(play: Play) -> None:
    """The broker gives a task away, and the line breaks before it arrives: it is in no queue any more."""
    house = play.house
    start(play, "worker", "beat")
    house.quiet(within=60)
    for seed in range(3 if play.is_long else 1):
        house.servers.broker.cut(b"campaigns.tasks.task_refresh")
        house.edit(1, seed=seed)
        play.drained("found after", at_most=play.next_sweep)
        assert not house.servers.broker.cuts_left, "no answer was swallowed"


FAULTS = [
    Fault("F4", "Redis unreachable for 60 s", "0 × 5xx, p95 ≤ 1 s, ≤ 60 s", unreachable, "quick rings"),
    Fault(
        "F5", "Redis half-open for 60 s", "one slow save per process and minute, ≤ 30 s", half_open, "socket timeouts"
    ),
    Fault("F6", "FLUSHALL under load, Redis killed without persistence", "≤ 1 sweep + 10 s", emptied, "sweeps", True),
    Fault("F7", "one reply to BRPOP swallowed", "≤ 1 sweep + 10 s", answer_swallowed, "sweeps"),
]
