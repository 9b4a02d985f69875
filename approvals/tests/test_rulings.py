from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from approvals.actions import case_reactions, rulings
from approvals.actions.enforcement import CollisionEffect, OfferEffect
from approvals.choices import CaseOutcome, CaseState, MailEvent
from approvals.models import Case, Mail, Ruling, Timer
from approvals.queries.cases import facts_hash
from approvals.rules.operations import AllowBoth, ExcludeProducts, ShiftDates, Withdraw
from approvals.tests.builders import (
    NOW,
    REASON,
    escalated_dispute,
    lead_of,
    mails,
    make_campaign,
    make_department,
    make_offer,
    make_products,
    make_segment,
    make_user,
    settle_down,
    submit,
)
from approvals.tests.deciding import LATER, decide, everything, preview
from campaigns.actions import offers
from campaigns.models import Campaign, Collision, Offer
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

STARTS, ENDS = date(2026, 11, 12), date(2026, 11, 22)


@pytest.fixture
def dispute():
    return escalated_dispute()[0]


@pytest.fixture
def mediator(dispute):
    return dispute.case.mediator


class TestDecide:
    def test_shifting_dates(self, dispute, mediator):
        Mail.objects.all().delete()
        ruling = decide(dispute, [ShiftDates("SAL-1", 14)])

        offer = Offer.objects.get(code="SAL-1-A")
        assert (offer.starts_on, offer.ends_before) == (STARTS + timedelta(14), ENDS + timedelta(14))
        # The campaign grows to hold its offer.
        assert Campaign.objects.get(code="SAL-1").ends_before == ENDS + timedelta(14)
        assert Collision.objects.get().state == "cleared"
        case = dispute.case
        assert (case.state, case.outcome, case.closed_at) == (CaseState.CLOSED, CaseOutcome.RULED, LATER)
        assert (ruling.case, ruling.decided_by, ruling.decided_at, ruling.reason) == (case, mediator, LATER, REASON)
        assert ruling.operations == [{"do": "shift_dates", "campaign": "SAL-1", "days": 14}]
        assert ruling.effect["offers"] == [
            {
                "campaign": "SAL-1",
                "offer": "SAL-1-A",
                "name": "Offer SAL-1-A",
                "starts_on": "2026-11-12",
                "ends_before": "2026-11-22",
                "new_starts_on": "2026-11-26",
                "new_ends_before": "2026-12-06",
                "products_out": 0,
                "withdrawn": False,
            }
        ]
        assert not Offer.objects.filter(held=True).exists()
        assert not Timer.objects.filter(done_at=None).exists()
        people = ("lead_mkt", "lead_sal", "contact_mkt", "contact_sal")
        assert mails() == {(MailEvent.CASE_DECIDED, person) for person in people}
        text = Mail.objects.first().text
        assert "The offers of SAL-1 in this case move 14 days later." in text
        assert REASON in text

    def test_it_stands_in_the_history_of_the_case_and_of_both_campaigns(self, dispute, mediator):
        decide(dispute, [AllowBoth()])
        label = dispute.case.label
        entries = HistoryEntry.objects.filter(verb="decide").values_list("subject", "scope", "actor", "reason")
        assert set(entries) == {
            (f"case:{label}", scope, mediator.username, REASON)
            for scope in (f"case:{label}", "campaign:MKT-1", "campaign:SAL-1")
        }
        assert HistoryEntry.objects.filter(subject="offer:SAL-1-A", verb="release").count() == 1

    def test_allowing_both_settles_what_collides_and_no_new_case_opens(self, dispute):
        decide(dispute, [AllowBoth()])
        assert Collision.objects.get().state == "settled"
        assert not Offer.objects.filter(held=True).exists()
        settle_down(LATER)
        assert Case.objects.count() == 1
        assert Collision.objects.get().state == "settled"

    def test_a_change_after_the_ruling_is_a_new_case(self, dispute):
        decide(dispute, [AllowBoth()])
        offers.change_offer(offer=dispute.second, by=dispute.leads[1], now=LATER, fields={"percent_off": 50})
        settle_down(LATER)
        assert list(Case.objects.order_by("pk").values_list("state", flat=True)) == ["closed", "negotiation"]

    def test_excluding_the_shared_products(self, dispute):
        extra = make_products(2)
        offers.change_offer(offer=dispute.first, by=dispute.leads[0], now=NOW, reach=offers.Reach(add_products=extra))
        settle_down()
        ruling = decide(dispute, [ExcludeProducts("MKT-1")])
        left = dispute.first.product_rows.filter(mode="include").values_list("product", flat=True)
        assert set(left) == {product.pk for product in extra}
        assert dispute.second.product_rows.count() == 3
        assert Collision.objects.get().state == "cleared"
        assert [(row["offer"], row["products_out"]) for row in ruling.effect["offers"]] == [("MKT-1-A", 3)]

    def test_withdrawing(self, dispute):
        ruling = decide(dispute, [Withdraw("MKT-1")])
        offer = Offer.objects.get(code="MKT-1-A")
        assert (offer.withdrawn_at, offer.held) == (LATER, False)
        assert Offer.objects.get(code="SAL-1-A").withdrawn_at is None
        assert ruling.effect["offers"][0]["withdrawn"] is True
        assert ruling.effect["offers"][0]["products_out"] == 0
        assert Collision.objects.get().state == "cleared"

    def test_two_operations_at_once(self, dispute):
        ruling = decide(dispute, [ShiftDates("MKT-1", 3), ExcludeProducts("SAL-1")])
        assert Offer.objects.get(code="MKT-1-A").starts_on == STARTS + timedelta(3)
        assert not Offer.objects.get(code="SAL-1-A").product_rows.filter(mode="include").exists()
        assert {row["offer"] for row in ruling.effect["offers"]} == {"MKT-1-A", "SAL-1-A"}

    def test_a_live_offer_is_decided_all_the_same(self, dispute):
        Offer.objects.filter(pk=dispute.first.pk).update(held=False, live_since=NOW)
        Campaign.objects.filter(code="MKT-1").update(status="live", approved_hash="0" * 64)
        decide(dispute, [Withdraw("MKT-1")])
        offer = Offer.objects.get(pk=dispute.first.pk)
        assert (offer.live_since, offer.withdrawn_at) == (None, LATER)

    def test_an_offer_that_another_case_holds_stays_held(self, dispute):
        third = make_campaign(make_department("CRM"), "CRM-1")
        products = [row.product for row in dispute.first.product_rows.all()]
        make_offer(third, "CRM-1-A", segments=[make_segment(numbers=range(50))], products=products)
        case = dispute.case
        submit(third)
        settle_down()
        rulings.decide(
            case=case,
            operations=[AllowBoth()],
            reason=REASON,
            by=case.mediator,
            now=LATER,
            facts=facts_hash(case),
            key="k",
        )
        assert Offer.objects.filter(held=True).count() == 3
        assert Case.objects.filter(state=CaseState.NEGOTIATION).count() == 2

    def test_the_mediator_keeps_the_page_of_the_case_and_loses_the_campaigns(self, dispute, mediator):
        decide(dispute, [AllowBoth()])
        assert Case.objects.visible(mediator).get() == dispute.case
        assert not Campaign.objects.visible(mediator).exists()

    def test_the_same_request_again_gives_the_same_ruling(self, dispute):
        facts = facts_hash(dispute.case)
        ruling = decide(dispute, [ShiftDates("SAL-1", 14)], facts=facts)
        before = everything()
        assert decide(dispute, [ShiftDates("SAL-1", 14)], facts=facts) == ruling
        assert everything() == before

    def test_a_ruling_cannot_be_changed_or_deleted(self, dispute):
        ruling = decide(dispute, [AllowBoth()])
        for change in (lambda: Ruling.objects.update(reason="other"), ruling.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        assert Ruling.objects.get().reason == REASON

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="a way around triggers that only SQLite has")
    @pytest.mark.parametrize("recursive_triggers", ["OFF", "ON"])
    @pytest.mark.parametrize("known_by", ["id", "case_id"])
    def test_another_program_does_not_replace_a_ruling_either(self, dispute, recursive_triggers, known_by):
        ruling = decide(dispute, [AllowBoth()])
        forged = {"id": ruling.pk + 1, "case_id": 0, known_by: getattr(ruling, known_by)}
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA recursive_triggers={recursive_triggers}")
            try:
                with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
                    cursor.execute(
                        "INSERT OR REPLACE INTO approvals_ruling (id, case_id, reason, decided_at, operations, effect, "
                        "facts, decided_by_id, source) SELECT %s, %s, 'forged', decided_at, operations, effect, facts, "
                        "decided_by_id, source FROM approvals_ruling",
                        [forged["id"], forged["case_id"]],
                    )
            finally:
                cursor.execute("PRAGMA recursive_triggers=ON")
        assert list(Ruling.objects.values_list("pk", "case", "reason")) == [(ruling.pk, ruling.case_id, REASON)]


