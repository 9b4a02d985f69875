"""The base of every admin class here, with what the parts of a reader in the house are."""

from django.http import HttpRequest

from campaigns.permissions import staff_role
from customers.visible_admin import (
    LinkedFilter,
    ReferenceModelAdmin,
    VisibleModelAdmin,
    VisibleRelatedFilter,
    once,
    visible,
)

__all__ = [
    "LinkedFilter",
    "ReferenceModelAdmin",
    "VisibleModelAdmin",
    "VisibleRelatedFilter",
    "number",
    "once",
    "roles",
    "visible",
]


def number(text: str) -> int | None:
    """A primary key in an address; None for what is none, and for more digits than any database holds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def roles(request: HttpRequest) -> set[str]:
    """Of "administrator", "analyst", "lead", "member": what the reader is, asked once per request."""
    return once(request, "roles", lambda: staff_role(request.user))
