"""The columns of an offer: which ones people write, and what must hold before they are stored."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.actions.planning import check_days
from campaigns.models import Campaign, Offer
from campaigns.models.offer_details import OfferDetails
from campaigns.permissions import departments_of
from campaigns.rules.terms import DISCOUNTS, NO_USE, TERM_COLUMNS, TERMS, wrong_terms

_PLAIN = "name department starts_on ends_before mechanic stackable margin_floor_pct priority"
DETAIL_FIELDS = frozenset(column.name for column in OfferDetails._meta.local_fields)
OFFER_FIELDS = frozenset({*_PLAIN.split(), *TERM_COLUMNS, *DETAIL_FIELDS})


def check_fields(fields: Mapping[str, Any]) -> None:
    if unknown := fields.keys() - OFFER_FIELDS:
        raise TypeError(f"not fields of an offer: {sorted(unknown)}")


def check_owner(fields: Mapping[str, Any], before: int, campaign: Campaign, by: AbstractBaseUser) -> None:
    """An offer belongs to the campaign's department, or to one that `by` works in.

    Offers of one department never collide: nobody slips out of a collision by calling an offer the other side's.
    """
    department = fields.get("department")
    if department is None or department.pk in (before, campaign.department_id):
        return
    if department.pk not in departments_of(by):
        raise ValidationError(
            {
                "department": _("Only somebody who works in %(department)s makes an offer theirs.")
                % {"department": department}
            }
        )


def only_terms_of_the_mechanic(offer: Offer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A new mechanic empties the columns of the old one that it does not use."""
    if fields.get("mechanic", offer.mechanic) == offer.mechanic:
        return dict(fields)
    mechanic = fields["mechanic"]
    needs, may = TERMS.get(mechanic, ([], []))
    emptied: dict[str, Any] = {column: None for column in TERM_COLUMNS if column not in needs + may}
    if mechanic not in DISCOUNTS:
        emptied["max_discount"] = None
    return emptied | dict(fields)


def check_terms(offer: Offer, campaign: Campaign) -> None:
    """Raise ValidationError, by field, if what the offer says does not fit its mechanic, its campaign or itself."""
    check_days(offer)
    if wrong := wrong_terms(offer.mechanic, {column: getattr(offer, column) for column in TERM_COLUMNS}):
        raise ValidationError(wrong)
    offer.full_clean(exclude=["campaign", "audience", "code"] if offer.pk else ["campaign", "audience"])
    if offer.starts_on < campaign.starts_on or offer.ends_before > campaign.ends_before:
        raise ValidationError(
            {
                "starts_on": _("An offer lies within its campaign: %(first)s to %(last)s.")
                % {"first": campaign.starts_on.isoformat(), "last": campaign.ends_on.isoformat()}
            }
        )


def check_cap(offer: Offer) -> None:
    if offer.max_discount is not None and offer.mechanic not in DISCOUNTS:
        raise ValidationError({"max_discount": NO_USE})
