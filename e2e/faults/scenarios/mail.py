"""The mail server is away, slow, or changes its mind."""

import contextlib
import time

from config.tests.live import wait_until
from e2e.faults.fault import Fault, Play
from e2e.faults.scenarios.broker import edit_by_pages, judge_pages, usual_bar
from e2e.faults.scenarios.workers import start
from e2e.faults.web import p95

UNSENT = "SELECT count(*) FROM approvals_mail WHERE state <> 'sent'"


def some_mails(play: Play, at_least: int = 20) -> None:
    """Edits until so many mails were written."""
    house, seed = play.house, 10
    while house.ask("SELECT count(*) FROM approvals_mail")[0][0] < at_least:
        house.edit(10, seed=seed)
        seed += 1
        assert seed < 40, "no mails are written"
        wait_until(lambda: house.backlog()[0] == 0, what="the cases")


def refused(play: Play) -> None:
    house = play.house
    start(play, "worker", "beat", "web")
    house.servers.mail.down()
    some_mails(play)
    time.sleep(60 if play.is_long else 15)
    tried = house.ask(
        "SELECT id, tries, to_char(not_before AT TIME ZONE 'Europe/Madrid', 'HH24:MI') "
        "FROM approvals_mail WHERE state = 'queued' AND tries > 0 ORDER BY tries DESC LIMIT 1"
    )
    assert tried, "no mail waits for its next try"
    (pk, tries, next_try), longest = tried[0], (10, 30, 60, 300, 900)
    page = house.visitor("admin").get(f"/admin/approvals/mail/{pk}/change/")
    assert page.status == 200
    assert "Connection refused" in page.text
    play.numbers.append(f"{tries} tries, next {next_try}")
    house.servers.mail.ok()
    pause = longest[min(tries, len(longest)) - 1]
    play.measure("all sent after", house.quiet(within=pause + 60), at_most=pause + play.next_sweep)
    assert house.ask(UNSENT) == [(0,)]


def stalls(play: Play) -> None:
    house, sink = play.house, play.house.servers.sink
    start(play, "worker", "beat", "web")
    bar = usual_bar(play)
    sink.stall = 40
    some_mails(play)
    wait_until(lambda: sink.asked, what="the first mail")
    answers = edit_by_pages(play, 40 if play.is_long else 15)
    waited = wait_until(
        lambda: house.ask("SELECT error FROM approvals_mail WHERE error LIKE '%timed out%'"),
        what="the end of an attempt",
    )
    assert waited
    at_once = max(sum(begun <= other < begun + 9 for other in sink.asked) for begun in sink.asked)
    play.numbers.append(f"{len(sink.asked)} attempts in {len(answers)} edits")
    play.measure("p95 of saving", p95(judge_pages(play, answers)), at_most=bar)
    # The worker has two children, and each waits for one mail at a time.
    play.measure("attempts within 9 s", at_once, at_most=2, unit="")
    sink.stall = 0
    play.measure("all sent after", house.quiet(within=120), at_most=60 + play.next_sweep)


def different_answers(play: Play) -> None:
    house, sink = play.house, play.house.servers.sink
    sink.answer = _answer
    start(play, "worker", "beat", "web")
    some_mails(play, 60 if play.is_long else 30)
    house.quiet(within=120)
    rows = house.ask(
        "SELECT u.username, m.state, m.error FROM approvals_mail m JOIN auth_user u ON u.id = m.recipient_id"
    )
    failed = {(username, error.split(":")[0]) for username, state, error in rows if state == "failed"}
    assert failed <= {("lead_crm", "SMTPDataError"), ("lead_mkt", "SMTPDataError")}, failed
    assert {username for username, _error in failed} == {"lead_crm", "lead_mkt"}
    others = {state for username, state, _error in rows if username not in {"lead_crm", "lead_mkt"}}
    assert others == {"sent"}
    page = house.visitor("admin").get("/admin/approvals/mail/?state__exact=failed")
    assert "No such user" in page.text
    sent = sum(state == "sent" for _username, state, _error in rows)
    play.numbers.append(f"{sent} sent, {len(rows) - sent} refused for good and shown, 0 silent")


def _answer(to: str, number: int) -> str | None:
    if to.startswith("lead_crm@"):
        return "550 No such user"
    if to.startswith("lead_mkt@"):
        return "552 Too large"
    return "451 Later" if number % 10 == 3 else None


def a_mail_on_its_way(play: Play, first_seed: int) -> None:
    """Edits until one of them has something to tell: some change no case."""
    sink = play.house.servers.sink
    asked = len(sink.asked)
    for seed in range(first_seed, first_seed + 10):
        play.house.edit(10, seed=seed)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: len(sink.asked) > asked, seconds=int(play.next_sweep), what="a mail on its way")
            return
    raise AssertionError("no mail was on its way")


def taken_without_an_answer(play: Play) -> None:
    house, sink = play.house, play.house.servers.sink
    hits = 8 if play.is_long else 3
    sink.drops = hits
    start(play, "worker", "beat")
    some_mails(play, 30)
    house.quiet(within=120)
    if play.is_long:
        for turn in range(3):
            sink.stall = 5
            a_mail_on_its_way(play, first_seed=60 + 10 * turn)
            time.sleep(0.3)
            # Each of its children may have one on its way.
            hits += house.ask("SELECT count(*) FROM approvals_mail WHERE state = 'sending'")[0][0]
            house.kill("worker")
            sink.stall = 0
            start(play, "worker")
        house.quiet(within=120)
    play.numbers.append(f"{hits} hits")
    unsure = house.ask("SELECT count(*) FROM approvals_mail WHERE unsure")[0][0]
    play.measure("copies too many", house.doubles(), at_most=hits, unit="")
    assert house.doubles(), "the fault did not happen"
    play.numbers.append(f"{unsure} marked unsure")


FAULTS = [
    Fault("F11", "mail server refuses for 1 min", "0 lost, all sent ≤ longest pause + 1 sweep", refused, "second try"),
    Fault("F12", "mail server stalls", "p95 of pages ≤ 1 s, attempts end after 10 s", stalls, "mail timeout"),
    Fault("F13", "451 to 10 %, 550 and 552 to two people", "0 silent", different_answers, "kinds of answers"),
    Fault(
        "F14",
        "mail taken, line dropped; sender killed",
        "copies ≤ hits, all say so",
        taken_without_an_answer,
        "unsure",
        True,
    ),
]
