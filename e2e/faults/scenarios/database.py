"""PostgreSQL restarts and stays away."""

import signal
import threading
import time

from e2e.faults.fault import Fault, Play
from e2e.faults.scenarios.workers import start
from e2e.faults.web import Answer, new_token

# When the request began, when the answer was there, the answer.
Tried = tuple[float, float, Answer]


def restarted(play: Play) -> None:
    """`restart -m immediate` under load, then an outage; nobody starts any process of ours again."""
    house, postgres = play.house, play.house.servers.postgres
    start(play, "worker", "beat", "web", *(["worker 2"] if play.is_long else []))
    started = house.running
    answers: list[Tried] = []
    outages: list[tuple[float, float]] = []
    stop = threading.Event()
    offers = house.ask("SELECT id, substr(code, 1, 3) FROM campaigns_offer ORDER BY code")
    people = threading.Thread(target=_work, args=(play, offers, answers, stop))
    people.start()
    try:
        with house.under_load(rate=5):
            for seconds in (0, 0, 30) if play.is_long else (0, 3):
                time.sleep(2)
                down = time.monotonic()
                postgres.stop(signal.SIGQUIT)
                time.sleep(seconds)
                postgres.start()
                house.wait_for_database()
                outages.append((down, time.monotonic()))
            time.sleep(6)
    finally:
        stop.set()
        people.join()
    _judge_pages(play, answers, outages)
    play.drained("quiet after", at_most=play.next_sweep)
    assert house.running == started
    assert all(house.is_alive(name) for name in started)


def _work(play: Play, offers: list[tuple], answers: list[Tried], stop: threading.Event) -> None:
    while not stop.is_set():
        pk, department = offers[len(answers) % len(offers)]
        token, at = new_token(), time.monotonic()
        answer = play.house.visitor(f"lead_{department.lower()}").edit(pk, token, "SHARED-0")
        if answer.status == 302:
            play.house.accept(token)
        answers.append((at, time.monotonic(), answer))
        time.sleep(0.1)


def _judge_pages(play: Play, answers: list[Tried], outages: list[tuple[float, float]]) -> None:
    ours = [answer for *_when, answer in answers if answer.status in {0, 500}]
    assert not ours, f"{len(ours)} of {len(answers)} answers were errors of ours: {ours[0].text[:500]}"
    away = [one for one in answers if one[2].status == 503]
    assert away, "nobody noticed the outage"
    assert {answer.retry_after for *_when, answer in away} == {"10"}
    late = [1 for begun, over, _ in away if not any(over >= down and begun <= up + 5 for down, up in outages)]
    assert not late, f"{len(late)} answers of 503 while the database was there"
    play.numbers.append(f"{len(answers)} pages, {len(away)} × 503, 0 × 500")


FAULTS = [
    Fault(
        "F9",
        "PostgreSQL restarted -m immediate under load, away for 30 s",
        "503 only while away + 5 s, quiet ≤ 1 sweep + 10 s",
        restarted,
        "answer 503",
        True,
    ),
]
