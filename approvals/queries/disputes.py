"""Which collisions two campaigns have, and which offers they hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from itertools import combinations

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from approvals.choices import OPEN_STATES
from approvals.models import Case, CaseCollision
from campaigns.choices import CollisionState, Level
from campaigns.models import Collision, CollisionMember, Offer
from campaigns.queries.explanation import with_offers

Pair = tuple[int, int]


def open_collisions(today: date) -> QuerySet[Collision]:
    """Undecided collisions with a day from today on; what is only noted (a rule in observation) concerns no case."""
    return Collision.objects.filter(state=CollisionState.OPEN, ends_before__gt=today).exclude(level=Level.NOTE)


def open_between(pairs: Collection[Pair], today: date) -> dict[Pair, list[Collision]]:
    """Open collisions of each pair of campaigns (ids in any order), in two queries, the most severe first.

    One of more than two offers counts for every pair of campaigns whose offers in it belong to different departments.
    """
    ids = {pk for pair in pairs for pk in pair}
    rows = open_collisions(today)
    of_two = rows.filter(offer_a__campaign__in=ids, offer_b__campaign__in=ids, members__isnull=True)
    crowds = rows.filter(pk__in=CollisionMember.objects.filter(offer__campaign__in=ids).values("collision"))
    members = Prefetch("members", CollisionMember.objects.select_related("offer"))
    by_campaigns: dict[frozenset[int], list[Collision]] = defaultdict(list)
    for collision in of_two.select_related("offer_a", "offer_b"):
        by_campaigns[frozenset((collision.offer_a.campaign_id, collision.offer_b.campaign_id))].append(collision)
    for collision in crowds.select_related("offer_a", "offer_b").prefetch_related(members):
        offers = {(member.offer.campaign_id, member.offer.department_id) for member in collision.members.all()}
        for pair in {frozenset((a[0], b[0])) for a, b in combinations(offers, 2) if a[1] != b[1]}:
            by_campaigns[pair].append(collision)
    for found in by_campaigns.values():
        found.sort(key=lambda collision: (-collision.score, collision.pk))
    return {pair: by_campaigns[frozenset(pair)] for pair in pairs}


def collision_in(case: Case, pk: int) -> Collision | None:
    """That collision, if it stands or once stood in the case, with its offers."""
    rows = Collision.objects.filter(pk=pk, pk__in=case.collision_rows.values("collision"))
    return with_offers(rows).first()


def offers_of(collisions: Iterable[Collision]) -> dict[int, list[Offer]]:
    """Collision id -> all its offers, in one query more than the collisions themselves took."""
    rows = list(collisions)
    prefetch_related_objects(rows, Prefetch("members", CollisionMember.objects.select_related("offer__campaign")))
    return {row.pk: [one.offer for one in row.members.all()] or [row.offer_a, row.offer_b] for row in rows}


def open_cases(pairs: Collection[Pair]) -> dict[frozenset[int], int]:
    """The campaigns of each pair -> id of its open case, for pairs that have one."""
    wanted = {frozenset(pair) for pair in pairs}
    ids = {pk for pair in pairs for pk in pair}
    rows = Case.objects.filter(state__in=OPEN_STATES, campaign_a__in=ids, campaign_b__in=ids)
    found = {frozenset((a, b)): pk for pk, a, b in rows.values_list("pk", "campaign_a", "campaign_b")}
    return {pair: pk for pair, pk in found.items() if pair in wanted}


def latest_between(first: int, second: int) -> Case | None:
    """The last case that these two campaigns had and that no other has taken up."""
    rows = Case.objects.filter(Q(campaign_a=first, campaign_b=second) | Q(campaign_a=second, campaign_b=first))
    return rows.filter(taken_up_by=None).order_by("-id").first()


def held_by_cases(campaign_ids: Collection[int], today: date) -> set[int]:
    """Ids of the offers of these campaigns that stand in an open collision of any open case of their campaign."""
    rows = CaseCollision.objects.filter(case__state__in=OPEN_STATES, collision__in=open_collisions(today))
    of_two = rows.filter(
        Q(collision__offer_a__campaign__in=campaign_ids) | Q(collision__offer_b__campaign__in=campaign_ids),
        collision__members__isnull=True,
    )
    offers = of_two.values_list(
        "collision__offer_a", "collision__offer_a__campaign", "collision__offer_b", "collision__offer_b__campaign"
    )
    mine = set(campaign_ids)
    held = {offer for a, of_a, b, of_b in offers for offer, campaign in ((a, of_a), (b, of_b)) if campaign in mine}
    # Of a collision of more offers a case holds those of its own two campaigns.
    crowds = rows.filter(collision__members__offer__campaign__in=campaign_ids).values_list(
        "collision__members__offer",
        "collision__members__offer__campaign",
        "case__campaign_a",
        "case__campaign_b",
    )
    return held | {offer for offer, campaign, a, b in crowds if campaign in mine and campaign in (a, b)}


def offers_in(case: Case) -> QuerySet[Offer]:
    """Every offer that any collision of the case is about."""
    rows = case.collision_rows
    return Offer.objects.filter(
        Q(pk__in=rows.values("collision__offer_a"))
        | Q(pk__in=rows.values("collision__offer_b"))
        | Q(pk__in=rows.values("collision__members__offer"))
    )
