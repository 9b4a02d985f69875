"""A finding on a small stage: its own offers, on which hundreds of changes can be tried."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from campaigns.rules.collisions import holdout_contamination, protected_scope
from campaigns.rules.collisions.facts import Numbers, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Options, Rule
from campaigns.rules.remedies.changes import Remedy, apply
from campaigns.rules.remedies.traces import Identity, identity, is_left


@dataclass(frozen=True)
class Trial:
    """`plan` is the whole one, `options` those of the finding's rule."""

    plan: Plan
    finding: Finding
    rule: Rule
    options: Options

    @cached_property
    def members(self) -> list[Offer]:
        return [self.plan.offers[one] for one in self.finding.offers]

    @cached_property
    def sides(self) -> list[Offer]:
        """The offers that can give way, in the order of their codes; who keeps to a protection need not."""
        if self.finding.rule == protected_scope.CODE:
            return [self.plan.offers[protected_scope.parties(self.finding)[0]]]
        return sorted(self.members, key=lambda one: one.code)

    @cached_property
    def stage(self) -> Plan:
        """The plan with the finding's offers alone, or with all of them if it takes others to show the finding."""
        offers = {one.id: one for one in self.members}
        small = replace(self.plan, offers=offers, pairs=list(combinations(self.finding.offers, 2)), kept={})
        if identity(self.finding) in self._found(small):
            return small
        mine = set(self.finding.offers)
        near = mine | {one for pair in self.plan.pairs if not mine.isdisjoint(pair) for one in pair}
        return replace(self.plan, pairs=[pair for pair in self.plan.pairs if near.issuperset(pair)], kept={})

    @cached_property
    def before(self) -> set[Identity]:
        return self._found(self.stage)

    def clears(self, remedy: Remedy) -> bool:
        after = self.rule.find(apply(self.stage, remedy), self.options)
        return not is_left(self.finding, (one for one in after if isinstance(one, Finding)), self.before)

    def _found(self, plan: Plan) -> set[Identity]:
        return {identity(one) for one in self.rule.find(plan, self.options) if isinstance(one, Finding)}

    def others(self, side: Offer) -> list[Offer]:
        return [one for one in self.members if one.id != side.id]

    def products(self, side: Offer) -> Numbers:
        """Those of `side` that the finding is about."""
        if self.finding.rule == protected_scope.CODE:
            number = protected_scope.parties(self.finding)[1]
            return side.products & next(one.products for one in self.plan.protected if one.id == number)
        return _in_common(side.products, [one.products for one in self.others(side)])

    def customers(self, side: Offer) -> Numbers:
        """Those of `side` that the finding is about."""
        if self.finding.rule == holdout_contamination.CODE:
            tested = self.plan.offers[int(self.finding.key)]
            return holdout_contamination.contaminated(tested, side)
        return _in_common(side.customers, [one.customers for one in self.others(side)])


def _in_common(mine: Numbers, theirs: Sequence[Numbers]) -> Numbers:
    """What all have; if that is nothing, what any two do."""
    by_all, by_some = mine, [mine & one for one in theirs]
    for one in by_some:
        by_all = by_all & one
    if by_all or not by_some:
        return by_all
    some = by_some[0]
    for one in by_some[1:]:
        some = some | one
    return some
