"""Collisions as rows of a file."""

from collections.abc import Iterator
from heapq import merge
from itertools import combinations, groupby
from typing import NamedTuple

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate

from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Collision, CollisionMember, Offer

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


class Line(NamedTuple):
    """A collision as it concerns two of its offers, `a.code` before `b.code` as text."""

    row: Collision
    a: Offer
    b: Offer

    @property
    def place(self) -> tuple[str, str, str]:
        return self.row.rule, self.a.code, self.b.code


def collision_rows() -> Iterator[tuple[object, ...]]:
    """One row (COLUMNS) per rule and pair of offers, ordered by its first columns; the last shared day is inclusive.

    A collision of more than two offers counts for every pair of two departments in it; where a rule says several things
    of one pair the most severe is told. Cleared collisions are none any more; those that a ruling allows, and those of
    days gone by, are. Two queries.
    """
    lines = merge(_of_two(), sorted(_of_more(), key=_place), key=_place)
    for _where, same in groupby(lines, key=_place):
        row, a, b = min(same, key=lambda line: (-line.row.score, line.row.starts_on, line.row.pk))
        yield (
            row.rule,
            a.code,
            b.code,
            a.campaign.code,
            b.campaign.code,
            a.department.code,
            b.department.code,
            row.starts_on.isoformat(),
            row.ends_on.isoformat(),
            row.days,
            row.shared_products,
            row.shared_customers,
            row.level,
        )


def _place(line: Line) -> tuple[str, str, str]:
    return line.place


def _of_two() -> Iterator[Line]:
    """In the order of the file, streamed: there may be millions."""
    # Bytewise on both databases, as Python compares text: the order of a locale would put offers of one file elsewhere
    # on another machine.
    bytewise = "C" if connection.vendor == "postgresql" else "BINARY"
    rows = (
        Collision.objects.filter(members=None)
        .exclude(state=CollisionState.CLEARED)
        .exclude(offer_a__campaign__status=CampaignStatus.DRAFT)
        .exclude(offer_b__campaign__status=CampaignStatus.DRAFT)
        .order_by(*(Collate(F(column), bytewise) for column in ("rule", "offer_a__code", "offer_b__code")))
        .select_related("offer_a__campaign", "offer_b__campaign", "offer_a__department", "offer_b__department")
        .defer("evidence")
    )
    return (Line(row, row.offer_a, row.offer_b) for row in rows.iterator(chunk_size=5000))


def _of_more() -> Iterator[Line]:
    """Every pair of two departments in collisions of more than two offers."""
    members = (
        CollisionMember.objects.exclude(collision__state=CollisionState.CLEARED)
        .exclude(offer__campaign__status=CampaignStatus.DRAFT)
        .select_related("collision", "offer__campaign", "offer__department")
        .defer("collision__evidence")
        .order_by("collision")
    )
    for _pk, crowd in groupby(members, key=lambda member: member.collision_id):
        offers = sorted(crowd, key=lambda member: member.offer.code)
        for one, two in combinations(offers, 2):
            if one.offer.department_id != two.offer.department_id:
                yield Line(one.collision, one.offer, two.offer)
