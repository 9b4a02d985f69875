"""What the rules say of a plan after a remedy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from campaigns.rules.collisions.facts import Plan
from campaigns.rules.collisions.findings import Finding, Options, Rule
from campaigns.rules.remedies.candidates import candidates
from campaigns.rules.remedies.changes import Remedy, apply
from campaigns.rules.remedies.traces import identity, is_left
from campaigns.rules.severity import has_risen

# Offers that come as near as this to one that moved may have something to do with it: no rule looks further.
NEAR = timedelta(days=90)


@dataclass(frozen=True)
class Checked:
    """`new` are findings that the remedy causes, or makes more severe."""

    clears: bool
    new: tuple[Finding, ...]


def check(
    plan: Plan, finding: Finding, remedy: Remedy, rules: Sequence[Rule], options: Mapping[str, Options]
) -> Checked:
    """Run `rules` before and after; `options` are those of each rule, by its code.

    Only pairs around the offers that change are looked at, and every offer of the plan may be a third party.
    """
    ((_remedy, checked),) = _check_all(plan, finding, [remedy], rules, options)
    return checked


def clearing(
    plan: Plan, finding: Finding, rules: Sequence[Rule], options: Mapping[str, Options]
) -> list[tuple[Remedy, Checked]]:
    """The candidates that clear the finding, the ones that cause the fewest new findings first."""
    rule = next(one for one in rules if finding.rule == one.CODE)
    tried = _check_all(plan, finding, candidates(plan, finding, rule, options[rule.CODE]), rules, options)
    return sorted((pair for pair in tried if pair[1].clears), key=lambda pair: len(pair[1].new))


def _check_all(
    plan: Plan, finding: Finding, remedies: Sequence[Remedy], rules: Sequence[Rule], options: Mapping[str, Options]
) -> Iterator[tuple[Remedy, Checked]]:
    """What was found before is the same for all of them, and asked once."""
    stage = _around(plan, remedies)
    before = {identity(one): one for one in _findings(stage, rules, options)} if remedies else {}
    for remedy in remedies:
        after = list(_findings(apply(stage, remedy), rules, options))
        new = [one for one in after if _is_caused(one, before.get(identity(one)), remedy)]
        yield remedy, Checked(not is_left(finding, after, before), tuple(new))


def _findings(plan: Plan, rules: Sequence[Rule], options: Mapping[str, Options]) -> Iterator[Finding]:
    for rule in rules:
        yield from (one for one in rule.find(plan, options[rule.CODE]) if isinstance(one, Finding))


def _is_caused(after: Finding, before: Finding | None, remedy: Remedy) -> bool:
    if remedy.touched.isdisjoint(after.offers):
        return False
    return before is None or has_risen(after.severity.level, before.severity.level)


def _around(plan: Plan, remedies: Sequence[Remedy]) -> Plan:
    """The plan with the pairs among the offers that change and all that these have to do with, before or after."""
    pairs = {_ordered(*pair) for pair in plan.pairs}
    touched: set[int] = set()
    for remedy in remedies:
        touched |= remedy.touched
        if remedy.days:
            pairs |= {_ordered(remedy.offer, other) for other in _near(apply(plan, remedy), remedy.offer)}
    known = {one for pair in pairs if not touched.isdisjoint(pair) for one in pair}
    return replace(plan, pairs=sorted(pair for pair in pairs if known.issuperset(pair)), kept={})


def _ordered(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _near(plan: Plan, number: int) -> Iterator[int]:
    mine = plan.offers[number]
    for one in plan.offers.values():
        if one.id != number and one.starts_on < mine.ends_before + NEAR and mine.starts_on < one.ends_before + NEAR:
            yield one.id
