"""The demo's next month: the page of every rule's finding tells what would clear it, or that nothing was found."""

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.tests.reviewing import let_somebody_approve
from campaigns.actions import collisions
from campaigns.actions.remedies import apply_remedy
from campaigns.models import Collision
from campaigns.queries.explanation import with_offers
from campaigns.queries.remedies import suggestions_of
from campaigns.rules.collisions import RULES
from campaigns.tests import factories as make
from config.demo_plan import plan_next_month
from customers.clock import local_day
from customers.tests.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.every_rule]


@pytest.fixture
def boss():
    """Works in every department, and so may change all plans."""
    return make.make_user("boss")


@pytest.fixture
def month(boss):
    leads = {code: make.make_user(f"lead_of_{code.lower()}") for code in ("CRM", "MKT", "TRADE")}
    for code, lead in leads.items():
        make.make_department(code, lead=lead, members=[boss])
    now = timezone.now()
    admin = make.make_user("admin", is_superuser=True)
    let_somebody_approve(admin)
    plan_next_month(admin=admin, leads=leads, now=now)
    collisions.detect_everything(now=now)
    rows = with_offers(Collision.objects.filter(state="open").exclude(level="note")).order_by("pk")
    return {rule.CODE: rows.filter(rule=rule.CODE).first() for rule in RULES}


def test_every_finding_is_told_with_what_would_clear_it(month, boss):
    client = signed_in(boss)
    for code, row in month.items():
        assert row is not None, code
        text = client.get(reverse("admin:campaigns_collision_change", args=[row.pk])).content.decode()
        # Sides, counts, days, level and arithmetic.
        assert text.count('id="side-') == len(row.members.all() or "ab"), code
        for told in (">customers<", ">products<", ">days<", "of 100", "How the severity comes about"):
            assert told in text, (code, told)
        assert ('class="c-remedy"' in text) != ("None found" in text), code
    _one_of_each_kind_clears_what_it_is_for(month, boss)


def _one_of_each_kind_clears_what_it_is_for(month, boss):
    """The database agrees with the dry run; kinds that need another plan are tried in test_suggestions."""
    now, tried = timezone.now(), set()
    for code in reversed(month):
        row = Collision.objects.get(pk=month[code].pk)
        found = suggestions_of(month[code], today=local_day(now)) if row.state == "open" else []
        one = next((one for one in found if one.remedy.lever not in tried and not one.remedy.funds), None)
        if one is not None:
            tried.add(one.remedy.lever)
            apply_remedy(collision=row, key=one.key, by=boss, now=now)
            collisions.refresh(offer_ids=[offer.pk for offer in one.touched], now=now)
            row.refresh_from_db()
            assert row.state == "cleared", (code, one.sentence)
    assert len(tried) >= 8, tried
