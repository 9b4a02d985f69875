"""How entries of the history are chained: the digest of each covers all its fields and the digest before it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

# What a digest covers, in this order. Digests are stored for good: a new form gets a new version and keeps this one.
VERSION = 1
FIELDS = ("id", "at", "actor", "verb", "subject", "scope", "changes", "reason", "key")


def digest(seq: int, content: Sequence[Any], previous: str) -> str:
    """SHA-256 (64 hex digits) of entry number `seq`; `content` are the values of FIELDS as the database gives them.

    Of the first entry `previous` is "". Canonical form: JSON without spaces, keys sorted, ASCII only, times in UTC.
    """
    canonical = json.dumps(
        [VERSION, seq, *map(_plain, content), previous], ensure_ascii=True, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
