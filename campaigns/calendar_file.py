"""Cards as an iCalendar file (RFC 5545), in the language that is active."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from campaigns import wording
from campaigns.choices import CampaignStatus
from campaigns.queries.plan import Card

MEDIA_TYPE = "text/calendar; charset=utf-8"
# How often programs should look; many look less often whatever is said.
_REFRESH = timedelta(hours=1)
_SETTLED = {CampaignStatus.APPROVED, CampaignStatus.LIVE, CampaignStatus.PAUSED, CampaignStatus.ENDED}


def calendar_of(cards: Iterable[Card], *, name: str, url_of: Callable[[Card], str], now: datetime) -> bytes:
    """One all-day event for each card; `url_of` says where those may open it who may, or nothing.

    A card can change because what its reader may see has changed. So events carry no number of their version: DTSTAMP
    says when they were true, and programs take each reading for the newest.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Concordia//Calendar//" + (get_language() or "en").upper())
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    # What programs read that are older than NAME and REFRESH-INTERVAL.
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for card in cards:
        calendar.add_component(_event(card, url=url_of(card), now=now))
    return calendar.to_ical()


def _event(card: Card, *, url: str, now: datetime) -> Event:
    campaign, department = card.campaign, card.campaign.department.name
    status = CampaignStatus(campaign.status)
    channels = wording.channels(card.channels)
    event = Event()
    event.add("uid", f"campaign-{campaign.pk}@concordia")
    event.add("dtstamp", now)
    event.add("dtstart", campaign.starts_on)
    # Exclusive, as we store it.
    event.add("dtend", campaign.ends_before)
    event.add("summary", f"{campaign.name if card.is_named else _('A draft')} · {department}")
    told = [_("Status: %(name)s") % {"name": status.label}]
    if channels:
        told.append(_("Channels: %(names)s") % {"names": channels})
    event.add("description", "\n".join(told))
    event.add("categories", [department])
    event.add("status", "CONFIRMED" if status in _SETTLED else "TENTATIVE")
    # A campaign takes nobody's time.
    event.add("transp", "TRANSPARENT")
    if url:
        event.add("url", url)
    return event
