"""What is always true of the house: nothing lost, nothing doubled, everything in its order and told as it was."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.queries import soundness as agreement
from campaigns.queries import grants, recount
from campaigns.queries import soundness as plans
from customers.clock import local_day
from customers.queries import chain as history
from customers.queries import soundness as queue

# Whoever has more problems than this of one kind needs no longer list.
MOST = 200
# Under load a row may be caught between two reads: what is still there after this pause is a problem.
PAUSE = 2


@dataclass(frozen=True)
class Moment:
    """When the question is asked, and how long something due may wait for the sweep that does it."""

    now: datetime
    grace: timedelta


@dataclass(frozen=True)
class Invariant:
    code: str
    title: str | Promise
    judge: Callable[[Moment], Iterator[str]]


@dataclass
class Verdict:
    """At most MOST problems, each a sentence that names its row."""

    code: str
    title: str
    problems: list[str] = field(default_factory=list)


def _nothing_lost(at: Moment) -> Iterator[str]:
    late = {"now": at.now, "grace": at.grace}
    return chain(
        queue.unheard(**late),
        queue.given_up(),
        plans.lost_runs(**late),
        agreement.unsent(**late),
        agreement.untimed(**late),
        agreement.undisputed(today=local_day(at.now)),
        agreement.misheld(today=local_day(at.now)),
        agreement.untold(),
    )


def _nothing_doubled(at: Moment) -> Iterator[str]:
    return chain(agreement.doubled_cases(), agreement.doubled_steps(), agreement.doubled_mails())


def _right_order(at: Moment) -> Iterator[str]:
    return chain(
        plans.status_without_history(),
        agreement.state_without_history(),
        agreement.too_early(),
        agreement.disordered(),
        plans.live_unsigned(),
        plans.live_offers_of_others(),
    )


INVARIANTS = (
    Invariant("I1", _("Nothing is lost"), _nothing_lost),
    Invariant("I2", _("Nothing is doubled"), _nothing_doubled),
    Invariant("I3", _("Everything came in its order"), _right_order),
    Invariant("I4", _("Mails are what they say"), lambda at: agreement.untrue_mails()),
    Invariant("I5", _("The history is what was written"), lambda at: history.find_problems(now=at.now)),
    Invariant("I6", _("Grants are what roles say"), lambda at: grants.find_problems()),
    Invariant("I7", _("Stored collisions are what a new count finds"), lambda at: recount.find_problems(now=at.now)),
)


def check(*, grace: timedelta) -> list[Verdict]:
    """Judge the database as it is. Reads only, and holds no lock: people can go on working."""
    verdicts = [Verdict(one.code, str(one.title), _judge(one, grace)) for one in INVARIANTS]
    if any(verdict.problems for verdict in verdicts):
        time.sleep(PAUSE)
        for one, verdict in zip(INVARIANTS, verdicts, strict=True):
            if verdict.problems:
                again = set(_judge(one, grace))
                verdict.problems = [problem for problem in verdict.problems if problem in again]
    return verdicts


def _judge(invariant: Invariant, grace: timedelta) -> list[str]:
    return list(islice(invariant.judge(Moment(timezone.now(), grace)), MOST))
