"""A campaign moved on: who watches it is told, and whoever has been offering it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from approvals.actions import briefings, discussion
from customers.models import Event

TOPICS = discussion.TOPICS


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS."""
    discussion.react(batch, now)
    briefings.tell_of_moves(batch, now)
