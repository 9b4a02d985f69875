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

from campaigns.choices import RaciLetter
from campaigns.models import Campaign, Collision, CollisionMember, OfferItem
from campaigns.queries.listing import undecided
from campaigns.queries.raci import roles_with_membership


def open_collisions(user: Any) -> Coalesce:
    """How many open collisions of a campaign this person sees, as an annotation: one count per side, added.

    Those of more than two offers count by the two they are listed for, and by the others where it is neither.
    """
    seen = undecided(Collision.objects.visible(user))

    def side(field: str) -> Coalesce:
        rows = seen.filter(**{f"{field}__campaign": OuterRef("pk")})
        counted = rows.order_by().values(f"{field}__campaign").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    # Said with Exists, the few larger ones are looked up once; without it all collisions are, for every campaign.
    larger = seen.filter(Exists(CollisionMember.objects.filter(collision=OuterRef("pk"))))
    pair = Q(collision__offer_a__campaign=OuterRef("pk")) | Q(collision__offer_b__campaign=OuterRef("pk"))
    others = CollisionMember.objects.filter(offer__campaign=OuterRef("pk"), collision__in=larger).exclude(pair)
    counted = others.order_by().values("offer__campaign").annotate(n=Count("collision", distinct=True)).values("n")
    return side("offer_a") + side("offer_b") + Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_my_letter(rows: QuerySet, user: Any, departments: set[int]) -> QuerySet:
    """Annotate which parts the reader has: `my_a`, `my_r`, `my_c`, `my_i`."""
    mine = roles_with_membership().filter(
        Q(user=user, is_member=True) | Q(user__isnull=True, department__in=departments),
        activity__campaign=OuterRef("pk"),
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


def with_campaigns(goals: QuerySet) -> QuerySet:
    """Annotates how many campaigns serve each goal, as `campaigns`; drafts count too."""
    links = Campaign.serves.through.objects.filter(departmentgoal=OuterRef("pk")).order_by()
    counted = links.values("departmentgoal").annotate(n=Count("pk")).values("n")
    return goals.annotate(campaigns=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
