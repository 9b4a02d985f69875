"""The only writer of segments' members and of how many customers any two segments share.

Everything here runs under one lock: two segments that change at the same moment would otherwise each be counted
against what the other was before.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import islice

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max, Q
from pyroaring import BitMap

from customers.actions import events, heartbeats, history
from customers.models import Customer, Segment, SegmentOverlap

LOCK = "segments"

# Ids of included and of excluded segments, each sorted. Nothing included = every customer; excluding wins.
Expression = tuple[tuple[int, ...], tuple[int, ...]]


def members(segment: Segment | None) -> BitMap:
    """Customer numbers of a segment, `None` = of everybody, as a bitmap of the caller's own."""
    return everybody() if segment is None else _read(segment.members)


def everybody() -> BitMap:
    count = Customer.objects.count()
    # Numbers start at 0 and are given once: as many as the highest says means that there is no gap.
    highest = Customer.objects.aggregate(highest=Max("number"))["highest"]
    if highest is None or highest + 1 == count:
        return BitMap(range(count))
    return BitMap(Customer.objects.values_list("number", flat=True).iterator())


def replace_members(*, segment: Segment, numbers: BitMap, by: AbstractBaseUser | None, now: datetime) -> None:
    """Set the customers of one named segment. Read `segment` again to see its new size and version."""
    replace_many({segment.pk: numbers}, by=by, now=now)


@transaction.atomic
def replace_many(
    numbers: Mapping[int, BitMap], *, by: AbstractBaseUser | None, now: datetime, announce: bool = True
) -> list[int]:
    """Set the customers of named segments, given by id; what is combined from them and all shared counts follow.

    `announce=False`: the caller tells by its own event.

    Returns the ids of all segments, combined ones included, whose members are really others than before.
    """
    heartbeats.lock(LOCK)
    changed = []
    for segment in Segment.objects.filter(pk__in=list(numbers)).order_by("pk"):
        assert segment.kind == Segment.Kind.NAMED, "combined segments follow from named ones"
        before = segment.size
        if _put(segment, numbers[segment.pk]):
            changed.append(segment.pk)
            history.write(
                by=by,
                now=now,
                verb="segment.replaced",
                subject=f"segment:{segment.code}",
                changes={"size": (before, segment.size)},
            )
    return _follow(changed, customers_too=False, now=now, announce=announce)


@transaction.atomic
def customers_added(*, now: datetime, announce: bool = True) -> list[int]:
    """Let audiences of the kind "everybody but" follow; to be called in the transaction that adds customers.

    Returns the ids of the segments that changed. The event also tells of the offers for everybody.
    """
    heartbeats.lock(LOCK)
    return _follow([], customers_too=True, now=now, announce=announce)


def audience_of(*, include: Iterable[int], exclude: Iterable[int]) -> Segment | None:
    """The segment of an audience that includes and excludes named segments, given by id; `None` = everybody.

    One included segment is its own audience; any other combination is materialised the first time it is used.
    """
    wanted = expression(include, exclude)
    pk = audiences_of([wanted])[wanted]
    return None if pk is None else Segment.objects.get(pk=pk)


def expression(include: Iterable[int], exclude: Iterable[int]) -> Expression:
    return tuple(sorted(set(include))), tuple(sorted(set(exclude)))


@transaction.atomic
def audiences_of(wanted: Collection[Expression]) -> dict[Expression, int | None]:
    """`audience_of` for many at once, as ids, with a number of queries that does not grow with theirs."""
    found: dict[Expression, int | None] = {}
    combined: dict[str, Expression] = {}
    for one in set(wanted):
        include, exclude = one
        if not exclude and len(include) <= 1:
            found[one] = include[0] if include else None
        else:
            combined[_hash(one)] = one
    found |= _known(combined)
    if len(found) < len(set(wanted)):
        heartbeats.lock(LOCK)
        found |= _known(combined)  # somebody else may have made one while we waited
        found |= _materialise([one for one in combined.values() if one not in found])
    return found


def _known(combined: Mapping[str, Expression]) -> dict[Expression, int]:
    rows = Segment.objects.filter(expression_hash__in=list(combined)).values_list("expression_hash", "pk")
    return {combined[digest]: pk for digest, pk in rows if digest}


