"""What of the suggestions about a collision somebody reads, and which of them they may carry out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns import advice
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, CampaignUserObjectPermission, Collision, Fund, Offer
from campaigns.permissions import answers_for, can_settle
from campaigns.queries.explanation import Reader, name_of, offers_in
from campaigns.queries.foresight import Foreseen
from campaigns.queries.parties import readable, told_of
from campaigns.queries.remedies import Suggestion, suggestions_of
from campaigns.rules.lifecycle import EDITABLE
from campaigns.rules.remedies.changes import WITHDRAW


@dataclass(frozen=True)
class Caused:
    """A collision that a change would cause. `offers` are named to who would be a party to it, or reads all of them."""

    rule: str
    level: str
    offers: tuple[str, ...]

    @property
    def name(self) -> str:
        return name_of(self.rule)


@dataclass(frozen=True)
class Advice:
    """A suggestion as one person reads it; `price` in words is what the offer gives up."""

    suggestion: Suggestion
    price: tuple[str, ...]
    new: tuple[Caused, ...]
    may_apply: bool


def is_counted(row: Collision) -> bool:
    """Whether no offer of the collision has changed since it was found; what clears it is known only then."""
    versions = dict(
        zip((row.evidence or {}).get("offers", ()), (row.evidence or {}).get("versions", ()), strict=False)
    )
    versions |= {row.offer_a_id: row.version_a, row.offer_b_id: row.version_b}
    return all(versions.get(offer.pk) == offer.version for offer in offers_in(row))


def advice_for(row: Collision, user: Any, reader: Reader, *, today: date) -> list[Advice]:
    """What would clear the collision, for this reader; empty = none found, of the offers whose terms they read.

    The number of queries grows neither with the suggestions nor with the plan.
    """
    open_to = told_of(offers_in(row), user, reader)
    told = [
        one
        for one in suggestions_of(row, today=today)
        if is_told(one, reader) and open_to.issuperset(offer.pk for offer in one.touched)
    ]
    writable = writable_by(user, offers_in(row))
    named = {pk for one in told for new in one.new for pk in new.offers}
    others = Offer.objects.select_related("campaign", "department").in_bulk(named)
    opens = readable(list(others.values()), user) if others else set()
    return [
        Advice(
            suggestion=one,
            price=tuple(advice.price(one.remedy)),
            new=tuple(_caused(new, [others[pk] for pk in new.offers], opens, reader) for new in one.new),
            may_apply=may_apply(one, user, writable),
        )
        for one in told
    ]


def is_told(one: Suggestion, reader: Reader) -> bool:
    """What an offer may earn at least is its owner's business, and so is the discount that leaves exactly that."""
    return not one.is_confidential or reader.owns(one.departments)


def writable_by(user: Any, offers: Sequence[Offer]) -> set[int]:
    """Ids of the campaigns of these offers that the person may change. One query."""
    grants = CampaignUserObjectPermission.objects.filter(
        user_id=user.pk,
        content_object__in={offer.campaign_id for offer in offers},
        permission__codename="change_campaign",
    )
    return set(grants.values_list("content_object", flat=True)) if user.is_active else set()


def may_apply_any(row: Collision, user: Any) -> bool:
    """Whether the person could apply some suggestion about this collision: without a right on a plan or a fund, none."""
    return bool(writable_by(user, offers_in(row))) or _answers_for_any(row, user) or can_settle(user, Fund)


def _answers_for_any(row: Collision, user: Any) -> bool:
    return any(answers_for(user, offer.campaign) for offer in offers_in(row))


def may_apply(one: Suggestion, user: Any, writable: Collection[int]) -> bool:
    """Whether the person may change all that it touches, and all of it can be changed now."""
    if one.remedy.funds:
        return can_settle(user, Fund)
    campaigns = [offer.campaign for offer in one.touched]
    if one.remedy.lever == WITHDRAW:
        return all(_may_withdraw(user, campaign, writable) for campaign in campaigns)
    return all(campaign.pk in writable and campaign.status in EDITABLE for campaign in campaigns)


def _may_withdraw(user: Any, campaign: Campaign, writable: Collection[int]) -> bool:
    if campaign.status == CampaignStatus.LIVE:
        return campaign.pk in writable or answers_for(user, campaign)
    return campaign.pk in writable and campaign.status in EDITABLE


def _caused(new: Foreseen, offers: Sequence[Offer], opens: Collection[int], reader: Reader) -> Caused:
    is_party = reader.reads_everything or bool(reader.departments & new.departments)
    reads_all = all(offer.campaign_id in opens for offer in offers)
    names = tuple(offer.name for offer in offers) if is_party or reads_all else ()
    return Caused(new.rule, new.level, names)
