"""Carrying out a ruling on the offers of a case, and telling exactly what that does."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any, Self, TypedDict

from django.contrib.auth.models import User
from django.db.models import Q

from approvals.models import Case
from approvals.queries.disputes import offers_of, open_between, open_collisions
from approvals.rules.operations import AllowBoth, ExcludeProducts, Operation, ShiftDates, Withdraw
from campaigns.actions import collisions as detection
from campaigns.actions import offers as planning
from campaigns.actions import signatures
from campaigns.models import Collision, Offer, Product
from campaigns.queries.collisions import product_count, shared_products
from campaigns.rules.collisions import overlap
from customers.clock import local_day


@dataclass(frozen=True)
class OfferEffect:
    """What becomes of an offer. Days with an exclusive end; `products_out` is how many leave its scope."""

    campaign: str
    offer: str
    name: str
    starts_on: date
    ends_before: date
    new_starts_on: date
    new_ends_before: date
    products_out: int
    withdrawn: bool

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)

    @property
    def new_ends_on(self) -> date:
        return self.new_ends_before - timedelta(days=1)


@dataclass(frozen=True)
class CollisionEffect:
    """A collision by the codes of its rule, offers and campaigns (a before b), as it is after the ruling, or was if gone.

    Rulings of before there were other rules name none: what they tell of are overlaps.
    """

    offer_a: str
    campaign_a: str
    offer_b: str
    campaign_b: str
    starts_on: date
    ends_before: date
    customers: int
    products: int
    level: str
    rule: str = overlap.CODE

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class Effect:
    """`remaining`: between the two campaigns, allowed by the ruling. `new`: with third campaigns. `told`: who gets mail."""

    offers: tuple[OfferEffect, ...]
    cleared: tuple[CollisionEffect, ...]
    remaining: tuple[CollisionEffect, ...]
    new: tuple[CollisionEffect, ...]
    told: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return _plain(asdict(self))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """What `as_json` wrote."""
        return cls(
            offers=tuple(OfferEffect(**_read(row)) for row in stored.get("offers", [])),
            **{
                name: tuple(CollisionEffect(**_read(row)) for row in stored.get(name, []))
                for name in ("cleared", "remaining", "new")
            },
            told=tuple(stored.get("told", [])),
        )


@dataclass(frozen=True)
class Outcome:
    """What enforcing left behind: its effect, and the ids of the collisions that the ruling allows."""

    effect: Effect
    remaining: tuple[int, ...]


def carry_out(case: Case, operations: Sequence[Operation], *, by: User | None, now: datetime, reason: str) -> Outcome:
    """Change the offers as ordered, with the case as authority, and count their collisions again.

    The caller has locked the case and both campaigns and has checked the operations.

    Raises:
        ValidationError: an offer cannot be changed so, for example because it would lie in the past.
    """
    today = local_day(now)
    pair = (case.campaign_a_id, case.campaign_b_id)
    disputed = open_between([pair], today)[pair]
    offers = _offers_in(disputed, pair)
    touched = [offer.pk for offer in offers.values()]
    before = _snapshot(touched)
    collisions_before = _open_of(touched, today)
    out = _shared(disputed, operations, pair)
    mandate = _Mandate(by=by, now=now, reason=reason, authority=case.label)
    ordered = {operation.campaign for operation in operations if not isinstance(operation, AllowBoth)}
    signed = signatures.signed([one.pk for one in (case.campaign_a, case.campaign_b) if one.code in ordered])
    for operation in operations:
        _apply(operation, offers.values(), out, mandate)
    signatures.carry_over(signed, now=now)
    detection.refresh(offer_ids=touched, now=now)
    collisions_after = _open_of(touched, today)
    remaining = open_between([pair], today)[pair]
    allowed = {collision.pk for collision in remaining}
    effect = Effect(
        offers=_differences(before, _snapshot(touched)),
        cleared=_told(collisions_before[pk] for pk in collisions_before.keys() - collisions_after.keys()),
        remaining=_told(remaining),
        new=_told(collisions_after[pk] for pk in collisions_after.keys() - collisions_before.keys() - allowed),
    )
    return Outcome(effect, tuple(sorted(allowed)))


def _offers_in(collisions: Iterable[Collision], pair: tuple[int, int]) -> dict[int, Offer]:
    """The offers that these two campaigns have in the collisions: those of others are not theirs to change."""
    offers = {offer.pk: offer for found in offers_of(collisions).values() for offer in found}
    return {pk: offer for pk, offer in sorted(offers.items()) if offer.campaign_id in pair}


def _shared(
    collisions: Sequence[Collision], operations: Sequence[Operation], pair: tuple[int, int]
) -> dict[int, dict[int, Product]]:
    """offer id -> the products it shares with the other side, read before anything changes."""
    if not any(isinstance(operation, ExcludeProducts) for operation in operations):
        return {}
    shared: dict[int, dict[int, Product]] = {}
    for offers in offers_of(collisions).values():
        own = [offer for offer in offers if offer.campaign_id in pair]
        for one, two in combinations(own, 2):
            if one.campaign_id != two.campaign_id:
                products = {product.pk: product for product in shared_products(one, two)}
                for offer in (one, two):
                    shared.setdefault(offer.pk, {}).update(products)
    return shared


class _Mandate(TypedDict):
    by: User | None
    now: datetime
    reason: str
    authority: str


def _apply(
    operation: Operation,
    offers: Iterable[Offer],
    shared: dict[int, dict[int, Product]],
    mandate: _Mandate,
) -> None:
    if isinstance(operation, AllowBoth):
        return
    own = [offer for offer in offers if offer.campaign.code == operation.campaign]
    if not own:
        return
    match operation:
        case ShiftDates():
            planning.shift_offers(offers=own, days=operation.days, **mandate)
        case Withdraw():
            planning.withdraw_offers(offers=own, **mandate)
        case ExcludeProducts():
            for offer in own:
                planning.exclude_products(offer=offer, products=list(shared[offer.pk].values()), **mandate)


@dataclass(frozen=True)
class _OfferState:
    campaign: str
    code: str
    name: str
    starts_on: date
    ends_before: date
    products: int
    withdrawn: bool


def _snapshot(offer_ids: Sequence[int]) -> dict[int, _OfferState]:
    products = product_count(offer_ids)
    offers = Offer.objects.filter(pk__in=offer_ids).select_related("campaign").order_by("campaign__code", "code")
    return {
        offer.pk: _OfferState(
            campaign=offer.campaign.code,
            code=offer.code,
            name=offer.name,
            starts_on=offer.starts_on,
            ends_before=offer.ends_before,
            products=products[offer.pk],
            withdrawn=offer.withdrawn_at is not None,
        )
        for offer in offers
    }


def _differences(before: dict[int, _OfferState], after: dict[int, _OfferState]) -> tuple[OfferEffect, ...]:
    return tuple(
        OfferEffect(
            campaign=old.campaign,
            offer=old.code,
            name=old.name,
            starts_on=old.starts_on,
            ends_before=old.ends_before,
            new_starts_on=new.starts_on,
            new_ends_before=new.ends_before,
            # A withdrawn offer has no products any more, but none of them was taken out.
            products_out=0 if new.withdrawn else old.products - new.products,
            withdrawn=new.withdrawn and not old.withdrawn,
        )
        for old, new in ((before[pk], after[pk]) for pk in before)
        if old != new
    )


def _open_of(offer_ids: Sequence[int], today: date) -> dict[int, Collision]:
    rows = open_collisions(today).filter(Q(offer_a__in=offer_ids) | Q(offer_b__in=offer_ids))
    return {collision.pk: collision for collision in rows.select_related("offer_a__campaign", "offer_b__campaign")}


def _told(collisions: Iterable[Collision]) -> tuple[CollisionEffect, ...]:
    """Two offers of one campaign are that campaign's own affair."""
    effects = [
        CollisionEffect(
            offer_a=collision.offer_a.code,
            campaign_a=collision.offer_a.campaign.code,
            offer_b=collision.offer_b.code,
            campaign_b=collision.offer_b.campaign.code,
            starts_on=collision.starts_on,
            ends_before=collision.ends_before,
            customers=collision.shared_customers,
            products=collision.shared_products,
            level=collision.level,
            rule=collision.rule,
        )
        for collision in collisions
        if collision.offer_a.campaign_id != collision.offer_b.campaign_id
    ]
    return tuple(sorted(effects, key=lambda effect: (effect.offer_a, effect.offer_b, effect.rule)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


_DAYS = {"starts_on", "ends_before", "new_starts_on", "new_ends_before"}


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return {name: date.fromisoformat(value) if name in _DAYS else value for name, value in row.items()}
