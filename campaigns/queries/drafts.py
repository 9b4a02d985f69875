"""What a draft would collide with, as far as a reader may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.models import Campaign, Offer
from campaigns.permissions import can_change
from campaigns.queries.collisions import Overlap, would_collide
from campaigns.rules.collisions.overlap import Finding
from customers.permissions import is_administrator


@dataclass(frozen=True)
class DraftOverlap:
    """An offer of the draft and the planned offer it overlaps with."""

    own: Offer
    other: Offer
    finding: Finding


def plans_it(campaign: Campaign, user: Any) -> bool:
    """Whether the person is one of those who plan this draft, and reads all of what it would disturb."""
    owned = Campaign.objects.owned(user).filter(pk=campaign.pk)
    return can_change(user, campaign) or is_administrator(user) or owned.exists()


def draft_overlaps(campaign: Campaign, user: Any, *, today: date) -> list[Overlap]:
    """The most severe first; who does not plan it reads what the offers of their own department in it would do."""
    offers = Offer.objects.filter(campaign=campaign)
    own = offers if plans_it(campaign, user) else offers.filter(department__memberships__user=user)
    ids = set(own.values_list("pk", flat=True))
    found = [one for one in (would_collide(campaign, today) if ids else []) if ids & {one.offer_a, one.offer_b}]
    return sorted(found, key=lambda one: (-one.finding.severity.score, one.finding.starts_on))


def with_offers(found: Sequence[Overlap], campaign: Campaign) -> list[DraftOverlap]:
    ids = {pk for one in found for pk in (one.offer_a, one.offer_b)}
    offers = Offer.objects.select_related("department", "campaign").in_bulk(ids)
    rows = []
    for one in found:
        a, b = offers[one.offer_a], offers[one.offer_b]
        own, other = (a, b) if a.campaign_id == campaign.pk else (b, a)
        rows.append(DraftOverlap(own, other, one.finding))
    return rows
