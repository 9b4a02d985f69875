"""Remedies about what offers share and use up: placements, funds, stock."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from campaigns.rules.collisions import competing_recommendation
from campaigns.rules.collisions.facts import Booking, Offer, Placement
from campaigns.rules.remedies.changes import Remedy
from campaigns.rules.remedies.trial import Trial


def swap_placement(trial: Trial) -> Iterator[Remedy]:
    """Another placement that is free on these days, on the same page if there is one."""
    recommends = trial.finding.rule == competing_recommendation.CODE
    for side in trial.sides:
        tried = _recommended_elsewhere(trial, side) if recommends else _booked_elsewhere(trial, side)
        found = next((one for one in tried if trial.clears(one)), None)
        if found is not None:
            yield found


def _booked_elsewhere(trial: Trial, side: Offer) -> Iterator[Remedy]:
    placements = trial.plan.placements
    disputed = [
        one for one in side.bookings if trial.finding.key in (str(one.placement), placements[one.placement].page)
    ]
    taken = [one for other in trial.plan.offers.values() if other.id != side.id for one in other.bookings]
    for place in _nearest(trial, {one.placement for one in disputed}):
        if not any(one.placement == place.id and _meet(one, mine) for one in taken for mine in disputed):
            bookings = tuple(replace(one, placement=place.id) if one in disputed else one for one in side.bookings)
            yield Remedy("swap_placement", side.id, {side.id: {"bookings": bookings}})


def _recommended_elsewhere(trial: Trial, side: Offer) -> Iterator[Remedy]:
    taken = {
        one.recommendation_placement
        for one in trial.plan.offers.values()
        if one.id != side.id and one.starts_on < side.ends_before and side.starts_on < one.ends_before
    }
    for place in _nearest(trial, {side.recommendation_placement}):
        if place.id not in taken:
            yield Remedy("swap_placement", side.id, {side.id: {"recommendation_placement": place.id}})


def _nearest(trial: Trial, mine: set[Any]) -> list[Placement]:
    """All other placements, those on the same page first, those with the same number of slots before others."""
    placements = trial.plan.placements
    pages = {placements[one].page for one in mine if one in placements}
    slots = {placements[one].slots for one in mine if one in placements}
    others = [one for one in placements.values() if one.id not in mine]
    return sorted(others, key=lambda one: (one.page not in pages, one.slots not in slots, one.name, one.id))


def _meet(one: Booking, other: Booking) -> bool:
    return one.starts_on < other.ends_before and other.starts_on < one.ends_before


def add_funding(trial: Trial) -> Iterator[Remedy]:
    fund = int(trial.finding.key)
    if missing := _missing(trial, fund):
        yield Remedy("add_funding", trial.sides[0].id, funds={fund: missing})


def reduce_draw(trial: Trial) -> Iterator[Remedy]:
    """One offer takes less out of the fund, by all that is missing."""
    fund = int(trial.finding.key)
    missing = _missing(trial, fund)
    for side in trial.sides:
        drawn = sum((one.amount for one in side.draws if one.fund == fund), Decimal(0))
        if drawn > missing:
            rest = [one for one in side.draws if one.fund != fund]
            first = next(one for one in side.draws if one.fund == fund)
            draws = (*rest, replace(first, amount=drawn - missing))
            yield Remedy("reduce_draw", side.id, {side.id: {"draws": draws}})


def _missing(trial: Trial, fund: int) -> Decimal:
    drawn = (one.amount for offer in trial.members for one in offer.draws if one.fund == fund)
    return sum(drawn, Decimal(0)) - trial.plan.funds[fund].available


def reduce_quantity(trial: Trial) -> Iterator[Remedy]:
    """The most units for which stock is left; if so many are enough, fewer are too."""
    for side in trial.sides:
        steps = range((side.expected_units or 0) - 1, 0, -1)
        first = bisect_left(steps, x=True, key=partial(_is_enough, trial, side))
        if first < len(steps):
            yield _fewer(side, steps[first])


def _is_enough(trial: Trial, side: Offer, units: int) -> bool:
    return trial.clears(_fewer(side, units))


def _fewer(side: Offer, units: int) -> Remedy:
    return Remedy("reduce_quantity", side.id, {side.id: {"expected_units": units}})
