"""What the parties of a collision may read of each other's offers."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from campaigns.models import Campaign, Offer
from campaigns.permissions import can_change
from campaigns.queries.explanation import Reader
from customers.permissions import is_administrator

User = AbstractBaseUser | AnonymousUser


def readable(offers: Sequence[Offer], user: User) -> set[int]:
    """Ids of the campaigns of these offers whose pages this person may open. One query."""
    campaigns = Campaign.objects.filter(pk__in={offer.campaign_id for offer in offers})
    return set(campaigns.visible(user).values_list("pk", flat=True))


def told_of(offers: Sequence[Offer], user: User, reader: Reader) -> set[int]:
    """Ids of those offers of one collision whose terms somebody reads who may see the collision.

    Each party reads those of all others. Who merely reads both plans for which a larger collision is listed is no party
    to the others in it. Two queries at most, none for a collision of two.
    """
    every = {offer.pk for offer in offers}
    if len(offers) == 2 or reader.reads_everything or reader.departments & {offer.department_id for offer in offers}:
        return every
    campaigns = Campaign.objects.filter(pk__in={offer.campaign_id for offer in offers})
    if campaigns.planned(user).exists():
        return every
    open_to = readable(offers, user)
    return {offer.pk for offer in offers if offer.campaign_id in open_to}


def plans_it(campaign: Campaign, user: User) -> bool:
    """Whether the person is one of those who plan this campaign, and reads all of what a draft would disturb."""
    owned = Campaign.objects.owned(user).filter(pk=campaign.pk)
    return can_change(user, campaign) or is_administrator(user) or owned.exists()