def _materialise(missing: Collection[Expression]) -> dict[Expression, int]:
    if not missing:
        return {}
    ids = {pk for include, exclude in missing for pk in (*include, *exclude)}
    codes = dict(Segment.objects.filter(pk__in=ids).values_list("pk", "code"))
    evaluate = _Evaluation(ids, everybody_too=any(not include for include, _ in missing))
    segments = []
    for one in missing:
        numbers = evaluate(one)
        segments.append(
            Segment(
                kind=Segment.Kind.COMBINED,
                name=_name(one, codes),
                expression={"include": list(one[0]), "exclude": list(one[1])},
                expression_hash=_hash(one),
                members=_write(numbers),
                size=len(numbers),
            )
        )
    created = Segment.objects.bulk_create(segments, batch_size=100)
    _recount([segment.pk for segment in created])
    return {one: segment.pk for one, segment in zip(missing, created, strict=True)}


def _follow(changed: list[int], *, customers_too: bool, now: datetime, announce: bool) -> list[int]:
    """Materialise again what depends on the changed segments or on all customers, count again, tell."""
    touched = set(changed)
    dependent: dict[int, Expression] = {}
    combined = Segment.objects.filter(kind=Segment.Kind.COMBINED).values_list("pk", "expression")
    for pk, stored in combined:
        include, exclude = tuple(stored["include"]), tuple(stored["exclude"])
        if not touched.isdisjoint(include + exclude) or (customers_too and not include):
            dependent[pk] = include, exclude
    if dependent:
        ids = {pk for include, exclude in dependent.values() for pk in (*include, *exclude)}
        evaluate = _Evaluation(ids, everybody_too=any(not include for include, _ in dependent.values()))
        rows = Segment.objects.filter(pk__in=list(dependent)).order_by("pk")
        changed.extend(segment.pk for segment in rows if _put(segment, evaluate(dependent[segment.pk])))
    _recount(changed)
    if announce and (changed or customers_too):
        events.record("segment.changed", now=now, segments=sorted(changed), everybody=customers_too)
    return sorted(changed)


class _Evaluation:
    """Members of expressions over segments that are read once."""

    def __init__(self, ids: Collection[int], *, everybody_too: bool) -> None:
        rows = Segment.objects.filter(pk__in=list(ids)).values_list("pk", "members")
        self._bitmaps = {pk: _read(raw) for pk, raw in rows}
        self._everybody = everybody() if everybody_too else BitMap()

    def __call__(self, one: Expression) -> BitMap:
        include, exclude = one
        numbers = BitMap.union(*(self._bitmaps[pk] for pk in include)) if include else self._everybody
        return numbers - BitMap.union(*(self._bitmaps[pk] for pk in exclude)) if exclude else numbers


def _put(segment: Segment, numbers: BitMap) -> bool:
    """Write other members than the segment has; the version grows only then."""
    if _read(segment.members) == numbers:
        return False
    segment.members, segment.size, segment.version = _write(numbers), len(numbers), segment.version + 1
    segment.save(update_fields=["members", "size", "version"])
    return True


def _recount(changed: Collection[int]) -> None:
    """Write the rows and columns of the changed segments in the table of shared counts anew."""
    if not changed:
        return
    ids = sorted(changed)
    for start in range(0, len(ids), 400):
        some = ids[start : start + 400]
        SegmentOverlap.objects.filter(Q(low__in=some) | Q(high__in=some)).delete()
    bitmaps = {pk: _read(raw) for pk, raw in Segment.objects.values_list("pk", "members").iterator(chunk_size=100)}
    again = set(ids)
    rows = (
        SegmentOverlap(low_id=min(pk, other), high_id=max(pk, other), shared=shared)
        for pk in ids
        for other, bitmap in bitmaps.items()
        if other != pk and (other not in again or other > pk)
        if (shared := bitmaps[pk].intersection_cardinality(bitmap))
    )
    while batch := list(islice(rows, 5000)):
        SegmentOverlap.objects.bulk_create(batch)


def _hash(one: Expression) -> str:
    include, exclude = one
    return hashlib.sha256(json.dumps({"exclude": exclude, "include": include}).encode()).hexdigest()


def _name(one: Expression, codes: Mapping[int, str | None]) -> str:
    """`CJ08 + CJ13 - CJ01`, with `*` for everybody."""
    include, exclude = ([str(codes[pk]) for pk in ids] for ids in one)
    return " - ".join([" + ".join(include) or "*", *exclude])[:200]


def _read(raw: bytes | memoryview) -> BitMap:
    # PostgreSQL gives a memoryview; a row made by hand may have no bytes at all.
    return BitMap.deserialize(bytes(raw)) if len(raw) else BitMap()


def _write(numbers: BitMap) -> bytes:
    compact = numbers.copy()
    compact.run_optimize()
    return bytes(compact.serialize())
