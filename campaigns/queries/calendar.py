"""The cards of the shared calendar: which ones somebody asked for, and the open collisions they may know of."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from campaigns.models import Campaign, Collision, CollisionMember, Offer
from campaigns.queries import plan
from campaigns.queries.listing import on_any_side, undecided
from campaigns.rules.calendar import Column, Filters

User = AbstractBaseUser | AnonymousUser


def cards_between(start: date, end: date, filters: Filters, user: User) -> QuerySet[Campaign]:
    """Campaigns with a day from `start` to before `end` whose cards were asked for, by days.

    A card is everybody's, so filters ask for nothing that it does not tell; collisions are those that `user` sees.
    """
    rows = Campaign.objects.filter(starts_on__lt=end, ends_before__gt=start, status__in=plan.STATES)
    if filters:
        # Asked once here, as whoever shows cards asks for them several times, and databases would filter each time.
        found = list(filtered(rows, filters, user).values_list("pk", flat=True))
        rows = Campaign.objects.filter(pk__in=found)
    return rows.order_by("starts_on", "pk")


def filtered(rows: QuerySet[Campaign], filters: Filters, user: User) -> QuerySet[Campaign]:
    if filters.departments:
        rows = rows.filter(department__code__in=filters.departments)
    if filters.statuses:
        rows = rows.filter(status__in=filters.statuses)
    if filters.channels:
        rows = rows.filter(Exists(_on_channels(filters.channels)))
    if filters.mine:
        rows = rows.filter(pk__in=Campaign.objects.planned(user).values("pk"))
    if filters.collisions:
        rows = rows.filter(_collides(user))
    return rows


def _on_channels(codes: Iterable[str]) -> QuerySet[Offer]:
    """Offers that run on one of these channels; one that names none runs on all."""
    through = Offer.channels.through._default_manager.filter(offer=OuterRef("pk"))
    named, any_of_them = Exists(through), Exists(through.filter(channel__code__in=list(codes)))
    return Offer.objects.filter(Q(any_of_them) | ~Q(named), campaign=OuterRef("pk"), withdrawn_at__isnull=True)


def _seen(user: User) -> QuerySet[Collision]:
    return undecided(Collision.objects.visible(user)).order_by()


def _further_members(user: User, of: Collection[int] | None = None) -> QuerySet[CollisionMember]:
    """Of open collisions of more than two offers those beyond the pair they are listed for, if `user` may know them.

    Who merely reads both plans of the pair is no party, and may know of the others only where they read them too.
    `of` are ids of collisions, of which alone members are looked for.
    """
    disputed, seen = undecided(Collision.objects.disputed_by(user)).order_by(), _seen(user)
    if of is not None:
        disputed, seen = disputed.filter(pk__in=of), seen.filter(pk__in=of)
    read = Campaign.objects.visible(user).values("pk")
    known = Q(collision__in=disputed) | Q(collision__in=seen, offer__campaign__in=read)
    pair = Q(collision__offer_a__campaign=F("offer__campaign")) | Q(collision__offer_b__campaign=F("offer__campaign"))
    return CollisionMember.objects.filter(known).exclude(pair).order_by()


def _collides(user: User) -> Q:
    seen = _seen(user)
    return (
        Q(pk__in=seen.values("offer_a__campaign"))
        | Q(pk__in=seen.values("offer_b__campaign"))
        | Q(pk__in=_further_members(user).values("offer__campaign"))
    )


def collisions_of_cards(campaigns: Collection[int], user: User) -> dict[int, int]:
    """Number of open collisions that `user` sees, by campaign id; four queries at most, those without any are missing."""
    seen, found = _seen(user), Counter[int]()
    first = seen.filter(offer_a__campaign__in=campaigns).values_list("offer_a__campaign").annotate(n=Count("pk"))
    second = seen.filter(offer_b__campaign__in=campaigns).exclude(offer_a__campaign=F("offer_b__campaign"))
    for rows in (first, second.values_list("offer_b__campaign").annotate(n=Count("pk"))):
        found.update(dict(rows))
    found.update(_further_members_of(campaigns, user))
    return dict(found)


def _further_members_of(campaigns: Collection[int], user: User) -> Counter[int]:
    """How often each campaign is a further member; large collisions are few, so they are looked up before rights are."""
    few = CollisionMember.objects.filter(offer__campaign__in=campaigns).values_list("collision", flat=True)
    known = _further_members(user, of=set(few)).filter(offer__campaign__in=campaigns)
    rows = known.values_list("offer__campaign").annotate(n=Count("collision", distinct=True))
    return Counter(dict(rows))


def collisions_of_columns(columns: Iterable[Column], user: User, cards: QuerySet[Campaign] | None = None) -> list[int]:
    """How many open collisions that `user` sees have a day in each column; of `cards` alone if they are given."""
    columns = list(columns)
    rows = _seen(user).filter(starts_on__lt=columns[-1].ends_before, ends_before__gt=columns[0].starts_on)
    if cards is not None:
        rows = rows.filter(on_any_side("campaign__in", cards.order_by().values("pk")))
    counts: dict[str, Any] = {
        f"column_{place}": Count("pk", filter=Q(starts_on__lt=column.ends_before, ends_before__gt=column.starts_on))
        for place, column in enumerate(columns)
    }
    found = rows.aggregate(**counts)
    return [found[f"column_{place}"] for place in range(len(columns))]


@dataclass(frozen=True)
class Group:
    """The cards of a department, the first `most` of `total`."""

    name: str
    code: str
    cards: list[plan.Card]
    total: int


def groups(cards: QuerySet[Campaign], *, user: User, departments: Collection[int], most: int) -> list[Group]:
    """Departments by name with their cards by days, at most so many each; five queries."""
    totals = cards.order_by().values_list("department__name", "department__code").annotate(n=Count("pk"))
    by_days = Window(RowNumber(), partition_by="department", order_by=["starts_on", "pk"])
    shown = list(cards.order_by().annotate(nth=by_days).filter(nth__lte=most).values_list("pk", flat=True))
    rows = Campaign.objects.filter(pk__in=shown).order_by("starts_on", "pk")
    found: dict[str, list[plan.Card]] = {}
    for card in plan.cards_of(rows, user=user, departments=departments):
        found.setdefault(card.campaign.department.code, []).append(card)
    return [Group(name, code, found.get(code, []), total) for name, code, total in totals.order_by("department__name")]
