"""What tests of proposals share: what is suggested, and asking one side of a dispute for it."""

from approvals.actions import proposals
from approvals.models import Proposal
from approvals.tests.builders import NOW
from campaigns.models import Collision
from campaigns.queries.explanation import with_offers
from campaigns.queries.remedies import Suggestion, suggestions_of
from customers.clock import local_day


def suggestion(dispute, *, of=None, lever="shift_dates", now=NOW) -> Suggestion:
    """A change of that offer that would clear the one collision; of the second side's unless said otherwise."""
    offer = of or dispute.second
    found = suggestions_of(with_offers(Collision.objects.all()).get(), today=local_day(now))
    return next(one for one in found if one.remedy.lever == lever and one.remedy.offer == offer.pk)


def propose(dispute, *, by=None, of=None, key=None, message="", now=NOW) -> Proposal:
    """Marketing asks Sales to move its offer."""
    return proposals.propose(
        case=dispute.case,
        collision=Collision.objects.get(),
        key=key or suggestion(dispute, of=of, now=now).key,
        by=by or dispute.leads[0],
        now=now,
        message=message,
    )
