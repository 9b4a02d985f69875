"""How a collision's numbers come about: the sizes of both sides, the terms of the score, the shared customers."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from campaigns.choices import CollisionState, Mode
from campaigns.models import Collision, Offer, OfferAudience
from campaigns.queries.collisions import product_count
from campaigns.queries.explanation import offers_in
from campaigns.rules.collisions import overlap
from campaigns.rules.severity import Severity, severity
from customers.actions.segments import members
from customers.models import Customer, Segment


@dataclass(frozen=True)
class Side:
    """One of the offers: how many products and customers it has, on how many days."""

    offer: Offer
    products: int
    customers: int
    days: int

    @property
    def is_for_everybody(self) -> bool:
        return self.offer.audience_id is None


@dataclass(frozen=True)
class Part:
    """`shared` of the smaller side's `whole`; `what` is "products", "customers" or "days"."""

    what: str
    shared: int
    whole: int


@dataclass(frozen=True)
class Arithmetic:
    """`is_current` false: an offer changed since the collision was counted, so that the terms do not add up to it."""

    severity: Severity
    parts: tuple[Part, ...]
    is_current: bool


def sides_of(row: Collision) -> tuple[Side, ...]:
    """All sides as they are now, first the pair for which it is listed.

    Two queries at most; reads `audience` of every offer, so bring it along: with_offers(rows, "audience").
    """
    return sides_of_all([row])[row.pk]


def sides_of_all(rows: Iterable[Collision]) -> dict[int, tuple[Side, ...]]:
    """Collision id -> its sides, in as many queries as for one."""
    offers = {row.pk: _in_order(row) for row in rows}
    every = {offer.pk: offer for some in offers.values() for offer in some}
    counts = product_count(every)
    everybody = 0 if all(offer.audience_id for offer in every.values()) else Customer.objects.count()
    sides = {
        offer.pk: Side(
            offer=offer,
            products=counts[offer.pk],
            customers=offer.audience.size if offer.audience else everybody,
            days=(offer.ends_before - offer.starts_on).days,
        )
        for offer in every.values()
    }
    return {pk: tuple(sides[offer.pk] for offer in some) for pk, some in offers.items()}


def _in_order(row: Collision) -> list[Offer]:
    pair = [row.offer_a, row.offer_b]
    return pair + [offer for offer in offers_in(row) if offer not in pair]


def arithmetic_of(row: Collision, a: Side, b: Side) -> Arithmetic | None:
    """The terms of the base fact's score, each shared part over the smaller whole; None: nothing is left to add up."""
    if (
        row.rule != overlap.CODE
        or row.state == CollisionState.CLEARED
        or not all(side.products and side.customers for side in (a, b))
    ):
        return None
    found = severity(
        row.shared_products,
        a.products,
        b.products,
        row.shared_customers,
        a.customers,
        b.customers,
        row.days,
        a.days,
        b.days,
    )
    parts = (
        Part("products", row.shared_products, min(a.products, b.products)),
        Part("customers", row.shared_customers, min(a.customers, b.customers)),
        Part("days", row.days, min(a.days, b.days)),
    )
    return Arithmetic(found, parts, is_current=found.score == row.score)


def shared_by_segment(offer: Offer, shared: BitMap) -> list[tuple[Segment, int]]:
    """How many of the shared customers each segment of the audience brings."""
    rows = OfferAudience.objects.filter(offer=offer, mode=Mode.INCLUDE).select_related("segment")
    return [
        (row.segment, members(row.segment).intersection_cardinality(shared))
        for row in rows.order_by("segment__name", "pk")
    ]
