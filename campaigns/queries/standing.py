"""Where an offer stands: it has no status of its own, so this follows from facts and dates."""

from datetime import date

from django.db.models import Q

STATES = ("live", "held", "planned", "withdrawn")


def offers_that_are(state: str, today: date) -> Q:
    """Offers in one of the STATES; "planned" are those that may still start."""
    return {
        "live": Q(live_since__isnull=False),
        "held": Q(held=True),
        "planned": Q(withdrawn_at__isnull=True, held=False, live_since__isnull=True, ends_before__gt=today),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }[state]
