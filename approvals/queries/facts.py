"""What is decided or agreed about, as a hash: whoever decides or signs has seen exactly this."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.utils.crypto import salted_hmac

from approvals.models import Case
from approvals.rules.operations import Operation, canonical, serialise
from campaigns.models import Collision
from campaigns.queries.content import content_hashes


def facts_hash(case: Case) -> str:
    """SHA-256 (hex) of the case's state, both campaigns' content and status, its collisions and its offers' dates.

    Read from the database, so that a page shown earlier is compared with what is stored now.
    """
    state, mediator = Case.objects.values_list("state", "mediator").get(pk=case.pk)
    facts = [1, case.pk, state, mediator, *_plans(case)]
    return _digest(facts)


def terms_hash(case: Case, operations: Iterable[Operation]) -> str:
    """SHA-256 (hex) of these operations and of the plans as they are now: what the two sides sign.

    Who mediates, and whether somebody does, changes nothing of what is agreed. Keyed, because both sides read it and
    could otherwise try out against it what they guess of the other's plan.
    """
    facts = [1, case.pk, serialise(canonical(operations)), *_plans(case)]
    return salted_hmac("approvals.terms", json.dumps(facts, sort_keys=True), algorithm="sha256").hexdigest()


def disputed_hash(case: Case) -> str:
    """SHA-256 (hex) of what the two sides plan and of what collides: other than above, approval may go on meanwhile."""
    pair = [case.campaign_a_id, case.campaign_b_id]
    hashes = content_hashes(pair)
    return _digest([1, case.pk, *(hashes[pk] for pk in pair), _collisions(case)])


def _plans(case: Case) -> list[Any]:
    """Both campaigns' status and content, and every collision of the case with the versions of its offers."""
    columns = ("campaign_a", "campaign_b", "campaign_a__status", "campaign_b__status")
    first, second, *statuses = Case.objects.values_list(*columns).get(pk=case.pk)
    hashes = content_hashes([first, second])
    return [statuses, hashes[first], hashes[second], _collisions(case)]


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
