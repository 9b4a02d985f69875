"""What waits, what failed and when recurring jobs last ended: the numbers of /readyz and /metrics, one query each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from approvals.choices import FOR_A_DIGEST, OPEN_STATES, MailState
from approvals.models import Case, Mail, Timer
from approvals.queries.mail_hold import held_since
from campaigns.choices import CollisionState, Level
from campaigns.models import Collision, DetectionRun
from customers.actions.events import MAX_TRIES
from customers.models import Event, Heartbeat

LATELY = timedelta(days=7)
SWEEPS = ("campaigns sweep", "approvals sweep")


@dataclass(frozen=True)
class Events:
    """News that upper apps have not reacted to; `given_up` was tried too often and waits for an operator."""

    unhandled: int
    oldest: timedelta
    given_up: int


@dataclass(frozen=True)
class Mails:
    """Mails not sent yet: since when the oldest was written, and how long one has waited beyond its next try or digest.

    What waits for its digest is not counted as long as that is not due.
    """

    queued: int
    oldest: timedelta
    overdue: timedelta


@dataclass(frozen=True)
class Detection:
    """The last detection of everything that came to its end."""

    seconds: float
    age: timedelta


def events(now: datetime) -> Events:
    row = Event.objects.filter(handled_at__isnull=True).aggregate(
        unhandled=Count("id"), oldest=Min("created_at"), given_up=Count("id", filter=Q(tries__gte=MAX_TRIES))
    )
    return Events(row["unhandled"], _since(row["oldest"], now), row["given_up"])


def mails(now: datetime) -> Mails:
    due = Q(state__in=[MailState.QUEUED, MailState.SENDING]) | Q(state__in=FOR_A_DIGEST, not_before__lte=now)
    unsent = Mail.objects.filter(due)
    row = unsent.aggregate(queued=Count("id"), written=Min("created_at"), due=Min("not_before"))
    return Mails(row["queued"], _since(row["written"], now), _since(row["due"], now))


def mails_failed_lately(now: datetime) -> int:
    # `not_before` of a failed mail is when its last try was due.
    return Mail.objects.filter(state=MailState.FAILED, not_before__gte=now - LATELY).count()


def mails_failed_and_unsure() -> tuple[int, int]:
    """Mails that failed for good, and mails that were perhaps sent twice."""
    row = Mail.objects.aggregate(
        failed=Count("id", filter=Q(state=MailState.FAILED)), unsure=Count("id", filter=Q(unsure=True))
    )
    return row["failed"], row["unsure"]


def is_mail_held() -> bool:
    return held_since() is not None


def timers_overdue(now: datetime) -> tuple[int, timedelta]:
    """How many, and for how long the first of them."""
    row = Timer.objects.filter(done_at=None, due_at__lte=now).aggregate(overdue=Count("id"), first=Min("due_at"))
    return row["overdue"], _since(row["first"], now)


def open_cases() -> dict[str, int]:
    """Number of open cases in each open state."""
    counted = Case.objects.filter(state__in=OPEN_STATES).order_by().values_list("state").annotate(Count("id"))
    return dict.fromkeys((state.value for state in OPEN_STATES), 0) | dict(counted)


def open_collisions() -> dict[str, int]:
    """Number of open collisions of each level."""
    rows = Collision.objects.filter(state=CollisionState.OPEN).order_by()
    return dict.fromkeys(Level.values, 0) | dict(rows.values_list("level").annotate(Count("id")))


def sweeps(now: datetime) -> dict[str, timedelta | None]:
    """How long ago each sweep came to its end; None if it never did."""
    last = dict(Heartbeat.objects.filter(name__in=SWEEPS).values_list("name", "last_ok_at"))
    return {name: now - last[name] if last.get(name) else None for name in SWEEPS}


def last_detection(now: datetime) -> Detection | None:
    run = DetectionRun.objects.filter(finished_at__isnull=False).order_by("-id").first()
    return Detection((run.finished_at - run.started_at).total_seconds(), now - run.finished_at) if run else None


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return max(now - moment, timedelta(0)) if moment else timedelta(0)
