"""Transition tables: which step leads from which states to which."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """A step of a state machine, allowed from any state in `sources`."""

    sources: frozenset[str]
    target: str


class IllegalTransition(Exception):
    """The thing is not in a state from which this step leads."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"{name} is not possible from {state}")
        self.name, self.state = name, state


def target_of(table: Mapping[str, Transition], name: str, state: str) -> str:
    """The state that step `name` leads to from `state`.

    Raises:
        IllegalTransition: `state` is not a source of the step.
    """
    transition = table[name]
    if state not in transition.sources:
        raise IllegalTransition(name, state)
    return transition.target
