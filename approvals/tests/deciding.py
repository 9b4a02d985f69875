"""What tests of rulings share: deciding, previewing, and all that a refused decision must leave alone."""

from datetime import timedelta

from approvals.actions import rulings
from approvals.models import Case, Mail, Ruling, Timer
from approvals.queries.cases import facts_hash
from approvals.tests.builders import NOW, REASON
from campaigns.models import Campaign, Collision, Offer
from customers.models import Event, HistoryEntry

LATER = NOW + timedelta(hours=50)


def decide(dispute, operations, *, by=None, reason=REASON, facts=None, key="form-1", now=LATER):
    return rulings.decide(
        case=dispute.case,
        operations=operations,
        reason=reason,
        by=by or dispute.case.mediator,
        now=now,
        facts=facts_hash(dispute.case) if facts is None else facts,
        key=key,
    )


def preview(dispute, operations, by=None):
    return rulings.preview(case=dispute.case, operations=operations, by=by or dispute.case.mediator, now=LATER)


def everything():
    """What a refused decision must leave as it is."""
    return (
        list(Case.objects.values()),
        list(Offer.objects.order_by("pk").values()),
        list(Collision.objects.order_by("pk").values()),
        list(Campaign.objects.order_by("pk").values()),
        Ruling.objects.count(),
        Mail.objects.count(),
        HistoryEntry.objects.count(),
        Event.objects.count(),
        list(Timer.objects.values()),
    )
