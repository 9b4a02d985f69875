"""Why the collisions of a case are gone: read from what their offers and campaigns went through."""

from approvals.choices import ProposalState
from approvals.models import Case, Proposal
from approvals.rules.closing import AGREED, Cause, kind_of
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision, Department, Offer
from customers.models import HistoryEntry

# Verbs of the history with which people change what collides.
_EDITS = ["change", "withdraw", "cancel", "end"]


def cause_of_vanishing(case: Case) -> Cause:
    """The latest edit of the offers or campaigns since the case opened, or the proposal that was accepted as the last
    thing; without any, the days are over or data changed.
    """
    collisions = list(Collision.objects.filter(pk__in=case.collision_rows.values("collision")))
    if collisions and all(collision.state == CollisionState.PAST for collision in collisions):
        return Cause("past")
    offers = {
        f"offer:{offer.code}": offer
        for offer in Offer.objects.filter(
            pk__in={pk for collision in collisions for pk in (collision.offer_a_id, collision.offer_b_id)}
        ).select_related("department")
    }
    campaigns = {f"campaign:{campaign.code}": campaign for campaign in (case.campaign_a, case.campaign_b)}
    edits = HistoryEntry.objects.filter(subject__in=[*offers, *campaigns], verb__in=_EDITS, at__gte=case.opened_at)
    latest = edits.order_by("-id").first()
    accepted = Proposal.objects.filter(case=case, state=ProposalState.ACCEPTED).order_by("-answered_at")
    last = accepted.select_related("offer__department").first()
    if last and (latest is None or last.answered_at >= latest.at):
        return Cause(AGREED, last.offer.department.name, last.offer.code)
    if latest is None:
        open_still = any(collision.state == CollisionState.OPEN for collision in collisions)
        return Cause("past") if open_still else Cause("data")
    thing = offers.get(latest.subject) or campaigns[latest.subject]
    return Cause(kind_of(latest.verb, latest.changes), _department(thing).name, thing.code)


def _department(thing: Offer | Campaign) -> Department:
    return thing.department
