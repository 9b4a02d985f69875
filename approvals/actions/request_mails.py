"""Who hears what about a customer's request. No mail has a word of what the customer asked or was answered."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from approvals.actions import outbox
from approvals.choices import MailEvent
from approvals.models import Answer, CustomerRequest, HandOver, Settlement
from approvals.queries import news
from approvals.queries.recipients import Recipient, once, without
from approvals.queries.requests import leads_of, number_of_hand_overs, owner_of, touching
from approvals.rules.requests import MOST_HAND_OVERS


def tell_of_hand_over(request: CustomerRequest, handed: HandOver, *, by: User, now: datetime) -> None:
    """The leads who get it hear of it; where it wanders or is late, also those of all who had it."""
    told = once([*owner_of(request), *leads_of([handed.to_department_id])])
    number = number_of_hand_overs(request)
    _queue(MailEvent.REQUEST_HANDED_OVER, request, told, str(handed.pk), by=by, now=now, handed=handed)
    if number >= MOST_HAND_OVERS or request.answer_by <= now:
        known = {one.user.pk for one in told}
        others = [one for one in leads_of(touching(request)) if one.user.pk not in known]
        _queue(MailEvent.REQUEST_WANDERS, request, others, str(handed.pk), by=by, now=now, handed=handed)


def remind(request: CustomerRequest, *, now: datetime) -> None:
    """The owner hears that there is little time left; where there is none any more, the leads do."""
    told = owner_of(request) or leads_of([request.department_id])
    _queue(MailEvent.REQUEST_REMINDER, request, told, "1", by=None, now=now)


def escalate(request: CustomerRequest, *, now: datetime) -> None:
    """The owner and the leads of all departments that have or had it hear that the time is over."""
    told = once([*owner_of(request), *leads_of(touching(request))])
    _queue(MailEvent.REQUEST_OVERDUE, request, told, "1", by=None, now=now)


def tell_of_contradiction(request: CustomerRequest, answer: Answer, *, by: User, now: datetime) -> None:
    told = once([*leads_of(_answering(request)), *owner_of(request)])
    _queue(MailEvent.REQUEST_CONTRADICTED, request, told, str(answer.pk), by=by, now=now)


def tell_of_settlement(request: CustomerRequest, settlement: Settlement, *, by: User, now: datetime) -> None:
    """Also who wrote the answers: they may have to tell the customer something else."""
    authors = User.objects.filter(pk__in=request.answers.values("author"), is_active=True).order_by("pk")
    visible = [one for one in authors if CustomerRequest.objects.visible(one).filter(pk=request.pk).exists()]
    wrote = [Recipient(author, "request_author") for author in visible]
    told = once([*leads_of(_answering(request)), *owner_of(request), *wrote])
    _queue(MailEvent.REQUEST_SETTLED, request, told, str(settlement.pk), by=by, now=now)


def _answering(request: CustomerRequest) -> set[int]:
    return {request.department_id, *request.answers.values_list("department", flat=True)}


def _queue(
    event: str,
    request: CustomerRequest,
    told: Iterable[Recipient],
    occasion: str,
    *,
    by: User | None,
    now: datetime,
    handed: HandOver | None = None,
) -> None:
    outbox.queue(
        event=event,
        recipients=without(told, by),
        news=news.of_request(request, by=by, handed=handed, number=number_of_hand_overs(request), now=now),
        key=f"request:{request.pk}:{event}:{occasion}",
        now=now,
    )
