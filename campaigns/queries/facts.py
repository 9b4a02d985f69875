"""The plan as the collision rules want it: some offers, what is around them, and what the house has settled."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import reduce
from itertools import combinations
from operator import or_

from django.db.models import Q
from pyroaring import BitMap

from campaigns.models import (
    AnnouncedPrice,
    CombinationPolicy,
    Fund,
    OfferCombination,
    Placement,
    Product,
    ProtectedScope,
    Substitution,
)
from campaigns.queries.chunks import chunks
from campaigns.queries.neighbours import AWAY
from campaigns.queries.offer_facts import DRAWS, PRODUCTS, SAYS, read_offers
from campaigns.queries.scopes import products_in
from campaigns.rules.collisions import facts
from customers.models import Channel


def read_plan(
    changed: Collection[int], others: Collection[int], *, today: date, knows_all: bool = False
) -> facts.Plan:
    """The `changed` offers and the `others` around them (ids); `pairs` are those with at least one changed offer.

    `knows_all`: with every product of the changed ones, not only with those on which offers meet. The number of queries
    grows with every chunk of offers, not with each.
    """
    ids = {*changed, *others}
    offers = read_offers(ids)
    mine = sorted(set(changed) & offers.keys())
    rest = sorted(offers.keys() - set(mine))
    pairs = [*combinations(mine, 2), *((one, two) for one in mine for two in rest)]
    plan = facts.Plan(
        today=today,
        offers=offers,
        pairs=pairs,
        combinations=_combinations(offers),
        policy={
            frozenset((low, high)): decision
            for low, high, decision in CombinationPolicy.objects.order_by().values_list("low", "high", "decision")
        },
        placements={one.pk: facts.Placement(one.pk, one.name, one.page, one.slots) for one in Placement.objects.all()},
        funds=_funds(),
        channel_names=dict(Channel.objects.order_by().values_list("pk", "name")),
    )
    plan.protected = _protected(plan)
    plan.substitutions = _substitutions(plan)
    needed = _products_needed(plan)
    if knows_all:
        needed |= BitMap.union(BitMap(), *(offers[one].products for one in mine))
    plan.products = _products(needed)
    plan.prices = _prices(needed, plan)
    return plan


def read_crowd(offers: Collection[int], *, today: date, parts: Collection[str]) -> facts.Plan:
    """These offers (ids) for a rule that looks at no pairs, with these `parts` of offer_facts alone."""
    plan = facts.Plan(today=today, offers=read_offers(offers, parts=parts), pairs=())
    if DRAWS in parts:
        plan.funds = _funds()
    if PRODUCTS in parts:
        plan.products = _products(_products_needed(plan))
    return plan


def read_apart(
    offers: Collection[int], *, today: date, priced: Collection[int], named: Collection[BitMap]
) -> facts.Plan:
    """These offers (ids), each for itself: with all products of the `priced` ones, and of the others those in `named`."""
    plan = facts.Plan(today=today, offers=read_offers(offers, parts={PRODUCTS, SAYS}), pairs=())
    needed = BitMap.union(BitMap(), *(plan.offers[one].products for one in priced if one in plan.offers))
    wanted = BitMap.union(BitMap(), *named)
    plan.products = _products(BitMap.union(needed, *(one.products & wanted for one in plan.offers.values())))
    return plan


def _funds() -> dict[int, facts.Fund]:
    return {one.pk: facts.Fund(one.pk, one.name, one.amount) for one in Fund.objects.all()}


def _combinations(offers: Mapping[int, facts.Offer]) -> dict[frozenset[int], str]:
    found: dict[frozenset[int], str] = {}
    for some in chunks(offers):
        rows = OfferCombination.objects.filter(offer_a__in=some).order_by()
        for a, b, decision in rows.values_list("offer_a", "offer_b", "decision"):
            found[frozenset((a, b))] = decision
    return found


def _protected(plan: facts.Plan) -> list[facts.Protected]:
    """Protections whose days touch the plan, with their products."""
    if not plan.offers:
        return []
    after = min(offer.starts_on for offer in plan.offers.values())
    before = max(offer.ends_before for offer in plan.offers.values())
    rows = ProtectedScope.objects.filter(starts_on__lt=before, ends_before__gt=after)
    found = []
    for one in rows.select_related("department").order_by("pk"):
        if one.product_id:
            products = BitMap([one.product_id])
        elif one.category_id:
            products = products_in([one.category_id])[one.category_id]
        else:
            products = BitMap(Product.objects.filter(brand=one.brand).order_by().values_list("pk", flat=True))
        found.append(
            facts.Protected(
                id=one.pk,
                kind=one.kind,
                name=one.name,
                products=products,
                starts_on=one.starts_on,
                ends_before=one.ends_before,
                department=one.department_id,
                department_name=one.department.name if one.department else "",
                min_price=one.min_price,
                is_hard=one.is_hard,
                reason=one.reason,
            )
        )
    return found


def _substitutions(plan: facts.Plan) -> list[facts.Substitution]:
    on_offer = BitMap.union(BitMap(), *(offer.products for offer in plan.offers.values()))
    rows = Substitution.objects.order_by("product", "substitute")
    return [
        facts.Substitution(product, substitute, rate, source)
        for product, substitute, rate, source in rows.values_list("product", "substitute", "rate", "source")
        if product in on_offer and substitute in on_offer
    ]


def _products_needed(plan: facts.Plan) -> BitMap:
    """Products whose price, cost or name some rule may ask for."""
    needed = BitMap.union(BitMap(), *(meeting.products for meeting in plan.meetings))
    replaced = BitMap(number for one in plan.substitutions for number in (one.product, one.substitute))
    moved = BitMap()
    for offer in plan.offers.values():
        if offer.expected_units is not None:
            # Stock is short where several offers want it; a plan of a crowd has no meetings to tell.
            needed |= moved & offer.products
            moved |= offer.products
        if not replaced.isdisjoint(offer.products):
            # What an offer gains is reckoned over all it sells.
            needed |= offer.products
        needed |= offer.triggers | offer.recommended
        needed |= BitMap(claim.product for claim in offer.claims if claim.product is not None)
        if offer.terms.gift_product is not None:
            needed.add(offer.terms.gift_product)
    brands = {claim.brand for offer in plan.offers.values() for claim in offer.claims if claim.brand}
    if brands:
        # Brands are the same in upper and lower case.
        named = reduce(or_, (Q(brand__iexact=brand) for brand in brands))
        of_brands = BitMap(Product.objects.filter(named).order_by().values_list("pk", flat=True))
        needed |= of_brands & BitMap.union(BitMap(), *(offer.products for offer in plan.offers.values()))
    for protected in plan.protected:
        needed |= BitMap.union(BitMap(), *(offer.products & protected.products for offer in plan.offers.values()))
    return needed


def _products(needed: Collection[int]) -> dict[int, facts.Product]:
    columns = ("pk", "code", "name", "category", "category__code", "brand", "price", "cost", "stock")
    found: dict[int, facts.Product] = {}
    for some in chunks(needed):
        for row in Product.objects.filter(pk__in=some).order_by().values_list(*columns):
            found[row[0]] = facts.Product(*row)
    return found


def _prices(needed: BitMap, plan: facts.Plan) -> list[facts.PriceFact]:
    """Prices that were announced for these products, not longer ago than rules look back."""
    if not plan.offers:
        return []
    after = min(offer.starts_on for offer in plan.offers.values()) - AWAY
    rows = AnnouncedPrice.objects.filter(ends_before__gt=after).order_by("product", "starts_on", "pk")
    return [
        facts.PriceFact(*row)
        for row in rows.values_list("product", "price", "starts_on", "ends_before", "department")
        if row[0] in needed
    ]
