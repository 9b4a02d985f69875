"""The content of a campaign that an approval signs: read section by section, and as hashes."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from campaigns.models import Campaign, Offer, OfferAudience, OfferCategory, OfferProduct
from campaigns.models.offer_details import OfferDetails
from campaigns.queries.promises import plain, promises_of
from campaigns.rules.sections import BRIEF as BRIEF_SECTION
from campaigns.rules.sections import offers_section
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


@dataclass(frozen=True)
class SignedOffer:
    """`terms` and `details` by column, `scope` as rows such as ["product", role, mode, code], `promises` by part."""

    terms: dict[str, Any]
    details: dict[str, Any]
    scope: list[list[str]]
    promises: dict[str, list[Any]]

    def for_hash(self) -> list[Any]:
        added = self.details | self.promises
        return [*self.terms.values(), self.scope, *([added] if added else [])]

    def for_reading(self) -> dict[str, Any]:
        """What is filled, with the rows of the scope gathered under names such as "product target include"."""
        lists: dict[str, list[str]] = defaultdict(list)
        for *what, code in self.scope:
            lists[" ".join(what)].append(code)
        filled = {name: value for name, value in self.terms.items() if value not in (None, "")}
        return filled | self.details | lists | self.promises


@dataclass(frozen=True)
class Content:
    """What of one campaign is signed; offers withdrawn are not part of it."""

    brief: dict[str, Any]
    details: dict[str, Any]
    offers: list[SignedOffer] = field(default_factory=list)

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of all of it."""
        return _digest([1, self._brief(), [offer.for_hash() for offer in self.offers]])

    @cached_property
    def sections(self) -> dict[str, str]:
        """SHA-256 (hex) of each section: of the brief, and of the offers of each department."""
        hashes = {BRIEF_SECTION: _digest([1, self._brief()])}
        for section, offers in sorted(self._by_department().items()):
            hashes[section] = _digest([1, section, [offer.for_hash() for offer in offers]])
        return hashes

    def readable(self, section: str) -> dict[str, Any]:
        """A section as {column: value}, or as {code of the offer: {column: value}}."""
        if section == BRIEF_SECTION:
            filled = {name: value for name, value in self.brief.items() if value not in (None, "")}
            return filled | self.details
        return {offer.terms["code"]: offer.for_reading() for offer in self._by_department()[section]}

    def _brief(self) -> list[Any]:
        return [*self.brief.values(), *([self.details] if self.details else [])]

    def _by_department(self) -> dict[str, list[SignedOffer]]:
        sections: dict[str, list[SignedOffer]] = defaultdict(list)
        for offer in self.offers:
            sections[offers_section(offer.terms["department__code"])].append(offer)
        return sections


def contents(campaign_ids: Collection[int]) -> dict[int, Content]:
    """By campaign id, with the same number of queries for any number of them.

    Read from the database, never from memory: a Decimal typed as 10 and stored as 10.00 must hash the same.
    """
    campaigns = Campaign.objects.filter(pk__in=campaign_ids).values_list("id", *BRIEF, *BRIEF_DETAILS)
    found = {
        pk: Content(_plain(BRIEF, values[: len(BRIEF)]), _filled(BRIEF_DETAILS, values[len(BRIEF) :]))
        for pk, *values in campaigns
    }
    scopes, promises = _scopes(campaign_ids), promises_of(campaign_ids)
    rows = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by("code")
    for pk, campaign, *values in rows.values_list("id", "campaign", *TERMS, *DETAILS):
        parts = {part: sorted(rows, key=json.dumps) for part, rows in promises.get(pk, {}).items()}
        terms, details = _plain(TERMS, values[: len(TERMS)]), _filled(DETAILS, values[len(TERMS) :])
        found[campaign].offers.append(SignedOffer(terms, details, sorted(scopes[pk]), parts))
    return found


def content_hashes(campaign_ids: Collection[int]) -> dict[int, str]:
    """SHA-256 (hex) of what is signed, per campaign id."""
    return {pk: content.hash for pk, content in contents(campaign_ids).items()}


def _digest(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(names: list[str], values: list[Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in zip(names, values, strict=True)}


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
