"""Remedies that give up reach: some products, some customers, some channels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from campaigns.rules.collisions.facts import NOBODY, Group, Numbers, Offer
from campaigns.rules.remedies.changes import Remedy
from campaigns.rules.remedies.trial import Trial

# Beyond so many groups of like products, all shared ones are excluded together.
MOST_GROUPS = 60


def exclude_products(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        disputed = trial.products(side)
        if disputed and trial.finding.products < len(disputed):
            disputed = _fewest(trial, side, disputed)
        if disputed and len(disputed) < len(side.products):
            yield _without_products(side, disputed)


def _without_products(side: Offer, products: Numbers) -> Remedy:
    fields = {"products": side.products - products}
    return Remedy("exclude_products", side.id, {side.id: fields}, products=len(products))


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


def exclude_customers(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        disputed = trial.customers(side)
        if disputed and len(disputed) < len(side.customers):
            groups = trial.plan.groups
            remedy = _without_customers(side, disputed) if groups is None else _without_groups(trial, side, groups)
            if remedy.customers < len(side.customers):
                yield remedy


def _without_customers(side: Offer, customers: Numbers, groups: Numbers = NOBODY) -> Remedy:
    gone = len(side.customers & customers)
    fields = {"customers": side.customers - customers}
    return Remedy("exclude_customers", side.id, {side.id: fields}, customers=gone, groups=groups)


def _without_groups(trial: Trial, side: Offer, groups: Mapping[int, Sequence[Group]]) -> Remedy:
    """Without the fewest of the groups that make up the others: of each group all customers go."""
    known = {group.id: group for one in trial.others(side) for group in groups.get(one.id, ())}
    chosen = sorted(known.values(), key=lambda one: (-len(one.customers & side.customers), one.id))
    for group in tuple(chosen):
        fewer = [one for one in chosen if one is not group]
        if fewer and trial.clears(_without_all(side, fewer)):
            chosen = fewer
    return _without_all(side, chosen)


def _without_all(side: Offer, groups: Iterable[Group]) -> Remedy:
    customers = side.customers - side.customers
    for group in groups:
        customers = customers | group.customers
    return _without_customers(side, customers, frozenset(group.id for group in groups))


def restrict_channel(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        named = [one.channels for one in trial.others(side) if one.channels]
        rest = side.channels - frozenset[int]().union(*named)
        if rest and len(named) == len(trial.others(side)):
            fields: dict[str, Any] = {"channels": rest}
            terms = tuple(one for one in side.channel_terms if one.channel in rest)
            if len(terms) < len(side.channel_terms):
                fields["channel_terms"] = terms
            yield Remedy("restrict_channel", side.id, {side.id: fields})
