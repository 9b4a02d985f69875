"""What an effect tells whom: collisions with third campaigns are for those who may know of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from approvals.models import Case
from campaigns.models import Campaign, Offer

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Tally:
    """How many offers change, and how many collisions of the two campaigns go or stay and are allowed."""

    offers: int
    cleared: int
    remaining: int


def as_seen(effect: Mapping[str, Any], case: Case, viewer: User | None) -> dict[str, Any]:
    """A stored effect without what the viewer may not know of it."""
    return {**effect, **{name: _seen(effect[name], case, viewer) for name in ("cleared", "new")}}


def tally_of(effect: Mapping[str, Any], case: Case) -> Tally:
    """What everybody concerned may know."""
    own = as_seen(effect, case, None)
    return Tally(offers=len(own["offers"]), cleared=len(own["cleared"]), remaining=len(own["remaining"]))


def _seen(found: list[dict[str, Any]], case: Case, viewer: User | None) -> list[dict[str, Any]]:
    """Those of the case for everybody; those with third campaigns as campaigns.models.visible shows collisions: for each
    party their own, and those of two plans they read.
    """
    parties = {case.campaign_a.code, case.campaign_b.code}
    pairs = [{collision["campaign_a"], collision["campaign_b"]} for collision in found]
    if viewer is None or all(pair == parties for pair in pairs):
        return [collision for collision, pair in zip(found, pairs, strict=True) if pair == parties]
    campaigns = Campaign.objects.filter(code__in=set().union(*pairs))
    read = set(campaigns.visible(viewer).values_list("code", flat=True))
    planned = set(campaigns.planned(viewer).values_list("code", flat=True))
    offers = {collision[side] for collision in found for side in ("offer_a", "offer_b")}
    offered = set(
        Offer.objects.filter(code__in=offers, department__memberships__user=viewer.pk).values_list("code", flat=True)
    )
    return [
        collision
        for collision, pair in zip(found, pairs, strict=True)
        if pair == parties or pair <= read or pair & planned or {collision["offer_a"], collision["offer_b"]} & offered
    ]
