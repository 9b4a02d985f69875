"""Offers want to recommend more products with the same purchase than the placement has room for.

Each offer asks for as many slots as it may fill with products of its own. Where all of them recommend the same few
products there is room for all. Reported are the smallest sets that do not fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.rules.collisions.contention import Claim, Crowd, cut, longest, remark, smallest_crowds
from campaigns.rules.collisions.evidence import examples, listed, with_examples
from campaigns.rules.collisions.facts import NOBODY, Numbers, Offer, Placement, Plan
from campaigns.rules.collisions.findings import Finding, Gap, Option, Options
from campaigns.rules.collisions.gates import Gaps, may_meet
from campaigns.rules.collisions.words import last_day, named, who
from campaigns.rules.severity import weigh

CODE = "competing_recommendation"
NAME = gettext_lazy("Competing recommendations")
SUMMARY = gettext_lazy("Offers recommend more products with the same purchase than the placement shows.")
BASE = 25
OPTIONS: Sequence[Option] = ()
LEVERS = ("exclude_customers", "swap_placement", "shift_dates", "withdraw")


def find(plan: Plan, options: Options) -> Iterator[Finding | Gap]:
    links = sorted((one for one in plan.offers.values() if _slots(one)), key=lambda one: one.code)
    gaps = Gaps(CODE)
    gaps.add((offer, "placement") for offer in _without_placement(plan, links))
    for placement, claims in sorted(_claims(links).items()):
        place = plan.placements[placement]
        crowds = smallest_crowds(claims, Decimal(place.slots))
        known, unknown = longest(crowd for crowd in crowds if _differ(_offers(crowd), place.slots))
        gaps.add((offer, "audience") for offer in unknown)
        for crowd in known:
            yield _finding(plan, place, crowd, options)
    yield from gaps


def _slots(offer: Offer) -> int:
    """How many slots the offer asks for; 0 = it recommends nothing."""
    return min(offer.max_recommendations, len(offer.recommended)) if offer.triggers else 0


def _claims(links: Sequence[Offer]) -> dict[int, list[Claim]]:
    claims: dict[int, list[Claim]] = {}
    for one in links:
        if one.recommendation_placement is not None:
            claim = Claim(one, Decimal(_slots(one)), one.starts_on, one.ends_before, one.triggers)
            claims.setdefault(one.recommendation_placement, []).append(claim)
    return claims


def _offers(crowd: Crowd) -> list[Offer]:
    return sorted((claim.offer for claim in crowd.claims), key=lambda one: one.code)


def _differ(offers: Sequence[Offer], slots: int) -> bool:
    """Whether the offers recommend more different products than there are slots."""
    first, *others = (one.recommended for one in offers)
    for other in others:
        first = first | other
    return len(first) > slots


def _without_placement(plan: Plan, links: Sequence[Offer]) -> Iterator[int]:
    """The offers that do not say where they recommend, if another one could be there for the same purchase."""
    for one in links:
        if one.recommendation_placement is None and any(_could_compete(plan, one, other) for other in links):
            yield one.id


def _could_compete(plan: Plan, one: Offer, other: Offer) -> bool:
    if one.id == other.id or not one.triggers & other.triggers:
        return False
    place = other.recommendation_placement
    slots = 1 if place is None else plan.placements[place].slots
    fits = _slots(one) + _slots(other) <= slots or not _differ((one, other), slots)
    return not fits and may_meet(plan.meeting(one.id, other.id), products=False)


def _finding(plan: Plan, place: Placement, crowd: Crowd, options: Options) -> Finding:
    triggers = crowd.products or NOBODY
    fewest = min(len(claim.offer.triggers) for claim in crowd.claims)
    return Finding(
        CODE,
        crowd.offers,
        crowd.starts_on,
        crowd.ends_before,
        weigh(
            base=int(options["base"]),
            impact=Fraction(len(triggers), fewest),
            # The third part is the placement: all of them are in the same one.
            parts=(Fraction(*crowd.time), Fraction(*crowd.audience_part), Fraction(1)),
        ),
        key=str(place.id),
        products=len(triggers),
        customers=crowd.audience_part[0],
        numbers={
            "placement": place.name,
            "slots": place.slots,
            "wanted": int(crowd.total),
            "triggers": _some(plan, triggers),
            "offers": [
                named(one) | {"slots": _slots(one), "recommended": _some(plan, one.recommended)}
                for one in _offers(crowd)
            ],
            "customers": crowd.audience_part[0],
            "first_day": crowd.starts_on.isoformat(),
            "last_day": last_day(crowd.ends_before),
            **cut(crowd),
        },
        levers=LEVERS,
    )


def _some(plan: Plan, products: Numbers) -> dict[str, Any]:
    return {"count": len(products), "examples": examples(plan, products)}


def _named(some: Mapping[str, Any]) -> str:
    """The products by name where these are few: Tea and Milk; 12 products (Tea, Milk, Bread, …)"""
    if len(some["examples"]) == some["count"]:
        return listed(some["examples"])
    return with_examples(some["count"], some["examples"])


def tell(numbers: Mapping[str, Any]) -> str:
    wishes = [
        _("%(offer)s wants to show %(products)s") % {"offer": who(one), "products": _named(one["recommended"])}
        for one in numbers["offers"]
    ]
    sentence = ngettext(
        "With %(triggers)s, %(wishes)s; %(placement)s has room for %(slots)s recommendation.",
        "With %(triggers)s, %(wishes)s; %(placement)s has room for %(slots)s recommendations.",
        numbers["slots"],
    ) % {
        "triggers": _named(numbers["triggers"]),
        "wishes": ", ".join(wishes),
        "placement": numbers["placement"],
        "slots": number_format(numbers["slots"]),
    }
    return sentence + remark(numbers)
