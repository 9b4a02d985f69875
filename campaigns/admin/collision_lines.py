"""A collision as one line of a list: which rule, between whom, and what it takes apart on pages of its own."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns import wording
from campaigns.models import Collision, Offer
from campaigns.queries.explanation import name_of, offers_in


def side(offer: Offer) -> SafeString:
    """One of the offers; links are checked where they lead."""
    return format_html(
        '{}<span class="c-minor">{} · {}</span>', offer.name, offer.department.name, offer.campaign.name
    )


def address(row: Collision, page: str) -> str:
    """Where "products" or "customers" of a collision are listed; empty where no page shows what the number counts.

    Nothing is listed of nothing, and of more than two offers no two share what all of them do.
    """
    number = {"products": row.shared_products, "customers": row.shared_customers}[page]
    if not number or row.members.all():
        return ""
    return reverse(f"admin:campaigns_collision_{page}", args=[row.pk])


def line(row: Collision, is_own: Callable[[Offer], bool]) -> dict[str, Any]:
    """A row of `explanation.with_offers` from the side of one's own offer."""
    offers = offers_in(row)
    own = next(offer for offer in offers if is_own(offer))
    others = sorted(
        (offer for offer in offers if offer != own), key=lambda one: one.department_id == own.department_id
    )
    return {
        "row": row,
        "rule": name_of(row.rule),
        "own": own,
        "other": others[0],
        "more": wording.and_more(len(others) - 1),
        "products_url": address(row, "products"),
        "customers_url": address(row, "customers"),
    }
