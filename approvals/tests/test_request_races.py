"""Steps of a customer's request against the same steps at the same moment."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals.actions import request_deadlines
from approvals.models import Answer, CustomerRequest, HandOver, Mail
from approvals.tests.asking import SAID_TOO, ask, hand, make_house, say
from customers.tests.races import race, raised, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_two_at_once_one_wins_and_one_is_told():
    house = make_house()
    # Two colleagues answer.
    request = ask(house)
    results = race(lambda: say(house, request, "marketer"), lambda: say(house, request, "lead_MKT", SAID_TOO))
    assert raised(results, ValidationError) == []
    assert sum(isinstance(result, ValidationError) for result in results) == 1
    assert CustomerRequest.objects.get().standing == Answer.objects.get()
    # Both hand it over, to where neither works.
    request = ask(house)
    results = race(
        lambda: hand(house, request, "marketer", "SAL"),
        lambda: hand(house, request, "lead_MKT", "SRV"),
    )
    assert [type(one) for one in results if isinstance(one, Exception)] == [PermissionDenied]
    assert HandOver.objects.get(request=request).to_department == CustomerRequest.objects.get(pk=request.pk).department
    # The form, sent twice by an impatient hand.
    first, second = together(lambda: ask(house, token="t"), lambda: ask(house, token="t"))
    assert first == second
    # Two workers sweep.
    before = Mail.objects.count()
    late = ask(house, "stranger")
    together(*[lambda: request_deadlines.tell_due(now=late.answer_by)] * 3)
    assert Mail.objects.filter(key__startswith=f"request:{late.pk}:").count() == 2
    assert Mail.objects.count() > before
