"""One collision: the two sides, how its severity comes about, and the shared products and customers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from pyroaring import BitMap

from campaigns import wording
from campaigns.admin import campaign_page, offer_page
from campaigns.admin.visible import roles
from campaigns.choices import CollisionState, Mode
from campaigns.models import Campaign, Collision, Offer, OfferAudience
from campaigns.queries.collisions import product_count, shared_numbers, shared_products
from campaigns.rules.severity import severity
from customers.actions.segments import everybody, members
from customers.models import Customer

PER_PAGE = 50


def side(offer: Offer) -> SafeString:
    """One of the two offers in a list; links are checked where they lead."""
    return format_html(
        '{}<span class="c-minor">{} · {}</span>', offer.name, offer.department.name, offer.campaign.name
    )


def show(request: HttpRequest, model_admin: ModelAdmin, row: Collision, *, today: date) -> HttpResponse:
    counts = product_count([row.offer_a_id, row.offer_b_id])
    everyone = None if row.offer_a.audience and row.offer_b.audience else Customer.objects.count()
    sides = [_side(request, offer, counts, everyone, today) for offer in (row.offer_a, row.offer_b)]
    is_counted = row.state != CollisionState.CLEARED and all(one["products"] and one["audience"] for one in sides)
    context = _page(
        request,
        model_admin,
        row,
        "",
        sides=sides,
        arithmetic=_arithmetic(row, *sides) if is_counted else None,
        products=shared_products(row.offer_a, row.offer_b).select_related("category").order_by("name")[:5],
    )
    return TemplateResponse(request, "campaigns/collision.html", context)


def _page(request: HttpRequest, model_admin: ModelAdmin, row: Collision, title: str, **context: Any) -> dict[str, Any]:
    name = _("%(a)s and %(b)s") % {"a": row.offer_a.name, "b": row.offer_b.name}
    own = reverse("admin:campaigns_collision_change", args=[row.pk])
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title or name,
        "name": name,
        "collision": row,
        "collision_url": own,
        "crumbs": [
            {"title": _("Collisions"), "url": reverse("admin:campaigns_collision_changelist")},
            *([{"title": name, "url": own}, {"title": title}] if title else [{"title": name}]),
        ],
        **context,
    }


def _side(
    request: HttpRequest, offer: Offer, counts: Mapping[int, int], everyone: int | None, today: date
) -> dict[str, Any]:
    """One party. Both parties read each other's terms; pages beyond that only those with rights on them."""
    may_read = Campaign.objects.visible(request.user).filter(pk=offer.campaign_id).exists()
    return {
        "offer": offer,
        "state": wording.offer_state(offer, today),
        "products": counts[offer.pk],
        "audience": offer.audience.size if offer.audience else everyone,
        "is_everybody": offer.audience is None,
        "days": (offer.ends_before - offer.starts_on).days,
        "channels": list(offer.channels.all()),
        "offer_url": offer_page.url(offer) if may_read else "",
        "campaign_url": campaign_page.url(offer.campaign) if may_read else "",
    }


def _arithmetic(row: Collision, a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of the score, each shared part over the smaller whole."""
    found = severity(
        row.shared_products,
        a["products"],
        b["products"],
        row.shared_customers,
        a["audience"],
        b["audience"],
        row.days,
        a["days"],
        b["days"],
    )
    parts = [
        (_("Products"), row.shared_products, min(a["products"], b["products"])),
        (_("Customers"), row.shared_customers, min(a["audience"], b["audience"])),
        (_("Days"), row.days, min(a["days"], b["days"])),
    ]
    return {
        "severity": found,
        "parts": [
            {"name": name, "shared": shared, "whole": whole, "share": wording.share(shared, whole)}
            for name, shared, whole in parts
        ],
        # What is shown was counted at another time than the row: say so instead of showing sums that do not add up.
        "is_current": found.score == row.score,
    }


def products(request: HttpRequest, model_admin: ModelAdmin, row: Collision) -> HttpResponse:
    found = shared_products(row.offer_a, row.offer_b).select_related("category").order_by("name", "id")
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    context = _page(request, model_admin, row, _("Shared products"), rows=rows)
    return TemplateResponse(request, "campaigns/collision_products.html", context)


def customers(request: HttpRequest, model_admin: ModelAdmin, row: Collision) -> HttpResponse:
    """Exact counts for both parties; who the customers are only for those who work with their data."""
    shared = shared_numbers(row.offer_a, row.offer_b)
    sides = [
        {
            "offer": offer,
            "audience": offer.audience.size if offer.audience else len(everybody()),
            "is_everybody": offer.audience is None,
            "segments": _segments(offer, shared),
        }
        for offer in (row.offer_a, row.offer_b)
    ]
    rows, people = None, []
    if roles(request) & {"administrator", "analyst"}:
        rows = Paginator(shared, PER_PAGE).get_page(request.GET.get("p"))
        people = list(Customer.objects.visible(request.user).filter(number__in=list(rows.object_list)))
    context = _page(
        request, model_admin, row, _("Shared customers"), shared=len(shared), sides=sides, rows=rows, people=people
    )
    return TemplateResponse(request, "campaigns/collision_customers.html", context)


def _segments(offer: Offer, shared: BitMap) -> list[dict[str, Any]]:
    """How many of the shared customers each segment of the audience brings."""
    rows = OfferAudience.objects.filter(offer=offer, mode=Mode.INCLUDE).select_related("segment")
    return [
        {"segment": row.segment, "shared": members(row.segment).intersection_cardinality(shared)}
        for row in rows.order_by("segment__name")
    ]
