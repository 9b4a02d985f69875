"""Which offers claim more of a thing than there is of it, at the same time and before the same customers.

Reported are the smallest sets: two offers that do not fit, and of three and more those that would fit without any one
of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import ngettext

from campaigns.rules.collisions.facts import NOBODY, Numbers, Offer
from campaigns.rules.collisions.members import planned_together

# Two and two are compared whatever their number. Of those that meet one claim and fit beside it, so many, the largest,
# are tried in all combinations with it.
CELL = 10


@dataclass(frozen=True)
class Claim:
    """One offer's part of the thing, from `starts_on` to before `ends_before`; `products` = None where none matter.

    Claims of one offer do not overlap in time.
    """

    offer: Offer
    part: Decimal
    starts_on: date
    ends_before: date
    products: Numbers | None = None

    @property
    def days(self) -> int:
        return (self.ends_before - self.starts_on).days


@dataclass(frozen=True)
class Crowd:
    """Claims that meet, and what they have in common.

    `customers` = None: of none of them the audience is known. `channels` empty = every channel. `left_out`: claims that
    were not tried as further members.
    """

    claims: tuple[Claim, ...]
    starts_on: date
    ends_before: date
    customers: Numbers | None
    products: Numbers | None
    channels: frozenset[int]
    total: Decimal
    left_out: int = 0

    @property
    def offers(self) -> tuple[int, ...]:
        return tuple(sorted({claim.offer.id for claim in self.claims}))

    @property
    def unknown(self) -> list[int]:
        """Of which offers the audience is not known."""
        return sorted({claim.offer.id for claim in self.claims if not claim.offer.knows_audience})

    @property
    def time(self) -> tuple[int, int]:
        """Shared days and the days of the shortest claim."""
        return (self.ends_before - self.starts_on).days, min(claim.days for claim in self.claims)

    @property
    def audience_part(self) -> tuple[int, int]:
        """Shared customers and the customers of the smallest audience, where all of them are known."""
        return len(self.customers or NOBODY), min(len(claim.offer.customers) for claim in self.claims)


def smallest_crowds(claims: Sequence[Claim], room: Decimal) -> Iterator[Crowd]:
    """The smallest sets of claims that meet and together are more than `room`, one by each of at least two offers."""
    ordered = sorted(claims, key=lambda one: (one.starts_on, one.offer.code, one.ends_before))
    for place, claim in enumerate(ordered):
        alone = crowd_of(claim)
        meeting = []
        for other in ordered[place + 1 :]:
            if other.starts_on >= claim.ends_before:
                break
            if (pair := joined(alone, other)) is not None:
                meeting.append((other, pair))
        yield from (pair for _, pair in meeting if pair.total > room)
        yield from _larger(alone, [other for other, pair in meeting if pair.total <= room], room)


def _larger(alone: Crowd, others: Sequence[Claim], room: Decimal) -> Iterator[Crowd]:
    """The crowds of three and more that `alone` begins; each of the others fits beside it."""
    ordered = sorted(others, key=lambda one: (-one.part, one.offer.code, one.starts_on))
    crowds = list(_grown(alone, ordered[:CELL], room))
    left_out = max(0, len(ordered) - CELL)
    if left_out and not crowds:
        # Many small ones: one after the other, as long as they meet, instead of in all combinations.
        crowds = list(_piled(alone, ordered, room))
    for crowd in crowds:
        yield replace(crowd, left_out=left_out)


def _grown(crowd: Crowd, others: Sequence[Claim], room: Decimal) -> Iterator[Crowd]:
    for place, other in enumerate(others):
        larger = joined(crowd, other)
        if larger is not None and larger.total <= room:
            yield from _grown(larger, others[place + 1 :], room)
        elif larger is not None and _is_minimal(larger, room):
            yield larger


def _piled(crowd: Crowd, others: Sequence[Claim], room: Decimal) -> Iterator[Crowd]:
    for other in others:
        crowd = joined(crowd, other) or crowd
        if crowd.total > room:
            if _is_minimal(crowd, room):
                yield crowd
            return


def _is_minimal(crowd: Crowd, room: Decimal) -> bool:
    return crowd.total - min(claim.part for claim in crowd.claims) <= room


def crowd_of(claim: Claim) -> Crowd:
    known = claim.offer.knows_audience
    customers = claim.offer.customers if known else None
    return Crowd(
        (claim,), claim.starts_on, claim.ends_before, customers, claim.products, claim.offer.channels, claim.part
    )


def joined(crowd: Crowd, claim: Claim) -> Crowd | None:
    """The crowd with one claim more; `None` when they have no day, customer, channel or product in common."""
    one = crowd_of(claim)
    first, end = max(crowd.starts_on, one.starts_on), min(crowd.ends_before, one.ends_before)
    customers, products = _common(crowd.customers, one.customers), _common(crowd.products, one.products)
    channels = crowd.channels & one.channels if crowd.channels and one.channels else crowd.channels | one.channels
    apart = bool(crowd.channels and one.channels) and not channels
    if first >= end or apart or (customers is not None and not customers) or (products is not None and not products):
        return None
    return Crowd((*crowd.claims, claim), first, end, customers, products, channels, crowd.total + claim.part)


def _common(one: Numbers | None, other: Numbers | None) -> Numbers | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def longest(crowds: Iterable[Crowd]) -> tuple[list[Crowd], list[int]]:
    """Of the same offers the crowd that lasts longest, and the offers whose audience is needed to tell.

    Without those that were planned together.
    """
    found: dict[tuple[int, ...], Crowd] = {}
    unknown: set[int] = set()
    for crowd in crowds:
        if planned_together(claim.offer for claim in crowd.claims):
            continue
        unknown.update(crowd.unknown)
        if not crowd.unknown and (crowd.offers not in found or found[crowd.offers].time[0] < crowd.time[0]):
            found[crowd.offers] = crowd
    return list(found.values()), sorted(unknown)


def cut(crowd: Crowd) -> dict[str, int]:
    """For `numbers`: how far sets of three and more were looked for."""
    return {"tried": CELL, "left_out": crowd.left_out} if crowd.left_out else {}


def remark(numbers: Mapping[str, Any]) -> str:
    """What to say of `cut` after the sentence."""
    if not numbers.get("left_out"):
        return ""
    return " " + ngettext(
        "More offers meet here than can be tried in all combinations: %(n)s small one was left out.",
        "More offers meet here than can be tried in all combinations: %(n)s small ones were left out.",
        numbers["left_out"],
    ) % {"n": number_format(numbers["left_out"])}
