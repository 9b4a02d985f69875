import json
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from django.utils import translation
from pyroaring import BitMap

from approvals.actions import cases, escalation, rulings
from approvals.models import Case
from approvals.queries.cases import evidence, facts_hash, waiting_for
from approvals.queries.shared import distinct_customers, distinct_products
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.tests.builders import (
    NOW,
    REASON,
    escalated_dispute,
    lead_of,
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
from campaigns.actions import access, offers, raci
from campaigns.models import Campaign, Collision
from campaigns.queries.collisions import shared_numbers
from campaigns.queries.collisions import shared_products as shared_in_sql
from campaigns.tests.factories import make_category, make_channel, make_customers, make_product

pytestmark = pytest.mark.django_db

STARTS, ENDS = date(2026, 11, 12), date(2026, 11, 22)
LATER = NOW + timedelta(hours=50)


class TestEvidence:
    def test_both_sides_and_what_they_share(self):
        dispute = open_dispute()
        offers.change_offer(
            offer=dispute.second,
            by=dispute.leads[1],
            now=NOW,
            fields={"starts_on": STARTS + timedelta(5), "percent_off": "12.50"},
            reach=offers.Reach(
                include=[make_segment("S-200", numbers=range(25, 225))],
                add_products=make_products(9),
                channels=[make_channel("email"), make_channel("app")],
            ),
        )
        settle_down()
        found = evidence(dispute.case, dispute.leads[0])

        marketing, sales = found.sides
        assert (marketing.department, marketing.code, marketing.name) == ("Marketing", "MKT-1", "Marketing in autumn")
        assert (marketing.accountable, marketing.contact) == ("Lead_Mkt", "Contact_Mkt")
        assert (marketing.starts_on, marketing.ends_on, marketing.status) == (STARTS, ENDS - timedelta(1), "submitted")
        (offer,) = sales.offers
        assert (offer.code, offer.terms, offer.audience, offer.customers, offer.products) == (
            "SAL-1-A",
            "12.5 % off",
            "S-200",
            200,
            12,
        )
        assert (offer.channels, offer.held, offer.live, offer.withdrawn) == (("App", "Email"), True, False, False)
        (fact,) = found.overlaps
        collision = Collision.objects.get()
        assert (fact.left.code, fact.right.code, fact.days) == ("MKT-1-A", "SAL-1-A", 5)
        assert (fact.customers, fact.products, fact.state) == (25, 3, "open")
        # Products 3 of 3, customers 25 of 50, days 5 of 5.
        assert fact.severity.impact == 1
        assert fact.severity.exposure == pytest.approx(0.5 ** (1 / 3))
        assert fact.severity.score == fact.score == collision.score
        assert (found.totals.collisions, found.totals.customers, found.totals.products) == (1, 25, 3)
        assert (found.totals.days, found.totals.starts_on) == (5, STARTS + timedelta(5))
        assert (found.may_decide, found.may_escalate) == (False, True)
        assert [step.verb for step in found.timeline] == ["open", "level"][: len(found.timeline)]
        assert found.timeline[0].words == "The case was opened"

    def test_the_sides_stand_in_the_order_of_their_departments(self):
        dispute = open_dispute()
        department = dispute.first.campaign.department
        department.name = "Zeta"
        department.save()
        found = evidence(dispute.case)
        assert [side.department for side in found.sides] == ["Sales", "Zeta"]
        assert found.overlaps[0].left.code == "SAL-1-A"

    def test_totals_count_everybody_once_however_many_collisions_share_them(self):
        dispute = open_dispute()
        category = make_category()
        in_category = [make_product(category=category) for _ in range(4)]
        make_customers(70)
        lead = dispute.leads[1]
        first_products = [row.product for row in dispute.first.product_rows.all()]
        # Marketing takes the whole category but one product, Sales names two of it in one offer.
        offers.change_offer(
            offer=dispute.first,
            by=dispute.leads[0],
            now=NOW,
            reach=offers.Reach(categories={("target", "include"): [category]}),
        )
        offers.exclude_products(offer=dispute.first, products=in_category[:1], by=dispute.leads[0], now=NOW)
        make_offer(
            dispute.second.campaign,
            "SAL-1-B",
            segments=[make_segment(numbers=range(40, 60))],
            products=[*in_category[:3], first_products[0]],
        )
        make_offer(dispute.second.campaign, "SAL-1-C", categories=[category])
        settle_down()
        assert lead

        collisions = list(Collision.objects.select_related("offer_a", "offer_b"))
        assert len(collisions) == 3
        customers, products = BitMap(), set()
        for collision in collisions:
            customers |= shared_numbers(collision.offer_a, collision.offer_b)
            shared = set(shared_in_sql(collision.offer_a, collision.offer_b).values_list("pk", flat=True))
            assert len(shared) == collision.shared_products
            products |= shared
        totals = evidence(dispute.case).totals
        assert (totals.customers, totals.products) == (len(customers), len(products)) == (50, 6)
        assert (distinct_customers(collisions), distinct_products(collisions)) == (50, 6)

    def test_an_offer_for_everybody(self):
        dispute = open_dispute()
        make_customers(60)
        offers.change_offer(offer=dispute.first, by=dispute.leads[0], now=NOW, reach=offers.Reach(include=[]))
        settle_down()
        found = evidence(dispute.case)
        (offer,) = found.sides[0].offers
        assert (offer.audience, offer.customers) == ("", 60)
        assert found.totals.customers == found.overlaps[0].customers == 50

    def test_mediation_and_ruling(self):
        stand_in = make_user("sara")
        mediator = make_mediator(stand_in=stand_in)
        dispute = open_dispute()
        access.join(department=dispute.first.campaign.department, user=mediator, is_lead=False, by=None, now=NOW)
        cases.escalate(case=dispute.case, by=dispute.leads[0], now=NOW, key="k", reason="No way.")
        found = evidence(dispute.case, stand_in)
        assert found.mediator == "Sara"
        assert found.passed_over == (("Marta", "belongs to a party"),)
        assert (found.may_decide, found.may_escalate) == (True, False)

        rulings.decide(
            case=dispute.case,
            operations=[ShiftDates("SAL-1", 20)],
            reason=REASON,
            by=stand_in,
            now=LATER,
            facts=facts_hash(dispute.case),
            key="k",
        )
        found = evidence(dispute.case, stand_in)
        assert (found.ruling.by, found.ruling.at, found.ruling.reason) == ("Sara", LATER, REASON)
        assert found.ruling.orders == ("The offers of SAL-1 in this case move 20 days later.",)
        assert found.ruling.effect["offers"][0]["new_starts_on"] == "2026-12-02"
        assert [(step.verb, step.who) for step in found.timeline] == [
            ("open", ""),
            ("escalate", "Lead_Mkt"),
            ("assign", ""),
            ("decide", "Sara"),
            ("enforce", ""),
        ]
        assert not found.may_decide
        assert found.totals.collisions == 0

    def test_what_a_ruling_does_to_a_third_campaign_is_not_for_the_other_party(self):
        dispute, mediator = escalated_dispute()
        third = make_campaign(make_department("CRM"), "CRM-1", starts_on=ENDS, days=5)
        products = [row.product for row in dispute.first.product_rows.all()]
        make_offer(third, "CRM-1-A", segments=[make_segment(numbers=range(20))], products=products)
        submit(third)
        settle_down()
        marketing, sales = dispute.leads
        # Told of the third plan, marketing reads it, but not whom it disturbs.
        raci.set_matrix(
            campaign=third,
            by=lead_of(third.department),
            now=NOW,
            roles={(third.activities.first().code, dispute.case.campaign_a.department_id): "I"},
        )
        assert third in Campaign.objects.visible(marketing)
        rulings.decide(
            case=dispute.case,
            operations=[ShiftDates("SAL-1", 5)],
            reason=REASON,
            by=mediator,
            now=LATER,
            facts=facts_hash(dispute.case),
            key="k",
        )
        readers = (marketing, sales, mediator, make_user("root", is_superuser=True), None)
        shown = [[row["campaign_a"] for row in evidence(dispute.case, who).ruling.effect["new"]] for who in readers]
        assert shown == [[], ["CRM-1"], ["CRM-1"], ["CRM-1"], []]

    def test_what_a_ruling_ends_with_a_third_campaign_is_not_for_the_other_party(self):
        dispute, mediator = escalated_dispute()
        products = [row.product for row in dispute.first.product_rows.all()]
        third = make_campaign(make_department("CRM"), "CRM-1")
        make_offer(third, "CRM-1-A", segments=[make_segment(numbers=range(20))], products=products)
        submit(third)
        settle_down()
        case = Case.objects.get(mediator=mediator)
        rulings.decide(
            case=case,
            operations=[ShiftDates("SAL-1", 60)],
            reason=REASON,
            by=mediator,
            now=LATER,
            facts=facts_hash(case),
            key="k",
        )
        marketing, sales = dispute.leads
        readers = (marketing, sales, mediator, make_user("root", is_superuser=True), None)
        shown = [{row["campaign_a"] for row in evidence(case, who).ruling.effect["cleared"]} for who in readers]
        assert shown == [{"MKT-1"}, {"MKT-1", "CRM-1"}, {"MKT-1", "CRM-1"}, {"MKT-1", "CRM-1"}, {"MKT-1"}]

    def test_why_it_vanished_in_the_language_of_the_reader(self):
        dispute = open_dispute()
        offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=LATER, reason="Not needed.")
        settle_down(LATER)
        with translation.override("en"):
            assert evidence(dispute.case).because == "Marketing withdrew MKT-1-A."

    def test_nothing_of_a_party_that_the_other_must_not_know(self):
        dispute = open_dispute()
        make_customers(3)
        campaign = dispute.second.campaign
        type(campaign).objects.filter(pk=campaign.pk).update(budget="123456.78", goal="secret goal")
        type(dispute.second).objects.filter(pk=dispute.second.pk).update(margin_floor_pct="37.31")
        found = evidence(dispute.case, dispute.leads[0])
        told = json.dumps({name: value for name, value in asdict(found).items() if name != "case"}, default=str)
        for secret in ("123456", "secret goal", "37.31", "customer-"):
            assert secret not in told

    def test_the_number_of_queries_does_not_grow_with_the_case(self, django_assert_max_num_queries):
        dispute = open_dispute()
        lead, queries = dispute.leads[0], []
        for added in range(2):
            case = Case.objects.select_related("campaign_a__department", "campaign_b__department", "mediator").get(
                pk=dispute.case.pk
            )
            with django_assert_max_num_queries(22) as captured:
                evidence(case, lead)
            queries.append(len(captured))
            for number in range(12):
                make_offer(
                    dispute.second.campaign,
                    f"SAL-1-X{added}-{number}",
                    segments=[make_segment(numbers=range(number + 1))],
                    products=[row.product for row in dispute.first.product_rows.all()],
                )
            settle_down()
        assert case.collision_rows.count() == 25
        assert queries[0] == queries[1]


