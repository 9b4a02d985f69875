"""Which cases a mandate is for, in words, and why one person decides a case."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from approvals.rules.mediation import CATEGORY, DEFAULT, DEPARTMENT, PAIR, UNIT
from campaigns.choices import Level

# How many cases at once a mandate may be limited to.
MOST_CASES = (1, 1000)


def scope_of(*, department: object, other_department: object, category: object, business_unit: str) -> str:
    """By what is filled in."""
    if other_department:
        return PAIR
    if category:
        return CATEGORY
    if department:
        return DEPARTMENT
    return UNIT if business_unit else DEFAULT


def words(scope: str, names: Sequence[str], from_level: str = "") -> str:
    """“CRM × Marketing, from high”."""
    name = " × ".join(names)
    match scope:
        case "pair" | "department":
            said = name
        case "category":
            said = _("products of “%(name)s”") % {"name": name}
        case "unit":
            said = _("business unit %(name)s") % {"name": name}
        case _:
            said = _("every department")
    if not from_level:
        return said
    return _("%(scope)s, from level “%(level)s”") % {"scope": said, "level": Level(from_level).label}


def why(found: Mapping[str, Any] | None, stands_in_for: str = "") -> str:
    """Why the mediator of a case is this person: `found` as in Case.mediator_why; "" if that is not known."""
    if not found:
        return ""
    scope = words(found["scope"], found["names"], found["from_level"])
    if stands_in_for:
        said = _("Stands in for %(person)s, mediator for %(scope)s.") % {"person": stands_in_for, "scope": scope}
    else:
        said = _("Mediator for %(scope)s.") % {"scope": scope}
    if found["is_full"]:
        said += " " + _("Has as many cases as the mandate allows, but nobody else is free.")
    return said
