"""What tests of terms share: putting them to the other side, and all that a refusal must leave alone."""

from datetime import timedelta

import pytest

from approvals.actions import agreement, terms
from approvals.models import Acceptance, Case, Extension, Mail, Ruling, Terms, Timer
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.tests.builders import NOW
from campaigns.models import Collision, Offer
from customers.models import Event, HistoryEntry

LATER = NOW + timedelta(hours=1)
LONG = ShiftDates("SAL-1", 20)
BOTH = AllowBoth()


def put(dispute, *operations, by=None, message="", now=LATER, case=None) -> Terms:
    """Marketing proposes; unless said otherwise, that Sales comes twenty days later."""
    who = {"case": case or dispute.case, "operations": operations or [LONG], "by": by or dispute.leads[0], "now": now}
    shown = terms.preview(**who)
    return terms.propose(**who, posted_hash=shown.terms_hash, message=message)


def accept(dispute, made, *, by=None, posted=None, now=LATER) -> Terms:
    """Sales accepts what it was shown."""
    shown = made.terms_hash if posted is None else posted
    return agreement.accept(terms=made, posted_hash=shown, by=by or dispute.leads[1], now=now)


def everything():
    """What a refusal must leave as it is."""
    models = (Case, Terms, Acceptance, Extension, Ruling, Offer, Collision, Timer)
    counts = [model.objects.count() for model in (Mail, HistoryEntry, Event)]
    return [list(model.objects.order_by("pk").values()) for model in models], counts


def refused(error, step):
    """The step is refused and changes nothing."""
    before = everything()
    with pytest.raises(error) as refusal:
        step()
    assert everything() == before
    return refusal.value


def verbs(case):
    """Steps of the case's history, in their order."""
    return list(HistoryEntry.objects.filter(scope=f"case:{case.label}").order_by("id").values_list("verb", flat=True))
