"""One collision: the two sides, how its severity comes about, and the shared products and customers."""

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

from campaigns import wording
from campaigns.admin import campaign_page, offer_page
from campaigns.admin.visible import roles
from campaigns.models import Campaign, Collision, Offer
from campaigns.queries.arithmetic import Side, arithmetic_of, shared_by_segment, sides_of
from campaigns.queries.collisions import shared_numbers, shared_products
from customers.actions.segments import everybody
from customers.models import Customer

PER_PAGE = 50


def side(offer: Offer) -> SafeString:
    """One of the two offers in a list; links are checked where they lead."""
    return format_html(
        '{}<span class="c-minor">{} · {}</span>', offer.name, offer.department.name, offer.campaign.name
    )


def show(request: HttpRequest, model_admin: ModelAdmin, row: Collision, *, today: date) -> HttpResponse:
    a, b = sides_of(row)
    context = _page(
        request,
        model_admin,
        row,
        "",
        sides=[_side(request, one, today) for one in (a, b)],
        arithmetic=_arithmetic(row, a, b),
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


def _side(request: HttpRequest, one: Side, today: date) -> dict[str, Any]:
    """One party. Both parties read each other's terms; pages beyond that only those with rights on them."""
    offer = one.offer
    may_read = Campaign.objects.visible(request.user).filter(pk=offer.campaign_id).exists()
    return {
        "offer": offer,
        "state": wording.offer_state(offer, today),
        "products": one.products,
        "audience": one.customers,
        "is_everybody": one.is_for_everybody,
        "channels": list(offer.channels.all()),
        "offer_url": offer_page.url(offer) if may_read else "",
        "campaign_url": campaign_page.url(offer.campaign) if may_read else "",
    }


def _arithmetic(row: Collision, a: Side, b: Side) -> dict[str, Any] | None:
    found = arithmetic_of(row, a, b)
    if found is None:
        return None
    names = {"products": _("Products"), "customers": _("Customers"), "days": _("Days")}
    return {
        "severity": found.severity,
        "parts": [
            {
                "name": names[part.what],
                "shared": part.shared,
                "whole": part.whole,
                "share": wording.share(part.shared, part.whole),
            }
            for part in found.parts
        ],
        # What is shown was counted at another time than the row: say so instead of showing sums that do not add up.
        "is_current": found.is_current,
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
            "segments": [
                {"segment": segment, "shared": number} for segment, number in shared_by_segment(offer, shared)
            ],
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
