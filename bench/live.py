"""The whole product at work, with all rules on: an edit until its collision and case are stored, and what-if."""

import random
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import house

# Seconds; an edit that takes longer counts as this.
PATIENCE = 60


def build(folder: Path) -> None:
    """People for the departments, so that plans may be edited and cases have parties."""
    house.enter(folder.resolve() / "product.sqlite3")
    from django.contrib.auth.models import User

    from campaigns.actions import access
    from campaigns.models import Campaign, Department
    from customers import clock

    for department in Department.objects.order_by("pk"):
        lead = User.objects.create_user(f"lead{department.pk}", f"lead{department.pk}@example.com", is_staff=True)
        Campaign.objects.filter(department=department).update(accountable=lead)
        access.join(department=department, user=lead, is_lead=True, by=None, now=clock.shared_now())
    access.reconcile(list(Campaign.objects.values_list("pk", flat=True)))


def settle(folder: Path, *, seed: int, count: int) -> None:
    """Detect who gets too many messages in the whole plan, and open the cases of that around the offers to be edited.

    As if this had been detected before: it concerns so many campaigns that the news of an edit would drown in it. What
    else collides is news, so that each edit opens a case.
    """
    house.enter(folder.resolve() / "product.sqlite3")
    from django.db import transaction

    from approvals.actions.case_reactions import consider
    from campaigns.actions.collisions.by_rules import refresh_crowds
    from campaigns.models import Offer
    from campaigns.queries.rule_settings import settings_of
    from customers import clock
    from customers.models import Event

    now = clock.shared_now()
    senders = list(Offer.objects.exclude(contacts=0).values_list("pk", flat=True))
    with transaction.atomic():
        refresh_crowds(offer_ids=senders, settings=settings_of(), now=now)
        Event.objects.filter(handled_at=None).update(handled_at=now)
    for one in (offer for offer in _offers(seed, count + 1) if offer.contacts != 0):
        pairs = sorted(_pairs_around(one))
        for start in range(0, len(pairs), 100):
            consider(pairs[start : start + 100], now=now)
    Event.objects.filter(handled_at=None).update(handled_at=now)


def _pairs_around(offer: Any) -> set[tuple[int, int]]:
    """Campaigns of different departments that send too many messages together, within two weeks of the offer."""
    from itertools import combinations

    from approvals.queries.disputes import offers_of
    from campaigns.models import Collision

    near, far = offer.starts_on - timedelta(days=14), offer.starts_on + timedelta(days=14)
    rows = Collision.objects.filter(rule="contact_pressure", starts_on__lt=far, ends_before__gt=near)
    crowds = offers_of(rows.select_related("offer_a", "offer_b")).values()
    every = {tuple(sorted({(one.campaign_id, one.department_id) for one in crowd})) for crowd in crowds}
    return {(a, b) for crowd in every for (a, of_a), (b, of_b) in combinations(crowd, 2) if of_a != of_b}


def simulations(folder: Path, *, seed: int, count: int) -> dict[str, Any]:
    """Milliseconds of trying to move an offer by a day."""
    house.enter(folder.resolve() / "product.sqlite3")
    from campaigns.actions.offers import shift_offers
    from campaigns.actions.simulation import simulate
    from customers import clock

    times, foreseen = [], 0
    for offer in _offers(seed, count + 1):
        now = clock.shared_now()
        start = time.perf_counter()
        tried = simulate(lambda: shift_offers(offers=[offer], days=1, by=_lead(offer), now=now)[0], now=now)  # noqa: B023
        times.append(1000 * (time.perf_counter() - start))
        foreseen += len(tried.foreseen)
    # The first one loads what a process loads once.
    return {"times": times[1:], "foreseen": foreseen}


def edits(folder: Path, *, seed: int, count: int) -> dict[str, Any]:
    """Seconds from a saved edit until a worker has stored a collision of this version, and a case of its campaigns."""
    house.enter(folder.resolve() / "product.sqlite3")
    from config.tests.live import Valkey, Worker, ring_at
    from config.up.processes import Family

    with ExitStack() as stack:
        family = Family()
        stack.callback(family.close)
        # The address of a socket must be short.
        work = Path(stack.enter_context(TemporaryDirectory(prefix="concordia-bench-")))
        valkey = Valkey(work, family)
        stack.callback(valkey.stop)
        (work / "worker").mkdir()
        worker = Worker(work / "worker", family, valkey.url)
        stack.callback(worker.kill)
        ring_at(valkey.url)
        # The first one waits for the worker to start.
        found = [_edit(offer) for offer in _offers(seed, count + 1)][1:]
    times = [PATIENCE if seconds is None else seconds for seconds in found]
    refused = found.count(None)
    return {"times": times, "refused": refused, "late": sum(taken >= PATIENCE for taken in times) - refused}


def _edit(offer: Any) -> float | None:
    """Seconds until there is a case; None = the worker would not let go of the database."""
    from django.db import OperationalError

    from campaigns.actions.offers import shift_offers
    from customers import clock

    try:
        (moved,) = shift_offers(offers=[offer], days=1, by=_lead(offer), now=clock.shared_now())
    except OperationalError:
        return None
    start = time.perf_counter()
    while not _has_case(moved) and time.perf_counter() - start < PATIENCE:
        time.sleep(0.02)
    return time.perf_counter() - start


def _lead(offer: Any) -> Any:
    from campaigns.actions.planning import lead_of

    return lead_of(offer.department)


def _offers(seed: int, count: int) -> list[Any]:
    """Offers that collide with those of other campaigns, a day later too, severely enough for a case."""
    from campaigns.models import Offer
    from campaigns.queries.collisions import overlaps_of

    dice, found = random.Random(seed), []  # noqa: S311 - a plan, no secret
    ids = list(Offer.objects.order_by("pk").values_list("pk", flat=True))
    for pk in dice.sample(ids, len(ids)):
        if any(
            one.finding.severity.score >= 45
            and one.campaign_a != one.campaign_b
            and one.finding.ends_before - one.finding.starts_on > timedelta(days=2)
            for one in overlaps_of([pk])
        ):
            found.append(Offer.objects.select_related("campaign", "department").get(pk=pk))
            if len(found) == count:
                break
    return found


def _has_case(offer: Any) -> bool:
    from django.db.models import F, Q

    from approvals.models import CaseCollision

    mine = Q(collision__offer_a=offer, collision__version_a=offer.version) | Q(
        collision__offer_b=offer, collision__version_b=offer.version
    )
    pair = Q(
        case__campaign_a=F("collision__offer_a__campaign"), case__campaign_b=F("collision__offer_b__campaign")
    ) | Q(case__campaign_a=F("collision__offer_b__campaign"), case__campaign_b=F("collision__offer_a__campaign"))
    return bool(CaseCollision.objects.filter(mine, pair).exists())
