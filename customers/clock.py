"""The company's calendar day."""

from datetime import date, datetime

from django.utils import timezone


def local_day(now: datetime) -> date:
    """The day it is for the company (setting TIME_ZONE) at an instant."""
    return timezone.localtime(now, timezone.get_default_timezone()).date()
