"""Which content a campaign's approval signs, and carrying signatures over changes that need no new ones."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from campaigns.actions import versions
from campaigns.models import Campaign, CarriedSignature, Offer, Version
from campaigns.queries.collisions import product_count
from campaigns.queries.content import content_hashes, contents
from campaigns.rules.sections import WHOLE
from customers.actions import events


def signed(campaign_ids: Collection[int]) -> set[int]:
    """Ids of the campaigns whose content is what was approved."""
    hashes = content_hashes(campaign_ids)
    approved = Campaign.objects.filter(pk__in=campaign_ids).exclude(approved_hash="")
    return {pk for pk, kept in approved.values_list("pk", "approved_hash") if kept == hashes[pk]}


def is_signed(campaign: Campaign) -> bool:
    return campaign.pk in signed([campaign.pk])


@transaction.atomic
def carry_over(campaign_ids: Collection[int], *, now: datetime) -> None:
    """Let the approvals of these campaigns count for their content as it is now: after a ruling or a withdrawal.

    The caller holds the locks, and has asked `signed` before the change: what nobody approved stays unsigned.
    """
    approved = dict(Campaign.objects.filter(pk__in=campaign_ids).values_list("pk", "approved_hash"))
    known = {
        (one.campaign_id, one.content_hash): one.sections
        for one in Version.objects.filter(campaign__in=campaign_ids, content_hash__in=approved.values())
    }
    rows = []
    for pk, content in contents(campaign_ids).items():
        before = {WHOLE: approved[pk], **known.get((pk, approved[pk]), {})}
        after = {WHOLE: content.hash, **content.sections}
        rows += [
            CarriedSignature(campaign_id=pk, section=section, before=before[section], after=hashed)
            for section, hashed in after.items()
            if section in before and before[section] != hashed
        ]
        Campaign.objects.filter(pk=pk).update(approved_hash=content.hash)
    CarriedSignature.objects.bulk_create(rows, batch_size=500)
    versions.keep(campaign_ids, now=now)
    count_products(campaign_ids)
    announce(campaign_ids, now=now)


def announce(campaign_ids: Collection[int], *, now: datetime, tell: bool = True) -> None:
    """Let upper apps know that what these campaigns say now is approved; `tell` is False for a file with a whole plan."""
    if campaign_ids:
        events.record("plan.approved", now=now, campaigns=sorted(campaign_ids), tell=tell)


def sign_by_import(hashes: Mapping[int, str]) -> None:
    """Note that a file says of these campaigns, as they are by these hashes, that they are approved."""
    CarriedSignature.objects.bulk_create(
        [CarriedSignature(campaign_id=pk, section=WHOLE, after=hashed) for pk, hashed in hashes.items()],
        batch_size=500,
    )


def count_products(campaign_ids: Collection[int]) -> None:
    """Keep how many products the offers of these campaigns have on offer as they are approved."""
    offers = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by("pk")
    counted = product_count(offers.values_list("pk", flat=True))
    rows = [Offer(pk=pk, approved_products=number) for pk, number in counted.items()]
    Offer.objects.bulk_update(rows, ["approved_products"], batch_size=500)
