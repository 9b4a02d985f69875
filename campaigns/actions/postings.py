"""The only writer of the postings of offers: what detection reads instead of the scope as entered."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import F

from campaigns.choices import Mode, ScopeRole
from campaigns.models import Offer, OfferAudience, OfferCategory, OfferItem, OfferProduct
from campaigns.queries.chunks import chunks
from customers.actions import segments

# So many offers are found by their keys; more are joined in one pass.
FEW = 100

# A product counts +1 when it is named outside of the categories of the offer, and -1 when it is taken out of a whole
# category. A category that the offer excludes takes out the products named in it, which then leave no row at all.
_PRODUCTS = """
INSERT INTO campaigns_offeritem (kind, key, starts_on, ends_before, department_id, offer_id, weight)
SELECT 0, p.id, o.starts_on, o.ends_before, o.department_id, o.id, CASE WHEN s.mode = 'include' THEN 1 ELSE -1 END
FROM campaigns_offer o
JOIN campaigns_offerproduct s ON s.offer_id = o.id AND s.role = 'target'
JOIN campaigns_product p ON p.id = s.product_id
LEFT JOIN campaigns_offercategory c ON c.offer_id = o.id AND c.role = 'target' AND c.category_id = p.category_id
WHERE o.id IN ({offers}) AND o.withdrawn_at IS NULL
  AND (s.mode = 'include' AND c.id IS NULL OR s.mode = 'exclude' AND c.mode = 'include')
"""
_CATEGORIES = """
INSERT INTO campaigns_offeritem (kind, key, starts_on, ends_before, department_id, offer_id, weight)
SELECT 1, c.id, o.starts_on, o.ends_before, o.department_id, o.id, c.size
FROM campaigns_offer o
JOIN campaigns_offercategory s ON s.offer_id = o.id AND s.role = 'target' AND s.mode = 'include'
JOIN campaigns_category c ON c.id = s.category_id
WHERE o.id IN ({offers}) AND o.withdrawn_at IS NULL
"""
_COUNTS_IN_CATEGORIES = """
INSERT INTO campaigns_offeritem (kind, key, starts_on, ends_before, department_id, offer_id, weight)
SELECT 2, p.category_id, o.starts_on, o.ends_before, o.department_id, o.id, SUM(i.weight)
FROM campaigns_offeritem i
JOIN campaigns_offer o ON o.id = i.offer_id
JOIN campaigns_product p ON p.id = i.key
WHERE i.offer_id IN ({offers}) AND i.kind = 0
GROUP BY p.category_id, o.starts_on, o.ends_before, o.department_id, o.id
"""


@transaction.atomic
def rewrite(offer_ids: Collection[int]) -> None:
    """Write the postings and the audience of offers anew from what was entered, in the caller's transaction.

    The number of queries grows with every CHUNK of offers, not with each. The offers are locked first, so that of two
    writers the second one sees the scope of the first.
    """
    for chunk in chunks(offer_ids):
        locked = Offer.objects.select_for_update(no_key=True).filter(pk__in=chunk).order_by("pk")
        audience_now = dict(locked.values_list("pk", "audience_id"))
        OfferItem.objects.filter(offer__in=chunk).delete()
        with _planned_for(len(chunk)), connection.cursor() as cursor:
            for statement in (_PRODUCTS, _CATEGORIES, _COUNTS_IN_CATEGORIES):
                cursor.execute(statement.format(offers=", ".join(["%s"] * len(chunk))), chunk)
        _set_audiences(audience_now)
        Offer.objects.filter(pk__in=chunk).update(posted=F("posted") + 1)


@contextmanager
def _planned_for(offers: int) -> Iterator[None]:
    """Join in one pass where many offers are written.

    An import has just filled the tables, PostgreSQL has no statistics of them yet and takes them for small: it would walk
    through all products once for each row of a scope, for hours.
    """
    if connection.vendor != "postgresql" or offers <= FEW:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def rewrite_categories(category_ids: Collection[int]) -> list[int]:
    """`rewrite` the offers of `offers_in`, in the transaction that changes these categories. Returns their ids."""
    offers = offers_in(category_ids)
    rewrite(offers)
    return offers


def offers_in(category_ids: Collection[int]) -> list[int]:
    """Ids of the offers whose target scope depends on the products of these categories.

    A product that moved concerns both its categories.
    """
    offers: set[int] = set()
    for chunk in chunks(category_ids):
        named = OfferCategory.objects.filter(role=ScopeRole.TARGET, category__in=chunk)
        offers.update(named.values_list("offer_id", flat=True))
        within = OfferProduct.objects.filter(role=ScopeRole.TARGET, product__category__in=chunk)
        offers.update(within.values_list("offer_id", flat=True))
    return sorted(offers)


def _set_audiences(audience_now: dict[int, int | None]) -> None:
    """Point each offer to the segment of the customers it includes less those it excludes."""
    named: defaultdict[int, dict[str, list[int]]] = defaultdict(lambda: {Mode.INCLUDE: [], Mode.EXCLUDE: []})
    rows = OfferAudience.objects.filter(offer__in=list(audience_now))
    for offer, mode, segment in rows.values_list("offer_id", "mode", "segment_id"):
        named[offer][mode].append(segment)
    wanted = {
        offer: segments.expression(named[offer][Mode.INCLUDE], named[offer][Mode.EXCLUDE]) for offer in audience_now
    }
    audiences = segments.audiences_of(set(wanted.values()))
    moved = [
        Offer(pk=offer, audience_id=audiences[wanted[offer]])
        for offer, before in audience_now.items()
        if audiences[wanted[offer]] != before
    ]
    Offer.objects.bulk_update(moved, ["audience"])
