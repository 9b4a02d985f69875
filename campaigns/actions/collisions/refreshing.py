"""Detecting again what a change touches, by SQL."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.actions import postings
from campaigns.actions.collisions.by_rules import refresh_rules
from campaigns.actions.collisions.everything import run_waiting, wait_for_everything
from campaigns.actions.collisions.rows import LOCK, Found, Identity, Stored, read, store
from campaigns.models import Collision, Offer
from campaigns.queries.chunks import chunks
from campaigns.queries.collisions import overlaps_of
from campaigns.rules.collisions import overlap
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
            segments = event.payload["segments"]
            # An audience, a control group, those whom a claim speaks of.
            audience = (
                Q(audience__in=segments) | Q(campaign__control_group__in=segments) | Q(claims__segment__in=segments)
            )
            return set(_ids(audience | Q(audience=None) if event.payload.get("everybody") else audience))
        case "catalogue.changed":
            return set(postings.offers_in(event.payload["categories"]))
        case topic:
            raise ValueError(topic)


def _ids(condition: Q) -> list[int]:
    return list(Offer.objects.filter(condition).values_list("pk", flat=True))
