"""What every step of a case needs: its lock, its history, its timers and its mails."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from approvals.actions import outbox
from approvals.models import Case, Timer
from approvals.queries import news
from approvals.queries.recipients import Recipient, without
from approvals.rules.operations import Operation
from campaigns.models import Campaign
from customers.actions import history
from customers.actions.history import Entry
from customers.models import HistoryEntry


def lock_case(pk: int, *, wait: bool = True) -> Case | None:
    """The case, locked until the transaction ends; None if, without `wait`, somebody else has it.

    Locked first and read afterwards: PostgreSQL reads the row again after waiting for it, but not what is joined to it.
    """
    if not _lock(Case.objects.filter(pk=pk), wait=wait):
        return None
    people = [f"campaign_{side}__{who}" for side in "ab" for who in ("department", "accountable", "contact_person")]
    case: Case = Case.objects.select_related("mediator", *people).get(pk=pk)
    return case


def locked(pk: int) -> Case:
    """The case under its lock, however long that takes."""
    case = lock_case(pk)
    assert case, "cases are never deleted"
    return case


def locked_with_campaigns(pk: int) -> Case:
    """The case and its two campaigns, which nobody changes until the transaction ends."""
    case = locked(pk)
    lock_sides(case)
    return case


def lock_sides(case: Case) -> None:
    """Put its two campaigns into a locked case, as they are under their own locks."""
    campaigns = lock_campaigns([case.campaign_a_id, case.campaign_b_id])
    case.campaign_a, case.campaign_b = campaigns[case.campaign_a_id], campaigns[case.campaign_b_id]


def lock_campaigns(pks: Iterable[int]) -> dict[int, Campaign]:
    """After the case, before their offers, in the order that everybody keeps: by primary key."""
    rows = Campaign.objects.filter(pk__in=list(pks))
    _lock(rows)
    return {row.pk: row for row in rows.select_related("department", "accountable", "contact_person")}


def _lock(rows: QuerySet[Any], *, wait: bool = True) -> list[int]:
    locked = rows.select_for_update(no_key=True, skip_locked=not wait).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def subject_of(case: Case) -> str:
    return f"case:{case.label}"


def note(
    case: Case,
    verb: str,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    key: str | None = None,
) -> None:
    """Write a step into the history of the case and of both campaigns.

    What the parties say to each other stays with the case: a campaign is also read by departments that are only told of
    it (C, I). Why a campaign was changed by a ruling belongs to the campaign.
    """
    subject = subject_of(case)
    told = reason if verb in {"decide", "apply_rule"} else ""
    entries = [
        Entry(verb, subject, f"campaign:{campaign.code}", changes, told)
        for campaign in (case.campaign_a, case.campaign_b)
    ]
    history.write_many([Entry(verb, subject, None, changes, reason, key), *entries], by=by, now=now)


def key_of(step: str, case: Case, key: str) -> str:
    """The history key of a request: one request makes a step of one case once, whatever its sender put into the key."""
    return f"{step}:{case.pk}:{hashlib.sha256(key.encode()).hexdigest()}"


def answer_to(key: str) -> HistoryEntry | None:
    """What the same request did before."""
    return HistoryEntry.objects.filter(key=key).first()


def is_repeated(key: str, by: User) -> bool:
    """Whether the same person has made the same request before: the key of somebody else opens nothing."""
    answer = answer_to(key)
    return answer is not None and answer.actor == by.get_username()


def arm(case: Case, kind: str, due_at: datetime, *, rung: int = 0) -> None:
    """Let the case do something at `due_at`; a timer of this kind and rung that still waits is moved."""
    Timer.objects.update_or_create(case=case, kind=kind, rung=rung, done_at=None, defaults={"due_at": due_at})


def disarm(case: Case, *, now: datetime, result: str, kinds: Collection[str] | None = None) -> None:
    waiting = Timer.objects.filter(case=case, done_at=None)
    (waiting if kinds is None else waiting.filter(kind__in=kinds)).update(done_at=now, result=result)


def tell(
    case: Case,
    event: str,
    recipients: Iterable[Recipient],
    *,
    occasion: str,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    orders: tuple[Operation, ...] = (),
    proposed: Mapping[str, str] | None = None,
    **said: Any,
) -> None:
    """Queue the mails about a step to everybody but the one who made it; `occasion` tells repetitions apart.

    `said` as approvals.queries.news.of_case takes it.
    """
    outbox.queue(
        event=event,
        recipients=without(recipients, by),
        news=news.of_case(case, by=by, reason=reason, orders=orders, proposed=proposed, **said),
        key=f"case:{case.pk}:{event}:{occasion}",
        now=now,
        case=case,
    )
