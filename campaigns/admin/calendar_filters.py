"""The filters of the calendar as a form and as chips, and in words wherever else they are kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.translation import gettext as _

from campaigns.admin.calendar_address import Address
from campaigns.choices import CampaignStatus
from campaigns.models import Department
from campaigns.queries.plan import STATES
from campaigns.rules.calendar import Filters
from customers.models import Channel


@dataclass(frozen=True)
class Names:
    """Code -> name of what the reader may choose, by name."""

    departments: dict[str, str]
    channels: dict[str, str]


def names_for(user: AbstractBaseUser | AnonymousUser) -> Names:
    departments, channels = Department.objects.visible(user), Channel.objects.visible(user)
    return Names(
        dict(departments.order_by("name", "pk").values_list("code", "name")),
        dict(channels.order_by("name", "pk").values_list("code", "name")),
    )


def context(address: Address, names: Names) -> dict[str, Any]:
    filters = address.filters
    statuses = {status.value: str(status.label) for status in STATES}
    return {
        "filters": filters,
        "choices": [
            _choice("department", _("Departments"), names.departments, filters.departments),
            _choice("channel", _("Channels"), names.channels, filters.channels),
            _choice("status", _("Status"), statuses, filters.statuses),
        ],
        "chips": [
            {"text": text, "without": address.query(filters=without)} for text, without in _parts(filters, names)
        ],
        "all": address.query(filters=Filters()),
    }


def in_words(filters: Filters, names: Names) -> list[str]:
    """Each part of the filters, as “Channel: e-mail”; nothing chosen is said in words, too."""
    return [text for text, _without in _parts(filters, names)] or [_("All campaigns")]


def _choice(name: str, label: str, known: dict[str, str], chosen: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": [(code, text, code in chosen) for code, text in known.items()],
        "chosen": len(chosen),
    }


def _parts(filters: Filters, names: Names) -> Iterator[tuple[str, Filters]]:
    """(in words, the filters without it); what is gone by now is told by its code."""
    for code in filters.departments:
        left = tuple(one for one in filters.departments if one != code)
        text = _("Department: %(name)s") % {"name": names.departments.get(code, code)}
        yield text, replace(filters, departments=left)
    for code in filters.channels:
        left = tuple(one for one in filters.channels if one != code)
        yield _("Channel: %(name)s") % {"name": names.channels.get(code, code)}, replace(filters, channels=left)
    for status in filters.statuses:
        left = tuple(one for one in filters.statuses if one != status)
        label = dict(CampaignStatus.choices).get(status, status)
        yield _("Status: %(name)s") % {"name": label}, replace(filters, statuses=left)
    if filters.mine:
        yield _("Only mine"), replace(filters, mine=False)
    if filters.collisions:
        yield _("With collisions"), replace(filters, collisions=False)
