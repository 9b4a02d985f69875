"""Whose approval a plan needs, and which of it is still missing. People are ids, sections as in campaigns.rules.sections.

Two things are asked of every plan. Those whom it concerns *agree*: the A to all of it (who submits agrees), each other
department to the brief and to its own offers, who answers for an activity to the brief, and whoever a rule of the house
names. And each section is *read* by people who did not write it: one, and one more for each rule that the plan exceeds.
A vote of somebody who did not write the section counts for both; nobody's own writing is approved by themselves.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.rules.sections import BRIEF, department_of, offers_section

ALWAYS, AUDIENCE, BUDGET, DISCOUNT = "always", "audience", "budget", "discount"
APPROVE, CHANGES, COMMENT = "approve", "changes", "comment"
# The part of a vote that is given by somebody who did not write the section.
READER = "reader"


@dataclass(frozen=True)
class Rule:
    """Where `measure` of a plan is above `above`, `approver` agrees to all of it. `department` None = of every department."""

    key: str
    measure: str
    above: Decimal
    approver: int
    department: str | None = None


@dataclass(frozen=True)
class Plan:
    """What decides who is asked.

    `sections` are {section: hash}, `leads` the leads of each department by its code, `concerned` the departments other
    than the owner that have offers in the plan or do something (R) in it, `activities` who answers for single ones.
    `authors` are those who wrote in a section since it was last approved. `audience` counts customers, `discount` is in
    percent; None = there is none.
    """

    department: str
    sections: Mapping[str, str]
    accountable: int | None
    concerned: Collection[str] = ()
    activities: Collection[int] = ()
    leads: Mapping[str, Collection[int]] = field(default_factory=dict)
    authors: Mapping[str, Collection[int]] = field(default_factory=dict)
    audience: int | None = None
    budget: Decimal | None = None
    discount: Decimal | None = None


@dataclass(frozen=True)
class Requirement:
    """`people` (any of them) must agree to each of `sections`. `key` names it and is kept with each vote.

    `kind` is "accountable", "department", "activity" or "rule"; `subject` the code of the department or of the rule.
    """

    key: str
    kind: str
    sections: tuple[str, ...]
    people: frozenset[int]
    subject: str = ""


@dataclass(frozen=True)
class Vote:
    """A vote that stands. `stands_for` is who was absent, or the voter; `parts` are the keys of requirements it was given for.

    `section` and `is_current`: whether it was given for what the section says now.
    """

    voter: int
    section: str
    decision: str
    parts: Collection[str]
    is_current: bool = True


@dataclass(frozen=True)
class Missing:
    """Of a requirement the sections that nobody agreed to yet."""

    requirement: Requirement
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """How far the approval of a plan is.

    `missing` are agreements that lack, `unread` {section: approvals by others than its authors that it still needs},
    `objections` the sections for which somebody asked for changes.
    """

    requirements: tuple[Requirement, ...]
    needed: int
    missing: tuple[Missing, ...]
    unread: Mapping[str, int]
    objections: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.unread and not self.objections


def exceeded(plan: Plan, rules: Sequence[Rule]) -> list[Rule]:
    """Of the house's rules those that this plan comes under."""
    measured: Mapping[str, Decimal | int | None] = {
        AUDIENCE: plan.audience,
        BUDGET: plan.budget,
        DISCOUNT: plan.discount,
    }
    found = []
    for rule in rules:
        if rule.department not in (None, plan.department):
            continue
        value = measured.get(rule.measure)
        if rule.measure == ALWAYS or (value is not None and value > rule.above):
            found.append(rule)
    return found


