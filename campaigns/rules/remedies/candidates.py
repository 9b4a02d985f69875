"""What could be done about a finding: for each lever and each of its offers the smallest change."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from math import ceil
from typing import Any

from campaigns.rules.collisions.facts import Numbers, Offer, Plan
from campaigns.rules.collisions.findings import Finding, Options, Rule
from campaigns.rules.prices import CENT
from campaigns.rules.remedies.changes import WITHDRAW, Remedy, moved
from campaigns.rules.remedies.trial import Trial

# Nobody moves an offer further than a year, and two offers that lie this far apart have nothing to do with each other.
MOST_DAYS, APART = 366, 91
# Beyond so many groups of like products, all shared ones are excluded together.
MOST_GROUPS = 60


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
    for days in range(1, min(most, MOST_DAYS) + 1):
        remedy = Remedy("shift_dates", side.id, {side.id: moved(side, way * days)}, days=way * days)
        if trial.clears(remedy):
            yield remedy
            return


def _exclude_products(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        disputed = trial.products(side)
        if disputed and trial.finding.products < len(disputed):
            disputed = _fewest(trial, side, disputed)
        if disputed and len(disputed) < len(side.products):
            yield _without_products(side, disputed)


def _without_products(side: Offer, products: Numbers) -> Remedy:
    return Remedy(
        "exclude_products", side.id, {side.id: {"products": side.products - products}}, products=len(products)
    )


def _fewest(trial: Trial, side: Offer, disputed: Numbers) -> Numbers:
    """Those of the disputed products that have to go; of products with one price and one cost all or none."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for number in disputed:
        product = trial.plan.products.get(number)
        groups[(product.price, product.cost) if product else None].append(number)
    if len(groups) > MOST_GROUPS:
        return disputed
    kind: Callable[[list[int]], Numbers] = type(disputed)
    for numbers in sorted(groups.values(), key=min):
        fewer = disputed - kind(numbers)
        if fewer and trial.clears(_without_products(side, fewer)):
            disputed = fewer
    return disputed


def _exclude_customers(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        disputed = trial.customers(side)
        if disputed and len(disputed) < len(side.customers):
            rest = side.customers - disputed
            yield Remedy("exclude_customers", side.id, {side.id: {"customers": rest}}, customers=len(disputed))


def _restrict_channel(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        named = [one.channels for one in trial.others(side) if one.channels]
        rest = side.channels - frozenset[int]().union(*named)
        if rest and len(named) == len(trial.others(side)):
            yield Remedy("restrict_channel", side.id, {side.id: {"channels": rest}})


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


def _cap_discount(trial: Trial) -> Iterator[Remedy]:
    """The largest discount that clears; each that is smaller is taken to clear too."""
    for side in trial.sides:
        steps, column, unit = _ladder(trial, side)
        yield from _largest(trial, side, steps, column, unit)


def _largest(trial: Trial, side: Offer, steps: range, column: str, unit: Decimal) -> Iterator[Remedy]:
    first = bisect_left(steps, x=True, key=lambda step: trial.clears(_capped(side, column, step * unit)))
    if first < len(steps):
        yield _capped(side, column, steps[first] * unit)


def _capped(side: Offer, column: str, value: Decimal) -> Remedy:
    fields: dict[str, Any] = {column: value}
    return Remedy("cap_discount", side.id, {side.id: {"terms": replace(side.terms, **fields)}})


def _ladder(trial: Trial, side: Offer) -> tuple[range, str, Decimal]:
    """Smaller and smaller discounts, in steps of a unit of the column: of whole percents or of cents."""
    terms = side.terms
    match terms.mechanic:
        case "percent" if terms.percent_off is not None:
            return range(ceil(terms.percent_off) - 1, 0, -1), "percent_off", Decimal(1)
        case "amount_off" if terms.amount_off is not None:
            return range(int(terms.amount_off / CENT) - 1, 0, -1), "amount_off", CENT
        case "fixed_price" if terms.fixed_price is not None:
            known = (trial.plan.products.get(number) for number in trial.products(side))
            dearest = max((one.price for one in known if one is not None and one.price is not None), default=CENT)
            return range(int(terms.fixed_price / CENT) + 1, int(dearest / CENT)), "fixed_price", CENT
    return range(0), "", CENT


def _change_reference_price(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        fields = {"reference_price": None, "reference_price_policy": "lowest_30d"}
        yield Remedy("change_reference_price", side.id, {side.id: fields})


def _withdraw(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        yield Remedy(WITHDRAW, side.id, customers=len(side.customers), products=len(side.products))


_LEVERS: Mapping[str, Callable[[Trial], Iterator[Remedy]]] = {
    "shift_dates": _shift_dates,
    "exclude_products": _exclude_products,
    "exclude_customers": _exclude_customers,
    "restrict_channel": _restrict_channel,
    "declare_combinable": _declare_combinable,
    "declare_exclusive": _declare_exclusive,
    "set_priority": _set_priority,
    "cap_discount": _cap_discount,
    "change_reference_price": _change_reference_price,
    WITHDRAW: _withdraw,
}
