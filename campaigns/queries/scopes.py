"""The products and the customers of offers as bitmaps, several offers at a time."""

from collections import defaultdict
from collections.abc import Collection

from pyroaring import BitMap

from campaigns.models import OfferItem, Product
from campaigns.queries.chunks import chunks
from customers.actions.segments import everybody
from customers.models import Segment


def members_of(audiences: Collection[int | None]) -> dict[int | None, BitMap]:
    """Segment id -> numbers of its customers; None = everybody. One query per chunk, and those for everybody."""
    members: dict[int | None, BitMap] = {}
    for some in chunks([pk for pk in audiences if pk is not None]):
        for pk, raw in Segment.objects.filter(pk__in=some).values_list("pk", "members"):
            members[pk] = BitMap.deserialize(bytes(raw)) if len(raw) else BitMap()
    if None in audiences:
        members[None] = everybody()
    return members


def target_products(offers: Collection[int]) -> dict[int, BitMap]:
    """Offer id -> ids of the products it has on offer. Two queries per chunk.

    Read from the postings, which detection counts from: whole categories, less the products taken out of them (-1),
    and the products named beside them (+1).
    """
    added: dict[int, BitMap] = defaultdict(BitMap)
    taken: dict[int, BitMap] = defaultdict(BitMap)
    categories: dict[int, list[int]] = defaultdict(list)
    for some in chunks(offers):
        items = OfferItem.objects.filter(offer__in=some).exclude(kind=OfferItem.Kind.CATCOUNT).order_by()
        for offer, kind, key, weight in items.values_list("offer", "kind", "key", "weight"):
            if kind == OfferItem.Kind.CATEGORY:
                categories[offer].append(key)
            else:
                (added if weight > 0 else taken)[offer].add(key)
    inside = products_in({category for chosen in categories.values() for category in chosen})
    return {
        offer: (BitMap.union(*(inside[category] for category in categories[offer])) - taken[offer]) | added[offer]
        if offer in categories
        else added[offer]
        for offer in offers
    }


def products_in(categories: Collection[int]) -> dict[int, BitMap]:
    """Category id -> ids of its products. One query per chunk."""
    inside = {category: BitMap() for category in categories}
    for some in chunks(categories):
        rows = Product.objects.filter(category__in=some).order_by()
        for product, category in rows.values_list("pk", "category").iterator(20_000):
            inside[category].add(product)
    return inside
