"""The pages of the agreement; importing the modules registers them."""

from approvals.admin import (
    absences,
    approval_rules,
    briefings,
    cases,
    discussion,
    mails,
    policy,
    profiles,
    requests,
    reviews,
    standing_rules,
    tokens,
    working_time,
)

__all__ = [
    "absences",
    "approval_rules",
    "briefings",
    "cases",
    "discussion",
    "mails",
    "policy",
    "profiles",
    "requests",
    "reviews",
    "standing_rules",
    "tokens",
    "working_time",
]
