"""What the worker does for agreement. Each body is one call: the work is rows, a task is only told that there are some."""

from celery import shared_task

from approvals.actions import (
    absences,
    briefings,
    case_reactions,
    digests,
    escalation,
    meetings,
    moves,
    outbox,
    request_deadlines,
    request_erasure,
    review_rounds,
    reviews,
    working_time,
)
from campaigns.actions import lifecycle
from customers import clock
from customers.actions import events, heartbeats

RETRIES = {"max_retries": 3, "default_retry_delay": 5}


@shared_task(**RETRIES)
def task_react() -> None:
    for reaction in (case_reactions, briefings, moves, reviews, request_erasure, working_time):
        while events.drain(reaction.TOPICS, reaction.react, now=clock.shared_now()):
            pass


@shared_task(**RETRIES)
def task_send_mail() -> None:
    outbox.send_due(now=clock.shared_now())


@shared_task(**RETRIES)
def task_sweep() -> None:
    """What nobody rang for, or what a lost ring left lying."""
    task_react()
    lifecycle.keep_dates(now=clock.shared_now(), agreed=reviews.is_agreed)
    case_reactions.recheck(now=clock.shared_now())
    escalation.run_due_timers(now=clock.shared_now())
    escalation.replace_mediators(now=clock.shared_now())
    meetings.keep_invited(now=clock.shared_now())
    review_rounds.remind_due(now=clock.shared_now())
    request_deadlines.tell_due(now=clock.shared_now())
    absences.stop_what_is_over(now=clock.shared_now())
    digests.write_due(now=clock.shared_now())
    task_send_mail()
    heartbeats.beat("approvals sweep", now=clock.shared_now())
