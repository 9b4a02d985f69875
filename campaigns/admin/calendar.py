"""The shared calendar: a card of every department's campaigns, drafts included; the one page that looks past one's own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.admin import calendar_address, calendar_filters, campaign_page
from campaigns.admin.calendar_address import TABLE, TIMELINE, Address
from campaigns.admin.visible import once
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Offer
from campaigns.permissions import can_change, departments_of
from campaigns.queries import calendar, plan
from campaigns.rules.calendar import CLOSER, Place, Zoom
from campaigns.rules.lifecycle import EDITABLE

# Bars of one department; the table has the rest, so many rows on a page.
MOST_BARS = 20
ROWS = 50


@dataclass(frozen=True)
class Line:
    """A card in words, for a bar of the timeline (which has a `place`), a row of the table or the selected card."""

    pk: int
    name: str
    code: str
    department: str
    starts_on: date
    ends_before: date
    status: str
    channels: str
    url: str
    collisions: int
    select: str
    place: Place | None = None

    @property
    def title(self) -> str:
        return self.name or _("A draft")

    @property
    def period(self) -> str:
        return wording.period(self.starts_on, self.ends_before)

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)

    @property
    def icon(self) -> str:
        return wording.CAMPAIGN_STATES[CampaignStatus(self.status)][1]

    @property
    def status_word(self) -> str:
        return str(CampaignStatus(self.status).label)

    @property
    def collisions_url(self) -> str:
        return f"{reverse('admin:campaigns_collision_changelist')}?campaign={self.pk}&state=open"


def show(request: HttpRequest, model_admin: ModelAdmin, *, today: date) -> HttpResponse:
    names = calendar_filters.names_for(request.user)
    address, notes = calendar_address.read(
        request.GET, today=today, departments=names.departments, channels=names.channels
    )
    window = address.window
    cards = calendar.cards_between(window.start, window.end, address.filters, request.user)
    view = _table if address.view == TABLE else _timeline
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Calendar"),
        "crumbs": [{"title": _("Calendar")}],
        "address": address,
        "window": window,
        **view(request, address, cards, notes),
        "selected": _selected(request, address, notes),
        **_ways(request, address),
        **calendar_filters.context(address, names),
        "notes": notes,
        "may_add": model_admin.has_add_permission(request),
    }
    return TemplateResponse(request, "campaigns/calendar.html", context)


def _timeline(request: HttpRequest, address: Address, cards: QuerySet[Campaign], notes: list[str]) -> dict[str, Any]:
    window, user = address.window, request.user
    groups = calendar.groups(cards, user=user, departments=_own(request), most=MOST_BARS)
    counts = calendar.collisions_of_cards([card.campaign.pk for group in groups for card in group.cards], user)
    of_columns = calendar.collisions_of_columns(window.columns, user, cards if address.filters else None)
    closer = {"zoom": CLOSER[window.zoom]} if window.zoom != Zoom.WEEK else {"view": TABLE}
    with_collisions = replace(address.filters, collisions=True)
    return {
        "groups": [
            {
                "name": group.name,
                "total": group.total,
                "rest": group.total - len(group.cards),
                "table": address.query(
                    view=TABLE, selected=None, filters=replace(address.filters, departments=(group.code,))
                ),
                "lines": [_line(card, counts, address, is_placed=True) for card in group.cards],
            }
            for group in groups
        ],
        "total": sum(group.total for group in groups),
        "columns": [
            {
                "of": column,
                "is_now": column.holds(address.today),
                "place": place * window.places // len(of_columns),
                "end": (place + 1) * window.places // len(of_columns),
                "collisions": number,
                "closer": address.query(day=column.starts_on, selected=None, filters=with_collisions, **closer),
            }
            for place, (column, number) in enumerate(zip(window.columns, of_columns, strict=True))
        ],
        "today_at": window.place_of(address.today),
    }


def _table(request: HttpRequest, address: Address, cards: QuerySet[Campaign], notes: list[str]) -> dict[str, Any]:
    """All cards of the days, paged: what somebody reads who cannot see bars, or wants every one."""
    paginator = Paginator(cards.order_by("department__name", "starts_on", "pk").values_list("pk", flat=True), ROWS)
    if address.page > paginator.num_pages:
        text = ngettext(
            "There is only %(n)d page.", "There are only %(n)d pages: this is the last.", paginator.num_pages
        )
        notes.append(text % {"n": paginator.num_pages})
    page = paginator.get_page(address.page)
    shown = list(page)
    rows = Campaign.objects.filter(pk__in=shown).order_by("department__name", "starts_on", "pk")
    found = plan.cards_of(rows, user=request.user, departments=_own(request))
    counts = calendar.collisions_of_cards(shown, request.user)
    return {
        "lines": [_line(card, counts, address) for card in found],
        "page": page,
        "previous": address.query(page=page.number - 1) if page.has_previous() else "",
        "next": address.query(page=page.number + 1) if page.has_next() else "",
        "total": paginator.count,
    }


def _selected(request: HttpRequest, address: Address, notes: list[str]) -> dict[str, Any] | None:
    """The card that was chosen, wherever its days are, and what the reader may do with it."""
    if address.selected is None:
        return None
    rows = Campaign.objects.filter(pk=address.selected, status__in=plan.STATES)
    found = plan.cards_of(rows, user=request.user, departments=_own(request))
    if not found:
        notes.append(calendar_address.not_there())
        return None
    campaign = found[0].campaign
    line = _line(found[0], calendar.collisions_of_cards([campaign.pk], request.user), address)
    writes = found[0].is_readable and can_change(request.user, campaign) and campaign.status in EDITABLE
    return {
        "line": line,
        "close": address.query(selected=None),
        "change": f"{campaign_page.url(campaign, 'brief')}#id_starts_on" if writes else "",
        "what_if": _what_if(campaign) if writes else "",
    }


def _what_if(campaign: Campaign) -> str:
    """Where the collisions of an offer on other days are seen before they are saved: its form, or the list of offers."""
    offers = list(Offer.objects.filter(campaign=campaign, withdrawn_at=None).values_list("pk", flat=True)[:2])
    if len(offers) == 1:
        return reverse("admin:campaigns_offer_edit", args=offers)
    return f"{campaign_page.url(campaign)}#offers"


def _line(card: plan.Card, counts: Mapping[int, int], address: Address, *, is_placed: bool = False) -> Line:
    campaign = card.campaign
    return Line(
        pk=campaign.pk,
        name=campaign.name if card.is_named else "",
        code=campaign.code if card.is_named else "",
        department=campaign.department.name,
        starts_on=campaign.starts_on,
        ends_before=campaign.ends_before,
        status=campaign.status,
        channels=wording.channels(card.channels),
        url=campaign_page.url(campaign) if card.is_readable else "",
        collisions=counts.get(campaign.pk, 0),
        select=address.query(selected=campaign.pk, page=address.page),
        place=address.window.place(campaign.starts_on, campaign.ends_before) if is_placed else None,
    )


def _ways(request: HttpRequest, address: Address) -> dict[str, Any]:
    """Where the page leads on to: other days, zooms and views, itself as a link, and a feed of what it shows."""
    window, words = address.window, {Zoom.WEEK: _("Week"), Zoom.QUARTER: _("Quarter"), Zoom.YEAR: _("Year")}
    feed = urlencode(calendar_address.query_of(address.filters))
    return {
        "earlier": address.query(day=window.earlier) if window.earlier else "",
        "now": address.query(day=None),
        "later": address.query(day=window.later) if window.later else "",
        "zooms": [(words[zoom], address.query(zoom=zoom), zoom == window.zoom) for zoom in Zoom],
        "views": [
            (_("Timeline"), "view_timeline", address.query(view=TIMELINE), address.view == TIMELINE),
            (_("Table"), "table_rows", address.query(view=TABLE), address.view == TABLE),
        ],
        "is_table": address.view == TABLE,
        "link": request.build_absolute_uri(reverse("admin:campaigns_plan") + address.query().removesuffix("?")),
        "feed_url": f"{reverse('admin:campaigns_calendarfeed_add')}?{feed}",
        "feeds_url": reverse("admin:campaigns_calendarfeed_changelist"),
    }


def _own(request: HttpRequest) -> set[int]:
    return once(request, "departments", lambda: departments_of(request.user))
