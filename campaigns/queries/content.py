"""The content of a campaign that an approval signs, as a hash."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from campaigns.models import Campaign, Offer, OfferAudience, OfferCategory, OfferProduct
from campaigns.rules.terms import TERM_COLUMNS

BRIEF = [
    "name",
    "department__code",
    "what",
    "who",
    "where",
    "starts_on",
    "ends_before",
    "how",
    "budget",
    "goal",
    "kpi",
    "kpi_target",
    "journey_stage",
]
TERMS = [
    "code",
    "name",
    "department__code",
    "starts_on",
    "ends_before",
    "mechanic",
    *(column for column in TERM_COLUMNS if column != "gift_product"),
    "gift_product__code",
    "stackable",
    "margin_floor_pct",
    "priority",
]


def content_hashes(campaign_ids: Collection[int]) -> dict[int, str]:
    """SHA-256 (hex) of what is signed, per campaign id; offers withdrawn are not part of it.

    Read from the database, never from memory: a Decimal typed as 10 and stored as 10.00 must hash the same.
    """
    offers: dict[int, list[Any]] = defaultdict(list)
    scopes = _scopes(campaign_ids)
    rows = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by("code")
    for pk, campaign, *terms in rows.values_list("id", "campaign", *TERMS):
        offers[campaign].append([*map(_canonical, terms), sorted(scopes[pk])])
    return {
        pk: hashlib.sha256(
            json.dumps([1, [*map(_canonical, brief)], offers[pk]], ensure_ascii=False).encode()
        ).hexdigest()
        for pk, *brief in Campaign.objects.filter(pk__in=campaign_ids).values_list("id", *BRIEF)
    }


def _scopes(campaign_ids: Collection[int]) -> dict[int, list[list[str]]]:
    scopes: dict[int, list[list[str]]] = defaultdict(list)
    products = OfferProduct.objects.filter(offer__campaign__in=campaign_ids)
    for offer, *what in products.values_list("offer", "role", "mode", "product__code").iterator():
        scopes[offer].append(["product", *what])
    categories = OfferCategory.objects.filter(offer__campaign__in=campaign_ids)
    for offer, *what in categories.values_list("offer", "role", "mode", "category__code"):
        scopes[offer].append(["category", *what])
    audiences = OfferAudience.objects.filter(offer__campaign__in=campaign_ids)
    for offer, *what in audiences.values_list("offer", "mode", "segment__code"):
        scopes[offer].append(["audience", *what])
    channels = Offer.channels.through.objects.filter(offer__campaign__in=campaign_ids)
    for offer, code in channels.values_list("offer", "channel__code"):
        scopes[offer].append(["channel", code])
    return scopes


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return value
