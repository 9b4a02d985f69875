"""Who may take which step of a case, from which state. Tried out, step by step, by config/tests/test_case_rights.py."""

from collections.abc import Mapping

from approvals.rules.case_machine import CASE, DECIDED, DETECTED, MEDIATION, NEGOTIATION
from approvals.rules.rights import NOBODY, Right

# In words, as documents have them: the first that fits a person is theirs. A side is one of the two campaigns.
ROLES: Mapping[str, str] = {
    "a": "the A of a side",
    "lead": "another lead of a side's department",
    "contact": "the contact person of a side",
    "member": "a colleague of a side's department",
    "mediator": "the mediator of the case",
    "other_mediator": "another mediator",
    "administrator": "administrators",
    "stranger": "everybody else",
}
_STAYS = ""
_ANSWERABLE = frozenset({"a", "lead"})
_SIDE = _ANSWERABLE | {"contact", "member"}
_MEDIATOR = frozenset({"mediator"})


def _of_machine(step: str, roles: frozenset[str], but: str = "", sources: frozenset[str] | None = None) -> Right:
    return Right(sources or CASE[step].sources - {""}, CASE[step].target, roles, but)


RIGHTS: Mapping[str, Right] = {
    "open now": _of_machine("open", _ANSWERABLE, "before it opens by itself"),
    "propose a change": Right(frozenset({NEGOTIATION}), _STAYS, _SIDE, "of the other side's offers"),
    "object to a standing rule": Right(frozenset({NEGOTIATION}), _STAYS, _ANSWERABLE, "which is announced in it"),
    "be decided by a standing rule": _of_machine("apply_rule", NOBODY, "if no side objected in time"),
    "propose terms": Right(
        frozenset({NEGOTIATION, MEDIATION}), _STAYS, _SIDE, "who may not bind their side needs somebody who does"
    ),
    "ask for more time": Right(frozenset({NEGOTIATION}), _STAYS, _SIDE, "once for each side, granted once"),
    "agree": _of_machine(
        "agree", _ANSWERABLE, "and who does an activity (R), with the last acceptance of the same terms"
    ),
    "pass to mediation": _of_machine("escalate", _ANSWERABLE, "at the deadline by itself"),
    "challenge the mediator": _of_machine("reassign", _ANSWERABLE, "once for each side"),
    "step aside": _of_machine("reassign", _MEDIATOR),
    "pass to the next mediator": _of_machine(
        "reassign", NOBODY, "when the time to decide is over and another is free"
    ),
    "decide": _of_machine("decide", _MEDIATOR, "while nothing ties them to a side"),
    "appeal": _of_machine("appeal", _ANSWERABLE, "in time, and not against what an appeal brought"),
    "take effect": _of_machine("enforce", NOBODY, "when nobody appealed in time"),
    "be overtaken": _of_machine("overtake", NOBODY, "if the plans changed before it took effect"),
    "state facts and claims": Right(
        frozenset({DETECTED, NEGOTIATION, MEDIATION, DECIDED}),
        _STAYS,
        _SIDE,
        "in the name of their side; they comment and propose a meeting too, and so does the mediator during mediation",
    ),
    "vanish": _of_machine("vanish", NOBODY, "as soon as nothing collides any more"),
}

# Every state that anything begins from.
STATES = (DETECTED, NEGOTIATION, MEDIATION, DECIDED)


def may(step: str, role: str, state: str) -> bool:
    """Whether a person in this role may take the step while the case is in this state."""
    right = RIGHTS[step]
    return role in right.roles and state in right.sources
