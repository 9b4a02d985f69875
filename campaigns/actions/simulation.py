"""Trying a change: what an offer would collide with. Done, judged and undone again, so that nothing is written."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import NoReturn

from django.db import transaction

from campaigns.actions.collisions.judging import as_rows
from campaigns.actions.collisions.rows import Identity
from campaigns.choices import CampaignStatus, CollisionState, Level
from campaigns.models import Offer
from campaigns.queries.collisions import overlaps_of
from campaigns.queries.crowds import rows_with
from campaigns.queries.explanation import NOBODY, Reader
from campaigns.queries.foresight import Foreseen, foreseen, foreseen_overlap, said_of
from campaigns.queries.listing import more_than_notes
from campaigns.queries.rule_settings import settings_of
from campaigns.queries.self_checks import checks_of
from campaigns.queries.what_if import Hit, Simulation
from campaigns.rules.collisions import overlap
from campaigns.rules.collisions.findings import Finding
from customers.clock import local_day


class _Undone(Exception):
    """Carries what was seen out of a transaction that is rolled back."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__()
        self.simulation = simulation


def _undo(simulation: Simulation) -> NoReturn:
    raise _Undone(simulation)


def simulate(change: Callable[[], Offer], *, now: datetime, reader: Reader = NOBODY) -> Simulation:
    """What the offer that `change` plans or changes would collide with, and its self-checks in the words for `reader`.

    `change` is an action with all its checks; but for the self-checks, which are told instead (`confirmed=None`). An
    offer of a draft is tried as if its campaign were submitted.

    Raises:
        PermissionDenied, ValidationError: as `change` does.
    """
    try:
        with transaction.atomic():
            _undo(_judge(change().pk, reader, now))
    except _Undone as undone:
        return undone.simulation


def _judge(pk: int, reader: Reader, now: datetime) -> Simulation:
    # Read again: what belongs to an offer is written beside it.
    offer = Offer.objects.select_related("department", "campaign").get(pk=pk)
    today = local_day(now)
    rows = more_than_notes(rows_with([pk], *settings_of()))
    stored = rows.filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
    columns = ("pk", "rule", "key", "offer_a", "offer_b")
    known = {tuple(identity): row for row, *identity in stored.values_list(*columns)}
    found = list(_found(offer, today))
    is_draft = offer.campaign.status == CampaignStatus.DRAFT
    hits = [
        Hit(one, None if is_draft or identity is None else identity not in known, is_internal=identity is None)
        for one, identity in found
        if one.level != Level.NOTE
    ]
    kept = {identity for _one, identity in found}
    return Simulation(
        offer,
        tuple(sorted(hits, key=lambda hit: hit.found.rank)),
        tuple(sorted(row for identity, row in known.items() if identity not in kept)),
        tuple(checks_of(offer, reader, today=today)),
    )


def _found(offer: Offer, today: date) -> Iterator[tuple[Foreseen, Identity | None]]:
    """Each once, with the identity of the row that it would be stored as; None = within one department, never stored."""
    if offer.withdrawn_at is not None:
        return
    for pair in overlaps_of([offer.pk], today, draft=offer.campaign):
        yield foreseen_overlap(pair), (overlap.CODE, "", pair.offer_a, pair.offer_b)
    settings = settings_of()
    seen = set()
    for one, plan in said_of([offer.pk], settings, today=today, draft=offer.campaign):
        if isinstance(one, Finding) and (what := (one.rule, one.offers, one.key)) not in seen:
            seen.add(what)
            rows = as_rows([one], plan, settings, about=[offer.pk])
            yield foreseen(one, plan, settings), rows[0].identity if rows else None
