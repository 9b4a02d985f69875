"""Carrying out what would clear a collision, by the actions that people use for the same change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.actions import access, combinations, ground_rules, offers
from campaigns.actions.promises import Promises
from campaigns.actions.reach import Reach
from campaigns.choices import Mode
from campaigns.models import Collision, Fund, Offer, OfferAudience, Placement, Product
from campaigns.queries.explanation import offers_in, reader_of, with_offers
from campaigns.queries.offer_facts import CONDITIONS
from campaigns.queries.promises import stored_rows
from campaigns.queries.remedies import Suggestion, suggestions_of
from campaigns.queries.suggested import is_told, may_apply, may_apply_any, writable_by
from campaigns.rules.collisions import facts
from campaigns.rules.terms import TERM_COLUMNS
from customers.clock import local_day
from customers.models import Channel, Segment

# Columns of an offer that are called the same in the plan that remedies are tried on.
_SAME = frozenset(
    {
        "discount_base",
        "ends_before",
        "expected_units",
        "priority",
        "redemption_code",
        "reference_price",
        "reference_price_policy",
        "stackable",
    }
)


@transaction.atomic
def apply_remedy(
    *, collision: Collision, key: str, by: AbstractBaseUser, now: datetime, reason: str = ""
) -> Suggestion:
    """Do what the suggestion of this key says, if it still clears the collision; returns what was done.

    What the change brings along, such as an approval that is void, is as if `by` had made it by hand.

    Raises:
        PermissionDenied: `by` may not change all that it touches.
        ValidationError: it is not among the suggestions any more; or as the change itself does.
    """
    row = with_offers(Collision.objects.filter(pk=collision.pk)).get()
    if not may_apply_any(row, by):
        raise PermissionDenied
    access.lock_campaigns([offer.campaign_id for offer in offers_in(row)])
    reader = reader_of(by)
    told = (one for one in suggestions_of(row, today=local_day(now)) if is_told(one, reader))
    found = next((one for one in told if one.key == key), None)
    if found is None:
        text = _("The plan has changed since: this would not clear the collision any more. See what would now.")
        raise ValidationError(text, code="state")
    if not may_apply(found, by, writable_by(by, offers_in(row))):
        raise PermissionDenied
    origin = _("Clears collision %(number)s.") % {"number": row.pk}
    _carry_out(found, {"by": by, "now": now, "reason": f"{origin} {reason}".strip()})
    return found


def _carry_out(one: Suggestion, how: Mapping[str, Any]) -> None:
    remedy = one.remedy
    match remedy.lever:
        case "shift_dates":
            offers.shift_offers(offers=[one.offer], days=remedy.days, **how)
        case "withdraw":
            offers.withdraw_offers(offers=[one.offer], **how)
        case "add_funding":
            ((pk, amount),) = remedy.funds.items()
            fund = Fund.objects.select_for_update(no_key=True).get(pk=pk)
            fund.amount += amount
            ground_rules.put(row=fund, by=how["by"], now=how["now"])
        case "declare_combinable" | "declare_exclusive":
            touched = {offer.pk: offer for offer in one.touched}
            for pair, decision in remedy.decisions.items():
                combinations.decide(offers=[touched[pk] for pk in pair], decision=decision, **how)
        case _:
            for offer in sorted(one.touched, key=lambda offer: (offer.campaign_id, offer.pk)):
                _change(offer, one, **how)


def _change(offer: Offer, one: Suggestion, **how: Any) -> None:
    changes = one.remedy.changes.get(offer.pk, {})
    if "products" in changes:
        gone = one.plan.offers[offer.pk].products - changes["products"]
        offers.exclude_products(offer=offer, products=list(Product.objects.filter(pk__in=list(gone))), **how)
    elif changes:
        fields, promises = _fields(changes), _promises(offer, one.plan.offers[offer.pk], changes)
        offers.change_offer(offer=offer, fields=fields, reach=_reach(offer, one), promises=promises, **how)


def _fields(changes: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: value for name, value in changes.items() if name in _SAME}
    if terms := changes.get("terms"):
        fields |= {name: getattr(terms, name) for name in TERM_COLUMNS if name != "gift_product"}
        fields |= {"mechanic": terms.mechanic, "applies_to": terms.applies_to, "max_discount": terms.max_discount}
        fields["gift_product"] = Product.objects.filter(pk=terms.gift_product).first() if terms.gift_product else None
    for name, text in changes.get("conditions", {}).items():
        fields[CONDITIONS[name]] = int(text) if name == "per_customer" else text
    if place := changes.get("recommendation_placement"):
        fields["recommendation_placement"] = Placement.objects.get(pk=place)
    return fields


def _reach(offer: Offer, one: Suggestion) -> Reach:
    changes = one.remedy.changes[offer.pk]
    if "channels" in changes:
        return Reach(channels=list(Channel.objects.filter(pk__in=changes["channels"])))
    if not one.remedy.groups:
        return Reach()
    named: dict[str, set[int]] = {Mode.INCLUDE: set(), Mode.EXCLUDE: set()}
    for mode, segment in OfferAudience.objects.filter(offer=offer).values_list("mode", "segment"):
        named[mode].add(segment)
    gone = set(one.remedy.groups)
    segments = Segment.objects.in_bulk(named[Mode.INCLUDE] | named[Mode.EXCLUDE] | gone)
    return Reach(
        include=[segments[pk] for pk in named[Mode.INCLUDE] - gone],
        exclude=[segments[pk] for pk in named[Mode.EXCLUDE] | gone],
    )


def _promises(offer: Offer, before: facts.Offer, changes: Mapping[str, Any]) -> Promises:
    """The rows of each part that changes: those that are stored, in the order in which the plan has them, as changed."""
    parts: dict[str, list[Any]] = {}
    if "channel_terms" in changes:
        kept = {terms.channel: terms for terms in changes["channel_terms"]}
        parts["channel_terms"] = [row for row in stored_rows("channel_terms", offer=offer) if row.channel_id in kept]
        for row in parts["channel_terms"]:
            row.is_exclusive = kept[row.channel_id].is_exclusive
    if "claims" in changes:
        pairs = zip(stored_rows("claims", offer=offer), before.claims, strict=True)
        parts["claims"] = [row for row, claim in pairs if any(claim is kept for kept in changes["claims"])]
    if "bookings" in changes:
        rows = list(stored_rows("bookings", offer=offer))
        parts["bookings"] = [
            _moved(row, booking.placement) for row, booking in zip(rows, changes["bookings"], strict=True)
        ]
    if "draws" in changes:
        amounts = {draw.fund: draw.amount for draw in changes["draws"]}
        parts["draws"] = list(stored_rows("draws", offer=offer))
        for row in parts["draws"]:
            row.amount = amounts[row.fund_id]
    return Promises(**parts)


def _moved(booking: Any, placement: int) -> Any:
    booking.placement_id = placement
    return booking
