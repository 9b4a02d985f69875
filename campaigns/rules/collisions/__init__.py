"""The collision rules: one module each, with its CODE and what it finds; RULES is the one list of them."""

from collections.abc import Sequence

from campaigns.rules.collisions import (
    code_collision,
    competing_recommendation,
    conflicting_goals,
    contact_pressure,
    duplicate_offer,
    exclusivity_contradiction,
    fund_overcommit,
    holdout_contamination,
    order_dependent_price,
    overlap,
    overlap_undeclared,
    placement_double_booking,
    prior_price,
    seesaw,
    shadowed_offer,
    stock_overcommit,
)
from campaigns.rules.collisions.findings import Rule

RULES: Sequence[Rule] = (
    overlap,
    overlap_undeclared,
    duplicate_offer,
    exclusivity_contradiction,
    order_dependent_price,
    contact_pressure,
    placement_double_booking,
    competing_recommendation,
    fund_overcommit,
    stock_overcommit,
    prior_price,
    seesaw,
    code_collision,
    holdout_contamination,
    shadowed_offer,
    conflicting_goals,
)

# By code, for what is stored: a row may have been found by a rule that is no part of this house any more.
BY_CODE: dict[str, Rule] = {rule.CODE: rule for rule in RULES}
