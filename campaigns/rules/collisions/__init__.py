"""The collision rules: one module each, with its CODE and what it finds; RULES is the one list of them."""

from collections.abc import Sequence

from campaigns.rules.collisions import (
    cannibalisation,
    claim_contradiction,
    code_collision,
    competing_recommendation,
    conflicting_goals,
    contact_pressure,
    cross_sell_loop,
    duplicate_offer,
    exclusivity_contradiction,
    fund_overcommit,
    holdout_contamination,
    order_dependent_price,
    overlap,
    overlap_undeclared,
    placement_double_booking,
    price_inconsistent,
    prior_price,
    protected_scope,
    seesaw,
    shadowed_offer,
    stack_below_floor,
    stack_too_deep,
    stock_overcommit,
    terms_contradiction,
    trigger_invalidated,
)
from campaigns.rules.collisions.findings import Rule

RULES: Sequence[Rule] = (
    overlap,
    overlap_undeclared,
    duplicate_offer,
    exclusivity_contradiction,
    stack_below_floor,
    stack_too_deep,
    order_dependent_price,
    price_inconsistent,
    terms_contradiction,
    claim_contradiction,
    contact_pressure,
    placement_double_booking,
    conflicting_goals,
    cannibalisation,
    cross_sell_loop,
    trigger_invalidated,
    competing_recommendation,
    fund_overcommit,
    stock_overcommit,
    prior_price,
    seesaw,
    protected_scope,
    code_collision,
    holdout_contamination,
    shadowed_offer,
)

# By code, for what is stored: a row may have been found by a rule that is no part of this house any more.
BY_CODE: dict[str, Rule] = {rule.CODE: rule for rule in RULES}
