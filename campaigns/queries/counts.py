"""Numbers beside the rows of lists, as annotations: no query per row."""

from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from campaigns.choices import CollisionState, RaciLetter
from campaigns.models import Collision, OfferItem, RaciRole


def open_collisions(user: Any) -> Coalesce:
    """How many open collisions of a campaign this person sees, as an annotation: one count per side, added."""
    seen = Collision.objects.visible(user).filter(state=CollisionState.OPEN)

    def side(field: str) -> Coalesce:
        rows = seen.filter(**{f"{field}__campaign": OuterRef("pk")})
        counted = rows.order_by().values(f"{field}__campaign").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    return side("offer_a") + side("offer_b")


def with_my_letter(rows: QuerySet, user: Any, departments: set[int]) -> QuerySet:
    """Annotate which parts the reader has: `my_a`, `my_r`, `my_c`, `my_i`."""
    mine = RaciRole.objects.filter(activity__campaign=OuterRef("pk")).filter(
        Q(user=user) | Q(user__isnull=True, department__in=departments)
    )
    letters = {f"my_{letter.lower()}": Exists(mine.filter(letter=letter)) for letter in RaciLetter.values}
    return rows.annotate(my_a=ExpressionWrapper(Q(accountable=user), BooleanField()), **letters)


def product_total() -> Coalesce:
    """Number of target products of an offer as an annotation, from its postings."""
    counted = OfferItem.objects.filter(
        offer=OuterRef("pk"), kind__in=[OfferItem.Kind.CATEGORY, OfferItem.Kind.CATCOUNT]
    )
    total = counted.order_by().values("offer").annotate(n=Sum("weight")).values("n")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)
