"""Who wrote what is planned, by the history of its changes."""

from collections import defaultdict
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import Max, Q

from campaigns.models import Campaign, Offer
from campaigns.queries.content import BRIEF, BRIEF_DETAILS
from campaigns.rules.sections import BRIEF as BRIEF_SECTION
from campaigns.rules.sections import offers_section
from customers.models import HistoryEntry

# Fields of a brief as the history names them.
_SIGNED = {column.removesuffix("__code") for column in (*BRIEF, *BRIEF_DETAILS)}
_WRITING = ("plan", "change", "withdraw")


def authors_of(campaign_ids: Collection[int]) -> dict[int, dict[str, set[int]]]:
    """Ids of the people who wrote in each section of a plan since it was last approved, by campaign id and section.

    An offer belongs to the section of the department that has it now.
    """
    codes = dict(Campaign.objects.filter(pk__in=campaign_ids).values_list("code", "pk"))
    entries = HistoryEntry.objects.filter(scope__in=[f"campaign:{code}" for code in codes])
    approved = dict(
        entries.filter(verb="approve")
        .order_by()
        .values_list("scope")
        .annotate(last=Max("id"))
        .values_list("scope", "last")
    )
    departments = dict(
        Offer.objects.filter(campaign__in=campaign_ids).order_by().values_list("code", "department__code")
    )
    people = dict(User.objects.values_list("username", "pk"))
    found: dict[int, dict[str, set[int]]] = {pk: defaultdict(set) for pk in codes.values()}
    written = entries.filter(Q(subject__startswith="offer:") | Q(subject__startswith="campaign:"), verb__in=_WRITING)
    for entry, scope, subject, verb, actor, changes in (
        written.exclude(actor="").order_by().values_list("id", "scope", "subject", "verb", "actor", "changes")
    ):
        if entry <= approved.get(scope, 0) or actor not in people:
            continue
        kind, _colon, code = subject.partition(":")
        if kind == "offer":
            section = offers_section(departments.get(code, ""))
        elif verb == "plan" or changes.keys() & _SIGNED:
            section = BRIEF_SECTION
        else:
            continue
        found[codes[scope.partition(":")[2]]][section].add(people[actor])
    return {pk: dict(sections) for pk, sections in found.items()}
