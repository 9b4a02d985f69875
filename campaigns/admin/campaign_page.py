"""The page of one campaign: where it stands, whose turn it is, and everything known about it."""

from datetime import date, datetime
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.actions.lifecycle import gaps_before_submit
from campaigns.admin import collision_lines, steps
from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Campaign, Collision, Department, Offer
from campaigns.permissions import answers_for, can_appoint, can_change
from campaigns.queries.brief import shown_warnings
from campaigns.queries.chronicles import history_of
from campaigns.queries.content import content_hashes
from campaigns.queries.counts import product_total
from campaigns.queries.drafts import ahead_of_time, draft_collisions
from campaigns.queries.explanation import reader_of, with_offers
from campaigns.queries.listing import more_than_notes, on_any_side
from campaigns.queries.parties import plans_it
from campaigns.queries.raci import matrix_of
from campaigns.rules.kpis import recognised
from campaigns.rules.lifecycle import EDITABLE, OVER
from customers.clock import local_day
from customers.permissions import is_administrator

# More rows than these are a click away, on the list that the number above links to.
SHOWN = 8
WARNED = 20


def url(campaign: Campaign, page: str = "change", **kwargs: Any) -> str:
    arguments = {"object_id": campaign.pk} if page == "change" else {"pk": campaign.pk}
    return reverse(f"admin:campaigns_campaign_{page}", kwargs=arguments | kwargs)


def collisions_link(campaign: Campaign, number: int) -> str:
    """The number of open collisions of a campaign, leading to the rows behind it."""
    if not number:
        return format_html('<span class="c-number c-muted">{}</span>', 0)
    return format_html(
        '<a class="c-number" href="{}?campaign={}&amp;state=open">{}</a>',
        reverse("admin:campaigns_collision_changelist"),
        campaign.pk,
        number_format(number),
    )


def find(model_admin: ModelAdmin, request: HttpRequest, pk: int | str) -> Campaign:
    """The campaign, if the reader may see it; to everybody else it does not exist."""
    rows = Campaign.objects.visible(request.user)
    rows = rows.select_related("department", "accountable", "contact_person", "joint_group")
    campaign = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
    if campaign is None or not model_admin.has_view_permission(request):
        raise Http404
    return campaign


def page(request: HttpRequest, model_admin: ModelAdmin, campaign: Campaign, title: str, **context: Any) -> dict:
    """Context that every page below a campaign shares."""
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title or campaign.name,
        "campaign": campaign,
        "campaign_url": url(campaign),
        "crumbs": [
            {"title": _("Campaigns"), "url": reverse("admin:campaigns_campaign_changelist")},
            *(
                [{"title": campaign.name, "url": url(campaign)}, {"title": title}]
                if title
                else [{"title": campaign.name}]
            ),
        ],
        **context,
    }


def show(request: HttpRequest, model_admin: ModelAdmin, object_id: str, *, now: datetime) -> HttpResponse:
    campaign = find(model_admin, request, object_id)
    writes = can_change(request.user, campaign)
    context = page(
        request,
        model_admin,
        campaign,
        "",
        may_edit=writes and campaign.status in EDITABLE,
        may_change=writes,
        may_join=is_administrator(request.user) and campaign.status not in OVER,
        may_appoint=can_appoint(request.user, campaign) and campaign.status in EDITABLE,
        raci_file=url(campaign, "raci_file"),
        steps=steps.possible(campaign, request.user),
        turn=turn(campaign, request.user, writes=writes),
        gaps=gaps_before_submit(campaign, now=now) if writes and campaign.status == CampaignStatus.DRAFT else [],
        **warnings(campaign, request.user, today=local_day(now)),
        is_vanity=(kpi := recognised(campaign.kpi)) is not None and kpi.is_vanity,
        serves=campaign.serves.select_related("department").order_by("department__name", "name"),
        life=life(campaign),
        unsigned=unsigned(campaign),
        **offers_of(campaign),
        matrix=matrix_rows(campaign),
        **_collisions(campaign, request.user, today=local_day(now)),
        history=history_of(campaign, request.user)[:SHOWN],
    )
    return TemplateResponse(request, "campaigns/campaign.html", context)


def warnings(campaign: Campaign, user: Any, *, today: date) -> dict[str, Any]:
    """The first of what is worth a second look in the brief and its offers, and how much there is."""
    found = shown_warnings(campaign, user, today=today)
    return {"warnings": found[:WARNED], "warning_count": len(found)}


def offers_of(campaign: Campaign) -> dict[str, Any]:
    """The first of a campaign's offers, those a case holds before all; how many there are, and how many are held."""
    rows = Offer.objects.filter(campaign=campaign)
    listed = rows.select_related("department", "audience", "gift_product").annotate(product_total=product_total())
    offers = list(listed.order_by("-held", "withdrawn_at", "starts_on", "code")[:SHOWN])
    return {
        "offers": offers,
        **rows.aggregate(offer_count=Count("pk"), held=Count("pk", filter=Q(held=True))),
        "offers_url": f"{reverse('admin:campaigns_offer_changelist')}?campaign={campaign.pk}",
    }


