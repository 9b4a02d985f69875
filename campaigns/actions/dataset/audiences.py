"""Writing segments and their members, one bitmap each, from however many rows there are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping

import numpy as np
from django.contrib.auth.models import AbstractBaseUser
from pyroaring import BitMap

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.ids import keep_ids
from campaigns.actions.dataset.runs import Run
from campaigns.actions.dataset.typed import arrange, take
from campaigns.choices import Mode
from campaigns.models import OfferAudience
from customers.actions import heartbeats, segments
from customers.actions.segment_names import put_segments
from customers.models import Segment

# What one piece may hold, so that the database's only write lock on SQLite is free again within about a second:
# memberships (a segment that has more comes alone), and pairs of segments whose shared customers are counted anew.
MEMBERS_AT_ONCE = 500_000
PAIRS_AT_ONCE = 20_000
# Offers whose audiences are looked at together.
OFFERS_AT_ONCE = 5000


def write_segments(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    total = arrange(folder, "segments", "line")
    for start, end in run.pieces("segments", total, 500):
        with run.piece("segments", end, total) as count:
            count("segments", put_segments(take(folder, "segments", start, end)).counts)


def write_members(folder: Folder, run: Run, by: AbstractBaseUser | None) -> None:
    """Replace the members of every segment that the folder names, here or in the table of segments."""
    keep_ids(folder, "segments")
    keep_ids(folder, "customers", attribute="number")
    folder.con.execute(
        """
        CREATE OR REPLACE TABLE members AS
        SELECT s.id AS segment, c.id AS number FROM segment_members m
        JOIN segments_ids s ON s.code = m.segment JOIN customers_ids c ON c.code = m.customer ORDER BY s.id
        """
    )
    sizes = folder.all(
        """
        SELECT s.id, count(m.segment) FROM segments_ids s LEFT JOIN members m ON m.segment = s.id
        GROUP BY s.id ORDER BY s.id
        """
    )
    done = run.at.get("segment_members", 0)
    for group in _groups(sizes[done:]):
        done += len(group)
        wanted = _bitmaps(folder, group)
        versions, counts = _differences(wanted)
        with run.piece("segment_members", done, len(sizes)) as count:
            heartbeats.lock(segments.LOCK)
            if _versions(wanted) != versions:  # somebody else wrote members before we had the lock
                counts = _differences(wanted)[1]
            count("segment_members", counts)
            segments.replace_many(wanted, by=by, now=run.now, announce=False)


def make_audiences(folder: Folder, run: Run) -> None:
    """Make the audiences that the folder's offers combine, a few at a time: the piece of an offer finds them made."""
    if not folder.has("offers", "segments"):
        return
    ids = dict(Segment.objects.filter(code__isnull=False).values_list("code", "pk"))
    for start in range(0, folder.rows_of("offers"), OFFERS_AT_ONCE):
        rows = take(folder, "offers", start, start + OFFERS_AT_ONCE)
        stored = OfferAudience.objects.filter(offer__code__in=[row["code"] for row in rows], mode=Mode.EXCLUDE)
        excluded: defaultdict[str, list[int]] = defaultdict(list)
        for offer, segment in stored.values_list("offer__code", "segment_id"):
            excluded[offer].append(segment)
        named = ((row["code"], [ids[code] for code in row["segments"]]) for row in rows)
        wanted = sorted({segments.expression(include, excluded[offer]) for offer, include in named})
        while wanted:
            some = max(1, PAIRS_AT_ONCE // max(1, Segment.objects.count()))
            segments.audiences_of(wanted[:some])
            run.turns.pass_on()
            wanted = wanted[some:]


def _groups(sizes: list[tuple[int, int]]) -> Iterator[list[int]]:
    """Ids of segments that are written together."""
    combined = Segment.objects.filter(kind=Segment.Kind.COMBINED).values_list("expression", flat=True)
    # What is combined from a segment is counted again with it.
    follow = Counter(pk for one in combined for pk in (*one["include"], *one["exclude"]))
    most = PAIRS_AT_ONCE // max(1, Segment.objects.count())
    group: list[int] = []
    weight = counted = 0
    for pk, size in sizes:
        if group and (weight + size > MEMBERS_AT_ONCE or counted + 1 + follow[pk] > most):
            yield group
            group, weight, counted = [], 0, 0
        group.append(pk)
        weight += size
        counted += 1 + follow[pk]
    if group:
        yield group


def _bitmaps(folder: Folder, group: list[int]) -> dict[int, BitMap]:
    found = folder.con.execute(
        "SELECT segment, CAST(number AS UINTEGER) AS number FROM members WHERE segment BETWEEN ? AND ? ORDER BY segment",
        [group[0], group[-1]],
    ).fetchnumpy()
    starts = np.searchsorted(found["segment"], group)
    ends = np.searchsorted(found["segment"], group, side="right")
    return {pk: BitMap(found["number"][start:end]) for pk, start, end in zip(group, starts, ends, strict=True)}


def _versions(wanted: Collection[int]) -> dict[int, int]:
    return dict(Segment.objects.filter(pk__in=list(wanted)).values_list("pk", "version"))


def _differences(wanted: Mapping[int, BitMap]) -> tuple[dict[int, int], dict[str, int]]:
    """Counts of memberships against what is stored, and the versions of the segments that this was."""
    versions: dict[int, int] = {}
    counts = {"created": 0, "updated": 0, "unchanged": 0, "removed": 0}
    for segment in Segment.objects.filter(pk__in=list(wanted)):
        versions[segment.pk] = segment.version
        before, after = segments.members(segment), wanted[segment.pk]
        kept = before.intersection_cardinality(after)
        counts["created"] += len(after) - kept
        counts["removed"] += len(before) - kept
        counts["unchanged"] += kept
    return versions, counts
