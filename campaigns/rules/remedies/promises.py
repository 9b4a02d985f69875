"""Remedies that change what an offer promises: its terms, its conditions, its code, its claims."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import Any

from campaigns.rules.codes import likeness
from campaigns.rules.collisions import claim_contradiction
from campaigns.rules.collisions.facts import Claim, Offer
from campaigns.rules.prices import CENT
from campaigns.rules.remedies.changes import Remedy
from campaigns.rules.remedies.trial import Trial

# A coupon code has at most so many characters.
LONGEST_CODE = 32


def cap_discount(trial: Trial) -> Iterator[Remedy]:
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


def change_reference_price(trial: Trial) -> Iterator[Remedy]:
    for side in trial.sides:
        fields = {"reference_price": None, "reference_price_policy": "lowest_30d"}
        yield Remedy("change_reference_price", side.id, {side.id: fields})


def align_terms(trial: Trial) -> Iterator[Remedy]:
    """`offer` takes over from another one of the finding as little as clears."""
    for side in trial.sides:
        steps = (fields for other in trial.others(side) for fields in _more_and_more_alike(side, other))
        tried = (Remedy("align_terms", side.id, {side.id: fields}) for fields in steps if fields)
        yield from _first(trial, tried)


def _more_and_more_alike(side: Offer, other: Offer) -> Iterator[dict[str, Any]]:
    if other.discount_base != side.discount_base:
        yield {"discount_base": other.discount_base or side.discount_base}
    yield _like_conditions(side, other)
    if side.channel_terms:
        yield {"channel_terms": ()}
    if other.terms != side.terms and other.terms.mechanic:
        yield {"terms": other.terms}
        if side.channel_terms:
            yield {"terms": other.terms, "channel_terms": ()}


def _like_conditions(side: Offer, other: Offer) -> dict[str, Any]:
    """Conditions that both state, the other's last day if it is earlier; nobody gets another one's code."""
    fields: dict[str, Any] = {}
    conditions = {key: other.conditions.get(key, text) for key, text in side.conditions.items()}
    if conditions != side.conditions:
        fields["conditions"] = conditions
    if None not in (side.stackable, other.stackable) and side.stackable != other.stackable:
        fields["stackable"] = other.stackable
    if side.starts_on < other.ends_before < side.ends_before:
        fields["ends_before"] = other.ends_before
    if side.redemption_code and not other.redemption_code:
        fields["redemption_code"] = ""
    return fields


def rewrite_message(trial: Trial) -> Iterator[Remedy]:
    """The claim that is untrue goes, or all of its kind do; prices of single channels are said to hold there alone."""
    for side in trial.sides:
        yield from _first(trial, _rewritten(trial, side))


def _rewritten(trial: Trial, side: Offer) -> Iterator[Remedy]:
    if trial.finding.rule == claim_contradiction.CODE:
        kind = trial.finding.key.partition(":")[2]
        of_kind = [one for one in side.claims if one.kind == kind]
        for gone in [[one] for one in of_kind] + [of_kind]:
            yield _without_claims(side, gone)
    elif side.channel_terms:
        terms = tuple(replace(one, is_exclusive=True) for one in side.channel_terms)
        yield Remedy("rewrite_message", side.id, {side.id: {"channel_terms": terms}})


def _without_claims(side: Offer, gone: Sequence[Claim]) -> Remedy:
    rest = tuple(one for one in side.claims if not any(one is claim for claim in gone))
    return Remedy("rewrite_message", side.id, {side.id: {"claims": rest}})


def rename_code(trial: Trial) -> Iterator[Remedy]:
    """The code with the first day behind it, or a number: whatever nobody mistakes for another one of the plan."""
    taken = {one.id: one.redemption_code for one in trial.plan.offers.values() if one.redemption_code}
    for side in (one for one in trial.sides if one.redemption_code):
        others = [code for number, code in taken.items() if number != side.id]
        tried = (
            Remedy("rename_code", side.id, {side.id: {"redemption_code": code}})
            for code in _codes_like(side)
            if not any(likeness(code, other) for other in others)
        )
        yield from _first(trial, tried)


def _codes_like(side: Offer) -> Iterator[str]:
    for end in (
        f"{side.starts_on:%m%d}",
        f"{side.starts_on:%y%m%d}",
        *(f"-{number}" for number in range(23, 100, 11)),
    ):
        yield side.redemption_code[: LONGEST_CODE - len(end)] + end


def _first(trial: Trial, tried: Iterator[Remedy]) -> Iterator[Remedy]:
    found = next((one for one in tried if trial.clears(one)), None)
    if found is not None:
        yield found
