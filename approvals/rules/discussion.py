"""Who speaks in the discussion of a campaign, and whom a text mentions."""

import re
from dataclasses import dataclass, field

# A @ inside an address of e-mail or a longer word mentions nobody.
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]+)")
# What ends a sentence ends no name, though names may hold it.
_ENDS = ".+-@"


@dataclass(frozen=True)
class Standing:
    """What one person is to one campaign. `letters` are "R", "A", "C", "I" in any activity, alone or by department.

    `is_member`: of the department that owns the campaign, or one of its offers. `mediates`: a case of the campaign.
    """

    letters: frozenset[str] = field(default=frozenset())
    is_member: bool = False
    is_contact: bool = False
    mediates: bool = False


def may_speak(standing: Standing) -> bool:
    """C gives an opinion before, I is told: whoever merely has an I reads, as administrators do."""
    return standing.is_member or standing.is_contact or standing.mediates or bool(standing.letters & {"R", "A", "C"})


def mentioned(text: str) -> list[str]:
    """The names after a @, each once, in their order; without the full stop of a sentence."""
    names = [found.rstrip(_ENDS) for found in _MENTION.findall(text)]
    return list(dict.fromkeys(filter(None, names)))
