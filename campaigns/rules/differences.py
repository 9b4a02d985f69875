"""What differs between two versions of a plan, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.rules.sections import BRIEF

# {section: content}: a brief is {field: value}, offers are {code: {field: value}}.
Sections = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Difference:
    """`offer` is a code, empty for the brief. Of lists `before` has what was taken out and `after` what was added.

    `field` is empty where a whole offer came (`before` None) or went (`after` None).
    """

    section: str
    offer: str
    field: str
    before: Any
    after: Any


def differences(before: Sections, after: Sections) -> list[Difference]:
    """In the order of the later version, what only the earlier one had last."""
    return [one for section in {**after, **before} for one in _of_section(section, before, after)]


def _of_section(section: str, before: Sections, after: Sections) -> Iterator[Difference]:
    old, new = before.get(section, {}), after.get(section, {})
    if section == BRIEF:
        yield from _of_fields(section, "", old, new)
        return
    for code in {**new, **old}:
        if code in old and code in new:
            yield from _of_fields(section, code, old[code], new[code])
        else:
            yield Difference(section, code, "", old.get(code), new.get(code))


def _of_fields(section: str, offer: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in {**new, **old}:
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        if isinstance(was or [], list) and isinstance(now or [], list):
            was, now = was or [], now or []
            was, now = [one for one in was if one not in now], [one for one in now if one not in was]
        yield Difference(section, offer, name, was, now)
