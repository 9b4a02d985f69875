"""Collisions as rows of a file."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate

from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Collision

COLUMNS = (
    "rule",
    "offer_a",
    "offer_b",
    "campaign_a",
    "campaign_b",
    "department_a",
    "department_b",
    "overlap_starts_on",
    "overlap_ends_on",
    "overlap_days",
    "shared_products",
    "shared_customers",
    "level",
)


def collision_rows() -> Iterator[tuple[object, ...]]:
    """One row (COLUMNS) per rule and pair of offers, ordered by its first columns; the last shared day is inclusive.

    Cleared collisions are none any more; those that a ruling allows, and those of days gone by, are.
    """
    # Bytewise on both databases: the order of a locale would put offers of one file elsewhere on another machine.
    bytewise = "C" if connection.vendor == "postgresql" else "BINARY"
    rows = (
        Collision.objects.exclude(state=CollisionState.CLEARED)
        .exclude(offer_a__campaign__status=CampaignStatus.DRAFT)
        .exclude(offer_b__campaign__status=CampaignStatus.DRAFT)
        .order_by(*(Collate(F(column), bytewise) for column in ("rule", "offer_a__code", "offer_b__code")))
        .select_related("offer_a__campaign", "offer_b__campaign", "offer_a__department", "offer_b__department")
    )
    for row in rows.iterator(chunk_size=5000):
        yield (
            row.rule,
            row.offer_a.code,
            row.offer_b.code,
            row.offer_a.campaign.code,
            row.offer_b.campaign.code,
            row.offer_a.department.code,
            row.offer_b.department.code,
            row.starts_on.isoformat(),
            row.ends_on.isoformat(),
            row.days,
            row.shared_products,
            row.shared_customers,
            row.level,
        )
