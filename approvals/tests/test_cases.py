from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from approvals.actions import case_reactions, cases
from approvals.choices import CaseState, MailEvent, TimerKind
from approvals.models import Case, EscalationPolicy, Mail, Timer
from approvals.tests.builders import (
    NOW,
    held_offers,
    lead_of,
    mails,
    make_campaign,
    make_department,
    make_dispute,
    make_offer,
    make_products,
    make_segment,
    make_user,
    open_dispute,
    settle_down,
    submit,
)
from campaigns.actions import access, lifecycle, offers
from campaigns.models import Campaign, Collision, Offer
from customers.actions import events
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_a_collision_opens_one_case_holds_its_offers_and_tells_the_parties():
    dispute = make_dispute()
    settle_down()

    case = Case.objects.get()
    assert (case.campaign_a.code, case.campaign_b.code) == ("MKT-1", "SAL-1")
    assert (case.state, case.level, case.opened_at) == (CaseState.NEGOTIATION, "high", NOW)
    assert case.agree_by == NOW + timedelta(hours=48)
    assert [row.collision for row in case.collision_rows.all()] == [Collision.objects.get()]
    assert held_offers() == {"MKT-1-A", "SAL-1-A"}
    assert set(Timer.objects.values_list("case", "kind", "due_at", "done_at")) == {
        # 18 working hours, of which 9 are half and 14.4 four fifths.
        (case.pk, TimerKind.REMIND, NOW + timedelta(hours=24), None),
        (case.pk, TimerKind.REMIND, NOW + timedelta(hours=29, minutes=24), None),
        (case.pk, TimerKind.ESCALATE, NOW + timedelta(hours=48), None),
    }
    people = {"lead_mkt", "lead_sal", "contact_mkt", "contact_sal"}
    assert mails() == {(MailEvent.CASE_OPENED, person) for person in people}
    steps = HistoryEntry.objects.filter(subject=f"case:{case.label}").values_list("verb", "scope")
    assert set(steps) == {("open", f"case:{case.label}"), ("open", "campaign:MKT-1"), ("open", "campaign:SAL-1")}
    assert [user.username for user in dispute.leads] == ["lead_mkt", "lead_sal"]


def test_the_same_news_again_changes_nothing():
    dispute = open_dispute()
    before = Case.objects.values().get(), set(Timer.objects.values_list()), Mail.objects.count()
    history = HistoryEntry.objects.count()

    case_reactions.consider([(dispute.second.campaign_id, dispute.first.campaign_id)], now=LATER)

    assert (Case.objects.values().get(), set(Timer.objects.values_list()), Mail.objects.count()) == before
    assert HistoryEntry.objects.count() == history


def test_below_the_level_of_the_policy_no_case_opens():
    EscalationPolicy.objects.update(opens_at_level="critical")
    make_dispute()
    settle_down()
    assert Collision.objects.get().level == "high"
    assert not Case.objects.exists()
    assert not Mail.objects.exists()
    assert held_offers() == set()


def test_once_open_every_collision_of_the_pair_joins():
    EscalationPolicy.objects.update(opens_at_level="high")
    dispute = open_dispute()
    # One product and customer of many: low.
    small = make_offer(
        dispute.second.campaign,
        "SAL-1-B",
        segments=[make_segment(numbers=range(40, 400))],
        products=[*make_products(40), dispute.first.product_rows.first().product],
    )
    settle_down(LATER)

    case = dispute.case
    assert set(case.collision_rows.values_list("collision__offer_b__code", "collision__level")) == {
        ("SAL-1-A", "high"),
        ("SAL-1-B", "low"),
    }
    assert case.level == "high"
    assert held_offers() == {"MKT-1-A", "SAL-1-A", small.code}
    assert Mail.objects.count() == 4


def test_the_level_of_a_case_follows_its_open_collisions():
    dispute = open_dispute()
    offers.change_offer(
        offer=dispute.second,
        by=lead_of(dispute.second.campaign.department),
        now=LATER,
        reach=offers.Reach(include=[make_segment(numbers=range(49, 5000))]),
    )
    settle_down(LATER)

    collision = Collision.objects.get()
    assert collision.level != "high"
    assert dispute.case.level == collision.level
    level = HistoryEntry.objects.get(verb="level", scope=f"case:{dispute.case.label}")
    assert level.changes == {"level": ["high", collision.level]}


