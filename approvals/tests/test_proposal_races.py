"""Two people of one department accept the same proposal at the same moment."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from approvals.actions import proposals
from approvals.choices import ProposalState
from approvals.models import Mail, Proposal
from approvals.tests.builders import NOW, make_user, open_dispute
from approvals.tests.proposing import propose
from campaigns.actions import access
from campaigns.models import Offer
from customers.models import HistoryEntry
from customers.tests.races import paused_at, raised

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

LATER = NOW + timedelta(hours=1)
# The first thing that it writes: all checks are done.
CHANGES = 'UPDATE "campaigns_offer"'


def test_of_two_acceptors_one_makes_the_change(locked):
    dispute = open_dispute()
    deputy = make_user("deputy")
    access.join(department=dispute.second.department, user=deputy, is_lead=True, by=None, now=NOW)
    proposal = propose(dispute)
    first, second = (
        lambda by=by: proposals.accept(proposal=proposal, by=by, now=LATER) for by in (dispute.leads[1], deputy)
    )
    results = paused_at(CHANGES, first, second, locked=locked)
    changes = HistoryEntry.objects.filter(verb="change", subject=f"offer:{dispute.second.code}").count()
    if not locked:
        assert changes == 2 or raised(results)
        return
    accepted, refusal = results
    assert (accepted.answered_by, type(refusal), refusal.code) == (dispute.leads[1], ValidationError, "state")
    assert Proposal.objects.get().state == ProposalState.ACCEPTED
    moved = (Offer.objects.get(pk=dispute.second.pk).starts_on - dispute.second.starts_on).days
    assert (moved, changes) == (proposal.days, 1)
    assert not Mail.objects.filter(event="proposal_accepted", recipient=dispute.leads[1]).exists()
