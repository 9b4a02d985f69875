"""Which mandates hold a case, who of several people gets it, and that nobody chooses a mediator by changing mandates."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from approvals.actions import cases, escalation, recusals
from approvals.choices import CaseState
from approvals.models import Absence, Case, Mediator
from approvals.queries.mandates import holding
from approvals.rules.mediation import PAIR
from approvals.tests.builders import (
    NOW,
    Dispute,
    make_campaign,
    make_department,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    make_user,
    open_dispute,
    settle_down,
    submit,
)
from campaigns.models import Category, Department

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispute():
    found = open_dispute()
    Department.objects.filter(code="MKT").update(business_unit="Retail")
    return found


def escalate(dispute):
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    return dispute.case


def give(name, **mandate):
    return Mediator.objects.create(user=make_user(name), **mandate)


def departments(dispute):
    return [campaign.department for campaign in dispute.campaigns]


def trail(case):
    return [(row["user"], row["why"]) for row in case.mediator_trail]


class TestScopes:
    def test_the_most_specific_mandate_decides_and_the_case_says_why(self, dispute):
        marketing, sales = departments(dispute)
        give("general")
        give("unit", business_unit="Retail")
        give("special", department=sales)
        give("goods", category=dispute.first.product_rows.first().product.category)
        give("pair", department=sales, other_department=marketing)
        order = ["pair", "goods", "special", "unit", "general"]
        case = escalate(dispute)
        assert case.mediator.username == "pair"
        assert case.mediator_why == {
            "scope": PAIR,
            "names": ["Marketing", "Sales"],
            "from_level": "",
            "instead_of": "",
            "is_full": False,
        }
        assert len(case.mandates) == 5
        for place, name in enumerate(order[1:], start=1):
            recusals.step_aside(case=dispute.case, by=dispute.case.mediator, now=NOW, key=str(place))
            assert dispute.case.mediator.username == name
        assert trail(dispute.case) == [(name, "recused") for name in order[:-1]]

    def test_mandates_for_something_else_hold_nothing(self, dispute):
        marketing, _sales = departments(dispute)
        crm = make_department("CRM")
        give("pair", department=marketing, other_department=crm)
        give("elsewhere", department=crm)
        give("unit", business_unit="Wholesale")
        give("goods", category=Category.objects.create(code="garden", size=0))
        case = dispute.case
        assert holding(case) == []
        assert escalate(dispute).mediator is None

    def test_a_category_that_only_one_side_offers_holds_nothing(self):
        segment, shared = make_segment(numbers=range(9)), make_products(2)
        (own,) = make_products(1)
        own.category = Category.objects.create(code="garden", size=1)
        own.save()
        pair = []
        for code, products in (("MKT", [*shared, own]), ("SAL", shared)):
            campaign = make_campaign(make_department(code), f"{code}-1")
            pair.append(make_offer(campaign, segments=[segment], products=products))
            submit(campaign)
        settle_down()
        dispute = Dispute(*pair)
        give("garden", category=own.category)
        goods = give("goods", category=shared[0].category)
        assert [mandate["id"] for mandate in holding(dispute.case)] == [goods.pk]
        assert escalate(dispute).mediator_why["names"] == [shared[0].category.code]

    def test_a_mandate_from_a_level_on(self, dispute):
        give("general")
        severe = give("severe", from_level="critical")
        assert dispute.case.level == "high"
        case = escalate(dispute)
        assert case.mediator.username == "general"
        # The case grew worse, and its mediator leaves: now the mandate of then holds it.
        Case.objects.update(level="critical")
        recusals.step_aside(case=case, by=case.mediator, now=NOW, key="k")
        assert dispute.case.mediator == severe.user

    def test_a_stand_in_says_for_whom(self, dispute):
        marta = make_mediator(stand_in=make_user("sara"))
        Absence.objects.create(
            user=marta, stand_in=make_user("anna"), starts_on=NOW.date(), ends_before=NOW.date() + timedelta(days=1)
        )
        case = escalate(dispute)
        assert (case.mediator.username, case.mediator_why["instead_of"]) == ("sara", "marta")
        assert trail(case) == [("marta", "absent")]


class TestLoad:
    @pytest.fixture
    def busy(self, dispute):
        """Somebody with a case in mediation, of other departments, as the next one to be asked by the age of mandates."""
        general = give("busy")
        one, two = (make_campaign(make_department(code), f"{code}-1") for code in ("CRM", "ECO"))
        Case.objects.create(
            campaign_a=one,
            campaign_b=two,
            state=CaseState.MEDIATION,
            level="low",
            detected_at=NOW,
            opened_at=NOW,
            hours_to_agree=18,
            hours_before_start=24,
            hours_to_decide=18,
            agree_by=NOW,
            escalated_at=NOW,
            mediator=general.user,
            assigned_at=NOW,
            decide_by=NOW,
        )
        return general

    def of_dispute(self, dispute):
        return Case.objects.get(campaign_a__in=dispute.campaigns)

    def escalated(self, dispute):
        cases.escalate(case=self.of_dispute(dispute), by=None, now=NOW, key="time")
        return self.of_dispute(dispute)

    def test_of_equal_mandates_who_has_fewer_cases_decides(self, dispute, busy):
        idle = give("idle")
        assert self.escalated(dispute).mediator == idle.user

    def test_who_is_full_is_passed_over(self, dispute, busy):
        Mediator.objects.filter(pk=busy.pk).update(most_cases=1, department=departments(dispute)[0])
        give("general")
        case = self.escalated(dispute)
        assert (case.mediator.username, trail(case)) == ("general", [("busy", "load")])

    def test_unless_nobody_else_is_free(self, dispute, busy):
        Mediator.objects.filter(pk=busy.pk).update(most_cases=1)
        case = self.escalated(dispute)
        assert (case.mediator, trail(case)) == (busy.user, [])
        assert case.mediator_why["is_full"] is True


class TestChanges:
    """What administrators change while a case is with a mediator."""

    def test_a_mandate_given_since_does_not_come_before_those_of_then(self, dispute):
        give("first")
        give("second")
        case = escalate(dispute)
        marketing, sales = departments(dispute)
        give("chosen", department=marketing, other_department=sales)
        recusals.step_aside(case=case, by=case.mediator, now=NOW, key="k")
        assert dispute.case.mediator.username == "second"
        # But it is there when those of then have nobody.
        recusals.step_aside(case=dispute.case, by=dispute.case.mediator, now=NOW, key="k2")
        assert dispute.case.mediator.username == "chosen"

    def test_whoever_lost_the_mandate_gets_no_case_and_keeps_the_one_they_have(self, dispute):
        give("first")
        give("second")
        give("third")
        case = escalate(dispute)
        Mediator.objects.filter(user__username__in=["first", "second"]).delete()
        escalation.replace_mediators(now=NOW)
        assert dispute.case.mediator.username == "first"
        recusals.step_aside(case=case, by=case.mediator, now=NOW, key="k")
        assert (dispute.case.mediator.username, trail(dispute.case)) == (
            "third",
            [("first", "recused"), ("second", "dismissed")],
        )


class TestConstraints:
    @pytest.mark.parametrize(
        "mandate",
        [
            {"department": "MKT", "business_unit": "Retail"},
            {"department": "MKT", "category": True},
            {"category": True, "business_unit": "Retail"},
            {"other_department": "MKT"},
            {"department": "MKT", "other_department": "MKT"},
            {"from_level": "note"},
            {"most_cases": 0},
            {"most_cases": 1001},
        ],
    )
    def test_the_database_refuses_what_no_mandate_can_be(self, mandate):
        make_department("MKT")
        for name in ("department", "other_department"):
            if name in mandate:
                mandate = {**mandate, name: Department.objects.get(code=mandate[name])}
        if mandate.get("category"):
            mandate = {**mandate, "category": Category.objects.create(code="sofas", size=0)}
        with pytest.raises(IntegrityError), transaction.atomic():
            give("marta", **mandate)

    def test_somebody_has_a_mandate_once_in_either_order_and_others_have_the_same(self):
        one, two = make_department("MKT"), make_department("SAL")
        marta = give("marta", department=one, other_department=two).user
        give("jorge", department=two, other_department=one)
        with pytest.raises(IntegrityError), transaction.atomic():
            Mediator.objects.create(user=marta, department=two, other_department=one)
        Mediator.objects.create(user=marta)
        with pytest.raises(IntegrityError), transaction.atomic():
            Mediator.objects.create(user=marta)
