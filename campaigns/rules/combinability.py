"""Whether two offers may be used together: what their owners say, what the company decided, and which stacks follow.

Combining is mutual and never passed on: that A goes with B and B with C says nothing of A with C. Stacks that can really
happen are the maximal cliques of who combines with whom.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the package of the rules imports the rules, and these import this module
    from campaigns.rules.collisions.facts import Offer, Plan, Terms

ITEM, ORDER, SHIPPING, POINTS, MESSAGE = CLASSES = ("item", "order", "shipping", "points", "message")
_OTHER_CLASSES = {"free_shipping": SHIPPING, "points": POINTS, "gift": MESSAGE, "message": MESSAGE}


def discount_class(terms: "Terms") -> str:
    """What the terms take something off, one of CLASSES; "" while no mechanic is stated."""
    if not terms.mechanic:
        return ""
    return _OTHER_CLASSES.get(terms.mechanic, ORDER if terms.applies_to == ORDER else ITEM)


def decision(plan: "Plan", one: "Offer", other: "Offer") -> str:
    """What was decided about these two: "allow", "deny" or "". It counts more than what either says of others."""
    return plan.combinations.get(frozenset((one.id, other.id)), "")


def excludes(one: "Offer", other: "Offer") -> bool:
    """Whether `one` is exclusive, to all or within its discount class, and that concerns `other`."""
    if one.stackable is False:
        return True
    kind = discount_class(one.terms)
    return one.only_one_of_its_kind and bool(kind) and kind == discount_class(other.terms)


def says(one: "Offer", other: "Offer") -> bool | None:
    """Whether the owner of `one` says that it combines with `other`; `None` = nothing said."""
    if excludes(one, other):
        return False
    if one.accepts:
        return other.combination_class in one.accepts
    return one.stackable


def accepts(plan: "Plan", one: "Offer", other: "Offer") -> bool:
    """Whether the till lets `other` join `one`, as far as `one` is concerned.

    Where its owner says nothing it does, unless the company keeps the two combination classes apart.
    """
    decided = decision(plan, one, other)
    if decided:
        return decided == "allow"
    said = says(one, other)
    return _policy(plan, one, other) != "deny" if said is None else said


def combinable(plan: "Plan", one: "Offer", other: "Offer") -> bool:
    return accepts(plan, one, other) and accepts(plan, other, one)


def declared(plan: "Plan", one: "Offer", other: "Offer") -> bool:
    """Whether it is said at all if they combine: decided for the two, said by both, or ruled out by one."""
    if decision(plan, one, other) or excludes(one, other) or excludes(other, one):
        return True
    return says(one, other) is not None and says(other, one) is not None


def cliques(members: Sequence[int], joined: Callable[[int, int], bool]) -> list[tuple[int, ...]]:
    """The maximal sets of members in which each is joined to each, sorted; a member joined to none stands alone.

    Bron and Kerbosch (1973) with a pivot. The number of cliques can grow as 3^(n/3): cut cells before asking.
    """
    near: dict[int, set[int]] = {one: set() for one in members}
    for one, other in combinations(near, 2):
        if joined(one, other):
            near[one].add(other)
            near[other].add(one)
    return sorted(_grow((), set(near), set(), near)) if near else []


def _grow(
    clique: tuple[int, ...], candidates: set[int], done: set[int], near: dict[int, set[int]]
) -> Iterator[tuple[int, ...]]:
    if not candidates and not done:
        yield tuple(sorted(clique))
        return
    pivot = max(candidates | done, key=lambda one: (len(near[one] & candidates), -one))
    for one in sorted(candidates - near[pivot]):
        yield from _grow((*clique, one), candidates & near[one], done & near[one], near)
        candidates = candidates - {one}
        done = done | {one}


def _policy(plan: "Plan", one: "Offer", other: "Offer") -> str:
    if one.combination_class is None or other.combination_class is None:
        return ""
    return plan.policy.get(frozenset((one.combination_class, other.combination_class)), "")
