"""Detecting again what a change touches, by SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.actions import postings
from campaigns.actions.collisions.everything import run_waiting, wait_for_everything
from campaigns.actions.collisions.judging import CROWDS, SINGLE, as_rows, judge, read_around
from campaigns.actions.collisions.rows import LOCK, Found, Identity, Stored, read, store
from campaigns.models import Collision, Offer
from campaigns.queries.chunks import chunks
from campaigns.queries.collisions import PLANNED, overlaps_of
from campaigns.queries.crowds import crowds_of, rows_with
from campaigns.queries.facts import read_plan
from campaigns.queries.neighbours import planned_offers
from campaigns.queries.rule_settings import Setting, settings_of
from campaigns.rules.collisions import RULES, overlap
from customers.actions import events, heartbeats
from customers.clock import local_day
from customers.models import Event

TOPICS = ("offer.changed", "campaign.changed", "segment.changed", "catalogue.changed", "plan.imported")

# Above this many offers, counting everything once is faster than counting each of them.
MANY = 200


@transaction.atomic
def refresh(*, offer_ids: Collection[int], now: datetime) -> None:
    """Detect the collisions of these offers again and write what is different, in the caller's transaction if any."""
    heartbeats.lock(LOCK)
    today = local_day(now)
    found = [
        Found(
            one.offer_a,
            one.offer_b,
            one.version_a,
            one.version_b,
            one.finding.starts_on,
            one.finding.ends_before,
            one.finding.shared_products,
            one.finding.shared_customers,
            one.finding.severity.score,
        )
        for one in overlaps_of(offer_ids, today)
    ]
    stored: dict[Identity, Stored] = {}
    for some in chunks(offer_ids):
        overlaps = Collision.objects.filter(Q(offer_a__in=some) | Q(offer_b__in=some), rule=overlap.CODE)
        stored |= read(overlaps)
    store(found, stored, now=now, today=today, with_past=False)
    refresh_rules(offer_ids=offer_ids, now=now)


@transaction.atomic
def refresh_rules(*, offer_ids: Collection[int], now: datetime) -> None:
    """Ask all rules but the base fact about these offers again; part of `refresh`, and of a detection of everything."""
    heartbeats.lock(LOCK)
    today, settings = local_day(now), settings_of()
    plan = read_around(offer_ids, today=today)
    found = as_rows(judge(plan, SINGLE, settings), plan, settings, about=offer_ids)
    stored: dict[Identity, Stored] = {}
    for some in chunks(offer_ids):
        stored |= read(rows_with(some, *(rule.CODE for rule in RULES if rule.CODE not in {*CROWDS, overlap.CODE})))
    store(found, stored, now=now, today=today, with_past=False)
    refresh_crowds(offer_ids=offer_ids, settings=settings, now=now)


def refresh_crowds(*, offer_ids: Collection[int], settings: Mapping[str, Setting], now: datetime) -> None:
    """Ask the rules about crowds, wherever a change of these offers may have changed what they say."""
    today = local_day(now)
    planned = planned_offers(today, PLANNED)
    for rule in (rule for rule in RULES if rule.CODE in CROWDS):
        window = int(settings[rule.CODE].options.get("window", 0))
        for crowd in crowds_of(rule.CODE, offer_ids, planned, window=window):
            plan = read_plan((), crowd.offers, today=today)
            found = [
                one
                for one in as_rows(judge(plan, [rule], settings), plan, settings, about=crowd.offers)
                if crowd.holds(one.starts_on, one.ends_before)
            ]
            stored = read(Collision.objects.filter(rule=rule.CODE))
            inside = {at: row for at, row in stored.items() if crowd.holds(row.starts_on, row.ends_before)}
            store(found, inside, now=now, today=today, with_past=False)


def refresh_due(*, now: datetime) -> int:
    """Handle what waits: events about plans, audiences and catalogue, and detections of everything asked for.

    Returns the number of events handled.
    """
    total = 0
    while handled := events.drain(TOPICS, _handle, now=now):
        total += handled
    # Outside of the events' transaction: reading a whole plan must not keep others from writing.
    run_waiting(now=now)
    return total


def _handle(batch: list[Event], now: datetime) -> None:
    touched: set[int] = set()
    for event in batch:
        if event.topic == "plan.imported":
            wait_for_everything(by=None, now=now)
        else:
            touched |= offers_of(event)
    if len(touched) > MANY:
        wait_for_everything(by=None, now=now)
    elif touched:
        refresh(offer_ids=touched, now=now)


def offers_of(event: Event) -> set[int]:
    """Ids of the offers whose collisions may be others now."""
    match event.topic:
        case "offer.changed":
            return set(event.payload["offers"])
        case "campaign.changed":
            return set(_ids(Q(campaign__in=event.payload["campaigns"])))
        case "segment.changed":
            audience = Q(audience__in=event.payload["segments"])
            return set(_ids(audience | Q(audience=None) if event.payload.get("everybody") else audience))
        case "catalogue.changed":
            return set(postings.offers_in(event.payload["categories"]))
        case topic:
            raise ValueError(topic)


def _ids(condition: Q) -> list[int]:
    return list(Offer.objects.filter(condition).values_list("pk", flat=True))