def requirements(plan: Plan, rules: Sequence[Rule]) -> tuple[Requirement, ...]:
    """Who must agree to what, the A first."""
    everything = tuple(plan.sections)
    a = frozenset(() if plan.accountable is None else (plan.accountable,))
    found = [Requirement(f"accountable:{plan.accountable}", "accountable", everything, a)]
    for department in sorted(set(plan.concerned) - {plan.department}):
        own = offers_section(department)
        sections = (BRIEF, own) if own in plan.sections else (BRIEF,)
        people = frozenset(plan.leads.get(department, ()))
        found.append(Requirement(f"department:{department}", "department", sections, people, department))
    found += [
        Requirement(f"activity:{person}", "activity", (BRIEF,), frozenset((person,)))
        for person in sorted(set(plan.activities) - {plan.accountable})
    ]
    found += [
        Requirement(f"rule:{rule.key}", "rule", everything, frozenset((rule.approver,)), rule.key)
        for rule in exceeded(plan, rules)
        if rule.approver != plan.accountable
    ]
    return tuple(found)


def approvals_needed(plan: Plan, rules: Sequence[Rule]) -> int:
    """How many people who did not write it approve each section."""
    return 1 + sum(rule.measure != ALWAYS for rule in exceeded(plan, rules))


def readers_of(plan: Plan, rules: Sequence[Rule], section: str) -> set[int]:
    """Who can approve a section as somebody who did not write it: all who are asked to agree, and the leads of its departments."""
    asked = {person for one in requirements(plan, rules) if section in one.sections for person in one.people}
    asked.update(plan.leads.get(plan.department, ()))
    if department := department_of(section):
        asked.update(plan.leads.get(department, ()))
    return asked - set(plan.authors.get(section, ()))


def everybody_asked(plan: Plan, rules: Sequence[Rule]) -> set[int]:
    """Whoever can agree to something or read something."""
    people = {person for one in requirements(plan, rules) for person in one.people}
    return people.union(*(readers_of(plan, rules, section) for section in plan.sections))


def standing(plan: Plan, rules: Sequence[Rule], votes: Sequence[Vote]) -> Standing:
    """What the votes that stand have brought so far."""
    current = [vote for vote in votes if vote.is_current and vote.section in plan.sections]
    wanted = requirements(plan, rules)
    given = {(part, vote.section) for vote in current if vote.decision == APPROVE for part in vote.parts}
    missing = [
        Missing(one, lacks)
        for one in wanted
        if (lacks := tuple(section for section in one.sections if (one.key, section) not in given))
    ]
    needed = approvals_needed(plan, rules)
    unread = {}
    for section in plan.sections:
        others = {
            vote.voter
            for vote in current
            if vote.section == section and vote.decision == APPROVE and READER in vote.parts
        } - set(plan.authors.get(section, ()))
        if len(others) < needed:
            unread[section] = needed - len(others)
    objections = tuple(
        section
        for section in plan.sections
        if any(vote.section == section and vote.decision == CHANGES for vote in current)
    )
    return Standing(wanted, needed, tuple(missing), unread, objections)


def parts_of(plan: Plan, rules: Sequence[Rule], section: str, people: Sequence[int]) -> tuple[str, ...]:
    """In which parts somebody speaks about a section: keys of requirements, and READER. Empty = they are not asked.

    `people` are who votes, first, and for whom they stand in. Who wrote the section themselves is no reader of it, for
    whomever they stand in.
    """
    voter, mine = people[0], set(people)
    parts = [one.key for one in requirements(plan, rules) if section in one.sections and mine & one.people]
    if mine & readers_of(plan, rules, section) and voter not in plan.authors.get(section, ()):
        parts.append(READER)
    return tuple(parts)


def deadlocks(plan: Plan, rules: Sequence[Rule], active: Collection[int]) -> list[tuple[str, str]]:
    """What nobody could ever approve: (key of a requirement, ""), or (READER, section) where too few are left.

    `active` are the people who can sign in.
    """
    found = [(one.key, "") for one in requirements(plan, rules) if not one.people & set(active)]
    needed = approvals_needed(plan, rules)
    return found + [
        (READER, section) for section in plan.sections if len(readers_of(plan, rules, section) & set(active)) < needed
    ]
