"""Which stored collisions pages list and count: of whom, and what is more than a note."""

from typing import Any

from django.db.models import Q, QuerySet

from campaigns.choices import CollisionState, Level
from campaigns.models import Collision, CollisionMember


def on_any_side(column: str, value: Any) -> Q:
    """Collisions of an offer whose `column` is this, in whatever place it stands among the offers."""
    members = CollisionMember.objects.filter(**{f"offer__{column}": value})
    pair = Q(**{f"offer_a__{column}": value}) | Q(**{f"offer_b__{column}": value})
    return pair | Q(pk__in=members.values("collision"))


def more_than_notes(rows: QuerySet[Collision]) -> QuerySet[Collision]:
    """Without what a rule in observation found, and what weighs nothing: nobody has to do anything about that."""
    return rows.exclude(level=Level.NOTE)


def undecided(rows: QuerySet[Collision]) -> QuerySet[Collision]:
    return more_than_notes(rows).filter(state=CollisionState.OPEN)


def also_found(row: Collision) -> QuerySet[Collision]:
    """The other open collisions in which both offers of this one stand, the most severe first."""
    both = [CollisionMember.objects.filter(offer=offer).values("collision") for offer in (row.offer_a, row.offer_b)]
    pair = Q(offer_a=row.offer_a_id, offer_b=row.offer_b_id)
    rows = Collision.objects.filter(pair | Q(pk__in=both[0]) & Q(pk__in=both[1]), state=CollisionState.OPEN)
    return rows.exclude(pk=row.pk).order_by("-score", "starts_on", "id")
