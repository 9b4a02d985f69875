"""Which step leads a case from which states to which."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.rules.transitions import Transition

DETECTED, NEGOTIATION, MEDIATION, DECIDED = "detected", "negotiation", "mediation", "decided"
CLOSED, WITHDRAWN, WAIVED = "closed", "withdrawn", "waived"

# A case that does not exist yet is in the state "".
CASE: Mapping[str, Transition] = MappingProxyType(
    {
        "detect": Transition(frozenset({""}), DETECTED),
        "open": Transition(frozenset({"", DETECTED}), NEGOTIATION),
        "escalate": Transition(frozenset({NEGOTIATION}), MEDIATION),
        "reassign": Transition(frozenset({MEDIATION}), MEDIATION),
        "agree": Transition(frozenset({NEGOTIATION, MEDIATION}), CLOSED),
        "waive": Transition(frozenset({NEGOTIATION, MEDIATION}), WAIVED),
        "decide": Transition(frozenset({MEDIATION}), DECIDED),
        "apply_rule": Transition(frozenset({NEGOTIATION}), CLOSED),
        "enforce": Transition(frozenset({DECIDED}), CLOSED),
        "appeal": Transition(frozenset({DECIDED}), CLOSED),
        "overtake": Transition(frozenset({DECIDED}), CLOSED),
        # A case that takes up an ended one has no negotiation of its own.
        "reopen": Transition(frozenset({""}), MEDIATION),
        # Once it is decided, what happens to the plans is for the moment in which the decision takes effect.
        "vanish": Transition(frozenset({DETECTED, NEGOTIATION, MEDIATION}), WITHDRAWN),
    }
)

# How a case ended, by the step that ended it.
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "agree": "agreed",
        "waive": "waived",
        "enforce": "ruled",
        "apply_rule": "ruled",
        "appeal": "appealed",
        "overtake": "overtaken",
        "vanish": "vanished",
    }
)
