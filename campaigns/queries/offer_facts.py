"""Offers with all they say, as the collision rules want them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pyroaring import BitMap

from campaigns.choices import Mode, ScopeRole
from campaigns.models import (
    FundDraw,
    Offer,
    OfferCategory,
    OfferChannelTerms,
    OfferClaim,
    OfferItem,
    OfferProduct,
    PlacementBooking,
)
from campaigns.queries.chunks import chunks
from campaigns.queries.scopes import members_of, products_in, target_products
from campaigns.rules.collisions import facts
from campaigns.rules.terms import TERM_COLUMNS

_HUNDRED = Decimal(100)
# What rules call the columns of an offer that state its conditions.
CONDITIONS = {
    "eligibility": "eligibility",
    "returns": "returns",
    "place": "redemption_place",
    "per_customer": "per_customer_limit",
}


# What is read of offers beside their columns.
PRODUCTS, CUSTOMERS, DRAWS, SAYS = "products", "customers", "draws", "says"
ALL = frozenset({PRODUCTS, CUSTOMERS, DRAWS, SAYS})
_NONE = BitMap()
_EMPTY = dict.fromkeys(("products", "customers", "categories", "triggers", "recommended", "control_group"), _NONE)


def read_offers(ids: Collection[int], *, parts: Collection[str] = ALL) -> dict[int, facts.Offer]:
    """By id. The number of queries grows with every chunk of offers, not with each.

    `parts` that are left out are empty, for rules that do not look at them.
    """
    rows: list[Offer] = []
    for some in chunks(ids):
        rows += Offer.objects.filter(pk__in=some).select_related("department", "campaign__joint_group", "gift_product")
    own: dict[int, dict[str, Any]] = {row.pk: {} for row in rows}
    if PRODUCTS in parts:
        products, with_scope = target_products([row.pk for row in rows]), _with_scope(ids)
        for pk, found in own.items():
            found |= {"products": products[pk], "knows_products": pk in with_scope}
    if CUSTOMERS in parts:
        people = members_of({row.audience_id for row in rows})
        for row in rows:
            own[row.pk]["customers"] = people[row.audience_id]
    if DRAWS in parts:
        draws = _draws(ids)
        for pk, found in own.items():
            found["draws"] = tuple(draws[pk])
    if SAYS in parts:
        for pk, more in _says(ids, rows).items():
            own[pk] |= more
    return {row.pk: _offer(row, **_EMPTY | own[row.pk]) for row in rows}


def _says(ids: Collection[int], rows: Sequence[Offer]) -> dict[int, dict[str, Any]]:
    """What offers promise and take, and with what they combine."""
    said = list(_of_offers(OfferClaim, ids))
    people = members_of({one.segment_id for one in said if one.segment_id} | _control_groups(rows))
    claims, bookings = _claims(said, people), _bookings(ids)
    channel_terms = _channel_terms(ids, {row.pk: row for row in rows})
    named, categories = _named_products(ids), _categories(ids)
    channels = _links(Offer.channels.through, "channel", ids)
    accepts = _links(Offer.accepts.through, "combinationclass", ids)
    return {
        row.pk: {
            "categories": categories[row.pk],
            "channels": frozenset(channels[row.pk]),
            "accepts": frozenset(accepts[row.pk]),
            "triggers": named[row.pk, ScopeRole.TRIGGER],
            "recommended": named[row.pk, ScopeRole.RECOMMENDED],
            "control_group": people[row.campaign.control_group_id] if row.campaign.control_group_id else BitMap(),
            "channel_terms": tuple(channel_terms[row.pk]),
            "claims": tuple(claims[row.pk]),
            "bookings": tuple(bookings[row.pk]),
        }
        for row in rows
    }


def _offer(row: Offer, **own: Any) -> facts.Offer:
    return facts.Offer(
        id=row.pk,
        code=row.code,
        version=row.version,
        name=row.name,
        department=row.department_id,
        department_name=row.department.name,
        campaign=row.campaign_id,
        campaign_code=row.campaign.code,
        joint_group=row.campaign.joint_group.code if row.campaign.joint_group else "",
        starts_on=row.starts_on,
        ends_before=row.ends_before,
        terms=_terms(row),
        stackable=row.stackable,
        only_one_of_its_kind=row.only_one_of_its_kind,
        combination_class=row.combination_class_id,
        priority=row.priority,
        discount_base=row.discount_base,
        margin_floor_pct=row.margin_floor_pct,
        redemption_code=row.redemption_code,
        conditions={name: str(text) for name, column in CONDITIONS.items() if (text := getattr(row, column))},
        contacts=row.contacts,
        recommendation_placement=row.recommendation_placement_id,
        max_recommendations=row.max_recommendations,
        item_reuse=row.item_reuse,
        expected_units=row.expected_units,
        forecast_source=row.forecast_source,
        reference_price=row.reference_price,
        reference_price_policy=row.reference_price_policy,
        **own,
    )


def _terms(row: Offer, **other: Any) -> facts.Terms:
    columns = {name: getattr(row, name) for name in TERM_COLUMNS if name != "gift_product"}
    gift = row.gift_product
    return facts.Terms(
        mechanic=row.mechanic,
        gift_product=row.gift_product_id,
        gift_cost=gift.cost if gift else None,
        applies_to=row.applies_to,
        max_discount=row.max_discount,
        **columns | other,
    )


def _links(through: Any, column: str, ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for some in chunks(ids):
        for offer, other in through.objects.filter(offer__in=some).order_by().values_list("offer", column):
            found[offer].append(other)
    return found


def _of_offers(model: Any, ids: Collection[int], *related: str) -> Iterable[Any]:
    for some in chunks(ids):
        yield from model.objects.filter(offer__in=some).select_related(*related).order_by("offer", "pk")


def _with_scope(ids: Collection[int]) -> set[int]:
    """Offers that name a product or a category, whether or not anything is left of it."""
    found: set[int] = set()
    for model in (OfferProduct, OfferCategory):
        for some in chunks(ids):
            rows = model.objects.filter(offer__in=some, role=ScopeRole.TARGET).order_by()
            found.update(rows.values_list("offer", flat=True).distinct())
    return found


def _categories(ids: Collection[int]) -> dict[int, BitMap]:
    """Categories of which an offer has a product on offer, from its postings."""
    found: dict[int, BitMap] = defaultdict(BitMap)
    for some in chunks(ids):
        rows = OfferItem.objects.filter(offer__in=some).exclude(kind=OfferItem.Kind.PRODUCT).order_by()
        counted: dict[tuple[int, int], int] = defaultdict(int)
        for offer, category, weight in rows.values_list("offer", "key", "weight"):
            counted[offer, category] += weight
        for (offer, category), products in counted.items():
            if products > 0:
                found[offer].add(category)
    return found


def _named_products(ids: Collection[int]) -> dict[tuple[int, str], BitMap]:
    """(offer, role) -> products that trigger it or that it recommends."""
    found: dict[tuple[int, str], BitMap] = defaultdict(BitMap)
    for some in chunks(ids):
        rows = OfferProduct.objects.filter(offer__in=some, mode=Mode.INCLUDE).exclude(role=ScopeRole.TARGET).order_by()
        for offer, role, product in rows.values_list("offer", "role", "product"):
            found[offer, role].add(product)
        whole = OfferCategory.objects.filter(offer__in=some, mode=Mode.INCLUDE).exclude(role=ScopeRole.TARGET)
        links = list(whole.order_by().values_list("offer", "role", "category"))
        inside = products_in({category for _, _, category in links})
        for offer, role, category in links:
            found[offer, role] |= inside[category]
    return found


def _channel_terms(ids: Collection[int], rows: Mapping[int, Offer]) -> dict[int, list[facts.ChannelTerms]]:
    found: dict[int, list[facts.ChannelTerms]] = defaultdict(list)
    for one in _of_offers(OfferChannelTerms, ids):
        values = {name: getattr(one, name) for name in ("percent_off", "amount_off", "fixed_price")}
        mechanic = next(
            word
            for word, column in (
                ("percent", "percent_off"),
                ("amount_off", "amount_off"),
                ("fixed_price", "fixed_price"),
            )
            if values[column] is not None
        )
        terms = facts.Terms(
            mechanic=mechanic,
            applies_to=rows[one.offer_id].applies_to,
            max_discount=rows[one.offer_id].max_discount,
            **values,
        )
        found[one.offer_id].append(facts.ChannelTerms(one.channel_id, terms, one.is_exclusive))
    return found


def _control_groups(rows: Iterable[Offer]) -> set[int]:
    return {row.campaign.control_group_id for row in rows if row.campaign.control_group_id}


def _claims(rows: Iterable[OfferClaim], people: Mapping[int | None, BitMap]) -> dict[int, list[facts.Claim]]:
    found: dict[int, list[facts.Claim]] = defaultdict(list)
    for one in rows:
        claim = facts.Claim(
            kind=one.kind,
            text=one.text,
            product=one.product_id,
            brand=one.brand,
            channel=one.channel_id,
            segment=people[one.segment_id] if one.segment_id else None,
            until=one.until,
            amount=one.amount,
            quantity=one.quantity,
            is_legal=one.is_legal,
        )
        found[one.offer_id].append(claim)
    return found


def _bookings(ids: Collection[int]) -> dict[int, list[facts.Booking]]:
    found: dict[int, list[facts.Booking]] = defaultdict(list)
    for one in _of_offers(PlacementBooking, ids):
        share = one.share / _HUNDRED
        found[one.offer_id].append(facts.Booking(one.placement_id, one.starts_on, one.ends_before, share, one.goal))
    return found


def _draws(ids: Collection[int]) -> dict[int, list[facts.Draw]]:
    found: dict[int, list[facts.Draw]] = defaultdict(list)
    for one in _of_offers(FundDraw, ids):
        found[one.offer_id].append(facts.Draw(one.fund_id, one.amount))
    return found
