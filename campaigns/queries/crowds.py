"""What the rules look at whose findings depend on everybody who shares one thing: a fund, stock, a customer's week."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from pyroaring import BitMap

from campaigns.models import Collision, CollisionMember, Offer, OfferItem, Product
from campaigns.queries.chunks import chunks
from campaigns.queries.neighbours import around_them, by_products
from campaigns.queries.scopes import target_products

LONG_AGO, FAR_OFF = date.min, date.max


@dataclass(frozen=True)
class Crowd:
    """`offers` to judge together (ids); what is found from `after` to `before` is all there is in these days."""

    offers: set[int]
    after: date = LONG_AGO
    before: date = FAR_OFF

    def holds(self, starts_on: date, ends_before: date) -> bool:
        return self.after <= starts_on and ends_before <= self.before


def crowds_of(rule: str, offer_ids: Collection[int], planned: QuerySet[Offer], *, window: int) -> list[Crowd]:
    """Where a change of these offers (ids) may change what the rule says; empty = nowhere.

    `window`: days within which the rule of contacts adds up.
    """
    if rule == "contact_pressure":
        return _weeks(offer_ids, planned, timedelta(days=window))
    condition = Q(draws__isnull=False) if rule == "fund_overcommit" else _moves_stock()
    touched = any(Offer.objects.filter(condition, pk__in=some).exists() for some in chunks(offer_ids))
    if not touched and not rows_with(offer_ids, rule).exists():
        return []
    return [Crowd(set(planned.filter(condition).values_list("pk", flat=True)))]


def crowds_with(rule: str, offer_ids: Collection[int], planned: QuerySet[Offer], *, window: int) -> list[Crowd]:
    """Whom the rule has to look at to say all that concerns these offers (ids); empty = it says nothing of them."""
    mine = Offer.objects.filter(pk__in=list(offer_ids)).order_by()
    if rule == "contact_pressure":
        # A window that holds one of them holds nobody who begins a whole window before or after it.
        planned, days = _senders(planned), sorted(set(_senders(mine).values_list("starts_on", flat=True)))
        span = timedelta(days=window)
        near = [
            planned.filter(starts_on__gt=first - span, starts_on__lt=last + span).values_list("pk", flat=True)
            for first, last in _stretches(days, 2 * span)
        ]
        return [Crowd(set(some)) for some in near]
    if rule == "fund_overcommit":
        drawing = planned.filter(draws__fund__in=mine.values("draws__fund"))
        return _unless_alone(offer_ids, set(drawing.values_list("pk", flat=True)))
    return _unless_alone(offer_ids, _who_wants_the_same(mine, planned.filter(_moves_stock())))


def _who_wants_the_same(mine: QuerySet[Offer], moving: QuerySet[Offer]) -> set[int]:
    """Offers that sell or give away a product that these do; all that move stock, where these do not say which."""
    moved = dict(mine.filter(_moves_stock()).values_list("pk", "gift_product"))
    if not moved:
        return set()
    others = dict(moving.values_list("pk", "gift_product"))
    products, around = target_products(list(moved)), around_them(list(moved))
    if around is None or not all(products.values()):
        return set(others)
    wanted = BitMap.union(*products.values()) | BitMap(filter(None, moved.values()))
    gifts = Product.objects.filter(pk__in=filter(None, moved.values()))
    on_gifts = OfferItem.objects.filter(
        Q(kind=OfferItem.Kind.PRODUCT, key__in=gifts.values("pk"))
        | Q(kind=OfferItem.Kind.CATEGORY, key__in=gifts.values("category"))
    )
    sharing = by_products(around) | set(on_gifts.values_list("offer", flat=True))
    return {pk for pk, gift in others.items() if pk in sharing or pk in moved or (gift is not None and gift in wanted)}


def _unless_alone(offer_ids: Collection[int], found: set[int]) -> list[Crowd]:
    return [Crowd(found)] if found - set(offer_ids) else []


def rows_with(offer_ids: Collection[int], *rules: str) -> QuerySet[Collision]:
    """Stored collisions of these rules in which one of these offers stands, in whatever place."""
    ids = list(offer_ids)
    members = CollisionMember.objects.filter(offer__in=ids).values("collision")
    return Collision.objects.filter(Q(offer_a__in=ids) | Q(offer_b__in=ids) | Q(pk__in=members), rule__in=rules)


def _senders(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Those that contact somebody, as far as they say."""
    return offers.exclude(contacts=0)


def _moves_stock() -> Q:
    return Q(expected_units__isnull=False) | Q(gift_product__isnull=False)


def _weeks(offer_ids: Collection[int], planned: QuerySet[Offer], window: timedelta) -> list[Crowd]:
    """Stretches of days around the first days of these offers, as they are and as they were found.

    What is said of one window depends on the offers that begin in it, and on windows that have some of them too.
    """
    planned, days = _senders(planned), set()
    for some in chunks(offer_ids):
        days.update(_senders(Offer.objects.filter(pk__in=some).order_by()).values_list("starts_on", flat=True))
        for starts_on, ends_before in rows_with(some, "contact_pressure").values_list("starts_on", "ends_before"):
            days |= {starts_on, ends_before}
    crowds: list[Crowd] = []
    for first, last in _stretches(sorted(days), 4 * window):
        after, before = first - 2 * window, last + 2 * window
        near = planned.filter(starts_on__gte=after - 2 * window, starts_on__lt=before + 2 * window)
        crowds.append(Crowd(set(near.values_list("pk", flat=True)), after, before))
    return crowds


def _stretches(days: list[date], gap: timedelta) -> list[tuple[date, date]]:
    """Days as (first, last) of runs in which no two neighbours are more than `gap` apart."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] <= gap:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
