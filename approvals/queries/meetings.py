"""The rows behind the numbers of a case: which products, audiences and days of its two sides meet."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from approvals.models import Case
from approvals.queries.shared import shared_products
from campaigns.models import Campaign, Collision, Offer, Product
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


def collisions_of(case: Case) -> QuerySet[Collision]:
    """With their offers and audiences, the most severe first."""
    rows = Collision.objects.filter(pk__in=case.collision_rows.values("collision"))
    rows = rows.select_related("offer_a__audience", "offer_b__audience")
    return rows.defer("offer_a__audience__members", "offer_b__audience__members").order_by("-score", "id")


def products_of(collisions: Collection[Collision]) -> list[int]:
    """Ids of the shared products, by name: without naming thousands of ids to the database."""
    shared = shared_products(collisions)
    return [pk for pk in Product.objects.order_by("name", "id").values_list("pk", flat=True) if pk in shared]


def audience_pairs(case: Case, collisions: Sequence[Collision]) -> list[AudiencePair]:
    """Exact counts, the pair that shares most first."""
    meeting: dict[tuple[Segment | None, Segment | None], list[tuple[str, str]]] = defaultdict(list)
    for left, right in _in_order(case, collisions):
        meeting[left.audience, right.audience].append((left.code, right.code))
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


def periods_of(case: Case, collisions: Sequence[Collision]) -> list[Period]:
    """In the order of the calendar."""
    ordered = sorted(collisions, key=lambda one: (one.starts_on, one.ends_before, one.pk))
    by_period: dict[tuple[date, date], list[tuple[Offer, Offer]]] = defaultdict(list)
    for collision, pair in zip(ordered, _in_order(case, ordered), strict=True):
        by_period[collision.starts_on, collision.ends_before].append(pair)
    return [Period(*days, tuple(pairs)) for days, pairs in by_period.items()]


def _in_order(case: Case, collisions: Sequence[Collision]) -> list[tuple[Offer, Offer]]:
    """Both offers of each collision in the order of the sides."""
    first = sides_of(case)[0].pk
    pairs = [(collision.offer_a, collision.offer_b) for collision in collisions]
    return [pair if pair[0].campaign_id == first else pair[::-1] for pair in pairs]
