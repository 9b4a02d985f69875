"""Results as everybody must find them: six columns (one, two, starts, ends, products, customers), `one` below `two`."""

import hashlib
import resource
from collections.abc import Sequence
from typing import Any

import numpy as np


def checksum(columns: Sequence[Any]) -> str:
    """The same for the same rows in whatever order."""
    table = np.stack([np.asarray(column, np.int64) for column in columns])
    table = table[:, np.lexsort((table[1], table[0]))]
    return hashlib.sha256(np.ascontiguousarray(table).tobytes()).hexdigest()


def result(columns: Sequence[Any], seconds: float, **more: Any) -> dict[str, Any]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rows": len(columns[0]),
        "checksum": checksum(columns),
        **more,
    }
