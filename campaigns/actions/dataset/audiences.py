"""Writing segments and their members, one bitmap each, from however many rows there are."""

from collections.abc import Iterator, Mapping

import numpy as np
from django.contrib.auth.models import AbstractBaseUser
from pyroaring import BitMap

from campaigns.actions.dataset.folder import Folder
from campaigns.actions.dataset.ids import keep_ids
from campaigns.actions.dataset.runs import Run
from campaigns.actions.dataset.typed import arrange, take
from customers.actions import segments
from customers.actions.segment_names import put_segments
from customers.models import Segment

# Memberships in memory at once; a segment that has more comes alone.
AT_ONCE = 5_000_000


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
        with run.piece("segment_members", done, len(sizes)) as count:
            wanted = _bitmaps(folder, group)
            count("segment_members", _differences(wanted))
            segments.replace_many(wanted, by=by, now=run.now, announce=False)


def _groups(sizes: list[tuple[int, int]]) -> Iterator[list[int]]:
    """Ids of segments that fit into memory together."""
    group: list[int] = []
    weight = 0
    for pk, size in sizes:
        if group and (weight + size > AT_ONCE or len(group) == 500):
            yield group
            group, weight = [], 0
        group.append(pk)
        weight += size
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


def _differences(wanted: Mapping[int, BitMap]) -> dict[str, int]:
    counts = {"created": 0, "updated": 0, "unchanged": 0, "removed": 0}
    for segment in Segment.objects.filter(pk__in=list(wanted)):
        before, after = segments.members(segment), wanted[segment.pk]
        kept = before.intersection_cardinality(after)
        counts["created"] += len(after) - kept
        counts["removed"] += len(before) - kept
        counts["unchanged"] += kept
    return counts
