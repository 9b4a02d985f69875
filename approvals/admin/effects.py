"""The effect of a decision, read back from the ruling that keeps it."""

from datetime import date
from typing import Any

from approvals.actions.enforcement import CollisionEffect, Effect, OfferEffect

_DAYS = {"starts_on", "ends_before", "new_starts_on", "new_ends_before"}


def from_json(stored: dict[str, Any]) -> Effect:
    """What `Effect.as_json` wrote."""
    return Effect(
        offers=tuple(OfferEffect(**_read(row)) for row in stored.get("offers", [])),
        **{
            name: tuple(CollisionEffect(**_read(row)) for row in stored.get(name, []))
            for name in ("cleared", "remaining", "new")
        },
        told=tuple(stored.get("told", [])),
    )


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return {name: date.fromisoformat(value) if name in _DAYS else value for name, value in row.items()}
