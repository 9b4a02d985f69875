"""Whose mandates hold a case, and how many cases everybody has: what approvals.rules.mediation chooses from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from approvals.choices import CaseState
from approvals.models import Case, Mediator
from approvals.queries.meetings import collisions_of, encounters
from approvals.queries.shared import shared_products, those_that_count
from approvals.rules.mediation import DISMISSED, Post
from campaigns.queries.scopes import products_in
from campaigns.rules.severity import RANK

JOINED = ("user", "stand_in", "department", "other_department", "category")


@dataclass(frozen=True)
class Chain:
    """The posts that a case is offered to, and how each is called, by its place in `posts`."""

    posts: tuple[Post, ...]
    mandates: tuple[Mapping[str, Any], ...]

    @property
    def people(self) -> set[int]:
        return {person for post in self.posts for person in (post.mediator, post.stand_in) if person}

    def of(self, post: Post) -> Mapping[str, Any]:
        return self.mandates[self.posts.index(post)]


def chain_of(case: Case) -> Chain:
    """The mandates that held the case when it first went to mediation, and after them those given since.

    Nobody can choose the mediator of a case that is under way by changing mandates; but where those of then find
    nobody, somebody named since does.
    """
    now = holding(case)
    first = now if case.mandates is None else case.mandates
    later = [mandate for mandate in now if mandate not in first]
    posts = [_post(mandate, is_later=False) for mandate in first] + [_post(one, is_later=True) for one in later]
    return Chain(tuple(posts), (*first, *later))


def holding(case: Case) -> list[dict[str, Any]]:
    """The mandates that hold the case now, whatever its level, as Case.mandates stores them.

    `[{"id": 3, "user": 7, "stand_in": null, "scope": "pair", "names": ["CRM", "Sales"], "from_level": "",
    "most_cases": null}]`. Those for a category hold it if both offers of an encounter in it have a product of that
    category on offer, which is read from the postings, as exact as the counts of the page: three or four queries more.
    """
    departments = [case.campaign_a.department, case.campaign_b.department]
    pks, units = [one.pk for one in departments], {one.business_unit for one in departments} - {""}
    one_of_them = Q(department__in=pks, other_department=None)
    both = Q(department__in=pks, other_department__in=pks)
    unit = Q(department=None, category=None) & (Q(business_unit__in=units) | Q(business_unit=""))
    rows = list(
        Mediator.objects.filter(one_of_them | both | unit | Q(category__isnull=False))
        .select_related(*JOINED)
        .order_by("pk")
    )
    shared = _shared_categories(case, {row.category_id for row in rows if row.category_id})
    return [stored(row) for row in rows if row.category_id is None or row.category_id in shared]


def stored(row: Mediator) -> dict[str, Any]:
    return {
        "id": row.pk,
        "user": row.user_id,
        "stand_in": row.stand_in_id,
        "scope": row.scope,
        "names": row.names,
        "from_level": row.from_level,
        "most_cases": row.most_cases,
    }


def stand_ins_of() -> dict[int, int]:
    """User id -> stand-in; by the oldest mandate of who has several."""
    rows = Mediator.objects.filter(stand_in__isnull=False).order_by("-id")
    return dict(rows.values_list("user_id", "stand_in_id"))


def without_mandate(people: Collection[int]) -> dict[int, str]:
    """user id -> "dismissed", for those who neither mediate nor stand in by any mandate of now."""
    rows = Mediator.objects.filter(Q(user__in=people) | Q(stand_in__in=people))
    known = {person for pair in rows.values_list("user", "stand_in") for person in pair}
    return {person: DISMISSED for person in people if person not in known}


def loads_of(people: Collection[int], *, but: Case | None = None) -> dict[int, int]:
    """user id -> how many cases they have to decide, without `but`."""
    rows = Case.objects.filter(state=CaseState.MEDIATION, mediator__in=people).exclude(pk=but.pk if but else None)
    return dict(rows.values_list("mediator").annotate(number=Count("pk")).order_by())


def load_of(user: OuterRef) -> Coalesce:
    """The same in a query, for the user that it names."""
    rows = Case.objects.filter(state=CaseState.MEDIATION, mediator=user).order_by().values("mediator")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def _post(mandate: Mapping[str, Any], *, is_later: bool) -> Post:
    return Post(
        pk=mandate["id"],
        mediator=mandate["user"],
        stand_in=mandate["stand_in"],
        scope=mandate["scope"],
        from_rank=RANK[mandate["from_level"]] if mandate["from_level"] else 0,
        most_cases=mandate["most_cases"],
        is_later=is_later,
    )


def _shared_categories(case: Case, categories: Collection[int]) -> set[int]:
    if not categories:
        return set()
    products = shared_products(encounters(case, those_that_count(collisions_of(case))))
    return {category for category, inside in products_in(categories).items() if inside & products}