def test_campaigns_of_one_department_never_make_a_case():
    segment, products = make_segment(numbers=range(9)), make_products(2)
    department, other = make_department("MKT"), make_department("SAL")
    for code, owner in (("MKT-1", department), ("MKT-2", other)):
        campaign = make_campaign(department, code)
        make_offer(campaign, segments=[segment], products=products, department=owner)
        submit(campaign)
    settle_down()
    # The offers belong to two departments and collide, the campaigns to one.
    assert Collision.objects.count() == 1
    assert not Case.objects.exists()


def test_two_offers_of_one_campaign_never_make_a_case():
    segment, products = make_segment(numbers=range(9)), make_products(2)
    campaign = make_campaign(make_department("MKT"), "MKT-1")
    make_offer(campaign, segments=[segment], products=products)
    make_offer(campaign, segments=[segment], products=products, department=make_department("SAL"))
    submit(campaign)
    settle_down()
    assert Collision.objects.count() == 1
    case_reactions.consider([(campaign.pk, campaign.pk)], now=NOW)
    assert not Case.objects.exists()


def test_an_offer_that_is_live_stays_live_and_its_case_opens_all_the_same():
    dispute = make_dispute()
    Offer.objects.filter(pk=dispute.first.pk).update(live_since=NOW)
    settle_down()
    assert dispute.case.state == CaseState.NEGOTIATION
    assert held_offers() == {"SAL-1-A"}
    assert Offer.objects.get(pk=dispute.first.pk).live_since == NOW


def test_the_deadline_is_the_night_in_which_the_collision_begins():
    segment, products = make_segment(numbers=range(9)), make_products(2)
    for code in ("MKT", "SAL"):
        campaign = make_campaign(make_department(code), f"{code}-1", starts_on=date(2026, 11, 3))
        make_offer(campaign, segments=[segment], products=products)
        submit(campaign)
    EscalationPolicy.objects.update(hours_before_start=0)
    settle_down()
    # Midnight in Madrid. Of the eight working hours until then half are over at two o'clock.
    assert Case.objects.get().agree_by == datetime(2026, 11, 2, 23, tzinfo=UTC)
    assert set(Timer.objects.values_list("kind", "rung", "due_at")) == {
        (TimerKind.REMIND, 50, NOW + timedelta(hours=4)),
        (TimerKind.REMIND, 80, NOW + timedelta(hours=6, minutes=24)),
        (TimerKind.ESCALATE, 0, datetime(2026, 11, 2, 23, tzinfo=UTC)),
    }


def test_a_collision_that_begins_earlier_brings_the_deadline_nearer_and_the_parties_hear_of_it():
    EscalationPolicy.objects.update(hours_before_start=0)
    dispute = open_dispute()
    offers.shift_offers(
        offers=[dispute.first, dispute.second][:1],
        days=-9,
        by=lead_of(dispute.first.campaign.department),
        now=LATER,
    )
    offers.shift_offers(offers=[dispute.second], days=-9, by=lead_of(dispute.second.campaign.department), now=LATER)
    settle_down(LATER)

    midnight = datetime(2026, 11, 2, 23, tzinfo=UTC)
    assert dispute.case.agree_by == midnight
    assert set(Timer.objects.values_list("kind", "rung", "due_at")) == {
        (TimerKind.ESCALATE, 0, midnight),
        (TimerKind.REMIND, 0, LATER),
        (TimerKind.REMIND, 50, NOW + timedelta(hours=4)),
        (TimerKind.REMIND, 80, NOW + timedelta(hours=6, minutes=24)),
    }


def test_an_offer_of_two_cases_stays_held_until_both_are_closed():
    dispute = open_dispute()
    third = make_campaign(make_department("CRM"), "CRM-1")
    products = [row.product for row in dispute.first.product_rows.all()]
    other = make_offer(third, "CRM-1-A", segments=[make_segment(numbers=range(50))], products=products)
    submit(third)
    settle_down()
    assert Case.objects.filter(state=CaseState.NEGOTIATION).count() == 3

    lead = lead_of(dispute.second.campaign.department)
    offers.shift_offers(offers=[dispute.second], days=30, by=lead, now=LATER)
    settle_down(LATER)
    assert Case.objects.filter(state=CaseState.NEGOTIATION).count() == 1
    assert held_offers() == {"MKT-1-A", "CRM-1-A"}

    offers.withdraw_offers(offers=[other], by=lead_of(third.department), now=LATER, reason="Not needed.")
    settle_down(LATER)
    assert held_offers() == set()


