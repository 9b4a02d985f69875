"""Who may do what with a customer's request, until when it is answered, and whether two answers are one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.rules.request_machine import ANSWERED, OPEN, WITHDRAWN
from approvals.rules.working_time import Clock, after
from customers.rules.text import folded

TAKE, HAND_OVER, ANSWER, ANSWER_TOO, SETTLE, CLOSE, WITHDRAW = (
    "take",
    "hand_over",
    "answer",
    "answer_too",
    "settle",
    "close",
    "withdraw",
)
STEPS = (TAKE, HAND_OVER, ANSWER, ANSWER_TOO, SETTLE, CLOSE, WITHDRAW)
# From so many hand-overs on, the leads of all departments that had it hear of each.
MOST_HAND_OVERS = 3
# Whoever has it is reminded when this part of the time to answer is over.
REMIND_AT = 0.5


@dataclass(frozen=True)
class Part:
    """What one person is to one request.

    `owns`: a department of theirs does; `is_owner`: they do. `leads`: they lead the department that owns it or one that
    answered. `speaks_for`: id of the department they would answer for, None if none of theirs ever had it; `has_spoken`:
    that department answered already.
    """

    owns: bool = False
    is_owner: bool = False
    leads: bool = False
    speaks_for: int | None = None
    has_spoken: bool = False


def refusal(step: str, part: Part, *, state: str, is_disputed: bool, is_erased: bool) -> str:
    """Why this person may not take the step now, "" if they may.

    "foreign": it is for another department; "state": the request is not where this leads from; "spoken": their department
    answered already; "disputed", "undisputed": there are two answers, or there are not; "owner": it is theirs already.
    """
    match step:
        case "answer_too":
            if part.speaks_for is None or part.owns:
                return "foreign"
            return "state" if is_erased or state == WITHDRAWN else "spoken" if part.has_spoken else ""
        case "settle":
            return "foreign" if not part.leads else "" if is_disputed else "undisputed"
    if not part.owns:
        return "foreign"
    if state != (ANSWERED if step == CLOSE else OPEN):
        return "state"
    if step == TAKE and part.is_owner:
        return "owner"
    if step == ANSWER and part.has_spoken:
        return "spoken"
    return "disputed" if is_disputed and step in {CLOSE, WITHDRAW} else ""


def steps(part: Part, *, state: str, is_disputed: bool, is_erased: bool) -> frozenset[str]:
    """What this person may do with a request as it stands."""
    return frozenset(
        step for step in STEPS if not refusal(step, part, state=state, is_disputed=is_disputed, is_erased=is_erased)
    )


def deadlines(received_at: datetime, hours: int, clock: Clock) -> tuple[datetime, datetime]:
    """Until when a request is answered that came at this moment, and when its owner is reminded, in working hours.

    Raises:
        NobodyWorks: the calendar has too few working days.
    """
    whole = timedelta(hours=hours)
    return after(received_at, whole, clock), after(received_at, whole * REMIND_AT, clock)


def is_same(one: str, other: str) -> bool:
    """Whether two texts say the same, word for word; capitals and spaces make no difference."""
    return " ".join(folded(one).split()) == " ".join(folded(other).split())


def contradicts(standing: str, others: Iterable[str]) -> bool:
    """Whether one of the others says something else."""
    return any(not is_same(standing, other) for other in others)
