"""Which step leads a case from which states to which."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.rules.transitions import Transition

NEGOTIATION, MEDIATION, CLOSED = "negotiation", "mediation", "closed"

# A case that does not exist yet is in the state "".
CASE: Mapping[str, Transition] = MappingProxyType(
    {
        "open": Transition(frozenset({""}), NEGOTIATION),
        "escalate": Transition(frozenset({NEGOTIATION}), MEDIATION),
        "reassign": Transition(frozenset({MEDIATION}), MEDIATION),
        "decide": Transition(frozenset({MEDIATION}), CLOSED),
        "vanish": Transition(frozenset({NEGOTIATION, MEDIATION}), CLOSED),
    }
)

# How a case ended, by the step that closed it.
OUTCOMES: Mapping[str, str] = MappingProxyType({"decide": "ruled", "vanish": "vanished"})
