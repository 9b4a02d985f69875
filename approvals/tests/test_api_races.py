"""Many requests of one case at the same moment: one of them takes effect."""

import pytest

from approvals.models import Ruling
from approvals.queries.cases import facts_hash
from approvals.tests.builders import REASON, dispute_ahead, make_mediator
from approvals.tests.test_races import race, raised, steps
from campaigns.models import Offer
from customers.models import IdempotentRequest
from customers.tests.api import client_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CROWD = 20


def crowd(client, address, body, keys):
    """Status of each answer, all sent at once."""
    results = race(*[lambda key=key: client.post(address, body, headers={"Idempotency-Key": key}) for key in keys])
    assert raised(results) == []
    return sorted(answer.status_code for answer in results)


@pytest.fixture
def decision():
    mediator = make_mediator()
    dispute = dispute_ahead(escalated=True)
    orders = [{"do": "shift_dates", "campaign": "SAL-1", "days": 30}]
    body = {"operations": orders, "reason": REASON, "facts": facts_hash(dispute.case)}
    return client_of(mediator), f"/api/v1/cases/{dispute.case.pk}/decide/", body


def moved():
    return sorted(Offer.objects.values_list("starts_on", flat=True))


def test_of_many_decisions_one_is_taken_and_the_others_conflict(decision):
    before = moved()
    assert crowd(*decision, [f"k{place}" for place in range(CROWD)]) == [200] + [409] * (CROWD - 1)
    assert (Ruling.objects.count(), steps("decide")) == (1, 1)
    first, second = moved()
    assert (first, (second - before[1]).days) == (before[0], 30)


def test_one_decision_sent_many_times_is_decided_once(decision):
    answers = crowd(*decision, ["k1"] * CROWD)
    # Whoever comes while the first still runs is told so, whoever comes after gets its answer.
    assert set(answers) <= {200, 409}
    assert 200 in answers
    assert (Ruling.objects.count(), steps("decide"), IdempotentRequest.objects.count()) == (1, 1, 1)
    assert crowd(*decision, ["k1"] * 2) == [200, 200]
