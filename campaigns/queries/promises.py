"""What offers promise on single channels and in their messages, and what they take, in codes: signed and told so."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from campaigns.models import FundDraw, Offer, OfferChannelTerms, OfferClaim, PlacementBooking

PARTS: dict[str, Any] = {
    "channel_terms": OfferChannelTerms,
    "claims": OfferClaim,
    "bookings": PlacementBooking,
    "draws": FundDraw,
}


def columns_of(model: Any) -> list[models.Field]:
    """The columns of a row, but for its key and its offer."""
    return [column for column in model._meta.concrete_fields if column.name not in ("id", "offer")]


def stored_rows(part: str, **offers: Any) -> models.QuerySet:
    """Rows of a part of PARTS in the order they were written, with the things they name."""
    model = PARTS[part]
    things = [column.name for column in columns_of(model) if column.is_relation]
    return model.objects.filter(**offers).select_related(*things).order_by("id")


def in_codes(row: Any) -> dict[str, Any]:
    """The filled columns of a row as JSON has them: things by code, days as text, numbers without trailing zeros."""
    filled: dict[str, Any] = {}
    for column in columns_of(row):
        value = getattr(row, column.name) if getattr(row, column.attname) is not None else None
        if value is not None and value != "" and value is not False:
            filled[column.name] = plain(getattr(value, "code", value))
    return filled


def promises_of(campaign_ids: Collection[int]) -> dict[int, dict[str, list[Any]]]:
    """By offer id the parts that are filled: rows as `in_codes` has them, and the codes of the classes it accepts."""
    found: defaultdict[int, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for part in PARTS:
        for row in stored_rows(part, offer__campaign__in=campaign_ids):
            found[row.offer_id][part].append(in_codes(row))
    accepts = Offer.accepts.through.objects.filter(offer__campaign__in=campaign_ids)
    for offer, code in accepts.values_list("offer", "combinationclass__code"):
        found[offer]["accepts"].append(code)
    return {offer: dict(parts) for offer, parts in found.items()}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return value
