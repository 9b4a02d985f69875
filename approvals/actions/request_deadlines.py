"""What time does to customers' requests: one reminder, and once it is over the leads hear of it; and what the calendar does."""

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from approvals.actions import request_mails, request_steps
from approvals.choices import RequestState
from approvals.models import CustomerRequest
from approvals.rules import requests as rules
from approvals.rules.working_time import Clock

logger = logging.getLogger(__name__)

AT_ONCE = 500


def tell_due(*, now: datetime) -> None:
    """Remind of what is due soon and escalate what is overdue; one transaction each, so that none stops another."""
    soon = Q(reminded_at__isnull=True, remind_at__lte=now, answer_by__gt=now)
    late = Q(escalated_at__isnull=True, answer_by__lte=now)
    due = CustomerRequest.objects.filter(soon | late, state=RequestState.OPEN).order_by("answer_by", "id")
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            _tell(pk, now)
        except Exception:
            logger.exception("nobody was told that request %d is due", pk)


def recount(pk: int, *, clock: Clock, by: User | None, now: datetime) -> None:
    """Follow a calendar that changed, by the hours that the request had when it was recorded.

    Who was reminded, and who heard that it is overdue, does not hear so again.
    """
    request = request_steps.lock(pk)
    if request is None or request.state != RequestState.OPEN:
        return
    before = request.answer_by
    request.answer_by, remind_at = rules.deadlines(request.received_at, request.hours_to_answer, clock)
    if request.answer_by == before:
        return
    # Without a reminder to come there was none: whoever recorded it late knew the deadline.
    request.remind_at = remind_at if request.remind_at else None
    request.save(update_fields=["answer_by", "remind_at"])
    request_steps.note(request, "recount", by=by, now=now, changes={"answer_by": (before, request.answer_by)})


@transaction.atomic
def _tell(pk: int, now: datetime) -> None:
    request = request_steps.lock(pk, wait=False)
    # Read again under the lock: another sweep may have told, somebody may have answered.
    if request is None or request.state != RequestState.OPEN:
        return
    if request.answer_by <= now:
        # Whoever sweeps late does not say that there is time left.
        if request.escalated_at is None:
            request.escalated_at = now
            request.save(update_fields=["escalated_at"])
            request_mails.escalate(request, now=now)
            request_steps.note(request, "escalate_request", by=None, now=now)
    elif request.reminded_at is None and request.remind_at and request.remind_at <= now:
        request.reminded_at = now
        request.save(update_fields=["reminded_at"])
        request_mails.remind(request, now=now)
