"""What an offer gets wrong by itself, read from what is stored of it."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from campaigns.choices import CampaignStatus
from campaigns.models import Offer
from campaigns.queries.collisions import PLANNED
from campaigns.queries.explanation import Reader
from campaigns.queries.facts import read_plan
from campaigns.queries.house_style import house_style
from campaigns.queries.neighbours import planned_offers
from campaigns.queries.parties import plans_it
from campaigns.queries.rule_settings import settings_of
from campaigns.queries.scopes import target_products
from campaigns.rules import self_checks
from campaigns.rules.collisions import facts, prior_price, stack_below_floor
from campaigns.rules.collisions.findings import defaults
from campaigns.rules.self_checks import SelfCheck

# Columns with sentences that tell customers figures, beside the claims.
TEXTS = ("name", "message", "eligibility")


def checks_of(offer: Offer, reader: Reader, *, today: date) -> list[SelfCheck]:
    """As the offer is stored, what stops it first; nothing of one that was withdrawn.

    What products cost is told to whoever reads what the offer earns.
    """
    if offer.withdrawn_at is not None:
        return []
    plan = read_plan([offer.pk], (), today=today, knows_all=True)
    own = plan.offers[offer.pk]
    plan.offers = {**_owners_of_protections(plan, own), offer.pk: own}
    style = house_style()
    found = self_checks.check(
        plan,
        own,
        _options(),
        approved_products=offer.approved_products,
        texts={name: getattr(offer, name) for name in TEXTS},
        brands=style.brands,
    )
    found += style.words_in_offer(offer, list(offer.claims.all()))
    if offer.audience_id is None:
        # For everybody: a house that has no customers yet is no mistake of the offer.
        found = [one for one in found if one.code != "empty_audience"]
    is_owner = reader.owns([own.department])
    return [one.told_to(is_owner=is_owner) for one in found]


def shown_checks(offer: Offer, user: Any, reader: Reader, *, today: date) -> list[SelfCheck]:
    """For those who plan the offer, as long as it is not over; to others it would tell what they have no part in."""
    if offer.campaign.status in (CampaignStatus.ENDED, CampaignStatus.CANCELLED):
        return []
    if reader.owns([offer.department_id]) or plans_it(offer.campaign, user):
        return checks_of(offer, reader, today=today)
    return []


def _options() -> Mapping[str, Decimal]:
    """Where a check measures as a rule on collisions does, with the numbers that rule is set to."""
    settings = settings_of()
    found = defaults(self_checks.OPTIONS)
    for rule in (stack_below_floor, prior_price):
        found |= {option.name: settings[rule.CODE].options[option.name] for option in rule.OPTIONS}
    return found


def _owners_of_protections(plan: facts.Plan, offer: facts.Offer) -> dict[int, facts.Offer]:
    """What departments have planned on products that are kept for them: that is a matter between two, no self-check."""
    scopes = [one for one in plan.protected if one.department is not None and one.products & offer.products]
    if not scopes:
        return {}
    days = {"starts_on__lt": max(one.ends_before for one in scopes), "ends_before__gt": plan.today}
    rows = planned_offers(plan.today, PLANNED).filter(department__in={one.department for one in scopes}, **days)
    named = list(rows.values_list("pk", "code", "department", "starts_on", "ends_before"))
    products: Mapping[int, Collection[int]] = target_products([row[0] for row in named])
    return {row[0]: facts.Offer(*row, products=products[row[0]]) for row in named}  # type: ignore[arg-type]
