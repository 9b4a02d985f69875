"""Offers have booked more of a placement than there is, for the same days and the same customers.

A booking of the whole placement stands alone; parts of it fit together until they are more than the whole. Reported are
the smallest sets that do not fit, each with its longest period.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.collisions.contention import Claim, Crowd, cut, longest, remark, smallest_crowds
from campaigns.rules.collisions.facts import Booking, Offer, Placement, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps
from campaigns.rules.collisions.members import all_of
from campaigns.rules.collisions.words import customers, day, last_day, named, per_cent, percent
from campaigns.rules.severity import weigh

CODE = "placement_double_booking"
NAME = gettext_lazy("Placement booked twice")
SUMMARY = gettext_lazy("Offers have booked the same placement for the same days and customers.")
BASE = 55
OPTIONS: Sequence[Option] = ()
LEVERS = ("swap_placement", "exclude_customers", "shift_dates", "withdraw")
WHOLE = Decimal(1)


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    gaps = Gaps(CODE)
    for placement, claims in sorted(_claims(plan).items()):
        known, unknown = longest(smallest_crowds(claims, WHOLE))
        gaps.add((offer, "audience") for offer in unknown)
        for crowd in known:
            yield _finding(plan.placements[placement], crowd, options)
    yield from gaps


def _claims(plan: Plan) -> dict[int, list[Claim]]:
    """What is claimed of each placement."""
    claims: dict[int, list[Claim]] = {}
    for offer in sorted(plan.offers.values(), key=lambda one: one.code):
        for placement in {booking.placement for booking in offer.bookings}:
            bookings = [booking for booking in offer.bookings if booking.placement == placement]
            claims.setdefault(placement, []).extend(_of_one(offer, bookings))
    return claims


def _of_one(offer: Offer, bookings: Sequence[Booking]) -> Iterator[Claim]:
    """The bookings of one offer, added up where they overlap."""
    edges = sorted({edge for booking in bookings for edge in (booking.starts_on, booking.ends_before)})
    for first, end in pairwise(edges):
        part = sum((one.share for one in bookings if one.starts_on <= first and end <= one.ends_before), Decimal(0))
        if part:
            yield Claim(offer, part, first, end)


def _finding(placement: Placement, crowd: Crowd, options: Options) -> Finding:
    stands_alone = any(claim.part >= WHOLE for claim in crowd.claims)
    claims = sorted(crowd.claims, key=lambda claim: claim.offer.code)
    return Finding(
        CODE,
        crowd.offers,
        crowd.starts_on,
        crowd.ends_before,
        weigh(
            base=int(options["base"]),
            impact=Fraction(1) if stands_alone else Fraction(1, 2),
            parts=(Fraction(*crowd.time), Fraction(*crowd.audience_part)),
        ),
        key=str(placement.id),
        customers=crowd.audience_part[0],
        numbers={
            "placement": placement.name,
            "offers": [named(claim.offer) | {"share": per_cent(Fraction(claim.part))} for claim in claims],
            "total": per_cent(Fraction(crowd.total)),
            "customers": crowd.audience_part[0],
            "first_day": crowd.starts_on.isoformat(),
            "last_day": last_day(crowd.ends_before),
            **cut(crowd),
        },
        levers=LEVERS,
    )


def tell(numbers: Mapping[str, Any]) -> str:
    words = {
        "placement": numbers["placement"],
        "offers": all_of(numbers["offers"]),
        "customers": customers(numbers["customers"]),
        "first": day(numbers["first_day"]),
        "last": day(numbers["last_day"]),
        "total": percent(numbers["total"]),
    }
    return _(
        "%(offers)s have booked %(total)s of %(placement)s for the same %(customers)s from %(first)s to %(last)s."
    ) % words + remark(numbers)
