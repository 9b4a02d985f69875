"""The page of one offer: what it promises, to whom, where and on what, and what it collides with."""

from datetime import date
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.admin import campaign_page, collision_lines, offer_says
from campaigns.admin.visible import once
from campaigns.choices import CollisionState, Mode, ScopeRole
from campaigns.models import Collision, Offer
from campaigns.permissions import answers_for, can_change
from campaigns.queries.chronicles import history_of_offer
from campaigns.queries.drafts import ahead_of_time
from campaigns.queries.explanation import reader_of, with_offers
from campaigns.queries.foresight import prospect_of
from campaigns.queries.listing import more_than_notes, on_any_side
from campaigns.queries.self_checks import shown_checks
from campaigns.rules.lifecycle import EDITABLE

SHOWN = 6


def url(offer: Offer) -> str:
    return reverse("admin:campaigns_offer_change", args=[offer.pk])


def page(request: HttpRequest, model_admin: ModelAdmin, offer: Offer, title: str, **context: Any) -> dict[str, Any]:
    """Context that every page below an offer shares."""
    own = {"title": offer.name, "url": url(offer)} if title else {"title": offer.name}
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title or offer.name,
        "offer": offer,
        "offer_url": url(offer),
        "campaign": offer.campaign,
        "crumbs": [
            {"title": _("Campaigns"), "url": reverse("admin:campaigns_campaign_changelist")},
            {"title": offer.campaign.name, "url": campaign_page.url(offer.campaign)},
            own,
            *([{"title": title}] if title else []),
        ],
        **context,
    }


def show(request: HttpRequest, model_admin: ModelAdmin, offer: Offer, *, today: date) -> HttpResponse:
    writes = can_change(request.user, offer.campaign)
    may_withdraw = offer.withdrawn_at is None and (writes or answers_for(request.user, offer.campaign))
    rows = more_than_notes(Collision.objects.filter(on_any_side("pk", offer.pk)))
    rows = rows.filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
    seen = rows.visible(request.user)
    reader = once(request, "reader", lambda: reader_of(request.user))
    prospect = prospect_of(offer, request.user, reader, today=today)
    context = page(
        request,
        model_admin,
        offer,
        "",
        state=wording.offer_state(offer, today),
        may_edit=writes and offer.withdrawn_at is None and offer.campaign.status in EDITABLE,
        may_withdraw=may_withdraw and (offer.campaign.status in EDITABLE or offer.campaign.status == "live"),
        gaps=prospect.gaps,
        self_checks=shown_checks(offer, request.user, reader, today=today),
        channels=list(offer.channels.all()),
        terms_more=offer_says.terms(offer),
        says=offer_says.sections(offer),
        **_scope(offer),
        **campaign_page.unseen(rows, seen),
        collisions=[collision_lines.line(row, lambda one: one == offer) for row in with_offers(seen)[:SHOWN]],
        within=ahead_of_time(prospect.within[:SHOWN], [offer.pk], reader),
        within_count=len(prospect.within),
        history=history_of_offer(offer)[:SHOWN],
    )
    return TemplateResponse(request, "campaigns/offer.html", context)


def _scope(offer: Offer) -> dict[str, Any]:
    """Audience, categories and products as they were entered."""
    audience = list(offer.audience_rows.select_related("segment").order_by("segment__name"))
    categories = list(
        offer.category_rows.filter(role=ScopeRole.TARGET).select_related("category").order_by("category__code")
    )
    products = dict(
        offer.product_rows.filter(role=ScopeRole.TARGET).order_by().values_list("mode").annotate(n=Count("pk"))
    )
    return {
        "included": [row.segment for row in audience if row.mode == Mode.INCLUDE],
        "excluded": [row.segment for row in audience if row.mode == Mode.EXCLUDE],
        "categories": [row.category for row in categories if row.mode == Mode.INCLUDE],
        "without_categories": [row.category for row in categories if row.mode == Mode.EXCLUDE],
        "products_named": products.get(Mode.INCLUDE, 0),
        "products_out": products.get(Mode.EXCLUDE, 0),
    }
