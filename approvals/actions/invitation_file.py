"""A meeting as calendar programs read it: iTIP (RFC 5546) in iCalendar (RFC 5545), in the language that is active.

The organizer is the house, at the address that its mails come from: programs take updates from the organizer alone,
and whoever proposed the meeting may leave the case before it takes place.
"""

from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from approvals.queries.conversation_news import MeetingNews
from approvals.queries.party import Party

FILE_NAME = "invite.ics"
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


def invitation(news: MeetingNews, method: str) -> str:
    """`method` is REQUEST for who is to come, CANCEL for who is not any more, PUBLISH for a file to keep."""
    calendar = Calendar()
    calendar.add("prodid", "-//Concordia//Meetings//" + (get_language() or "en").upper())
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_event(news, method))
    year = timezone.localtime(news.starts_at, timezone.get_default_timezone()).date()
    # Two years of the clock's changes are enough for one meeting, and a fiftieth of all that are known.
    calendar.add_missing_timezones(year - timedelta(days=366), year + timedelta(days=366))
    text: str = calendar.to_ical().decode()
    return text.replace("\r\n", "\n")


def summary(news: MeetingNews) -> str:
    return _("Meeting about %(case)s: %(one)s ↔ %(two)s") % _names(news)


def title_only(news: MeetingNews) -> str:
    """For who is out of it: what they knew, and no name of a campaign."""
    return _("Meeting about %(case)s") % {"case": news.label}


def _event(news: MeetingNews, method: str) -> Event:
    zone = timezone.get_default_timezone()
    event = Event()
    event.add("uid", news.uid)
    event.add("sequence", news.sequence)
    event.add("dtstamp", news.at)
    event.add("dtstart", timezone.localtime(news.starts_at, zone))
    event.add("dtend", timezone.localtime(news.ends_at, zone))
    event.add("organizer", _organizer())
    for name, address in news.people:
        event.add("attendee", _attendee(name, address), encode=False)
    if method == CANCEL:
        event.add("summary", title_only(news))
        event.add("status", "CANCELLED")
        event.add("transp", "TRANSPARENT")
        return event
    event.add("summary", summary(news))
    event.add("location", news.place)
    event.add("description", "\n\n".join(filter(None, [news.agenda, news.url])))
    event.add("url", news.url)
    event.add("status", "CONFIRMED")
    return event


def _organizer() -> vCalAddress:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name or "Concordia"
    return organizer


def _attendee(name: str, address: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["CN"] = " ".join(name.replace('"', "'").split())
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    # Nobody reads what comes back to the address of the house.
    attendee.params["RSVP"] = "FALSE"
    return attendee


def _names(news: MeetingNews) -> dict[str, str]:
    one, two = sorted(news.parties, key=_department)
    return {"case": news.label, "one": one.name, "two": two.name}


def _department(party: Party) -> str:
    return party.department
