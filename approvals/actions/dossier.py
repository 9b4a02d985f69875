"""What every step of a case needs: its lock, its history, its timers and its mails."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from approvals.actions import outbox
from approvals.models import Case, Timer
from approvals.queries import news
from approvals.queries.recipients import Recipient, without
from approvals.rules.operations import Operation
from campaigns.models import Campaign
from customers.actions import history
from customers.models import HistoryEntry


def lock_case(pk: int, *, wait: bool = True) -> Case | None:
    """The case, locked until the transaction ends; None if it is gone or, without `wait`, somebody else has it."""
    rows = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=not wait)
    return (
        rows.select_related(
            "mediator",
            "campaign_a__department",
            "campaign_a__accountable",
            "campaign_a__contact_person",
            "campaign_b__department",
            "campaign_b__accountable",
            "campaign_b__contact_person",
        )
        .filter(pk=pk)
        .first()
    )


def lock_campaigns(pks: Iterable[int]) -> dict[int, Campaign]:
    """After the case, before their offers, in the order that everybody keeps: by primary key."""
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(pks)).order_by("pk")
    return {campaign.pk: campaign for campaign in rows.select_related("department", "accountable", "contact_person")}


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
    """Write a step into the history of the case and of both campaigns."""
    subject = subject_of(case)
    history.write(by=by, now=now, verb=verb, subject=subject, changes=changes, reason=reason, key=key)
    for campaign in (case.campaign_a, case.campaign_b):
        history.write(
            by=by,
            now=now,
            verb=verb,
            subject=subject,
            scope=f"campaign:{campaign.code}",
            changes=changes,
            reason=reason,
        )


def key_of(step: str, case: Case, key: str) -> str:
    """The history key of a request: one request makes a step of one case once, whatever its sender put into the key."""
    return f"{step}:{case.pk}:{hashlib.sha256(key.encode()).hexdigest()}"


def answer_to(key: str) -> HistoryEntry | None:
    """What the same request did before."""
    return HistoryEntry.objects.filter(key=key).first()


def arm(case: Case, kind: str, due_at: datetime) -> None:
    """Let the case do something at `due_at`; a timer of this kind that still waits is moved."""
    Timer.objects.update_or_create(case=case, kind=kind, done_at=None, defaults={"due_at": due_at})


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
) -> None:
    """Queue the mails about a step to everybody but the one who made it; `occasion` tells repetitions apart."""
    outbox.queue(
        event=event,
        recipients=without(recipients, by),
        news=news.of_case(case, by=by, reason=reason, orders=orders),
        key=f"case:{case.pk}:{event}:{occasion}",
        now=now,
        case=case,
    )
