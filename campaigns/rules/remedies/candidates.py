"""What could be done about a finding: for each lever and each of its offers the smallest change."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from campaigns.rules.collisions.facts import Offer, Plan
from campaigns.rules.collisions.findings import Finding, Options, Rule
from campaigns.rules.remedies import promises, reach, resources
from campaigns.rules.remedies.changes import WITHDRAW, Remedy, moved
from campaigns.rules.remedies.trial import Trial

# Nobody moves an offer further than a year, and two offers that lie this far apart have nothing to do with each other.
MOST_DAYS, APART = 366, 91
# So many days are tried of all offers together: one of many rarely has to move far, and trying takes long.
MOST_TRIES = 2 * MOST_DAYS


def candidates(plan: Plan, finding: Finding, rule: Rule, options: Options) -> list[Remedy]:
    """Remedies that clear the finding where only its own offers are looked at, in the order of its levers.

    `options` are those of `rule`, which is the one that made the finding.
    """
    trial = Trial(plan, finding, rule, options)
    tried = (one for lever in finding.levers if lever in _LEVERS for one in _LEVERS[lever](trial))
    return [one for one in tried if trial.clears(one)]


def _shift_dates(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        if side.starts_on < trial.plan.today:
            continue  # it runs already
        others = trial.others(side)
        later = max((one.ends_before - side.starts_on).days for one in others) + APART
        earlier = max((side.ends_before - one.starts_on).days for one in others) + APART
        yield from _least_shift(trial, side, -1, min(earlier, (side.starts_on - trial.plan.today).days))
        yield from _least_shift(trial, side, 1, later)


def _least_shift(trial: Trial, side: Offer, way: int, most: int) -> Iterator[Remedy]:
    for days in range(1, min(most, MOST_TRIES // len(trial.members)) + 1):
        remedy = Remedy("shift_dates", side.id, {side.id: moved(side, way * days)}, days=way * days)
        if trial.clears(remedy):
            yield remedy
            return


def _declare_combinable(trial: Trial) -> Iterator[Remedy]:
    pairs = combinations(sorted(one.id for one in trial.members), 2)
    decisions = {frozenset(pair): "allow" for pair in pairs}
    yield Remedy("declare_combinable", trial.sides[0].id, decisions=decisions)


def _declare_exclusive(trial: Trial) -> Iterator[Remedy]:
    """One pair that does not combine is enough to break a stack."""
    for one, other in combinations([side.id for side in trial.sides], 2):
        yield Remedy("declare_exclusive", one, decisions={frozenset((one, other)): "deny"})


def _set_priority(trial: Trial) -> Iterator[Remedy]:
    """`offer` goes behind the others at the till, who get a priority if they have none."""
    for side in trial.sides:
        others = trial.others(side)
        known = [one.priority for one in others if one.priority is not None]
        last = max(known, default=1)
        changes: dict[int, Mapping[str, Any]] = {one.id: {"priority": last} for one in others if one.priority is None}
        changes[side.id] = {"priority": last + 1}
        yield Remedy("set_priority", side.id, changes)


def _withdraw(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        yield Remedy(WITHDRAW, side.id, customers=len(side.customers), products=len(side.products))


_LEVERS: Mapping[str, Callable[[Trial], Iterator[Remedy]]] = {
    "shift_dates": _shift_dates,
    "exclude_products": reach.exclude_products,
    "exclude_customers": reach.exclude_customers,
    "restrict_channel": reach.restrict_channel,
    "declare_combinable": _declare_combinable,
    "declare_exclusive": _declare_exclusive,
    "set_priority": _set_priority,
    "cap_discount": promises.cap_discount,
    "align_terms": promises.align_terms,
    "change_reference_price": promises.change_reference_price,
    "rename_code": promises.rename_code,
    "rewrite_message": promises.rewrite_message,
    "swap_placement": resources.swap_placement,
    "add_funding": resources.add_funding,
    "reduce_draw": resources.reduce_draw,
    "reduce_quantity": resources.reduce_quantity,
    WITHDRAW: _withdraw,
}
LEVERS = frozenset(_LEVERS)
