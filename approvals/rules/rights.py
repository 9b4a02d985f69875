"""Who may take which step of a campaign's life, from which status. Tried out, step by step, by config/tests/test_rights.py."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.rules.lifecycle import CAMPAIGN, EDITABLE, REVIEWED

# In words, as documents have them: the first that fits a person is theirs.
ROLES: Mapping[str, str] = {
    "a": "the A",
    "lead": "another lead of the department",
    "r": "who does an activity (R)",
    "concerned": "a lead of another department that has a part",
    "rule": "who approves by rule of the house",
    "c": "who is consulted (C)",
    "i": "who is told (I)",
    "administrator": "administrators",
    "stranger": "everybody else",
}
_STAYS = ""
_REVIEWERS = frozenset({"a", "lead", "concerned", "rule"})
_WRITERS = frozenset({"a", "lead", "r"})


@dataclass(frozen=True)
class Right:
    """A step from any of `sources` to `target` (empty = the status stays), for people in these roles; none = no person takes it.

    `but` limits it in words.
    """

    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    but: str = ""


def _of_machine(step: str, roles: frozenset[str], but: str = "") -> Right:
    return Right(CAMPAIGN[step].sources, CAMPAIGN[step].target, roles, but)


NOBODY: frozenset[str] = frozenset()
RIGHTS: Mapping[str, Right] = {
    "edit": Right(EDITABLE, _STAYS, _WRITERS | {"concerned"}, "the other department where it does an activity (R)"),
    "submit": _of_machine("submit", frozenset({"a"})),
    "approve": Right(REVIEWED, _STAYS, _REVIEWERS, "nobody a section that they wrote; the A may answer for it"),
    "ask for changes": Right(REVIEWED, _STAYS, _REVIEWERS, "of sections that they are asked about"),
    "comment": Right(REVIEWED, _STAYS, _REVIEWERS | {"c"}),
    "take a vote back": Right(frozenset({"submitted", "approved"}), _STAYS, _REVIEWERS, "their own"),
    "pause": _of_machine("pause", frozenset({"a"})),
    "resume": _of_machine("resume", frozenset({"a"}), "if it is approved as it is"),
    "give a draft up": Right(frozenset({"draft"}), "cancelled", _WRITERS | {"concerned"}),
    "cancel": Right(CAMPAIGN["cancel"].sources - {"draft"}, "cancelled", frozenset({"a"})),
    "become approved": _of_machine("approve", NOBODY, "with the last vote that was missing, never by time"),
    "lose the approval": _of_machine("void", NOBODY, "with a change of what was approved or of who must approve"),
    "go live": _of_machine("go_live", NOBODY, "on its first day, if everything is still agreed"),
    "end": _of_machine("end", NOBODY, "after its last day"),
}


def may(step: str, role: str, status: str) -> bool:
    """Whether a person in this role may take the step while the campaign has this status."""
    right = RIGHTS[step]
    return role in right.roles and status in right.sources
