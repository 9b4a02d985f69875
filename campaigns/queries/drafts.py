"""What a draft would collide with, as far as a reader may know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.choices import Level
from campaigns.models import Campaign, Offer
from campaigns.queries.collisions import would_collide
from campaigns.queries.explanation import Explanation, Reader
from campaigns.queries.foresight import Foreseen, ask, foreseen_overlap
from campaigns.queries.parties import plans_it
from campaigns.rules.collisions import overlap


@dataclass(frozen=True)
class AheadOfTime:
    """A collision that is not stored: `own` is one's own offer in it, `other` the first of the others.

    `is_new`: a change brings it; None = there is nothing to compare with.
    """

    own: Offer
    other: Offer
    offers: tuple[Offer, ...]
    found: Foreseen
    why: Explanation
    is_new: bool | None = None

    @property
    def is_internal(self) -> bool:
        """Whether all its offers are of one department."""
        return len({offer.department_id for offer in self.offers}) == 1

    @property
    def more(self) -> int:
        """How many offers beside these two."""
        return len(self.offers) - 2


def draft_collisions(campaign: Campaign, user: Any, *, today: date) -> list[Foreseen]:
    """The most severe first; who does not plan it reads what the offers of their own department in it would do."""
    offers = Offer.objects.filter(campaign=campaign)
    own = offers if plans_it(campaign, user) else offers.filter(department__memberships__user=user)
    ids = set(own.values_list("pk", flat=True))
    if not ids:
        return []
    every = [foreseen_overlap(one) for one in would_collide(campaign, today)]
    every += ask(ids, today=today, draft=campaign).found
    found = (one for one in every if not ids.isdisjoint(one.offers) and _concerns_others(one))
    return sorted(found, key=lambda one: one.rank)


def ahead_of_time(
    found: Sequence[Foreseen], own: Iterable[int], reader: Reader, *, tried: Offer | None = None
) -> list[AheadOfTime]:
    """With the offers and the reader's words; `own` are the offers (ids) from whose side they are told. One query.

    `tried` is an offer that is not stored, or not stored so.
    """
    ids = {pk for one in found for pk in one.offers}
    offers, mine = Offer.objects.select_related("department", "campaign").in_bulk(ids), set(own)
    if tried is not None:
        offers[tried.pk] = tried
    rows = []
    for one in found:
        named = [offers[pk] for pk in one.offers]
        first = next(offer for offer in named if offer.pk in mine)
        others = sorted(
            (offer for offer in named if offer != first), key=lambda offer: offer.department_id == first.department_id
        )
        rows.append(AheadOfTime(first, others[0], tuple(named), one, one.explained_to(reader)))
    return rows


def _concerns_others(one: Foreseen) -> bool:
    """What one department does to itself is told on its offers' pages, and what is only noted wants nothing."""
    return (one.rule == overlap.CODE or len(one.departments) > 1) and one.level != Level.NOTE
