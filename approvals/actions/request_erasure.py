"""Customers whose data are erased: nothing that they asked, were answered, or that was said about them stays."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from approvals.actions import request_steps
from approvals.choices import RequestState
from approvals.models import Answer, CustomerRequest, HandOver, Settlement
from approvals.models.requests import ERASED
from customers.models import Event

# Recorded by whoever erases a person, with the id of the row of Customer that stays: {"customer": 12}.
TOPICS = ["customer.erased"]


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS."""
    customers = [event.payload["customer"] for event in batch]
    rows = CustomerRequest.objects.filter(customer__in=customers, erased_at__isnull=True).order_by("pk")
    for pk in list(rows.values_list("pk", flat=True)):
        request = request_steps.lock(pk)
        assert request, "requests are never deleted"
        _erase(request, now)


def _erase(request: CustomerRequest, now: datetime) -> None:
    """What is open needs no answer any more; who did what and when stays."""
    Answer.objects.filter(request=request).update(text=ERASED)
    HandOver.objects.filter(request=request).exclude(reason="").update(reason=ERASED)
    Settlement.objects.filter(request=request).update(reason=ERASED)
    request.asked, request.customer, request.erased_at, request.disputed_at = ERASED, None, now, None
    request.because = ERASED if request.because else ""
    request.save(update_fields=["asked", "customer", "erased_at", "disputed_at", "because"])
    if request.state == RequestState.OPEN:
        request_steps.move(request, "withdraw_request", closed_at=now)
    request_steps.note(request, "erase_request", by=None, now=now)
