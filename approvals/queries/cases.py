"""What pages read about cases; each part has its own module."""

from approvals.queries.evidence import evidence
from approvals.queries.exhibits import Evidence, OfferLine, OverlapFact, RulingFacts, Side, Step, Totals
from approvals.queries.facts import facts_hash
from approvals.queries.waiting import CaseLine, Waiting, waiting_for

__all__ = [
    "CaseLine",
    "Evidence",
    "OfferLine",
    "OverlapFact",
    "RulingFacts",
    "Side",
    "Step",
    "Totals",
    "Waiting",
    "evidence",
    "facts_hash",
    "waiting_for",
]
