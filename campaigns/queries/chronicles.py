"""What happened to a plan, as far as a reader may know."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Substr, Trim

from campaigns.models import AccessReason, Campaign, Offer
from customers.models import HistoryEntry
from customers.permissions import is_administrator


def with_names(entries: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
    """Each entry with `who` did it: a name; the login of who has none or is gone; "" for the system."""
    name = NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value(""))
    people = User.objects.filter(username=OuterRef("actor")).annotate(name=name)
    return entries.annotate(who=Coalesce(Subquery(people.values("name")), F("actor")))


def history_of(campaign: Campaign, user: Any) -> QuerySet[HistoryEntry]:
    """What happened to a campaign; the steps of a case only for those whose case it is.

    A case writes its steps to both campaigns: who owns either reads them, and who mediates. Others read the plan, but
    not which dispute it is in.
    """
    # A case holds dozens of offers at once: the page says how many are held, and each offer tells since when.
    entries = HistoryEntry.objects.filter(scope=f"campaign:{campaign.code}").exclude(verb__in=["hold", "release"])
    entries = with_names(entries)
    if is_administrator(user):
        return entries
    owned = Campaign.objects.owned(user).annotate(scope=Concat(Value("campaign:"), F("code")))
    of_mine = HistoryEntry.objects.filter(subject=OuterRef("subject"), scope__in=owned.values("scope"))
    label = Substr(OuterRef("subject"), len("case:") + 1)
    mandate = Concat(Value("mediator "), label, output_field=CharField())
    mediated = AccessReason.objects.filter(campaign=campaign, user=user, why=mandate)
    return entries.filter(~Q(subject__startswith="case:") | Exists(of_mine) | Exists(mediated))


def history_of_offer(offer: Offer) -> QuerySet[HistoryEntry]:
    """What happened to an offer; whoever reads its campaign reads that."""
    return with_names(HistoryEntry.objects.filter(subject=f"offer:{offer.code}"))


def history_of_subject(subject: str) -> QuerySet[HistoryEntry]:
    """What happened to a row that everybody reads, such as `goal:CRM-1`."""
    return with_names(HistoryEntry.objects.filter(subject=subject))
