"""What the brand rules of departments say of one offer: how deep its discount goes, and on whose brands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from campaigns.rules.collisions.evidence import examples, listed, with_examples
from campaigns.rules.collisions.facts import Numbers, Offer, Plan
from campaigns.rules.collisions.words import per_cent, percent
from campaigns.rules.prices import costs_money
from campaigns.rules.self_checks import pricing
from campaigns.rules.self_checks.verdicts import PRODUCTS, WARN, SelfCheck


@dataclass(frozen=True)
class Brand:
    """The brand rules of a department (id). `deepest`: a percentage, `None` = no limit; `protected`: products by brand."""

    department: int
    name: str
    deepest: Decimal | None = None
    protected: Mapping[str, Numbers] = field(default_factory=dict)


def check(plan: Plan, offer: Offer, brands: Sequence[Brand]) -> Iterator[SelfCheck]:
    """How deep an offer goes is for its own department to say; a protected brand is left alone by all."""
    if not costs_money(offer):
        return
    for one in brands:
        if one.department == offer.department and one.deepest is not None:
            yield from _too_deep(plan, offer, one, one.deepest)
        yield from _protected(plan, offer, one)


def _too_deep(plan: Plan, offer: Offer, brand: Brand, deepest: Decimal) -> Iterator[SelfCheck]:
    depth = pricing.depth(plan, offer)
    if 100 * depth > Fraction(deepest):
        words = {
            "depth": percent(per_cent(depth)),
            "department": brand.name,
            "deepest": percent(per_cent(Fraction(deepest) / 100)),
        }
        text = _("It takes off up to %(depth)s; the brand rules of %(department)s stop at %(deepest)s.") % words
        yield SelfCheck("too_deep_for_brand", WARN, pricing.columns(offer), text)


def _protected(plan: Plan, offer: Offer, brand: Brand) -> Iterator[SelfCheck]:
    touched = {name: shared for name, numbers in brand.protected.items() if (shared := offer.products & numbers)}
    if not touched:
        return
    every = next(iter(touched.values()))
    for shared in touched.values():
        every = every | shared
    words = {
        "products": with_examples(len(every), examples(plan, every)),
        "brands": listed([f"“{name}”" for name in touched]),
        "department": brand.name,
    }
    text = _("It reduces %(products)s of %(brands)s, which the brand rules of %(department)s protect.") % words
    yield SelfCheck("protected_brand", WARN, PRODUCTS, text)
