"""Which content a campaign's approval signs, and carrying the signature over changes that need no new one."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Offer
from campaigns.queries.collisions import product_count
from campaigns.queries.content import content_hashes


def signed(campaign_ids: Collection[int]) -> set[int]:
    """Ids of the campaigns whose content is what was approved."""
    hashes = content_hashes(campaign_ids)
    approved = Campaign.objects.filter(pk__in=campaign_ids).exclude(approved_hash="")
    return {pk for pk, kept in approved.values_list("pk", "approved_hash") if kept == hashes[pk]}


def is_signed(campaign: Campaign) -> bool:
    return campaign.pk in signed([campaign.pk])


@transaction.atomic
def carry_over(campaign_ids: Collection[int]) -> None:
    """Let the approvals of these campaigns count for their content as it is now: after a ruling or a withdrawal.

    The caller holds the locks, and has asked `signed` before the change: what nobody approved stays unsigned.
    """
    for pk, current in content_hashes(campaign_ids).items():
        Campaign.objects.filter(pk=pk).update(approved_hash=current)
    count_products(campaign_ids)


def count_products(campaign_ids: Collection[int]) -> None:
    """Keep how many products the offers of these campaigns have on offer as they are approved."""
    offers = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by("pk")
    counted = product_count(offers.values_list("pk", flat=True))
    rows = [Offer(pk=pk, approved_products=number) for pk, number in counted.items()]
    Offer.objects.bulk_update(rows, ["approved_products"], batch_size=500)


def check_posted(campaign: Campaign, posted_hash: str) -> str:
    """The hash of the content as it is, which must be the one that was shown.

    Raises:
        ValidationError: the content changed in between.
    """
    current = content_hashes([campaign.pk])[campaign.pk]
    if posted_hash != current:
        raise ValidationError(
            _("The plan changed while you were reading. Look at it again, then decide."), code="stale"
        )
    return current
