"""Many requests of one case at the same moment: one of them takes effect."""

import pytest

from approvals.models import Ruling
from approvals.queries.cases import facts_hash
from approvals.tests.builders import REASON, dispute_ahead, make_mediator
from approvals.tests.crowd import crowd
from campaigns.models import Offer
from customers.models import HistoryEntry, IdempotentRequest
from customers.rest.access import WriteThrottle
from customers.tests.api import client_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def send(monkeypatch):
    """Sends one decision with this key; answers its status."""
    monkeypatch.setattr(WriteThrottle, "THROTTLE_RATES", {"write": None})
    mediator = make_mediator()
    case = dispute_ahead(escalated=True).case
    orders = [{"do": "shift_dates", "campaign": "SAL-1", "days": 30}]
    body = {"operations": orders, "reason": REASON, "facts": facts_hash(case)}
    client = client_of(mediator)
    address = f"/api/v1/cases/{case.pk}/decide/"
    return lambda key: client.post(address, body, headers={"Idempotency-Key": key}).status_code


def decisions():
    steps = HistoryEntry.objects.filter(verb="decide", scope__startswith="case:")
    return Ruling.objects.count(), steps.count()


def starts():
    return sorted(Offer.objects.values_list("starts_on", flat=True))


def test_of_many_decisions_one_is_taken_and_the_others_conflict(send, is_long):
    before, number = starts(), 1000 if is_long else 100
    assert crowd(lambda n: send(f"key-{n}"), number) == {200: 1, 409: number - 1}
    assert decisions() == (1, 1)
    first, second = starts()
    assert (first, (second - before[1]).days) == (before[0], 30)


def test_one_decision_sent_many_times_is_decided_once(send):
    # Whoever comes while the first still runs is told so, whoever comes after gets its answer.
    outcomes = crowd(lambda _n: send("key"), number=64)
    assert outcomes.keys() <= {200, 409}
    assert outcomes[200] > 0
    assert (*decisions(), IdempotentRequest.objects.count()) == (1, 1, 1)
    assert send("key") == 200
