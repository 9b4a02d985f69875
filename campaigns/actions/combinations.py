"""Deciding about two offers whether they combine, which counts more than what either says of others."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from campaigns.actions import access
from campaigns.actions.planning import check_editable, tell_detection
from campaigns.models import Campaign, Offer, OfferCombination
from customers.actions import history


@transaction.atomic
def decide(*, offers: Sequence[Offer], decision: str, by: AbstractBaseUser, now: datetime, reason: str = "") -> None:
    """`offers` are two, `decision` is of choices.Combination; both plans tell of it, neither names the other.

    Raises:
        PermissionDenied: `by` may not change both plans.
        ValidationError: because of the state of one of the campaigns.
    """
    one, other = sorted(offers, key=lambda offer: offer.pk)
    access.lock_campaigns([one.campaign_id, other.campaign_id])
    campaigns = Campaign.objects.in_bulk([one.campaign_id, other.campaign_id])
    for campaign in campaigns.values():
        check_editable(campaign, by)
    row = OfferCombination.objects.select_for_update(no_key=True).filter(offer_a=one, offer_b=other).first()
    before = row.decision if row else None
    if before == decision:
        return
    OfferCombination.objects.update_or_create(offer_a=one, offer_b=other, defaults={"decision": decision})
    for offer in (one, other):
        history.write(
            by=by,
            now=now,
            verb="combine",
            subject=f"offer:{offer.code}",
            scope=f"campaign:{campaigns[offer.campaign_id].code}",
            changes={"decision": (before, decision)},
            reason=reason,
        )
    tell_detection([one.pk, other.pk], now=now)