def turn(campaign: Campaign, user: AbstractBaseUser, *, writes: bool) -> str:
    """Whose turn it is, in one sentence."""
    mine = answers_for(user, campaign)
    a = wording.person(campaign.accountable)
    match campaign.status:
        case CampaignStatus.DRAFT:
            return (
                _("Your turn: complete the plan and submit it.")
                if writes
                else _("%(department)s is still writing it.") % {"department": campaign.department}
            )
        case CampaignStatus.SUBMITTED:
            return _("Waits for approval.")
        case CampaignStatus.APPROVED:
            return _("Approved. It goes live by itself on its first day.")
        case CampaignStatus.LIVE:
            return _("Live: customers see it. It ends by itself after its last day.")
        case CampaignStatus.PAUSED:
            return (
                _("Your turn: it is paused until you resume it.")
                if mine
                else _("Paused until %(person)s (A) resumes it.") % {"person": a}
            )
        case CampaignStatus.CANCELLED:
            return _("Cancelled. It stays here to be read.")
    return _("Over. It stays here to be read.")


def unsigned(campaign: Campaign) -> str:
    """What to do when the plan is no longer what was approved, in one sentence; empty when it is."""
    match campaign.status:
        case CampaignStatus.APPROVED:
            what = _("Within a minute it waits for approval again.")
        case CampaignStatus.LIVE | CampaignStatus.PAUSED:
            what = _("They go on once everybody has approved the plan as it is now.")
        case _other:
            return ""
    return "" if content_hashes([campaign.pk])[campaign.pk] == campaign.approved_hash else what


def life(campaign: Campaign) -> list[dict[str, str]]:
    """The straight way from draft to ended, each step done, now or ahead."""
    way = [
        CampaignStatus.DRAFT,
        CampaignStatus.SUBMITTED,
        CampaignStatus.APPROVED,
        CampaignStatus.LIVE,
        CampaignStatus.ENDED,
    ]
    if campaign.status == CampaignStatus.CANCELLED:
        return []
    if campaign.status == CampaignStatus.PAUSED:
        way[3] = CampaignStatus.PAUSED
    here = way.index(CampaignStatus(campaign.status))
    return [
        {
            "label": str(status.label),
            "state": "done" if place < here else "now" if place == here else "ahead",
            "icon": "check_circle" if place < here else "radio_button_checked" if place == here else "circle",
        }
        for place, status in enumerate(way)
    ]


def matrix_rows(campaign: Campaign) -> dict[str, Any]:
    """The RACI matrix: departments with any letter as columns, activities as rows, a letter or nothing per cell."""
    rows = matrix_of(campaign)
    columns: dict[int, Department] = {campaign.department_id: campaign.department}
    columns |= {pk: role.department for row in rows for pk, role in row.departments.items()}
    departments = sorted(columns.values(), key=lambda department: department.name)
    return {
        "departments": departments,
        "rows": [
            {
                "of": row,
                "a": wording.person(row.accountable),
                "cells": [(department, row.departments.get(department.pk)) for department in departments],
            }
            for row in rows
        ],
    }


def collisions_of(campaign: Campaign) -> QuerySet[Collision]:
    """All that stand in a list: what is only noted does not."""
    return more_than_notes(Collision.objects.filter(on_any_side("campaign", campaign)))


def unseen(rows: QuerySet[Collision], seen: QuerySet[Collision]) -> dict[str, Any]:
    """How many open collisions the reader sees, and what must be said about those that are others' business."""
    numbers = {"every": Count("pk"), "open": Count("pk", filter=Q(state=CollisionState.OPEN))}
    total, known = rows.order_by().aggregate(**numbers), seen.order_by().aggregate(**numbers)
    return {
        "collision_count": known["open"],
        "has_unseen": total["every"] > known["every"],
        "unseen_count": total["open"] - known["open"],
    }


def _collisions(campaign: Campaign, user: Any, *, today: date) -> dict[str, Any]:
    """Stored collisions for what is planned; for a draft those that submitting it would bring."""
    if campaign.status == CampaignStatus.DRAFT:
        found = draft_collisions(campaign, user, today=today)
        own = campaign.offers.values_list("pk", flat=True)
        return {
            "would_collide": ahead_of_time(found[:SHOWN], own, reader_of(user)),
            "collision_count": len(found),
            "has_unseen": not plans_it(campaign, user),
        }
    rows = collisions_of(campaign).filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
    seen = rows.visible(user)
    listed = with_offers(seen).order_by("-score", "starts_on", "id")[:SHOWN]
    lines = [collision_lines.line(row, lambda offer: offer.campaign_id == campaign.pk) for row in listed]
    return {"collisions": lines, **unseen(rows, seen)}
