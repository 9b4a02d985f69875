"""Writing which named segments there are; who belongs to them is written by customers.actions.segments."""

from collections.abc import Mapping, Sequence
from typing import Any

from pyroaring import BitMap

from customers.actions.upsert import Upserted, upsert
from customers.models import Segment


def put_segments(rows: Sequence[Mapping[str, Any]]) -> Upserted[Segment]:
    """Insert (without customers) or update named segments by code."""
    return upsert(Segment, rows, before_insert=_begin_empty)


def _begin_empty(segments: list[Segment]) -> None:
    for segment in segments:
        segment.members = BitMap().serialize()
