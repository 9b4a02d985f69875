"""Whose acceptances an agreement is."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from approvals.models import Acceptance, Terms
from approvals.queries.party import name_of


def signers_of(terms: Terms) -> tuple[str, ...]:
    """Who accepted terms, each with their department: "Ana Gil (Sales)"."""
    rows = Acceptance.objects.filter(terms=terms).select_related("accepted_by", "campaign__department")
    return tuple(f"{name_of(row.accepted_by)} ({row.campaign.department.name})" for row in rows.order_by("id"))


def joined(names: Sequence[str]) -> str:
    """Names as a sentence has them: "Ana and Bob"."""
    *others, last = names
    return _("%(first)s and %(last)s") % {"first": ", ".join(others), "last": last} if others else last
