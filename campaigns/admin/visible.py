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
    "once",
    "roles",
    "visible",
]


def roles(request: HttpRequest) -> set[str]:
    """Of "administrator", "analyst", "lead", "member": what the reader is, asked once per request."""
    return once(request, "roles", lambda: staff_role(request.user))
