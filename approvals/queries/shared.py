"""How many different customers and products pairs of offers share: exact, in a few queries."""

from collections.abc import Collection, Iterable
from typing import Any, Protocol

from pyroaring import BitMap

from campaigns.choices import CollisionState
from campaigns.models import Collision
from campaigns.queries.scopes import members_of, target_products


def those_that_count(collisions: Iterable[Collision]) -> list[Collision]:
    """The ones still open; once none is, those that a decision allowed. What is cleared or past shares nothing."""
    rows = list(collisions)
    return [row for row in rows if row.state == CollisionState.OPEN] or [
        row for row in rows if row.state == CollisionState.SETTLED
    ]


class Pair(Protocol):
    """Two offers that meet: a collision of two, or an encounter of two sides in a larger one."""

    @property
    def offer_a(self) -> Any: ...

    @property
    def offer_b(self) -> Any: ...


def distinct_customers(pairs: Iterable[Pair]) -> int:
    """Customers whom both offers of at least one pair address. Two or three queries, and one for everybody."""
    return len(shared_customers(pairs))


def shared_customers(pairs: Iterable[Pair]) -> BitMap:
    """Their numbers. As many queries as above."""
    audiences = {(pair.offer_a.audience_id, pair.offer_b.audience_id) for pair in pairs}
    members = members_of({pk for pair in audiences for pk in pair})
    shared = BitMap()
    for one, two in audiences:
        shared |= members[one] & members[two]
    return shared


def distinct_products(pairs: Collection[Pair]) -> int:
    """Products that both offers of at least one pair have on offer. Two queries."""
    return len(shared_products(pairs))


def shared_products(pairs: Collection[Pair]) -> BitMap:
    """Their ids. Two queries."""
    ids = {(pair.offer_a.pk, pair.offer_b.pk) for pair in pairs}
    targets = target_products({pk for pair in ids for pk in pair})
    shared = BitMap()
    for one, two in ids:
        shared |= targets[one] & targets[two]
    return shared
