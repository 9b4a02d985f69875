"""The life of a campaign, from draft to ended."""

from collections.abc import Mapping

from customers.rules.transitions import Transition

CAMPAIGN: Mapping[str, Transition] = {
    "submit": Transition(frozenset({"draft"}), "submitted"),
    "approve": Transition(frozenset({"submitted"}), "approved"),
    # A critical change: what was approved is no longer what is planned.
    "void": Transition(frozenset({"approved"}), "submitted"),
    "go_live": Transition(frozenset({"approved"}), "live"),
    "pause": Transition(frozenset({"live"}), "paused"),
    "resume": Transition(frozenset({"paused"}), "live"),
    "end": Transition(frozenset({"approved", "live", "paused"}), "ended"),
    "cancel": Transition(frozenset({"draft", "submitted", "approved", "live", "paused"}), "cancelled"),
}

# The steps that people take, the most likely first; all others follow from time, content and votes.
STEPS = ("submit", "resume", "pause", "cancel")
# What is planned counts in collisions; what can be edited is not in front of customers.
PLANNED = frozenset({"submitted", "approved", "live", "paused"})
OVER = frozenset({"ended", "cancelled"})
EDITABLE = frozenset({"draft", "submitted", "approved", "paused"})
# What is voted on: what is planned and not over.
REVIEWED = PLANNED
