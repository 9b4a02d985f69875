"""The rows behind the numbers of a case: which products, audiences and days of its two sides meet."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from approvals.models import Case
from approvals.queries.shared import shared_products
from campaigns.models import Campaign, Collision, CollisionMember, Offer, Product
from campaigns.queries.explanation import offers_in
from campaigns.queries.scopes import members_of
from customers.models import Segment


@dataclass(frozen=True)
class AudiencePair:
    """Two audiences that meet in a case; None = every customer. `offers` are pairs of offer codes."""

    audiences: tuple[Segment | None, Segment | None]
    sizes: tuple[int, int]
    shared: int
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Period:
    """Days on which offers of both sides run, and which pairs do."""

    starts_on: date
    ends_before: date
    offers: tuple[tuple[Offer, Offer], ...]

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.ends_before - self.starts_on).days


def sides_of(case: Case) -> list[Campaign]:
    """Both campaigns, alphabetically by department and never by who complained."""
    return sorted((case.campaign_a, case.campaign_b), key=lambda one: (one.department.name, one.code))


@dataclass(frozen=True)
class Encounter:
    """An offer of the first side and one of the second that meet in a collision."""

    collision: Collision
    offer_a: Offer
    offer_b: Offer


def collisions_of(case: Case) -> QuerySet[Collision]:
    """With their offers and audiences, the most severe first."""
    members = CollisionMember.objects.select_related("offer__audience").defer("offer__audience__members")
    rows = Collision.objects.filter(pk__in=case.collision_rows.values("collision"))
    rows = rows.select_related("offer_a__audience", "offer_b__audience")
    rows = rows.prefetch_related(Prefetch("members", members.order_by("offer__code")))
    return rows.defer("offer_a__audience__members", "offer_b__audience__members").order_by("-score", "id")


def encounters(case: Case, collisions: Iterable[Collision]) -> list[Encounter]:
    """In the order of the collisions; of a larger one every pair across both sides and of two departments."""
    first, second = (campaign.pk for campaign in sides_of(case))
    found = []
    for collision in collisions:
        offers = offers_in(collision)
        lefts = [offer for offer in offers if offer.campaign_id == first]
        rights = [offer for offer in offers if offer.campaign_id == second]
        found += [
            Encounter(collision, left, right)
            for left in lefts
            for right in rights
            if len(offers) == 2 or left.department_id != right.department_id
        ]
    return found


def products_of(met: Collection[Encounter]) -> list[int]:
    """Ids of the shared products, by name: without naming thousands of ids to the database."""
    shared = shared_products(met)
    return [pk for pk in Product.objects.order_by("name", "id").values_list("pk", flat=True) if pk in shared]


def audience_pairs(met: Iterable[Encounter]) -> list[AudiencePair]:
    """Exact counts, the pair that shares most first; two offers stand there once, however often they collide."""
    meeting: dict[tuple[Segment | None, Segment | None], set[tuple[str, str]]] = defaultdict(set)
    for one in met:
        meeting[one.offer_a.audience, one.offer_b.audience].add((one.offer_a.code, one.offer_b.code))
    members = members_of({segment.pk if segment else None for pair in meeting for segment in pair})
    counted = [
        (pair, [members[segment.pk if segment else None] for segment in pair], offers)
        for pair, offers in meeting.items()
    ]
    found = [
        AudiencePair(pair, (len(left), len(right)), left.intersection_cardinality(right), tuple(sorted(offers)))
        for pair, (left, right), offers in counted
    ]
    return sorted(found, key=lambda row: -row.shared)


def periods_of(met: Iterable[Encounter]) -> list[Period]:
    """In the order of the calendar; two offers stand in a period once, however often they collide in it."""
    ordered = sorted(met, key=lambda one: (one.collision.starts_on, one.collision.ends_before, one.collision.pk))
    by_period: dict[tuple[date, date], dict[tuple[Offer, Offer], None]] = defaultdict(dict)
    for one in ordered:
        by_period[one.collision.starts_on, one.collision.ends_before][one.offer_a, one.offer_b] = None
    return [Period(*days, tuple(pairs)) for days, pairs in by_period.items()]
