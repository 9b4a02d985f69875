"""Which collisions two campaigns have, and which offers they hold."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from approvals.choices import OPEN_STATES
from approvals.models import Case, CaseCollision
from campaigns.choices import CollisionState
from campaigns.models import Collision

Pair = tuple[int, int]


def open_collisions(today: date) -> QuerySet[Collision]:
    """Undecided collisions with a shared day from today on."""
    return Collision.objects.filter(state=CollisionState.OPEN, ends_before__gt=today)


def open_between(pairs: Collection[Pair], today: date) -> dict[Pair, list[Collision]]:
    """Open collisions of each pair of campaigns (ids in any order), in one query."""
    ids = {pk for pair in pairs for pk in pair}
    rows = open_collisions(today).filter(offer_a__campaign__in=ids, offer_b__campaign__in=ids)
    by_campaigns: dict[frozenset[int], list[Collision]] = defaultdict(list)
    for collision in rows.select_related("offer_a", "offer_b").order_by("-score", "id"):
        by_campaigns[frozenset((collision.offer_a.campaign_id, collision.offer_b.campaign_id))].append(collision)
    return {pair: by_campaigns[frozenset(pair)] for pair in pairs}


def open_cases(pairs: Collection[Pair]) -> dict[frozenset[int], int]:
    """The campaigns of each pair -> id of its open case, for pairs that have one."""
    wanted = {frozenset(pair) for pair in pairs}
    ids = {pk for pair in pairs for pk in pair}
    rows = Case.objects.filter(state__in=OPEN_STATES, campaign_a__in=ids, campaign_b__in=ids)
    found = {frozenset((a, b)): pk for pk, a, b in rows.values_list("pk", "campaign_a", "campaign_b")}
    return {pair: pk for pair, pk in found.items() if pair in wanted}


def held_by_cases(campaign_ids: Collection[int], today: date) -> set[int]:
    """Ids of the offers of these campaigns that stand in an open collision of any open case."""
    rows = CaseCollision.objects.filter(
        case__state__in=OPEN_STATES, collision__state=CollisionState.OPEN, collision__ends_before__gt=today
    ).filter(Q(collision__offer_a__campaign__in=campaign_ids) | Q(collision__offer_b__campaign__in=campaign_ids))
    offers = rows.values_list(
        "collision__offer_a", "collision__offer_a__campaign", "collision__offer_b", "collision__offer_b__campaign"
    )
    mine = set(campaign_ids)
    return {offer for a, of_a, b, of_b in offers for offer, campaign in ((a, of_a), (b, of_b)) if campaign in mine}
