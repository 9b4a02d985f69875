"""Writing customers: the only place that gives numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from customers.actions import heartbeats, segments
from customers.actions.upsert import Upserted, upsert
from customers.models import Customer

LOCK = "customer numbers"


@transaction.atomic
def add_customers(rows: Sequence[Mapping[str, Any]], *, now: datetime, announce: bool = True) -> Upserted[Customer]:
    """Insert or update customers by code; a row names the columns to set, what it does not name stays.

    New customers get the next free numbers in the order of the rows. `announce=False`: the caller tells by its own
    event that audiences grew.
    """
    done = upsert(Customer, rows, before_insert=_give_numbers)
    if done.created:
        segments.customers_added(now=now, announce=announce)
    return done


def _give_numbers(customers: list[Customer]) -> None:
    if not customers:
        return
    heartbeats.lock(LOCK)  # until the transaction ends: two imports must not see the same highest number
    highest = Customer.objects.aggregate(highest=Max("number"))["highest"]
    first = 0 if highest is None else highest + 1
    for number, customer in enumerate(customers, start=first):
        customer.number = number
