"""What a change that was only tried would bring, in the words of its reader.

Who may try a change plans the offer, and as a party reads what all parties of a collision read of each other's offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from campaigns.models import Collision, Offer
from campaigns.queries.drafts import AheadOfTime, ahead_of_time
from campaigns.queries.explanation import Explanation, Reader, explain, offers_in, with_offers
from campaigns.queries.foresight import Foreseen
from campaigns.rules.self_checks import SelfCheck


@dataclass(frozen=True)
class Hit:
    """A collision that the offer would have; `is_internal`: all its offers are of one department.

    `is_new`: it does not have it now; None where none are stored: of a draft, or within one department.
    """

    found: Foreseen
    is_new: bool | None
    is_internal: bool


@dataclass(frozen=True)
class Simulation:
    """`offer` as it was tried, which is stored nowhere. `foreseen`: the most severe first; `gone`: stored collisions (ids)
    that it would no longer have."""

    offer: Offer
    foreseen: tuple[Hit, ...]
    gone: tuple[int, ...]
    self_checks: tuple[SelfCheck, ...]


@dataclass(frozen=True)
class ToldGone:
    """A stored collision that would be over."""

    row: Collision
    why: Explanation
    others: tuple[Offer, ...]


@dataclass(frozen=True)
class Told:
    """`hits` with other departments and `within` one's own, the most severe of `hit_count` and `within_count`.

    `gone`: those that the reader may see of `gone_count`; `unseen` are others' business.
    """

    hits: list[AheadOfTime]
    hit_count: int
    new_count: int
    within: list[AheadOfTime]
    within_count: int
    gone: list[ToldGone]
    gone_count: int
    unseen: int
    self_checks: tuple[SelfCheck, ...]


def tell(simulation: Simulation, user: Any, reader: Reader, *, most: int) -> Told:
    """At most `most` of each; what a department does to itself is told to its own people. The queries do not grow."""
    is_own = reader.owns([simulation.offer.department_id])
    hits = [hit for hit in simulation.foreseen if not hit.is_internal]
    within = [hit for hit in simulation.foreseen if hit.is_internal and is_own]
    told = _told([*hits[:most], *within[:most]], simulation.offer, reader)
    seen = Collision.objects.filter(pk__in=simulation.gone).visible(user)
    gone = list(with_offers(seen).order_by("-score", "starts_on", "id")[:most])
    gone_count = seen.count()
    return Told(
        hits=told[: len(hits[:most])],
        hit_count=len(hits),
        new_count=sum(bool(hit.is_new) for hit in hits),
        within=told[len(hits[:most]) :],
        within_count=len(within),
        gone=[_gone(row, simulation.offer, reader) for row in gone],
        gone_count=gone_count,
        unseen=len(simulation.gone) - gone_count,
        self_checks=simulation.self_checks,
    )


def _told(hits: Sequence[Hit], tried: Offer, reader: Reader) -> list[AheadOfTime]:
    told = ahead_of_time([hit.found for hit in hits], [tried.pk], reader, tried=tried)
    return [replace(one, is_new=hit.is_new) for one, hit in zip(told, hits, strict=True)]


def _gone(row: Collision, tried: Offer, reader: Reader) -> ToldGone:
    return ToldGone(row, explain(row, reader), tuple(one for one in offers_in(row) if one.pk != tried.pk))
