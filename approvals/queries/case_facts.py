"""What a case is about, read from its collisions as they are now, for approvals.rules.precedents and outcomes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from approvals.models import Case
from approvals.queries.meetings import Encounter, collisions_of, encounters
from approvals.queries.shared import distinct_customers, shared_products, those_that_count
from approvals.rules.outcomes import CLEAR_EARLIER, CLEAR_LATER, Standing
from approvals.rules.precedents import Facts, Found, Party, facts_of
from campaigns.models import Campaign, Product
from campaigns.queries.chunks import chunks
from campaigns.queries.depths import discounts_of


@dataclass(frozen=True)
class InFacts:
    """A case as rules compare it. `sides` and `days_to_clear` are of campaign a, then b: {order: days to move}."""

    facts: Facts
    sides: tuple[Standing, Standing]
    days_to_clear: tuple[Mapping[str, int], Mapping[str, int]]


def in_facts(case: Case, *, today: date) -> InFacts | None:
    """In a number of queries that does not grow with the collisions; None if nothing counts any more."""
    counted = those_that_count(collisions_of(case))
    met = encounters(case, counted)
    if not met:
        return None
    campaigns = (case.campaign_a, case.campaign_b)
    depths = _depths(met, today)
    days = {one.starts_on + timedelta(days=day) for one in counted for day in range(one.days)}
    first, second = (Party(one.department_id, depths[one.pk], one.journey_stage) for one in campaigns)
    facts = facts_of(
        [Found(one.rule, one.score) for one in counted],
        (first, second),
        category_of=_categories(met),
        days=len(days),
        customers=distinct_customers(met),
    )
    one, two = (_standing(campaign, depths) for campaign in campaigns)
    return InFacts(facts, (one, two), (_to_clear(met, case.campaign_a_id), _to_clear(met, case.campaign_b_id)))


def _standing(campaign: Campaign, depths: Mapping[int, Decimal]) -> Standing:
    # Keys are given in the order in which plans came in.
    return Standing(campaign.code, campaign.department_id, campaign.pk, depths[campaign.pk])


def _depths(met: Iterable[Encounter], today: date) -> dict[int, Decimal]:
    """Campaign id -> the deepest discount of its offers in the case: the parties know those of each other."""
    offers = {offer.pk: offer.campaign_id for one in met for offer in (one.offer_a, one.offer_b)}
    found = dict.fromkeys(offers.values(), Decimal(0))
    for pk, percent in discounts_of(sorted(offers), today=today).items():
        found[offers[pk]] = max(found[offers[pk]], percent)
    return found


def _categories(met: list[Encounter]) -> Counter[int]:
    found: Counter[int] = Counter()
    for some in chunks(list(shared_products(met))):
        found.update(Product.objects.filter(pk__in=some).order_by().values_list("category", flat=True))
    return found


def _to_clear(met: Iterable[Encounter], campaign: int) -> dict[str, int]:
    """By how many days the offers of a side would have to move, all together, to share no day with the others."""
    pairs = [
        (one.offer_a, one.offer_b) if one.offer_a.campaign_id == campaign else (one.offer_b, one.offer_a)
        for one in met
    ]
    return {
        CLEAR_LATER: max((other.ends_before - own.starts_on).days for own, other in pairs),
        CLEAR_EARLIER: -max((own.ends_before - other.starts_on).days for own, other in pairs),
    }
