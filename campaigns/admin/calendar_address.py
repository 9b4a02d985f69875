"""The address of a calendar page: what it asks for, in what is read and in what is written. All of it stands in the URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns.admin.visible import number
from campaigns.queries.plan import STATES
from campaigns.rules.calendar import Filters, Window, Zoom
from customers.rules.days import WrongDay
from customers.rules.days import day as read_day
from customers.rules.text import shown

TIMELINE, TABLE = "timeline", "table"
YES = "1"
# Code -> name of what a filter may choose.
Names = Mapping[str, str]


@dataclass(frozen=True)
class Address:
    """`day` is None where the address names none: the calendar of today, whenever the address is opened."""

    day: date | None
    today: date
    zoom: Zoom = Zoom.QUARTER
    view: str = TIMELINE
    filters: Filters = field(default_factory=Filters)
    selected: int | None = None
    page: int = 1

    @property
    def window(self) -> Window:
        return Window.around(self.zoom, self.day or self.today)

    def query(self, **changes: Any) -> str:
        """The address with some of it changed, as "?…"; what is as by default is left out."""
        # Whoever looks at other days or cards begins at the first page.
        there = replace(self, **{"page": 1} | changes)
        filters = there.filters
        pairs: list[tuple[str, Any]] = [
            *([("zoom", there.zoom.value)] if there.zoom != Zoom.QUARTER else []),
            *([("from", there.day.isoformat())] if there.day else []),
            *([("view", there.view)] if there.view != TIMELINE else []),
            *query_of(filters),
            *([("selected", there.selected)] if there.selected else []),
            *([("page", there.page)] if there.page > 1 else []),
        ]
        return f"?{urlencode(pairs)}"


def query_of(filters: Filters) -> list[tuple[str, str]]:
    return [
        *(("department", code) for code in filters.departments),
        *(("channel", code) for code in filters.channels),
        *(("status", status) for status in filters.statuses),
        *([("mine", YES)] if filters.mine else []),
        *([("collisions", YES)] if filters.collisions else []),
    ]


def read(given: QueryDict, *, today: date, departments: Names, channels: Names) -> tuple[Address, list[str]]:
    """The address that was asked for as far as it can be understood, and a sentence about each part that cannot."""
    notes: list[str] = []
    filters = read_filters(given, departments=departments, channels=channels, notes=notes)
    address = Address(
        day=_day(given.get("from", ""), notes),
        today=today,
        zoom=Zoom(_one_of("zoom", given, list(Zoom), Zoom.QUARTER, notes)),
        view=_one_of("view", given, [TIMELINE, TABLE], TIMELINE, notes),
        filters=filters,
        selected=number(given.get("selected", "")),
        page=_page(given.get("page", ""), notes),
    )
    if given.get("selected") and not address.selected:
        notes.append(not_there())
    return address, notes


def read_filters(given: QueryDict, *, departments: Names, channels: Names, notes: list[str]) -> Filters:
    return Filters(
        departments=_known("department", given, departments, notes),
        channels=_known("channel", given, channels, notes),
        statuses=_known("status", given, [status.value for status in STATES], notes),
        mine=_yes("mine", given, notes),
        collisions=_yes("collisions", given, notes),
    )


def not_there() -> str:
    return _("The selected campaign is not in the calendar: it was cancelled, or there is none.")


def _known(name: str, given: QueryDict, known: Iterable[str], notes: list[str]) -> tuple[str, ...]:
    """Those values that there are, each once and in the order of `known`, so that equal choices are equal addresses."""
    asked = {value for value in given.getlist(name) if value}
    notes.extend(_left_out(name, value) for value in sorted(asked - set(known))[:3])
    return tuple(value for value in known if value in asked)


def _left_out(name: str, value: str) -> str:
    texts = {
        "department": _("There is no department “%(value)s”: it was left out of the filter."),
        "channel": _("There is no channel “%(value)s”: it was left out of the filter."),
        "status": _("There is no status “%(value)s”: it was left out of the filter."),
    }
    return texts[name] % {"value": shown(value)}


def _one_of(name: str, given: QueryDict, known: Iterable[str], default: str, notes: list[str]) -> str:
    value = given.get(name, "") or default
    if value in list(known):
        return value
    texts = {
        "zoom": _("There is no zoom “%(value)s”: this is a quarter."),
        "view": _("There is no view “%(value)s”: this is the timeline."),
    }
    notes.append(texts[name] % {"value": shown(value)})
    return default


def _yes(name: str, given: QueryDict, notes: list[str]) -> bool:
    value = given.get(name, "")
    if value not in ("", YES, "0"):
        texts = {
            "mine": _("“Only mine” is either 1 or left out: all campaigns are shown."),
            "collisions": _("“With collisions” is either 1 or left out: all campaigns are shown."),
        }
        notes.append(texts[name])
    return value == YES


def _day(text: str, notes: list[str]) -> date | None:
    if not text:
        return None
    try:
        return read_day(text)
    except WrongDay as error:
        notes.append(_("%(reason)s. The calendar begins with this week.") % {"reason": error.message})
        return None


def _page(text: str, notes: list[str]) -> int:
    found = number(text) if text else 1
    if not found:
        notes.append(_("There is no page “%(value)s”: this is the first.") % {"value": shown(text)})
    return found or 1