class TestPreview:
    def test_it_tells_exactly_what_deciding_does_and_does_nothing(self, dispute):
        operations = [ShiftDates("SAL-1", 3), ExcludeProducts("MKT-1")]
        before = everything()
        effect = preview(dispute, operations)
        assert everything() == before

        ruling = decide(dispute, operations)
        assert ruling.effect == effect.as_json()
        assert effect.offers == (
            OfferEffect("MKT-1", "MKT-1-A", "Offer MKT-1-A", STARTS, ENDS, STARTS, ENDS, 3, withdrawn=False),
            OfferEffect(
                "SAL-1",
                "SAL-1-A",
                "Offer SAL-1-A",
                STARTS,
                ENDS,
                STARTS + timedelta(3),
                ENDS + timedelta(3),
                0,
                withdrawn=False,
            ),
        )
        assert effect.told == ("Lead_Mkt", "Contact_Mkt", "Lead_Sal", "Contact_Sal")

    def test_what_is_cleared_what_remains_and_what_is_new(self, dispute):
        third = make_campaign(make_department("CRM"), "CRM-1", starts_on=STARTS + timedelta(13), days=5)
        products = [row.product for row in dispute.first.product_rows.all()]
        make_offer(third, "CRM-1-A", segments=[make_segment(numbers=range(20))], products=products)
        submit(third)
        settle_down()
        assert Case.objects.count() == 1

        def collision(offer_a, campaign_a, offer_b, campaign_b, starts_on, ends_before, customers, level):
            return CollisionEffect(
                offer_a, campaign_a, offer_b, campaign_b, starts_on, ends_before, customers, 3, level
            )

        near = preview(dispute, [ShiftDates("SAL-1", 4)])
        both = ("MKT-1-A", "MKT-1", "SAL-1-A", "SAL-1")
        assert near.cleared == ()
        assert near.remaining == (collision(*both, STARTS + timedelta(4), ENDS, 50, "high"),)
        # 26 to 30 November: one shared day with the third campaign.
        shared = (STARTS + timedelta(13), STARTS + timedelta(14))
        assert near.new == (collision("CRM-1-A", "CRM-1", "SAL-1-A", "SAL-1", *shared, 20, near.new[0].level),)

        far = preview(dispute, [ShiftDates("SAL-1", 40)])
        assert far.cleared == (collision(*both, STARTS, ENDS, 50, "high"),)
        assert (far.remaining, far.new) == ((), ())

        decide(dispute, [ShiftDates("SAL-1", 4)])
        settle_down(LATER)
        assert [case.campaign_a.code for case in Case.objects.filter(state=CaseState.NEGOTIATION)] == ["CRM-1"]


def test_facts_change_with_what_the_mediator_judges_and_with_nothing_else(dispute):
    seen = {facts_hash(dispute.case)}

    def is_new():
        current = facts_hash(dispute.case)
        fresh = current not in seen
        seen.add(current)
        return fresh

    assert not is_new()
    Mail.objects.all().delete()
    Offer.objects.update(held=False)
    assert not is_new()
    offers.change_offer(
        offer=dispute.first, by=lead_of(dispute.first.campaign.department), now=LATER, fields={"name": "New"}
    )
    assert is_new()
    Collision.objects.update(shared_customers=51)
    assert is_new()
    Campaign.objects.filter(code="MKT-1").update(status="paused")
    assert is_new()
    Case.objects.update(mediator=make_user("sara"))
    assert is_new()


def test_an_escalated_case_can_still_vanish_but_not_after_the_ruling(dispute):
    decide(dispute, [AllowBoth()])
    offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=LATER, reason="Not needed.")
    settle_down(LATER)
    case_reactions.recheck(now=LATER)
    assert dispute.case.outcome == CaseOutcome.RULED
    assert mails(MailEvent.CASE_VANISHED) == set()
