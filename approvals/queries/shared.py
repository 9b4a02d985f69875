"""How many different customers and products the collisions of a case share: exact, in a few queries."""

from collections.abc import Collection, Iterable

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


def distinct_products(collisions: Collection[Collision]) -> int:
    """Products that both offers of at least one collision have on offer. Two queries."""
    return len(shared_products(collisions))


def shared_products(collisions: Collection[Collision]) -> BitMap:
    """Their ids. Two queries."""
    targets = target_products({pk for collision in collisions for pk in (collision.offer_a_id, collision.offer_b_id)})
    shared = BitMap()
    for collision in collisions:
        shared |= targets[collision.offer_a_id] & targets[collision.offer_b_id]
    return shared
