"""The plan as everybody who plans sees it: whose campaign is where, when; the one look past one's own plans."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Offer

# Of a cancelled campaign nothing is planned any more.
STATES = [status for status in CampaignStatus if status != CampaignStatus.CANCELLED]

Named = tuple[str, str]


@dataclass(frozen=True)
class Card:
    """What everybody may know of a campaign; its name and code only if `is_named`: a draft of others has none.

    `channels` are (code, name) by name; None is every channel, which is where an offer runs that names none.
    """

    campaign: Campaign
    is_named: bool
    is_readable: bool
    channels: tuple[Named, ...] | None


def cards_of(
    rows: QuerySet[Campaign], *, user: AbstractBaseUser | AnonymousUser, departments: Collection[int]
) -> list[Card]:
    """Cards of these campaigns in their order, in three queries; `departments` are those that `user` works in."""
    readable = set(Campaign.objects.visible(user).filter(pk__in=rows.values("pk")).values_list("pk", flat=True))
    channels = _channels(rows)
    return [
        Card(
            campaign=campaign,
            is_named=campaign.status != CampaignStatus.DRAFT
            or campaign.pk in readable
            or campaign.department_id in departments,
            is_readable=campaign.pk in readable,
            channels=channels.get(campaign.pk, ()),
        )
        for campaign in rows.select_related("department")
    ]


def _channels(rows: QuerySet[Campaign]) -> dict[int, tuple[Named, ...] | None]:
    offers = Offer.objects.filter(campaign__in=rows.values("pk"), withdrawn_at__isnull=True)
    named: dict[int, set[Named | None]] = {}
    found = offers.values_list("campaign", "channels__code", "channels__name").distinct().order_by()
    for campaign, code, name in found:
        named.setdefault(campaign, set()).add(None if code is None else (code, name))
    return {
        campaign: None if None in pairs else tuple(sorted((pair for pair in pairs if pair), key=lambda pair: pair[1]))
        for campaign, pairs in named.items()
    }
