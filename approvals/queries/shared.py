"""How many different customers and products the collisions of a case share: exact, in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from pyroaring import BitMap

from campaigns.choices import CollisionState
from campaigns.models import Collision, OfferItem, Product
from customers.actions.segments import everybody
from customers.models import Segment


def those_that_count(collisions: Iterable[Collision]) -> list[Collision]:
    """The ones still open; once none is, those that a decision allowed. What is cleared or past shares nothing."""
    rows = list(collisions)
    return [row for row in rows if row.state == CollisionState.OPEN] or [
        row for row in rows if row.state == CollisionState.SETTLED
    ]


def distinct_customers(collisions: Iterable[Collision]) -> int:
    """Customers whom both offers of at least one collision address. Two or three queries, and one for everybody."""
    return len(shared_customers(collisions))


def shared_customers(collisions: Iterable[Collision]) -> BitMap:
    """Their numbers. As many queries as above."""
    pairs = {(collision.offer_a.audience_id, collision.offer_b.audience_id) for collision in collisions}
    members = members_of({pk for pair in pairs for pk in pair})
    shared = BitMap()
    for one, two in pairs:
        shared |= members[one] & members[two]
    return shared


def members_of(audiences: Collection[int | None]) -> dict[int | None, BitMap]:
    """Segment id -> numbers of its customers; None = everybody. One query, and those for everybody."""
    rows = Segment.objects.filter(pk__in=[pk for pk in audiences if pk is not None]).values_list("pk", "members")
    members: dict[int | None, BitMap] = {
        pk: BitMap.deserialize(bytes(raw)) if len(raw) else BitMap() for pk, raw in rows
    }
    if None in audiences:
        members[None] = everybody()
    return members


def distinct_products(collisions: Collection[Collision]) -> int:
    """Products that both offers of at least one collision have on offer. Two queries."""
    return len(shared_products(collisions))


def shared_products(collisions: Collection[Collision]) -> set[int]:
    """Their ids. Two queries."""
    targets = target_products({pk for collision in collisions for pk in (collision.offer_a_id, collision.offer_b_id)})
    shared: set[int] = set()
    for collision in collisions:
        shared |= targets[collision.offer_a_id] & targets[collision.offer_b_id]
    return shared


def target_products(offers: Collection[int]) -> dict[int, set[int]]:
    """Offer id -> ids of the products it has on offer. Two queries.

    Read from the postings, which detection counts from: whole categories, less the products taken out of them (-1),
    and the products named beside them (+1).
    """
    named: dict[int, list[tuple[int, int]]] = defaultdict(list)
    categories: dict[int, list[int]] = defaultdict(list)
    items = OfferItem.objects.filter(offer__in=offers).exclude(kind=OfferItem.Kind.CATCOUNT)
    for offer, kind, key, weight in items.values_list("offer", "kind", "key", "weight"):
        if kind == OfferItem.Kind.CATEGORY:
            categories[offer].append(key)
        else:
            named[offer].append((key, weight))
    in_category: dict[int, list[int]] = defaultdict(list)
    wanted = {category for chosen in categories.values() for category in chosen}
    for product, category in Product.objects.filter(category__in=wanted).order_by().values_list("pk", "category"):
        in_category[category].append(product)
    return {
        offer: ({product for category in categories[offer] for product in in_category[category]})
        - {product for product, weight in named[offer] if weight < 0}
        | {product for product, weight in named[offer] if weight > 0}
        for offer in offers
    }
