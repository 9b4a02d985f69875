"""The content of a campaign that an approval signs, as a hash."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from campaigns.models import Campaign, Offer, OfferAudience, OfferCategory, OfferProduct
from campaigns.models.offer_details import OfferDetails
from campaigns.queries.promises import plain, promises_of
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
# Of a campaign and of an offer what was added later, with what it is while nobody fills it. Only what is filled is
# signed: an approval given before these columns existed still holds.
BRIEF_DETAILS = {"control_group__code": None}
DETAILS = {
    f"{column.name}__code" if column.is_relation else column.name: None if column.is_relation else column.get_default()
    for column in OfferDetails._meta.local_fields
}


def content_hashes(campaign_ids: Collection[int]) -> dict[int, str]:
    """SHA-256 (hex) of what is signed, per campaign id; offers withdrawn are not part of it.

    Read from the database, never from memory: a Decimal typed as 10 and stored as 10.00 must hash the same.
    """
    offers: dict[int, list[Any]] = defaultdict(list)
    scopes, promises = _scopes(campaign_ids), promises_of(campaign_ids)
    rows = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by("code")
    for pk, campaign, *values in rows.values_list("id", "campaign", *TERMS, *DETAILS):
        terms, details = values[: len(TERMS)], _filled(DETAILS, values[len(TERMS) :])
        added = details | {part: sorted(rows, key=json.dumps) for part, rows in promises.get(pk, {}).items()}
        offers[campaign].append([*map(plain, terms), sorted(scopes[pk]), *([added] if added else [])])
    campaigns = Campaign.objects.filter(pk__in=campaign_ids).values_list("id", *BRIEF, *BRIEF_DETAILS)
    return {pk: _digest([*values], offers[pk]) for pk, *values in campaigns}


def _digest(values: list[Any], offers: list[Any]) -> str:
    brief, added = [*map(plain, values[: len(BRIEF)])], _filled(BRIEF_DETAILS, values[len(BRIEF) :])
    text = json.dumps([1, [*brief, *([added] if added else [])], offers], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _filled(empty: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    pairs = zip(empty.items(), values, strict=True)
    return {name: plain(value) for (name, default), value in pairs if value != default and value is not None}


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
