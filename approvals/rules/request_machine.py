"""Which step leads a customer's request from which states to which."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.rules.transitions import Transition

OPEN, ANSWERED, CLOSED, WITHDRAWN = "open", "answered", "closed", "withdrawn"

# A request that does not exist yet is in the state "". By the verb that the history has for the step.
REQUEST: Mapping[str, Transition] = MappingProxyType(
    {
        "record_request": Transition(frozenset({""}), OPEN),
        "take_request": Transition(frozenset({OPEN}), OPEN),
        "hand_request_over": Transition(frozenset({OPEN}), OPEN),
        "answer_request": Transition(frozenset({OPEN}), ANSWERED),
        # A department that does not own it answered: before the owner, or after.
        "forestall_request": Transition(frozenset({OPEN}), OPEN),
        "contradict_request": Transition(frozenset({ANSWERED, CLOSED}), ANSWERED),
        "settle_request": Transition(frozenset({OPEN, ANSWERED}), ANSWERED),
        "close_request": Transition(frozenset({ANSWERED}), CLOSED),
        "withdraw_request": Transition(frozenset({OPEN}), WITHDRAWN),
    }
)
