"""What an offer gets wrong by itself, whatever others plan: shown in its form and never a case between departments.

The plan is the one that rules on collisions get: its products, today, the protections and the prices before. Other offers
may stand in it, and only tell whether a protection is a matter between two departments.
"""

from collections.abc import Mapping, Sequence

from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.collisions.findings import Option, Options
from campaigns.rules.self_checks import brand, planning, pricing, references, sentences
from campaigns.rules.self_checks.brand import Brand
from campaigns.rules.self_checks.verdicts import CONFIRM, ERROR, WARN, SelfCheck

__all__ = ["CONFIRM", "ERROR", "MEANT", "OPTIONS", "WARN", "Brand", "SelfCheck", "check"]

# Codes of the checks that somebody may have to confirm.
MEANT = ("below_floor", "deep_discount", "empty_audience", "empty_scope", "protected_scope", "scope_grew")

OPTIONS: tuple[Option, ...] = planning.OPTIONS + pricing.OPTIONS + references.OPTIONS


def check(
    plan: Plan,
    offer: Offer,
    options: Options,
    *,
    approved_products: int | None = None,
    texts: Mapping[str, str] | None = None,
    brands: Sequence[Brand] = (),
) -> list[SelfCheck]:
    """Everything that is wrong with the offer, in the language that is active now, what stops it first.

    `approved_products` is how many products were on offer when it was approved, `None` = it never was. `texts` are
    the sentences for customers by the column of the form in which they stand; claims of the offer are read anyway. `brands` are
    the brand rules of all departments.
    """
    found = [
        *planning.check(plan, offer, options, approved_products),
        *pricing.check(plan, offer, options),
        *references.check(plan, offer, options),
        *sentences.check(plan, offer, texts or {}),
        *brand.check(plan, offer, brands),
    ]
    # Sorting is stable: within a severity the order is that of the form.
    return sorted(found, key=lambda one: (ERROR, CONFIRM, WARN).index(one.severity))
