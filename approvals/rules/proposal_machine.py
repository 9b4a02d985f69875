"""Which step leads a proposal from which state to which."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.rules.transitions import Transition

OPEN, ACCEPTED, DECLINED, WITHDRAWN, LAPSED = "open", "accepted", "declined", "withdrawn", "lapsed"

# By the verb that the history of the case has for it. A proposal that does not exist yet is in the state "".
PROPOSAL: Mapping[str, Transition] = MappingProxyType(
    {
        "propose": Transition(frozenset({""}), OPEN),
        "accept_proposal": Transition(frozenset({OPEN}), ACCEPTED),
        "decline_proposal": Transition(frozenset({OPEN}), DECLINED),
        "take_proposal_back": Transition(frozenset({OPEN}), WITHDRAWN),
        "lapse_proposal": Transition(frozenset({OPEN}), LAPSED),
    }
)
