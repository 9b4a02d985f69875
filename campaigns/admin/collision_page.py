"""One collision: why it is one, its sides, how its severity comes about, and what they share."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.admin import campaign_page, collision_lines, offer_page
from campaigns.admin.visible import once, roles
from campaigns.models import Collision, Product
from campaigns.queries.arithmetic import Arithmetic, Side, arithmetic_of, shared_by_segment, sides_of
from campaigns.queries.collisions import shared_numbers, shared_products
from campaigns.queries.explanation import explain, name_of, offers_in, reader_of
from campaigns.queries.listing import also_found
from campaigns.queries.parties import readable, told_of
from customers.actions.segments import everybody
from customers.models import Customer

PER_PAGE = 50


def url(row: Collision) -> str:
    return reverse("admin:campaigns_collision_change", args=[row.pk])


def show(request: HttpRequest, model_admin: ModelAdmin, row: Collision, *, today: date, **cards: Any) -> HttpResponse:
    sides = sides_of(row)
    found = explain(row, once(request, "reader", lambda: reader_of(request.user)))
    arithmetic = arithmetic_of(row, *sides[:2])
    context = _page(
        request,
        model_admin,
        row,
        "",
        found=found,
        sides=_sides(request, row, sides, today),
        products_url=collision_lines.address(row, "products"),
        customers_url=collision_lines.address(row, "customers"),
        arithmetic=arithmetic,
        parts=_parts(arithmetic),
        # The terms of the base fact follow from both offers as they are, those of all others stand in the row.
        severity=arithmetic.severity if arithmetic else found.severity,
        products=_examples(row),
        also=_also(request, row),
        **cards,
    )
    return TemplateResponse(request, "campaigns/collision.html", context)


def _page(request: HttpRequest, model_admin: ModelAdmin, row: Collision, title: str, **context: Any) -> dict[str, Any]:
    name = _("%(a)s and %(b)s") % {"a": row.offer_a.name, "b": row.offer_b.name}
    if more := len(offers_in(row)) - 2 if row.members.all() else 0:
        name = ngettext("%(both)s and %(n)s more", "%(both)s and %(n)s more", more) % {"both": name, "n": more}
    own = url(row)
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


def _sides(request: HttpRequest, row: Collision, sides: Sequence[Side], today: date) -> list[dict[str, Any]]:
    """All parties. Each reads the terms of the others; pages beyond that only those with rights on them."""
    offers = [one.offer for one in sides]
    prefetch_related_objects(offers, "channels")
    opens = readable(offers, request.user)
    told = told_of(offers, request.user, once(request, "reader", lambda: reader_of(request.user)))
    return [
        {
            "offer": one.offer,
            "state": wording.offer_state(one.offer, today),
            "is_told": one.offer.pk in told,
            "products": one.products,
            "audience": one.customers,
            "is_everybody": one.is_for_everybody,
            "channels": list(one.offer.channels.all()),
            "offer_url": offer_page.url(one.offer) if one.offer.campaign_id in opens else "",
            "campaign_url": campaign_page.url(one.offer.campaign) if one.offer.campaign_id in opens else "",
        }
        for one in sides
    ]


def _parts(arithmetic: Arithmetic | None) -> list[dict[str, Any]]:
    """The three shared parts of the base fact."""
    names = {"products": _("Products"), "customers": _("Customers"), "days": _("Days")}
    return [
        {
            "name": names[part.what],
            "shared": part.shared,
            "whole": part.whole,
            "share": wording.share(part.shared, part.whole),
        }
        for part in (arithmetic.parts if arithmetic else ())
    ]


def _examples(row: Collision) -> list[Product]:
    """A few of the products that both share, where the rule is about any."""
    if not collision_lines.address(row, "products"):
        return []
    return list(shared_products(row.offer_a, row.offer_b).select_related("category").order_by("name")[:5])


def _also(request: HttpRequest, row: Collision) -> list[dict[str, Any]]:
    return [
        {"row": other, "name": name_of(other.rule), "url": url(other)}
        for other in also_found(row).visible(request.user).defer("evidence")
    ]


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