def test_of_the_people_of_a_campaign_each_gets_one_mail():
    lead = make_user("boss")
    segment, products = make_segment(numbers=range(9)), make_products(2)
    for code in ("MKT", "SAL"):
        campaign = make_campaign(make_department(code, lead=lead), f"{code}-1", contact_person=lead)
        make_offer(campaign, segments=[segment], products=products)
        submit(campaign)
    settle_down()
    mail = Mail.objects.get()
    assert "because you are A (approves, answers for it) of MKT-1." in mail.text


def test_without_an_active_accountable_the_leads_hear_of_it():
    dispute = make_dispute()
    deputy = make_user("deputy")
    access.join(department=dispute.first.campaign.department, user=deputy, is_lead=True, by=None, now=NOW)
    lead = lead_of(dispute.first.campaign.department)
    lead.is_active = False
    lead.save()
    settle_down()
    assert {name for _, name in mails()} == {"deputy", "contact_mkt", "lead_sal", "contact_sal"}


def test_a_pair_of_campaigns_has_one_open_case_by_the_database():
    dispute = open_dispute()
    terms = ("detected_at", "opened_at", "hours_to_agree", "hours_before_start", "agree_by")
    values = Case.objects.values("campaign_a_id", "campaign_b_id", "level", *terms).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(**values)
    Case.objects.filter(pk=dispute.case.pk).update(state="withdrawn", outcome="vanished", closed_at=NOW)
    Case.objects.create(**values)


def test_too_many_pairs_for_one_transaction_are_handled_in_the_next(monkeypatch):
    monkeypatch.setattr(case_reactions, "MOST_PAIRS", 2)
    segment, products = make_segment(numbers=range(9)), make_products(2)
    for code in ("MKT", "SAL", "CRM", "ECO"):
        campaign = make_campaign(make_department(code), f"{code}-1")
        make_offer(campaign, segments=[segment], products=products)
        submit(campaign)
    settle_down()
    assert Case.objects.count() == 2
    while events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW):
        pass
    assert Case.objects.count() == 6
    assert not Event.objects.filter(topic="collisions.changed", handled_at=None).exists()


class TestUnled:
    def test_administrators_hear_of_a_campaign_without_an_accountable(self):
        make_user("root", is_superuser=True)
        make_user("gone", is_superuser=True, is_active=False)
        campaign = make_campaign(code="X-1", name="Summer")
        Campaign.objects.filter(pk=campaign.pk).update(accountable=None)
        with transaction.atomic():
            events.record("campaign.unled", now=NOW, campaign=campaign.pk)
        events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW)
        mail = Mail.objects.get()
        assert (mail.recipient.username, mail.event) == ("root", MailEvent.CAMPAIGN_WITHOUT_LEAD)
        assert mail.subject == "[Concordia] Name who is accountable for Summer (X-1)"

    def test_unless_it_has_one_by_now(self):
        make_user("root", is_superuser=True)
        campaign = make_campaign(code="X-1")
        with transaction.atomic():
            events.record("campaign.unled", now=NOW, campaign=campaign.pk)
        events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW)
        assert not Mail.objects.exists()


def test_an_offer_that_was_live_is_held_once_its_campaign_is_paused():
    """It stayed live because customers saw it; resuming would bring a disputed offer back to them."""
    dispute = make_dispute()
    campaign = dispute.first.campaign
    Campaign.objects.filter(pk=campaign.pk).update(status="live", approved_hash="x")
    Offer.objects.filter(pk=dispute.first.pk).update(live_since=NOW)
    settle_down()
    assert held_offers() == {dispute.second.code}
    lifecycle.pause(campaign=campaign, by=dispute.leads[0], now=NOW, reason="Wrong price")
    settle_down()
    assert held_offers() == {dispute.first.code, dispute.second.code}


def test_what_the_parties_say_to_each_other_stays_in_the_case():
    """Departments that are only told of a campaign (C, I) read its history, not the dispute."""
    dispute = open_dispute()
    said = "They never answered us."
    cases.escalate(case=dispute.case, by=dispute.leads[0], now=NOW, key="1", reason=said)
    told = HistoryEntry.objects.filter(verb="escalate").values_list("scope", "reason")
    assert dict(told) == {f"case:{dispute.case.label}": said, "campaign:MKT-1": "", "campaign:SAL-1": ""}
