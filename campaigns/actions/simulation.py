"""Trying a change: what an offer would collide with. Done, judged and undone again, so that nothing is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn

from django.db import transaction

from campaigns.actions.collisions.judging import CROWDS, as_rows, judge, judge_crowds, read_around
from campaigns.choices import CollisionState
from campaigns.models import Offer
from campaigns.queries.collisions import PLANNED
from campaigns.queries.crowds import rows_with
from campaigns.queries.neighbours import planned_offers
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.collisions import RULES
from campaigns.rules.collisions.facts import Plan
from campaigns.rules.collisions.findings import Finding
from campaigns.rules.severity import Severity
from customers.clock import local_day


@dataclass(frozen=True)
class Foreseen:
    """A collision that an offer would have. `others` are ids; `is_internal`: all offers are of one department.

    `is_new`: it does not have it now.
    """

    rule: str
    others: tuple[int, ...]
    starts_on: date
    ends_before: date
    products: int
    customers: int
    severity: Severity
    numbers: Mapping[str, Any]
    is_internal: bool
    is_new: bool


@dataclass(frozen=True)
class Simulation:
    """`foreseen` with the most severe first; `gone` are the stored collisions (ids) that it would no longer have."""

    foreseen: tuple[Foreseen, ...]
    gone: tuple[int, ...]


class _Undone(Exception):
    """Carries what was seen out of a transaction that is rolled back."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__()
        self.simulation = simulation


def _undo(simulation: Simulation) -> NoReturn:
    raise _Undone(simulation)


def simulate(change: Callable[[], Offer], *, now: datetime) -> Simulation:
    """What the offer that `change` plans or changes would collide with; `change` is an action with all its checks.

    An offer of a draft is tried as if its campaign were submitted.

    Raises:
        PermissionDenied, ValidationError: as `change` does.
    """
    try:
        with transaction.atomic():
            _undo(_judge(change(), now))
    except _Undone as undone:
        return undone.simulation


def _judge(offer: Offer, now: datetime) -> Simulation:
    settings, today = settings_of(), local_day(now)
    around = read_around([offer.pk], today=today, draft=offer.campaign)
    judged = [(around, list(judge(around, [rule for rule in RULES if rule.CODE not in CROWDS], settings)))]
    planned = planned_offers(today, PLANNED, draft=offer.campaign)
    for _rule, _crowd, plan, findings in judge_crowds([offer.pk], planned, settings, today=today):
        judged.append((plan, findings))
    stored = rows_with([offer.pk], *settings).filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
    known = {tuple(identity): pk for pk, *identity in stored.values_list("pk", "rule", "key", "offer_a", "offer_b")}
    foreseen = [
        _foreseen(one, offer, plan, settings, known)
        for plan, findings in judged
        for one in findings
        if isinstance(one, Finding) and offer.pk in one.offers
    ]
    kept = {identity for _one, identity in foreseen}
    return Simulation(
        tuple(
            sorted((one for one, _identity in foreseen), key=lambda one: (-one.severity.score, one.rule, one.others))
        ),
        tuple(sorted(pk for identity, pk in known.items() if identity not in kept)),
    )


def _foreseen(
    one: Finding, offer: Offer, plan: Plan, settings: Mapping[str, Setting], known: Mapping[Any, int]
) -> tuple[Foreseen, Any]:
    rows = as_rows([one], plan, settings, about=[offer.pk])
    identity = rows[0].identity if rows else None
    return (
        Foreseen(
            rule=one.rule,
            others=tuple(pk for pk in one.offers if pk != offer.pk),
            starts_on=one.starts_on,
            ends_before=one.ends_before,
            products=one.products,
            customers=one.customers,
            severity=one.severity,
            numbers=one.numbers,
            is_internal=not rows,
            is_new=identity not in known,
        ),
        identity,
    )
