"""What the database itself refuses, whoever writes."""

import pytest
from django.db import IntegrityError, transaction

from approvals.choices import CaseState
from approvals.models import Case, EscalationPolicy, WorkingHours
from approvals.tests.builders import escalated_dispute
from campaigns.models import Collision, RaciRole

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def case():
    return escalated_dispute()[0].case


def copy_of(case, **columns):
    values = {
        "campaign_a": case.campaign_a,
        "campaign_b": case.campaign_b,
        "level": case.level,
        "opened_at": case.opened_at,
        "hours_to_agree": case.hours_to_agree,
        "hours_before_start": case.hours_before_start,
        "detected_at": case.detected_at,
        "agree_by": case.agree_by,
    }
    return Case(**values | columns)


def test_a_pair_has_one_open_case_in_whichever_order(case):
    for one, two in ((case.campaign_a, case.campaign_b), (case.campaign_b, case.campaign_a)):
        with pytest.raises(IntegrityError, match="one_open_case_per_pair_of_campaigns"), transaction.atomic():
            copy_of(case, campaign_a=one, campaign_b=two).save()
    assert Case.objects.count() == 1


def test_a_closed_case_leaves_room_for_the_next(case):
    Case.objects.update(state=CaseState.WITHDRAWN, outcome="vanished", closed_at=case.opened_at)
    copy_of(case).save()
    assert Case.objects.count() == 2


def test_a_collision_is_found_once_in_whichever_order(case):
    collision = Collision.objects.get()
    collision.pk = None
    collision.offer_a, collision.offer_b = collision.offer_b, collision.offer_a
    with pytest.raises(IntegrityError, match="collision_is_found_once_in_either_order"), transaction.atomic():
        collision.save(force_insert=True)


@pytest.mark.parametrize(
    ("model", "columns", "name"),
    [
        (Case, {"level": "zz"}, "case_level_is_known"),
        (Collision, {"state": "zz"}, "collision_state_is_known"),
        (Collision, {"level": "zz"}, "collision_level_is_known"),
        (Collision, {"shared_products": 0}, "collision_shares_products_and_customers"),
        (RaciRole, {"letter": "Z"}, "raci_letter_is_known"),
        (EscalationPolicy, {"hours_to_agree": 401}, "policy_hours_to_agree_is_within_limits"),
        (EscalationPolicy, {"hours_before_start": 721}, "policy_hours_before_start_is_within_limits"),
        (WorkingHours, {"opens_at": "18:00"}, "working_day_begins_before_it_ends"),
    ],
)
def test_unknown_words_and_empty_collisions(case, model, columns, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**columns)
