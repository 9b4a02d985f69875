"""What overlaps with what, read from postings and kept counts; nothing here writes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from campaigns.choices import CampaignStatus, Mode, ScopeRole
from campaigns.models import Campaign, Offer, OfferItem, Product
from campaigns.queries.chunks import chunks
from campaigns.queries.overlap_sql import overlaps_sql
from campaigns.rules.collisions import overlap
from customers.actions.segments import members

# Whose offers count for everybody. A draft counts for its own department alone, and nothing of it is stored.
PLANNED: list[str] = [CampaignStatus.SUBMITTED, CampaignStatus.APPROVED, CampaignStatus.LIVE, CampaignStatus.PAUSED]


@dataclass(frozen=True)
class Overlap:
    """Two offers that overlap, by id, with `code_a < code_b` as text; `finding` tells on what and how severely."""

    offer_a: int
    offer_b: int
    code_a: str
    code_b: str
    campaign_a: int
    campaign_b: int
    version_a: int
    version_b: int
    finding: overlap.Finding


def overlaps_of(
    offer_ids: Collection[int], today: date | None = None, *, draft: Campaign | None = None
) -> list[Overlap]:
    """The overlaps of these offers with all planned offers, ordered by code.

    `today`: only those with a shared day from then on. `draft`: a campaign that counts as if it were submitted.
    """
    found: dict[tuple[int, int], Overlap] = {}
    for some in chunks(offer_ids):
        statement, values = overlaps_sql(some, PLANNED, today, draft.pk if draft else None)
        for one in _run(statement, values):
            found[one.offer_a, one.offer_b] = one
    return sorted(found.values(), key=lambda one: (one.code_a, one.code_b))


def would_collide(campaign: Campaign, today: date | None = None) -> list[Overlap]:
    """What would collide if this draft were submitted: computed when asked, never stored."""
    return overlaps_of(campaign.offers.values_list("pk", flat=True), today, draft=campaign)


def _run(statement: str, values: list[Any]) -> Iterator[Overlap]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            if one := _judge(dict(zip(names, row, strict=True))):
                yield one


def _judge(row: dict[str, Any]) -> Overlap | None:
    """Let the rule judge a counted pair; the statement has already compared the channels."""
    a, b = sorted("ab", key=lambda side: row[f"code_{side}"])
    finding = overlap.judge(
        _side(row, a), _side(row, b), shared_products=int(row["products"]), shared_customers=int(row["customers"])
    )
    if finding is None:
        return None
    names = ("offer", "code", "campaign", "version")
    return Overlap(
        **{f"{name}_{to}": row[f"{name}_{side}"] for name in names for to, side in zip("ab", (a, b), strict=True)},
        finding=finding,
    )


def _side(row: dict[str, Any], side: str) -> overlap.Side:
    return overlap.Side(
        department=row[f"department_{side}"],
        starts_on=row[f"starts_{side}"],
        ends_before=row[f"ends_{side}"],
        products=int(row[f"products_{side}"]),
        customers=int(row[f"customers_{side}"]),
    )


def products_of(offer: Offer) -> QuerySet[Product]:
    """Target products of an offer: those named and those of its categories, less what it excludes."""

    def named(rows: QuerySet[Any], mode: str, column: str) -> QuerySet[Any]:
        return rows.filter(role=ScopeRole.TARGET, mode=mode).values(column)

    products, categories = offer.product_rows.all(), offer.category_rows.all()
    return Product.objects.filter(
        Q(pk__in=named(products, Mode.INCLUDE, "product"))
        | Q(category__in=named(categories, Mode.INCLUDE, "category")),
        ~Q(pk__in=named(products, Mode.EXCLUDE, "product")),
        ~Q(category__in=named(categories, Mode.EXCLUDE, "category")),
    )


def shared_products(offer_a: Offer, offer_b: Offer) -> QuerySet[Product]:
    return products_of(offer_a).filter(pk__in=products_of(offer_b).values("pk"))


def shared_numbers(offer_a: Offer, offer_b: Offer) -> BitMap:
    """Numbers of the customers that both offers address."""
    return members(offer_a.audience) & members(offer_b.audience)


def product_count(offer_ids: Collection[int]) -> dict[int, int]:
    """Number of target products by offer id; 0 for an offer without any and for a withdrawn one."""
    counted = OfferItem.objects.filter(
        offer__in=list(offer_ids), kind__in=[OfferItem.Kind.CATEGORY, OfferItem.Kind.CATCOUNT]
    )
    sums = dict(counted.values_list("offer").annotate(products=Sum("weight")).order_by())
    return {pk: sums.get(pk, 0) for pk in offer_ids}


class Gap(NamedTuple):
    """A fact that an offer does not give, so that what these rules (codes) look for cannot be ruled out."""

    code: str
    text: str | Promise
    rules: tuple[str, ...] = ()


def gaps(offer: Offer) -> list[Gap]:
    """What is missing on an offer; shown on its page, never as a collision per pair."""
    found = []
    if (
        not offer.product_rows.filter(role=ScopeRole.TARGET).exists()
        and not offer.category_rows.filter(role=ScopeRole.TARGET).exists()
    ):
        found.append(
            Gap(
                "no_products",
                _("It names no products: collisions over products cannot be ruled out. Add products or categories."),
            )
        )
    elif not product_count([offer.pk])[offer.pk] and offer.withdrawn_at is None:
        found.append(Gap("nothing_left", _("Its exclusions leave no product at all. Check products and categories.")))
    if not offer.mechanic:
        found.append(
            Gap(
                "no_terms",
                _("It does not say what it promises: collisions over terms cannot be ruled out. State the terms."),
            )
        )
    if offer.audience is not None and not offer.audience.size:
        found.append(Gap("empty_audience", _("Its audience has no customers at all. Check the segments.")))
    return found
