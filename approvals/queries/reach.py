"""How many different customers and products each side of a case reaches with its offers in the case."""

from dataclasses import dataclass

from pyroaring import BitMap

from approvals.queries.evidence import Side
from campaigns.models import Offer
from campaigns.queries.scopes import members_of, target_products


@dataclass(frozen=True)
class Reach:
    """Everybody and everything counted once, however many offers name them."""

    customers: int
    products: int


def reach_of(sides: tuple[Side, Side]) -> tuple[Reach, Reach]:
    """Four queries at most, and those for everybody."""
    offers = [{line.pk for line in side.offers} for side in sides]
    audiences = dict(Offer.objects.filter(pk__in=offers[0] | offers[1]).values_list("pk", "audience"))
    members = members_of(set(audiences.values()))
    products = target_products(offers[0] | offers[1])
    first, second = (
        Reach(
            customers=len(BitMap().union(*(members[audiences[pk]] for pk in side))),
            products=len(set().union(*(products[pk] for pk in side))),
        )
        for side in offers
    )
    return first, second
