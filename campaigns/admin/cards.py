"""Cards of campaigns in words, and placed on some weeks: what pages tell of plans that the reader need not be able to open."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns import wording
from campaigns.admin import campaign_page
from campaigns.admin.visible import once
from campaigns.models import Campaign
from campaigns.permissions import departments_of
from campaigns.queries import plan


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


def cards_of(request: HttpRequest, rows: QuerySet[Campaign], *, start: date, end: date) -> list[Card]:
    """Cards of these campaigns, placed on the weeks; names and links only as far as the reader may know them."""
    own = once(request, "departments", lambda: departments_of(request.user))
    return [_placed(card, start=start, end=end) for card in plan.cards_of(rows, user=request.user, departments=own)]


def _placed(card: plan.Card, *, start: date, end: date) -> Card:
    campaign = card.campaign
    return Card(
        name=campaign.name if card.is_named else "",
        code=campaign.code if card.is_named else "",
        department=campaign.department.name,
        starts_on=campaign.starts_on,
        ends_before=campaign.ends_before,
        status=campaign.status,
        channels=wording.channels(card.channels),
        url=campaign_page.url(campaign) if card.is_readable else "",
        first=max((campaign.starts_on - start).days, 0),
        last=(min(campaign.ends_before, end) - start).days,
        begins_earlier=campaign.starts_on < start,
        goes_on=campaign.ends_before > end,
    )


def week(monday: date, today: date) -> dict[str, Any]:
    return {
        "monday": monday,
        "number": monday.isocalendar().week,
        "is_now": monday <= today < monday + timedelta(weeks=1),
    }
