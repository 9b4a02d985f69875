"""The plan: a card of every department's campaigns, over weeks; the one page that looks past one's own plans."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.admin import campaign_page
from campaigns.admin.visible import once
from campaigns.models import Campaign, Department
from campaigns.permissions import departments_of
from campaigns.queries import plan

WEEKS = 8


@dataclass(frozen=True)
class Card:
    """What everybody may know of a campaign: whose it is, when and where; its name once it is submitted."""

    name: str
    code: str
    department: str
    starts_on: date
    ends_before: date
    status: str
    channels: str
    url: str
    # Place in the grid of weeks, in days from its first day, clipped to it.
    first: int = 0
    last: int = 0
    begins_earlier: bool = False
    goes_on: bool = False

    @property
    def period(self) -> str:
        return wording.period(self.starts_on, self.ends_before)


def show(request: HttpRequest, model_admin: ModelAdmin, *, today: date) -> HttpResponse:
    start = _monday(_asked(request.GET.get("from", ""), today))
    weeks = [start + timedelta(weeks=number) for number in range(WEEKS)]
    end = start + timedelta(weeks=WEEKS)
    departments = list(Department.objects.visible(request.user))
    chosen = next((d for d in departments if str(d.pk) == request.GET.get("department", "")), None)
    rows = Campaign.objects.filter(starts_on__lt=end, ends_before__gt=start, status__in=plan.STATES)
    if chosen:
        rows = rows.filter(department=chosen)
    cards = cards_of(request, rows.order_by("department__name", "starts_on", "code"), start=start, end=end)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Plan"),
        "crumbs": [{"title": _("Plan")}],
        "weeks": [week(monday, today) for monday in weeks],
        "groups": _groups(cards),
        "total": len(cards),
        "departments": departments,
        "chosen": chosen,
        "start": start,
        "today": (today - start).days if start <= today < end else None,
        "earlier": (start - timedelta(weeks=WEEKS // 2)).isoformat(),
        "later": (start + timedelta(weeks=WEEKS // 2)).isoformat(),
        "may_add": model_admin.has_add_permission(request),
    }
    return TemplateResponse(request, "campaigns/plan.html", context)


def cards_of(request: HttpRequest, rows: QuerySet[Campaign], *, start: date, end: date) -> list[Card]:
    """Cards of these campaigns, placed on the weeks; names and links only as far as the reader may know them."""
    own = once(request, "departments", lambda: departments_of(request.user))
    return [_placed(card, start=start, end=end) for card in plan.cards_of(rows, user=request.user, departments=own)]


def _placed(card: plan.Card, *, start: date, end: date) -> Card:
    campaign = card.campaign
    channels = _("every channel") if card.channels is None else ", ".join(name for _code, name in card.channels)
    return Card(
        name=campaign.name if card.is_named else "",
        code=campaign.code if card.is_named else "",
        department=campaign.department.name,
        starts_on=campaign.starts_on,
        ends_before=campaign.ends_before,
        status=campaign.status,
        channels=channels,
        url=campaign_page.url(campaign) if card.is_readable else "",
        first=max((campaign.starts_on - start).days, 0),
        last=(min(campaign.ends_before, end) - start).days,
        begins_earlier=campaign.starts_on < start,
        goes_on=campaign.ends_before > end,
    )


def _groups(cards: Iterable[Card]) -> list[dict[str, Any]]:
    groups: dict[str, list[Card]] = {}
    for card in cards:
        groups.setdefault(card.department, []).append(card)
    return [{"department": department, "cards": found} for department, found in groups.items()]


def week(monday: date, today: date) -> dict[str, Any]:
    return {
        "monday": monday,
        "number": monday.isocalendar().week,
        "is_now": monday <= today < monday + timedelta(weeks=1),
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _asked(text: str, today: date) -> date:
    """The day named in the address, if it is one a calendar page can be drawn around."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if 1900 <= day.year <= 2100 else today
