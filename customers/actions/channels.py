"""Writing channels."""

from collections.abc import Mapping, Sequence
from typing import Any

from customers.actions.upsert import Upserted, upsert
from customers.models import Channel


def put_channels(rows: Sequence[Mapping[str, Any]]) -> Upserted[Channel]:
    """Insert or update channels by code; a row names the columns to set, what it does not name stays."""
    return upsert(Channel, rows)
