"""Which planned offers might have anything to do with some others: what the rules have to look at, and no more.

Each way of meeting is one query over what is planned, so that their number does not grow with the offers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from campaigns.choices import AppliesTo, Mechanic, ScopeRole
from campaigns.models import Campaign, Offer, OfferItem, OfferProduct, Product, ProtectedScope, Substitution
from campaigns.queries.chunks import chunks

# How far rules look from one offer to another: codes, then prices of one product, then all else.
FAR, AWAY, NEAR = timedelta(days=90), timedelta(days=30), timedelta(days=14)

_SAME_PRODUCTS = """
SELECT offer_id FROM campaigns_offeritem
WHERE kind = {theirs} AND starts_on < %s AND ends_before > %s
  AND key IN (SELECT key FROM campaigns_offeritem WHERE offer_id IN ({offers}) AND kind = {mine})
"""


@dataclass(frozen=True)
class Around:
    """Some offers and the days on which they run, `before` excluded."""

    ids: list[int]
    after: date
    before: date

    def near(self, reach: timedelta) -> Q:
        """Offers that run at most `reach` away from these."""
        return Q(starts_on__lt=self.before + reach, ends_before__gt=self.after - reach)


def planned_offers(today: date, statuses: Collection[str], *, draft: Campaign | None = None) -> QuerySet[Offer]:
    """Offers that count for everybody and have not ended; `draft`: a campaign that counts as if it were submitted."""
    counts = Q(campaign__status__in=statuses)
    if draft is not None:
        counts |= Q(campaign=draft)
    return Offer.objects.filter(counts, withdrawn_at__isnull=True, ends_before__gt=today).order_by()


def around_them(offer_ids: Collection[int], *, moves: timedelta = timedelta(0)) -> Around | None:
    """These offers (ids), if there are any; for as many as one statement holds. `moves`: how far these may yet move."""
    days = Offer.objects.filter(pk__in=offer_ids).order_by().values_list("starts_on", "ends_before")
    if not days:
        return None
    starts, ends = zip(*days, strict=True)
    return Around(list(offer_ids), min(starts) - moves, max(ends) + moves)


def neighbours_of(
    offer_ids: Collection[int], planned: QuerySet[Offer], *, moves: timedelta = timedelta(0)
) -> set[int]:
    """Ids of those of the `planned` offers that a rule may find together with one of these, which are left out.

    `moves`: how far these may yet move, earlier or later.
    """
    found: set[int] = set()
    for some in chunks(offer_ids):
        around = around_them(some, moves=moves)
        if around is None:
            continue
        for part in chunks(by_products(around) | _by_cross_sell(around)):
            found.update(planned.filter(around.near(AWAY), pk__in=part).values_list("pk", flat=True))
        for condition, reach in _conditions(around):
            found.update(planned.filter(around.near(reach) & condition).values_list("pk", flat=True))
    return found - set(offer_ids)


def by_products(around: Around) -> set[int]:
    """Offers with a common target product: product with product, and through whole categories in both directions."""
    statement = " UNION ".join(
        _SAME_PRODUCTS.format(offers=", ".join(["%s"] * len(around.ids)), mine=mine, theirs=theirs)
        for mine, theirs in ((0, 0), (1, 1), (2, 1), (1, 2))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [around.before + AWAY, around.after - AWAY, *around.ids] * 4)
        return {row[0] for row in cursor.fetchall()}


def _by_cross_sell(around: Around) -> set[int]:
    """Offers on products that these recommend or are triggered by, or that replace theirs, and the other way round."""
    named = OfferProduct.objects.filter(offer__in=around.ids).exclude(role=ScopeRole.TARGET).values("product")
    mine = OfferItem.objects.filter(offer__in=around.ids, kind=OfferItem.Kind.PRODUCT, weight__gt=0).values("key")
    replaced = Substitution.objects.filter(Q(product__in=mine) | Q(substitute__in=mine))
    others = {pk for pair in replaced.values_list("product", "substitute") for pk in pair}
    found: set[int] = set()
    on_target = OfferItem.objects.filter(kind=OfferItem.Kind.PRODUCT)
    categories = OfferItem.objects.filter(kind=OfferItem.Kind.CATEGORY)
    products = set(named.values_list("product", flat=True)) | others
    for some in chunks(products):
        found.update(on_target.filter(key__in=some).values_list("offer", flat=True))
        found.update(categories.filter(key__in=_categories(some)).values_list("offer", flat=True))
        found.update(OfferProduct.objects.filter(product__in=some).values_list("offer", flat=True))
    linked = OfferProduct.objects.exclude(role=ScopeRole.TARGET).filter(product__in=mine)
    found.update(linked.values_list("offer", flat=True))
    return found


def _categories(products: Collection[int]) -> list[int]:
    return list(Product.objects.filter(pk__in=products).order_by().values_list("category", flat=True).distinct())


def _conditions(around: Around) -> list[tuple[Q, timedelta]]:
    """What else brings offers together, and over how many days; everybody is asked only where one of these needs it."""
    own = Offer.objects.filter(pk__in=around.ids).order_by()
    pages = own.exclude(bookings__placement__page="").values("bookings__placement__page")
    conditions = [
        # A placement and its page, a fund, a gift, a recommendation slot.
        (Q(bookings__placement__in=own.values("bookings__placement")), NEAR),
        (Q(bookings__placement__page__in=pages), NEAR),
        (Q(draws__fund__in=own.values("draws__fund")), FAR),
        (Q(gift_product__in=own.values("gift_product")), NEAR),
        (Q(recommendation_placement__in=own.values("recommendation_placement")), NEAR),
        # A claim is made untrue, and a test is spoilt, by offers that share nothing else with it.
        (Q(claims__isnull=False), NEAR),
        (Q(campaign__control_group__isnull=False), NEAR),
    ]
    on_orders = Q(applies_to=AppliesTo.ORDER) | Q(mechanic=Mechanic.FREE_SHIPPING) | Q(min_spend__isnull=False)
    if own.filter(on_orders).exists():
        conditions.append((on_orders, NEAR))
    if own.exclude(redemption_code="").exists():
        conditions.append((~Q(redemption_code=""), FAR))
    reserved = ProtectedScope.objects.filter(around.near(NEAR), department__isnull=False)
    owners = list(reserved.order_by().values_list("department", flat=True).distinct())
    if owners:
        conditions.append((Q(department__in=owners), NEAR))
    meets_all = Q(claims__isnull=False) | Q(campaign__control_group__isnull=False) | Q(department__in=owners)
    if own.filter(meets_all).exists():
        conditions.append((Q(), NEAR))
    return conditions
