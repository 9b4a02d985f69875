"""Lists of ids cut into pieces that fit into one statement."""

from collections.abc import Collection, Iterator

CHUNK = 400


def chunks(ids: Collection[int]) -> Iterator[list[int]]:
    """The distinct ids in ascending order, at most CHUNK at a time."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
