"""Decisions on equal facts, one after the other, for tests of precedents and standing rules."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from approvals.actions import cases, rulings
from approvals.choices import CaseState
from approvals.models import Case, Mediator, Precedent, Ruling, StandingRule
from approvals.models.precedents import columns_of, columns_of_outcome
from approvals.queries.cases import facts_hash
from approvals.queries.precedents import alike
from approvals.rules.operations import Operation
from approvals.rules.outcomes import Outcome
from approvals.rules.precedents import Cited, Facts
from approvals.tests.builders import NOW, REASON, make_department, make_segment, make_user, settle_down, submit
from campaigns.models import Campaign, Department, Product
from campaigns.tests.factories import DAY, make_campaign, make_offer, make_product
from customers.clock import local_day
from customers.models import Segment

BOTH_DECIDE = ("decision", "decision")


class House:
    """Marketing and Sales, who collide again and again on the same customers and products, and one mediator."""

    def __init__(self) -> None:
        self.segment: Segment = make_segment(numbers=range(50))
        self.products: list[Product] = [make_product()]
        self.marketing, self.sales = make_department("MKT"), make_department("SAL")
        self.mediator: User = make_user("marta")
        Mediator.objects.create(user=self.mediator)

    def collide(self, number: int, *, now: datetime = NOW, discount: int = 20) -> Case:
        """MKT-n and SAL-n (planned later and deeper), ten days in weeks of their own."""
        starts_on = DAY + timedelta(days=30 * number)
        for department, percent in ((self.marketing, 10), (self.sales, discount)):
            self.plan(department, f"{department.code}-{number}", starts_on, percent)
        settle_down(now)
        return Case.objects.get(campaign_a__code=f"MKT-{number}")

    def plan(self, department: Department, code: str, starts_on, percent: int = 10):
        campaign = make_campaign(department, code, starts_on, name=f"Secret {code}")
        offer = make_offer(campaign, f"{code}-A", segments=[self.segment], products=self.products, percent_off=percent)
        submit(campaign)
        return offer

    def decide(self, case: Case, *operations: Operation, now: datetime = NOW, stance: str = "follows") -> Ruling:
        cases.escalate(case=case, by=None, now=now, key="time")
        case.refresh_from_db()
        return decide(case, *operations, now=now, stance=stance)

    @property
    def facts(self) -> Facts:
        """Those of every case that `collide` makes."""
        category = self.products[0].category_id
        return Facts("overlap", ("overlap",), (self.marketing.pk, self.sales.pk), category, 3, 0, (2, 3), BOTH_DECIDE)

    @property
    def outcome(self) -> Outcome:
        """Sales, which plans later and goes deeper, moves later until nothing is shared."""
        return Outcome("clear_later", self.sales.pk, "younger", "deeper")

    def keep_rule(self, **fields: object) -> StandingRule:
        """A standing rule on these facts as it stands after the steps that `fields` tell of."""
        columns = {**columns_of(self.facts), **columns_of_outcome(self.outcome), "suggested_at": NOW, **fields}
        return StandingRule.objects.create(**columns)

    def keep_precedent(
        self, *, at: datetime = NOW, facts: Facts | None = None, outcome: Outcome | None = None, **ruled: object
    ) -> Precedent:
        """A decision of another time, with a case but without its collisions."""
        campaigns = [
            Campaign.objects.filter(department=one).first()
            or make_campaign(one, f"{one.code}-0", name=f"Secret {one.code}")
            for one in (self.marketing, self.sales)
        ]
        # No case begins closed, and the two may have an open one: it begins with another campaign.
        case = Case.objects.create(
            campaign_a=campaigns[0],
            campaign_b=make_campaign(self.sales, f"SAL-{Case.objects.count() + 100}"),
            level="high",
            opened_at=at,
            agree_by=at,
            detected_at=at,
            hours_to_agree=18,
            hours_before_start=24,
        )
        Case.objects.filter(pk=case.pk).update(
            campaign_b=campaigns[1], state=CaseState.CLOSED, outcome="ruled", closed_at=at
        )
        case.refresh_from_db()
        ruling = Ruling.objects.create(
            case=case,
            decided_by=self.mediator,
            decided_at=at,
            reason=f"Secret reason of {case.label}",
            operations=[],
            effect={},
            **ruled,
        )
        columns = {**columns_of(facts or self.facts), **columns_of_outcome(outcome or self.outcome)}
        return Precedent.objects.create(ruling=ruling, decided_at=at, **columns)


def decide(case: Case, *operations: Operation, now: datetime = NOW, stance: str = "follows") -> Ruling:
    _facts, found = alike(case, today=local_day(now))
    why = "Another season." if stance == "distinguishes" else ""
    return rulings.decide(
        case=case,
        operations=operations,
        reason=REASON,
        by=case.mediator,
        now=now,
        facts=facts_hash(case),
        key=f"form {case.pk}",
        citations=[Cited(pk, stance, why) for pk, _likeness in found],
    )