class TestWaitingFor:
    def test_a_lead_sees_cases_to_agree_on_with_the_nearest_deadline_first(self):
        dispute = open_dispute()
        third = make_campaign(make_department("CRM"), "CRM-1", starts_on=date(2026, 11, 5), days=30)
        products = [row.product for row in dispute.first.product_rows.all()]
        early = make_campaign(dispute.first.campaign.department, "MKT-2", starts_on=date(2026, 11, 5))
        for campaign in (early, third):
            make_offer(campaign, segments=[make_segment(numbers=range(50))], products=products)
            submit(campaign)
        settle_down()
        waiting = waiting_for(dispute.leads[0], NOW)
        first, *others = [tuple(code for _, code, _ in line.parties) for line in waiting.agree]
        # It begins in three days, the others in ten days.
        assert first == ("CRM-1", "MKT-2")
        assert set(others) == {("CRM-1", "MKT-1"), ("MKT-1", "SAL-1"), ("MKT-2", "SAL-1")}
        assert (waiting.decide, waiting.decided) == ((), ())
        first = waiting.agree[0]
        assert (first.label, first.level, first.state) == (f"K-{first.pk}", "high", "negotiation")

    def test_whoever_asks_says_when(self):
        """No clock of its own: the page and what is on it are of one moment."""
        with pytest.raises(TypeError, match="now"):
            waiting_for(make_user("ana"))

    def test_somebody_else_sees_nothing(self):
        open_dispute()
        for user in (
            lead_of(make_department("CRM")),
            make_user("root", is_superuser=True),
            make_user("member"),
        ):
            waiting = waiting_for(user, NOW)
            assert (waiting.agree, waiting.decide, waiting.decided) == ((), (), ())

    def test_the_mediator_sees_what_to_decide_and_everybody_what_was_decided(self):
        dispute, mediator = escalated_dispute()
        assert [line.pk for line in waiting_for(mediator, NOW).decide] == [dispute.case.pk]
        assert waiting_for(dispute.leads[0], NOW).agree == ()
        rulings.decide(
            case=dispute.case,
            operations=[AllowBoth()],
            reason=REASON,
            by=mediator,
            now=LATER,
            facts=facts_hash(dispute.case),
            key="k",
        )
        contact = dispute.first.campaign.contact_person
        for user in (mediator, *dispute.leads, contact):
            waiting = waiting_for(user, LATER)
            assert waiting.decide == ()
            assert [(line.pk, line.outcome) for line in waiting.decided] == [(dispute.case.pk, "ruled")]
            assert waiting_for(user, LATER + timedelta(days=15)).decided == ()

    def test_four_queries_however_much_waits(self, django_assert_num_queries):
        dispute = open_dispute()
        lead = dispute.leads[0]
        with django_assert_num_queries(4):
            waiting_for(lead, NOW)
        products = [row.product for row in dispute.first.product_rows.all()]
        for number in range(5):
            campaign = make_campaign(make_department(f"D{number}"), f"X-{number}")
            make_offer(campaign, segments=[make_segment(numbers=range(50))], products=products)
            submit(campaign)
        settle_down()
        with django_assert_num_queries(4):
            assert len(waiting_for(lead, NOW).agree) == 6


def test_a_case_that_nobody_can_decide_waits_for_nobody():
    dispute = open_dispute()
    escalation.run_due_timers(now=LATER)
    assert dispute.case.mediator is None
    assert waiting_for(make_mediator(), LATER).decide == ()
