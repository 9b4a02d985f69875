"""Who is kept from signing in, and where."""

from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User


def locked_addresses(person: User, *, now: datetime) -> list[str]:
    """The addresses from which too many wrong passwords came for this person's user name."""
    attempts = AccessAttempt.objects.filter(
        username=person.get_username(),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=now - settings.AXES_COOLOFF_TIME,
    )
    return list(attempts.order_by("ip_address").values_list("ip_address", flat=True))
