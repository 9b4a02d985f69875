"""The pages of plans. Importing a module registers its models."""

from campaigns.admin import (
    campaigns,
    catalogue,
    collisions,
    combinations,
    departments,
    feeds,
    imports,
    measured,
    offers,
    protections,
    register,
    resources,
    responsibilities,
    rule_settings,
    runs,
    strategy,
)

__all__ = [
    "campaigns",
    "catalogue",
    "collisions",
    "combinations",
    "departments",
    "feeds",
    "imports",
    "measured",
    "offers",
    "protections",
    "register",
    "resources",
    "responsibilities",
    "rule_settings",
    "runs",
    "strategy",
]
