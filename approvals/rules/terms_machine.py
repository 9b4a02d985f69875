"""Which step leads the terms of a case, and a request for more time, from which state to which."""

from collections.abc import Mapping
from types import MappingProxyType

from customers.rules.transitions import Transition

OPEN, ACCEPTED, DECLINED, WITHDRAWN, SUPERSEDED, LAPSED = (
    "open",
    "accepted",
    "declined",
    "withdrawn",
    "superseded",
    "lapsed",
)
GRANTED = "granted"

# By the verbs that the history of the case has for them. What does not exist yet is in the state "".
TERMS: Mapping[str, Transition] = MappingProxyType(
    {
        "propose_terms": Transition(frozenset({""}), OPEN),
        "sign_terms": Transition(frozenset({OPEN}), OPEN),
        "accept_terms": Transition(frozenset({OPEN}), ACCEPTED),
        "decline_terms": Transition(frozenset({OPEN}), DECLINED),
        "take_terms_back": Transition(frozenset({OPEN}), WITHDRAWN),
        "supersede_terms": Transition(frozenset({OPEN}), SUPERSEDED),
        "lapse_terms": Transition(frozenset({OPEN}), LAPSED),
    }
)
EXTENSION: Mapping[str, Transition] = MappingProxyType(
    {
        "ask_for_time": Transition(frozenset({""}), OPEN),
        "grant_time": Transition(frozenset({OPEN}), GRANTED),
        "decline_time": Transition(frozenset({OPEN}), DECLINED),
        "lapse_time": Transition(frozenset({OPEN}), LAPSED),
    }
)
