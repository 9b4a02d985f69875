"""Storing the pairs of a detection of everything in one transaction, whoever computed them.

Imports SciPy, as `parts` does: whoever serves web pages imports this in a function.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime

import numpy as np

from campaigns.actions.collisions.parts import Part
from campaigns.actions.collisions.rows import LOCK, Found, Identity, Stored, read, store
from campaigns.choices import CollisionState
from campaigns.models import Collision, CollisionMember, DetectionRun
from campaigns.queries.collisions import PLANNED
from campaigns.queries.plan_facts import Extent, Facts, read_facts
from campaigns.rules.collisions import overlap
from campaigns.rules.collisions.sparse import Ints, Pairs
from customers.actions import heartbeats
from customers.actions.statistics import update_statistics
from customers.clock import local_day
from customers.models import Customer


def store_all(
    run: DetectionRun, parts: Iterable[Part], extent: Extent, *, now: datetime, clock: Callable[[], datetime]
) -> bool:
    """Write what is different and end the run, in the caller's transaction; false if somebody else has ended it.

    `parts` hold the pairs of the whole `extent`, each once. Every offer that changed since its part was read is left
    out: its own event makes it count.
    """
    heartbeats.lock(LOCK)
    if not DetectionRun.objects.filter(pk=run.pk, finished_at=None).exists():
        return False
    # A slice may have waited for a worker over midnight.
    today, with_past = local_day(now), run.with_past
    facts = {one.offer: one for one in read_facts(extent)}
    pairs, changed = _gathered(parts, facts)
    pairs = pairs.where(_counts(pairs, facts, changed, today, with_past=with_past))
    store(found_in(pairs, facts), _stored(changed, with_past=with_past), now=now, today=today, with_past=with_past)
    update_statistics(Collision, CollisionMember)
    run.offers, run.pairs, run.shards_done, run.finished_at = len(facts), len(pairs.one), run.shards, clock()
    run.save(update_fields=["offers", "pairs", "shards_done", "finished_at"])
    heartbeats.beat(LOCK, now=now)
    return True


def _gathered(parts: Iterable[Part], facts: Mapping[int, Facts]) -> tuple[Pairs, set[int]]:
    """The pairs of all parts, and the ids of the offers that changed."""
    customers = Customer.objects.count()
    changed: set[int] = set()
    columns = []
    for part in parts:
        changed |= part.changed(facts.values(), customers)
        columns.append(part.pairs.columns)
    return Pairs(*(np.concatenate(column) for column in zip(*columns, strict=True))), changed


def _counts(
    pairs: Pairs, facts: Mapping[int, Facts], changed: Collection[int], today: date, *, with_past: bool
) -> np.ndarray:
    """Which pairs are to be stored. Of a campaign that has ended only what is over counts."""
    void = _ids(changed)
    over = pairs.ends <= today.toordinal()
    planned = _ids(one.offer for one in facts.values() if one.status in PLANNED)
    ahead = np.isin(pairs.one, planned) & np.isin(pairs.two, planned) & ~over
    return (ahead | over if with_past else ahead) & ~np.isin(pairs.one, void) & ~np.isin(pairs.two, void)


def _stored(changed: Collection[int], *, with_past: bool) -> dict[Identity, Stored]:
    rows = Collision.objects.filter(rule=overlap.CODE)
    if not with_past:
        # A row that is cleared or past matters only when found again, and then it opens like a new one.
        rows = rows.filter(state__in=[CollisionState.OPEN, CollisionState.SETTLED])
    void = set(changed)
    return {at: row for at, row in read(rows).items() if void.isdisjoint((row.offer_a, row.offer_b))}


def found_in(pairs: Pairs, facts: Mapping[int, Facts]) -> Iterator[Found]:
    """Pairs by ids of offers as rows; `facts` by id."""
    for one, two, starts, ends, products, customers, score in zip(
        *(column.tolist() for column in pairs.columns), strict=True
    ):
        a, b = sorted((facts[one], facts[two]), key=lambda offer: offer.code)
        if a.joint_group is not None and a.joint_group == b.joint_group:
            continue  # planned together: nothing between them is a collision
        yield Found(
            a.offer,
            b.offer,
            a.version,
            b.version,
            date.fromordinal(starts),
            date.fromordinal(ends),
            products,
            customers,
            score,
        )


def _ids(offers: Iterable[int]) -> Ints:
    return np.fromiter(offers, np.int64)
