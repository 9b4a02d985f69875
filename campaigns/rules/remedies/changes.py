"""A remedy and the plan that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from campaigns.rules.collisions.facts import NOBODY, Numbers, Offer, Plan

WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Remedy:
    """One change of a plan, and its price.

    `offer` (an id) is the one that gives way, in favour of all others in the finding. `changes` are new values of fields
    by offer, `decisions` ("allow" or "deny") those about two offers, `funds` what comes into each fund. `groups` are those
    of Plan.groups whose customers the offer leaves out. A withdrawal changes no field: the offer is gone.

    The price: `days` that the offer moves (below 0 = earlier), and how many `customers` and `products` it loses.
    """

    lever: str
    offer: int
    changes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    decisions: Mapping[frozenset[int], str] = field(default_factory=dict)
    funds: Mapping[int, Decimal] = field(default_factory=dict)
    groups: Numbers = NOBODY
    days: int = 0
    customers: int = 0
    products: int = 0

    @property
    def touched(self) -> frozenset[int]:
        """The offers of which other things may be true afterwards."""
        return frozenset({self.offer, *self.changes, *(one for pair in self.decisions for one in pair)})


def apply(plan: Plan, remedy: Remedy) -> Plan:
    """The plan as it would be; the one given is left alone. Pairs are kept, but for those of a withdrawn offer."""
    offers = dict(plan.offers)
    for number, fields in remedy.changes.items():
        offers[number] = replace(offers[number], **fields)
    pairs = plan.pairs
    if remedy.lever == WITHDRAW:
        del offers[remedy.offer]
        pairs = [pair for pair in pairs if remedy.offer not in pair]
    combinations = {**plan.combinations, **remedy.decisions}
    funds = dict(plan.funds)
    for number, amount in remedy.funds.items():
        funds[number] = replace(funds[number], available=funds[number].available + amount)
    return replace(plan, offers=offers, pairs=pairs, combinations=combinations, funds=funds, kept={})


def moved(offer: Offer, days: int) -> dict[str, Any]:
    """The fields of an offer that runs `days` later (below 0 = earlier), with its places booked along."""
    by = timedelta(days=days)
    fields: dict[str, Any] = {"starts_on": offer.starts_on + by, "ends_before": offer.ends_before + by}
    if offer.bookings:
        fields["bookings"] = tuple(
            replace(one, starts_on=one.starts_on + by, ends_before=one.ends_before + by) for one in offer.bookings
        )
    return fields
