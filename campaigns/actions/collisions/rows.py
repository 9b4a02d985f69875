"""Writing what a detection found against what is stored, and telling which pairs of campaigns it concerns."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from campaigns.choices import CollisionState
from campaigns.models import Collision, Offer
from campaigns.queries.chunks import chunks
from campaigns.rules.collision_states import when_found, when_missing
from campaigns.rules.collisions import overlap
from campaigns.rules.severity import level_of
from customers.actions import events

LOCK = "detection"


class Found(NamedTuple):
    """A pair that overlaps: ids of two offers, the code of the first sorting before the second's as text."""

    offer_a: int
    offer_b: int
    version_a: int
    version_b: int
    starts_on: date
    ends_before: date
    shared_products: int
    shared_customers: int
    score: int

    @property
    def versions(self) -> tuple[int, int]:
        return self.version_a, self.version_b

    @property
    def facts(self) -> tuple[object, ...]:
        return self[4:]


class Stored(NamedTuple):
    pk: int
    offer_a: int
    offer_b: int
    version_a: int
    version_b: int
    starts_on: date
    ends_before: date
    shared_products: int
    shared_customers: int
    score: int
    level: str
    state: str
    settled_level: str
    changed_at: datetime

    @property
    def versions(self) -> tuple[int, int]:
        return self.version_a, self.version_b

    @property
    def facts(self) -> tuple[object, ...]:
        return self[5:10]


_COLUMNS = (
    "offer_a_id",
    "offer_b_id",
    *Found._fields[2:],
    "level",
    "state",
    "settled_level",
    "changed_at",
    "rule",
    "key",
    "certainty",
    "first_seen_at",
)
# Plain SQL because a plan may have a hundred thousand pairs: four times as fast as bulk_create.
_UPSERT = f"""
INSERT INTO campaigns_collision ({", ".join(_COLUMNS)}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})
ON CONFLICT (rule, key, offer_a_id, offer_b_id)
DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[2:-4])}
"""  # noqa: S608 - constants of this file


@dataclass
class Changes:
    """What a run leads to: rows to write (by _COLUMNS), rows that only change their state, pairs that are news."""

    rows: list[tuple[Any, ...]]
    states: defaultdict[str, list[int]]
    news: list[tuple[int, int]]


def read(rows: QuerySet[Collision]) -> dict[tuple[int, int], Stored]:
    stored = map(Stored._make, rows.filter(rule=overlap.CODE).order_by().values_list(*Stored._fields))
    return {(row.offer_a, row.offer_b): row for row in stored}


def store(
    found: Iterable[Found], stored: dict[tuple[int, int], Stored], *, now: datetime, today: date, with_past: bool
) -> None:
    """Add, update and clear rows; the caller holds the lock. `stored`: all rows that the run looked at, used up here."""
    changes = Changes([], defaultdict(list), [])
    for one in found:
        _compare(one, stored.pop((one.offer_a, one.offer_b), None), changes, now, today)
    for row in stored.values():
        state = when_missing(row.state, over=row.ends_before <= today, with_past=with_past)
        if state != row.state:
            changes.states[state].append(row.pk)
            changes.news.append((row.offer_a, row.offer_b))
    if changes.rows:
        with connection.cursor() as cursor:
            cursor.executemany(_UPSERT, changes.rows)
    for state, ids in changes.states.items():
        for some in chunks(ids):
            Collision.objects.filter(pk__in=some).update(state=state, changed_at=now)
    announce(changes.news, now=now)


def _compare(one: Found, row: Stored | None, changes: Changes, now: datetime, today: date) -> None:
    level = level_of(one.score)
    state = when_found(
        row.state if row else None,
        over=one.ends_before <= today,
        same_versions=row is not None and row.versions == one.versions,
        level=level,
        settled_level=row.settled_level if row else "",
    )
    same = row is not None and row.facts == one.facts and row.state == state
    if same and row is not None and row.versions == one.versions:
        return
    settled_level = row.settled_level if row and state != CollisionState.OPEN else ""
    changed_at = row.changed_at if row is not None and same else now
    moments = map(connection.ops.adapt_datetimefield_value, (changed_at, now))
    written = (*one, level, state, settled_level, next(moments), overlap.CODE, "", "exact", next(moments))
    changes.rows.append(written)
    if _is_news(one, row, level, state):
        changes.news.append((one.offer_a, one.offer_b))


def _is_news(one: Found, row: Stored | None, level: str, state: str) -> bool:
    """New, back, better, worse or at other days; something over is news only if it was not over before."""
    if state == CollisionState.PAST:
        return row is not None and row.state in {CollisionState.OPEN, CollisionState.SETTLED}
    if row is None:
        return True
    days_moved = (one.starts_on, one.ends_before) != (row.starts_on, row.ends_before)
    return state != row.state or level != row.level or days_moved


def announce(pairs_of_offers: Collection[tuple[int, int]], *, now: datetime) -> None:
    """One event for all pairs of campaigns concerned; two offers of one campaign are that campaign's own affair."""
    campaign_of: dict[int, tuple[str, int]] = {}
    for some in chunks({offer for pair in pairs_of_offers for offer in pair}):
        rows = Offer.objects.filter(pk__in=some).values_list("pk", "campaign__code", "campaign")
        campaign_of.update((pk, (code, campaign)) for pk, code, campaign in rows)
    pairs = {tuple(sorted((campaign_of[a], campaign_of[b]))) for a, b in pairs_of_offers}
    told = [[a, b] for (_, a), (_, b) in sorted(pairs) if a != b]
    if told:
        events.record("collisions.changed", now=now, pairs=told)
