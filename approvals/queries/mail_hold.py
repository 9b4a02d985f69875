"""Is mail held back? The newest entry about the outbox in the history says so."""

from datetime import datetime

from customers.models import HistoryEntry

OUTBOX = "mail:outbox"
HOLD, RELEASE = "hold_mail", "release_mail"


def held_since() -> datetime | None:
    """When mail was held, or None while it is sent. One query."""
    last = HistoryEntry.objects.filter(subject=OUTBOX, verb__in=[HOLD, RELEASE]).order_by("-id").first()
    return last.at if last and last.verb == HOLD else None
