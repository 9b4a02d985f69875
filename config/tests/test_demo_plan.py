"""The demo's next month: every kind of collision is in it, and what only nearly collides is not."""

import pytest

from approvals.tests.reviewing import let_somebody_approve
from campaigns.actions import collisions
from campaigns.models import Collision
from campaigns.rules.collisions import RULES
from campaigns.tests import factories as make
from campaigns.tests.factories import NOW
from config.demo_plan import NEAR_MISSES, SCENES, plan_next_month

pytestmark = [pytest.mark.django_db, pytest.mark.every_rule]


@pytest.fixture
def month():
    leads = {code: make.make_user(f"lead_of_{code.lower()}") for code in ("CRM", "MKT", "TRADE")}
    for code, lead in leads.items():
        make.make_department(code, lead=lead)
    admin = make.make_user("admin", is_superuser=True)
    let_somebody_approve(admin)
    plan_next_month(admin=admin, leads=leads, now=NOW)
    collisions.detect_everything(now=NOW)
    return Collision.objects.filter(state="open")


def test_every_rule_finds_what_is_planned_for_it(month):
    of_scene = {
        rule.CODE: month.filter(rule=rule.CODE, offer_a__code__startswith=f"NEXT-{rule.CODE}-").exists()
        for rule in RULES
        if rule.CODE in SCENES
    }
    assert [code for code, found in of_scene.items() if not found] == []
    assert {rule.CODE for rule in RULES} - SCENES.keys() == {"overlap"}
    assert month.filter(rule="overlap").exists()


def test_what_only_nearly_collides_does_not(month):
    codes = [f"NEXT-near_miss-{number}" for number in range(1, len(NEAR_MISSES.lines) + 1)]
    named = month.filter(offer_a__code__in=codes) | month.filter(offer_b__code__in=codes)
    assert list(named.values_list("rule", "offer_a__code", "offer_b__code")) == []
