"""Keeps `held` of offers equal to what the open cases say."""

from collections.abc import Collection
from datetime import datetime

from approvals.queries.disputes import held_by_cases
from campaigns.actions import lifecycle
from campaigns.models import Offer
from customers.clock import local_day


def keep(campaign_ids: Collection[int], *, now: datetime) -> None:
    """Hold the offers of these campaigns that an open case disputes, let go of those that no open case does any more.

    Offers that are live already stay live: their case is decided all the same. The caller has locked the campaigns.
    """
    wanted = held_by_cases(campaign_ids, local_day(now))
    held = set(Offer.objects.filter(campaign__in=campaign_ids, held=True).values_list("pk", flat=True))
    if wanted - held:
        lifecycle.set_held(wanted - held, held=True, now=now)
    if held - wanted:
        lifecycle.set_held(held - wanted, held=False, now=now)
