"""Which step leads a standing rule, and the notice of one, from which states to which."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.rules.transitions import Transition

SUGGESTED, APPROVED, REJECTED = "suggested", "approved", "rejected"
SUSPENDED, WITHDRAWN = "suspended", "withdrawn"

# A rule that does not exist yet is in the state "".
STANDING_RULE: Mapping[str, Transition] = MappingProxyType(
    {
        "suggest": Transition(frozenset({""}), SUGGESTED),
        "approve": Transition(frozenset({SUGGESTED}), APPROVED),
        "reject": Transition(frozenset({SUGGESTED}), REJECTED),
        "suspend": Transition(frozenset({APPROVED}), SUSPENDED),
        "resume": Transition(frozenset({SUSPENDED}), APPROVED),
        "withdraw": Transition(frozenset({APPROVED, SUSPENDED}), WITHDRAWN),
    }
)

# What people do, in the order of the buttons.
STEPS = tuple(step for step in STANDING_RULE if step != "suggest")

ANNOUNCED = "announced"
NOTICE: Mapping[str, Transition] = MappingProxyType(
    {
        "announce": Transition(frozenset({""}), ANNOUNCED),
        "object": Transition(frozenset({ANNOUNCED}), "objected"),
        "apply": Transition(frozenset({ANNOUNCED}), "applied"),
        "lapse": Transition(frozenset({ANNOUNCED}), "lapsed"),
    }
)


def steps_from(state: str) -> list[str]:
    """What people may do with a rule in this state."""
    return [step for step in STEPS if state in STANDING_RULE[step].sources]
