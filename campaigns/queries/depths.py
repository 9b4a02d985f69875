"""How deep the discounts of a plan go."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from campaigns.models import Offer
from campaigns.queries.chunks import chunks
from campaigns.queries.facts import read_plan
from campaigns.rules.self_checks.pricing import depth


def deepest_discounts(campaign_ids: Collection[int], *, today: date) -> dict[int, Decimal]:
    """The most that any offer of a campaign takes off the price of a product, in percent, by campaign id.

    A campaign without offers has no entry.
    """
    rows = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by()
    campaigns = dict(rows.values_list("pk", "campaign"))
    found: dict[int, Decimal] = {}
    for pk, percent in discounts_of(list(campaigns), today=today).items():
        found[campaigns[pk]] = max(found.get(campaigns[pk], Decimal(0)), percent)
    return found


def discounts_of(offer_ids: Collection[int], *, today: date) -> dict[int, Decimal]:
    """The most that each offer takes off the price of a product, in percent, by offer id.

    Where no price is known it is what the offer says.
    """
    found: dict[int, Decimal] = {}
    for some in chunks(offer_ids):
        plan = read_plan(some, (), today=today, knows_all=True)
        for pk in some:
            percent = 100 * depth(plan, plan.offers[pk])
            found[pk] = (Decimal(percent.numerator) / Decimal(percent.denominator)).quantize(Decimal("0.01"))
    return found
