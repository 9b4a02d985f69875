"""What a decision says of precedents, as a mail to both sides may tell it."""

from approvals.models import Citation, Ruling
from approvals.queries.news import Cited
from approvals.queries.precedents import has_started


def cited_in(ruling: Ruling) -> tuple[Cited, ...]:
    """Of a precedent whose campaigns have not both started a mail tells only what was decided: who gets it may be anybody."""
    joined = ("precedent", "precedent__ruling__case__campaign_a", "precedent__ruling__case__campaign_b")
    rows = Citation.objects.filter(ruling=ruling).select_related(*joined)
    return tuple(_cited(row) for row in rows)


def _cited(row: Citation) -> Cited:
    if not has_started(row.precedent):
        return Cited(row.stance, row.precedent.outcome)
    return Cited(row.stance, row.precedent.outcome, row.precedent.ruling.case.label, row.why)
