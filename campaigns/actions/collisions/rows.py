"""Writing what a detection found against what is stored, and telling which pairs of campaigns it concerns."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from campaigns.choices import CollisionState
from campaigns.models import Collision, CollisionMember, Offer
from campaigns.queries.chunks import chunks
from campaigns.rules.collision_states import when_found, when_missing
from campaigns.rules.collisions import overlap
from campaigns.rules.severity import EXACT, level_of
from customers.actions import events

LOCK = "detection"


Identity = tuple[str, str, int, int]


class Found(NamedTuple):
    """A rule that fired on a pair: ids of two offers, the code of the first sorting before the second's as text.

    `level` "" = the one of the score. `evidence` is what campaigns.models.Collision keeps, with the ids of all offers
    in "offers" and their versions in "versions" when there are more than two.
    """

    offer_a: int
    offer_b: int
    version_a: int
    version_b: int
    starts_on: date
    ends_before: date
    shared_products: int
    shared_customers: int
    score: int
    rule: str = overlap.CODE
    key: str = ""
    level: str = ""
    certainty: str = EXACT
    evidence: dict[str, Any] | None = None

    @property
    def identity(self) -> Identity:
        return self.rule, self.key, self.offer_a, self.offer_b

    @property
    def versions(self) -> tuple[object, ...]:
        return self.version_a, self.version_b, (self.evidence or {}).get("versions")

    @property
    def numbers(self) -> tuple[object, ...]:
        """What makes it another collision than before, for whoever compares counts."""
        return self[4:9]

    @property
    def facts(self) -> tuple[object, ...]:
        return (*self.numbers, self.level or level_of(self.score), self.certainty, self.evidence)


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
    rule: str
    key: str
    level: str
    certainty: str
    evidence: dict[str, Any] | None
    state: str
    settled_level: str
    changed_at: datetime

    @property
    def identity(self) -> Identity:
        return self.rule, self.key, self.offer_a, self.offer_b

    @property
    def versions(self) -> tuple[object, ...]:
        return self.version_a, self.version_b, (self.evidence or {}).get("versions")

    @property
    def numbers(self) -> tuple[object, ...]:
        return self[5:10]

    @property
    def facts(self) -> tuple[object, ...]:
        return (*self.numbers, self.level, self.certainty, self.evidence)


_COLUMNS = (
    "offer_a_id",
    "offer_b_id",
    *Found._fields[2:],
    "state",
    "settled_level",
    "changed_at",
    "first_seen_at",
)
_UPDATED = [column for column in _COLUMNS[2:-1] if column not in {"rule", "key"}]
# Plain SQL because a plan may have a hundred thousand pairs: four times as fast as bulk_create.
_UPSERT = f"""
INSERT INTO campaigns_collision ({", ".join(_COLUMNS)}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})
ON CONFLICT (rule, key, offer_a_id, offer_b_id)
DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in _UPDATED)}
"""  # noqa: S608 - constants of this file


@dataclass
class Changes:
    """What a run leads to: rows to write (by _COLUMNS), rows that only change their state, offers that are news.

    `crowds` are those of the rows that have more than two offers.
    """

    rows: list[tuple[Any, ...]]
    states: defaultdict[str, list[int]]
    news: list[tuple[int, ...]]
    crowds: list[Found]


def offers_in(one: Found | Stored) -> tuple[int, ...]:
    """Ids of all offers of a collision."""
    crowd: Sequence[int] = (one.evidence or {}).get("offers") or (one.offer_a, one.offer_b)
    return tuple(crowd)


def read(rows: QuerySet[Collision]) -> dict[Identity, Stored]:
    stored = map(Stored._make, rows.order_by().values_list(*Stored._fields))
    return {row.identity: row for row in stored}


def store(
    found: Iterable[Found], stored: dict[Identity, Stored], *, now: datetime, today: date, with_past: bool
) -> None:
    """Add, update and clear rows; the caller holds the lock. `stored`: all rows that the run looked at, used up here."""
    changes = Changes([], defaultdict(list), [], [])
    for one in found:
        _compare(one, stored.pop(one.identity, None), changes, now, today)
    for row in stored.values():
        state = when_missing(row.state, over=row.ends_before <= today, with_past=with_past)
        if state != row.state:
            changes.states[state].append(row.pk)
            changes.news.append(offers_in(row))
    if changes.rows:
        with connection.cursor() as cursor:
            cursor.executemany(_UPSERT, changes.rows)
    _write_members(changes.crowds)
    for state, ids in changes.states.items():
        for some in chunks(ids):
            Collision.objects.filter(pk__in=some).update(state=state, changed_at=now)
    announce(changes.news, now=now)


def _write_members(crowds: Sequence[Found]) -> None:
    """The offers of these collisions, as they were found just now."""
    for one in crowds:
        assert one.evidence is not None, "a crowd keeps its offers"
        row = Collision.objects.get(rule=one.rule, key=one.key, offer_a=one.offer_a, offer_b=one.offer_b)
        row.members.all().delete()
        CollisionMember.objects.bulk_create(
            [
                CollisionMember(collision=row, offer_id=offer, version=version)
                for offer, version in zip(one.evidence["offers"], one.evidence["versions"], strict=True)
            ]
        )


def _compare(one: Found, row: Stored | None, changes: Changes, now: datetime, today: date) -> None:
    level = one.level or level_of(one.score)
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
    evidence = connection.ops.adapt_json_value(one.evidence, None) if one.evidence is not None else None
    # All columns of Found but the last three as they are.
    changes.rows.append((*one[:-3], level, one.certainty, evidence, state, settled_level, *moments))
    if len(offers_in(one)) > 2:
        changes.crowds.append(one)
    if _is_news(one, row, level, state):
        changes.news.append(offers_in(one))


def _is_news(one: Found, row: Stored | None, level: str, state: str) -> bool:
    """New, back, better, worse or at other days; something over is news only if it was not over before."""
    if state == CollisionState.PAST:
        return row is not None and row.state in {CollisionState.OPEN, CollisionState.SETTLED}
    if row is None:
        return True
    days_moved = (one.starts_on, one.ends_before) != (row.starts_on, row.ends_before)
    return state != row.state or level != row.level or days_moved


def announce(groups: Collection[tuple[int, ...]], *, now: datetime) -> None:
    """One event for all pairs of campaigns concerned: of every group of offers, those of different departments.

    Two offers of one campaign are that campaign's own affair.
    """
    owner_of: dict[int, tuple[str, int, int]] = {}
    for some in chunks({offer for group in groups for offer in group}):
        rows = Offer.objects.filter(pk__in=some).values_list("pk", "campaign__code", "campaign", "department")
        owner_of.update((pk, (code, campaign, department)) for pk, code, campaign, department in rows)
    pairs = {
        (one[:2], two[:2])
        for group in groups
        for one, two in combinations(sorted({owner_of[offer] for offer in group}), 2)
        if one[2] != two[2]
    }
    told = [[a, b] for (_, a), (_, b) in sorted(pairs) if a != b]
    if told:
        events.record("collisions.changed", now=now, pairs=told)
