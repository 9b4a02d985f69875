"""What pages read about cases; each part has its own module."""

from approvals.queries.evidence import evidence, ruling_of
from approvals.queries.exhibits import (
    Evidence,
    MeetingFacts,
    OfferLine,
    OverlapFact,
    RulingFacts,
    Side,
    Step,
    ThirdOffer,
    Totals,
)
from approvals.queries.facts import facts_hash
from approvals.queries.waiting import CaseLine, Waiting, waiting_for

__all__ = [
    "CaseLine",
    "Evidence",
    "MeetingFacts",
    "OfferLine",
    "OverlapFact",
    "RulingFacts",
    "Side",
    "Step",
    "ThirdOffer",
    "Totals",
    "Waiting",
    "evidence",
    "facts_hash",
    "ruling_of",
    "waiting_for",
]
