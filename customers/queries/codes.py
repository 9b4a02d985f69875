"""Rows found by what other systems call them."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

# SQLite takes this many values in one statement.
AT_ONCE = 10_000


def by_code(rows: QuerySet, codes: Collection[str]) -> dict[str, Any]:
    """Those of `rows` that have one of these codes, by code; a query for each AT_ONCE codes."""
    ordered = list(codes)
    found: dict[str, Any] = {}
    for start in range(0, len(ordered), AT_ONCE):
        found |= {row.code: row for row in rows.filter(code__in=ordered[start : start + AT_ONCE])}
    return found
