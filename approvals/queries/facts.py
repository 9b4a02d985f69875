"""What a mediator decides about, as a hash: whoever decides has seen exactly this."""

import hashlib
import json
from typing import Any

from approvals.models import Case
from campaigns.models import Collision
from campaigns.queries.content import content_hashes


def facts_hash(case: Case) -> str:
    """SHA-256 (hex) of the case's state, both campaigns' content and status, its collisions and its offers' dates.

    Read from the database, so that a page shown earlier is compared with what is stored now.
    """
    current = Case.objects.values_list(
        "state",
        "mediator",
        "campaign_a",
        "campaign_b",
        "campaign_a__status",
        "campaign_b__status",
    ).get(pk=case.pk)
    state, mediator, first, second, *statuses = current
    hashes = content_hashes([first, second])
    facts = [1, case.pk, state, mediator, statuses, hashes[first], hashes[second], _collisions(case)]
    return _digest(facts)


def disputed_hash(case: Case) -> str:
    """SHA-256 (hex) of what the two sides plan and of what collides: other than above, approval may go on meanwhile."""
    pair = [case.campaign_a_id, case.campaign_b_id]
    hashes = content_hashes(pair)
    return _digest([1, case.pk, *(hashes[pk] for pk in pair), _collisions(case)])


def _digest(facts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _collisions(case: Case) -> list[list[Any]]:
    collisions = Collision.objects.filter(pk__in=case.collision_rows.values("collision")).order_by("id")
    return [
        [value.isoformat() if hasattr(value, "isoformat") else value for value in row]
        for row in collisions.values_list(
            "id",
            "state",
            "version_a",
            "version_b",
            "offer_a__version",
            "offer_b__version",
            "starts_on",
            "ends_before",
            "shared_products",
            "shared_customers",
            "score",
            "level",
            "evidence",
        )
    ]
