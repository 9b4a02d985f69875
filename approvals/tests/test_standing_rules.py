from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals.actions import cases, escalation, rule_notices, standing_rules
from approvals.choices import CaseOutcome, CaseState, MailEvent
from approvals.models import Case, EscalationPolicy, Mail, Precedent, RuleNotice, Ruling, StandingRule, Timer
from approvals.queries.facts import facts_hash
from approvals.rules.outcomes import Outcome
from approvals.tests.builders import NOW, lead_of, mails, make_department, make_user, settle_down
from approvals.tests.deciding import everything
from approvals.tests.habits import House
from campaigns.actions import offers
from campaigns.models import Collision, Offer
from campaigns.tests.factories import DAY, approve
from customers.models import HistoryEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("base_fact_alone")]

# Working time runs from 09:00 to 18:00 in Madrid: nine hours after NOW (10:00) is the next day at 10:00.
APPLIED = NOW + timedelta(days=1)
WHY = "Sales knows its dates last, and can still change them."


@pytest.fixture
def house():
    return House()


@pytest.fixture
def rule(house):
    """In force."""
    admin = make_user("alicia", is_superuser=True)
    return house.keep_rule(state="approved", approved_at=NOW, decided_by=admin, reason=WHY)


@pytest.fixture
def case(house, rule):
    """One on the same facts, in which the rule is announced."""
    return house.collide(4)


def state():
    return [*everything(), list(StandingRule.objects.values()), list(RuleNotice.objects.values())]


def run(now):
    escalation.run_due_timers(now=now)
    return Case.objects.order_by("pk").last()


class TestSuggest:
    def consider(self, house):
        return standing_rules.consider(house.facts, now=NOW)

    def test_equal_decisions_on_equal_facts_suggest_a_rule(self, house):
        make_user("alicia", is_superuser=True)
        grounds = [house.keep_precedent() for _ in range(2)]
        assert self.consider(house) is None
        grounds.append(house.keep_precedent())
        rule = self.consider(house)
        assert (rule.state, rule.facts, rule.outcome) == ("suggested", house.facts, house.outcome)
        assert list(rule.grounds.order_by("pk")) == grounds
        assert mails(MailEvent.RULE_SUGGESTED) == {(MailEvent.RULE_SUGGESTED, one) for one in ("marta", "alicia")}
        assert self.consider(house) is None

    def test_another_outcome_breaks_the_series_and_other_facts_do_not_count(self, house):
        house.keep_precedent()
        house.keep_precedent()
        house.keep_precedent(outcome=Outcome("withdraw", house.sales.pk, "younger", "deeper"))
        house.keep_precedent(facts=replace(house.facts, days=1))
        house.keep_precedent()
        house.keep_precedent()
        assert self.consider(house) is None
        house.keep_precedent()
        assert self.consider(house)

    def test_how_many_it_takes_is_the_policys_to_say(self, house):
        EscalationPolicy.objects.update(equal_outcomes=2)
        house.keep_precedent()
        house.keep_precedent()
        assert self.consider(house)

    def test_after_a_rejection_only_new_decisions_count(self, house):
        EscalationPolicy.objects.update(equal_outcomes=2)
        house.keep_precedent()
        house.keep_precedent()
        standing_rules.take(rule=self.consider(house), step="reject", reason=WHY, by=house.mediator, now=NOW)
        house.keep_precedent(at=NOW + timedelta(hours=1))
        assert self.consider(house) is None
        house.keep_precedent(at=NOW + timedelta(hours=1))
        assert self.consider(house)


class TestTake:
    def test_each_step_leads_on_and_is_told(self, house):
        admin = make_user("alicia", is_superuser=True)
        rule = standing_rules.take(rule=house.keep_rule(), step="approve", reason=WHY, by=admin, now=NOW)
        assert (rule.state, rule.decided_by, rule.reason, rule.approved_at) == ("approved", admin, WHY, NOW)
        told = {(MailEvent.RULE_CHANGED, one) for one in ("lead_mkt", "lead_sal", "marta")}
        assert mails(MailEvent.RULE_CHANGED) == told
        for step, after in (("suspend", "suspended"), ("resume", "approved"), ("withdraw", "withdrawn")):
            rule = standing_rules.take(rule=rule, step=step, reason="Another reason.", by=house.mediator, now=NOW)
            assert rule.state == after
        assert rule.reason == WHY
        verbs = HistoryEntry.objects.filter(subject=f"standing_rule:{rule.label}").order_by("id")
        steps = ["approve_rule", "suspend_rule", "resume_rule", "withdraw_rule"]
        assert list(verbs.values_list("verb", flat=True)) == steps

    def test_nobody_of_a_party_decides_on_it_administrator_or_not(self, house):
        rule = house.keep_rule()
        boss = make_user("boss", is_superuser=True)
        house.sales.memberships.create(user=boss)
        strangers = [lead_of(make_department("CRM")), make_user("pau", is_active=False)]
        before = state()
        for person in (lead_of(house.marketing), boss, *strangers):
            with pytest.raises(PermissionDenied):
                standing_rules.take(rule=rule, step="approve", reason=WHY, by=person, now=NOW)
        assert state() == before

    def test_what_is_refused_changes_nothing(self, house):
        rule = house.keep_rule()
        before = state()
        for step, reason in (("approve", "ok"), ("suspend", WHY), ("nonsense", WHY)):
            with pytest.raises(ValidationError):
                standing_rules.take(rule=rule, step=step, reason=reason, by=house.mediator, now=NOW)
        assert state() == before


class TestAnnounce:
    def test_both_sides_are_told_what_and_when(self, rule, case):
        notice = case.rule_notice
        assert (notice.rule, notice.state, notice.apply_at) == (rule, "announced", APPLIED)
        assert notice.operations == [{"do": "shift_dates", "campaign": "SAL-4", "days": 10}]
        assert notice.effect["new"] == notice.effect["remaining"] == []
        assert case.state == CaseState.NEGOTIATION
        assert Timer.objects.get(case=case, kind="rule").due_at == APPLIED
        assert mails(MailEvent.RULE_ANNOUNCED) == {(MailEvent.RULE_ANNOUNCED, one) for one in ("lead_mkt", "lead_sal")}
        text = Mail.objects.filter(event=MailEvent.RULE_ANNOUNCED).first().text
        assert rule.label in text
        assert WHY in text
        # Nothing is changed yet.
        assert Offer.objects.get(code="SAL-4-A").starts_on == DAY + timedelta(days=120)

    def test_a_suspended_rule_or_other_facts_announce_nothing(self, house, rule):
        standing_rules.take(rule=rule, step="suspend", reason=WHY, by=house.mediator, now=NOW)
        house.collide(4)
        standing_rules.take(rule=rule, step="resume", reason=WHY, by=house.mediator, now=NOW)
        house.collide(5, discount=40)
        assert not RuleNotice.objects.exists()

    def test_of_a_side_that_is_not_meant_nothing_is_ordered(self, house, rule):
        """Sales planned first here, and less deeply."""
        starts_on = DAY + timedelta(days=120)
        house.plan(house.sales, "SAL-4", starts_on, 10)
        house.plan(house.marketing, "MKT-4", starts_on, 20)
        settle_down()
        case = Case.objects.get(campaign_a__code="MKT-4")
        assert not RuleNotice.objects.exists()
        assert HistoryEntry.objects.filter(scope=f"case:{case.label}", verb="rule_unfit").count() == 1

    def test_it_is_not_applied_where_it_would_disturb_a_third_campaign(self, house, rule):
        house.plan(make_department("CRM"), "CRM-1", DAY + timedelta(days=130))
        case = house.collide(4)
        assert not RuleNotice.objects.exists()
        entry = HistoryEntry.objects.get(scope=f"case:{case.label}", verb="rule_disturbs")
        assert entry.changes == {"rule": ["", rule.label]}
        assert Offer.objects.get(code="SAL-4-A").version == 1

    def test_without_time_to_object_before_the_deadline_there_is_none(self, house, rule):
        EscalationPolicy.objects.update(hours_to_agree=8)
        case = house.collide(4)
        assert not RuleNotice.objects.exists()
        assert HistoryEntry.objects.filter(scope=f"case:{case.label}", verb="rule_too_late").exists()


class TestObject:
    def test_one_side_objects_and_the_departments_go_on_agreeing(self, house, rule, case):
        lead = lead_of(house.sales)
        rule_notices.object_to(case=case, reason="Our mailing is printed.", by=lead, now=NOW, key="1")
        rule_notices.object_to(case=case, reason="Our mailing is printed.", by=lead, now=NOW, key="1")
        notice = RuleNotice.objects.get()
        assert (notice.state, notice.objected_by, notice.objection) == ("objected", lead, "Our mailing is printed.")
        assert mails(MailEvent.RULE_OBJECTED) == {(MailEvent.RULE_OBJECTED, "lead_mkt")}
        case = run(APPLIED)
        assert (case.state, Ruling.objects.filter(case=case).exists()) == (CaseState.NEGOTIATION, False)

    def test_only_who_answers_for_a_side_objects(self, house, case):
        member = make_user("member")
        house.sales.memberships.create(user=member)
        before = state()
        for person in (member, house.mediator, lead_of(make_department("CRM"))):
            with pytest.raises(PermissionDenied):
                rule_notices.object_to(case=case, reason="No.", by=person, now=NOW, key="1")
        with pytest.raises(ValidationError, match="Say why"):
            rule_notices.object_to(case=case, reason=" ", by=lead_of(house.sales), now=NOW, key="1")
        assert state()[:3] == before[:3]
        assert state()[-1] == before[-1]

    def test_too_late_and_twice_are_refused(self, house, case):
        rule_notices.object_to(case=case, reason="No.", by=lead_of(house.sales), now=NOW, key="1")
        before = state()
        with pytest.raises(ValidationError, match="no longer possible"):
            rule_notices.object_to(case=case, reason="No.", by=lead_of(house.marketing), now=NOW, key="2")
        assert state() == before


class TestApply:
    def test_without_an_objection_the_rule_decides_the_case(self, rule, case):
        Mail.objects.all().delete()
        assert run(APPLIED - timedelta(minutes=1)).state == CaseState.NEGOTIATION
        case = run(APPLIED)
        assert (case.state, case.outcome, case.mediator) == (CaseState.CLOSED, CaseOutcome.RULED, None)
        assert (case.ruling.decided_by, case.ruling.reason) == (rule.decided_by, WHY)
        assert case.ruling.effect == case.rule_notice.effect
        assert RuleNotice.objects.get().state == "applied"
        assert Ruling.objects.get(case=case).source == "rule"
        assert Offer.objects.get(code="SAL-4-A").starts_on == DAY + timedelta(days=130)
        assert not Offer.objects.filter(held=True).exists()
        assert not Timer.objects.filter(case=case, done_at=None).exists()
        assert mails(MailEvent.CASE_DECIDED) == {(MailEvent.CASE_DECIDED, one) for one in ("lead_mkt", "lead_sal")}
        assert "Nobody objected" in Mail.objects.get(event=MailEvent.CASE_DECIDED, recipient__username="lead_sal").text
        # A rule does not confirm itself.
        assert not Precedent.objects.filter(ruling=case.ruling).exists()
        before = state()
        run(APPLIED + timedelta(minutes=1))
        assert state() == before

    @pytest.mark.parametrize("what", ["changed", "suspended", "disturbs"])
    def test_what_changed_since_the_notice_keeps_it_from_being_applied(self, house, rule, case, what):
        match what:
            case "changed":
                by = lead_of(house.marketing)
                offers.change_offer(
                    offer=Offer.objects.get(code="MKT-4-A"), by=by, now=NOW, fields={"percent_off": 11}
                )
            case "suspended":
                standing_rules.take(rule=rule, step="suspend", reason=WHY, by=house.mediator, now=NOW)
            case "disturbs":
                house.plan(make_department("CRM"), "CRM-1", DAY + timedelta(days=132))
        closed = run(APPLIED)
        assert closed.state == CaseState.NEGOTIATION
        notice = RuleNotice.objects.get()
        assert (notice.state, notice.ended_why) == ("lapsed", what)
        assert Offer.objects.get(code="SAL-4-A").version == 1
        assert mails(MailEvent.RULE_LAPSED) == {(MailEvent.RULE_LAPSED, one) for one in ("lead_mkt", "lead_sal")}
        assert HistoryEntry.objects.filter(scope=f"case:{case.label}", verb=f"rule_{what}").count() == 1

    def test_approval_may_go_on_meanwhile(self, house, case):
        before = facts_hash(case)
        approve(case.campaign_a)
        assert facts_hash(case) != before
        assert run(APPLIED).state == CaseState.CLOSED

    def test_a_case_that_goes_to_mediation_has_no_rule_any_more(self, house, case):
        cases.escalate(case=case, by=lead_of(house.sales), now=NOW, key="1", reason="No.")
        assert (RuleNotice.objects.get().state, RuleNotice.objects.get().ended_why) == ("lapsed", "over")
        assert run(APPLIED).state == CaseState.MEDIATION

    def test_a_case_whose_collision_goes_has_no_rule_any_more(self, house, case):
        offers.withdraw_offers(
            offers=[Offer.objects.get(code="SAL-4-A")], by=lead_of(house.sales), now=NOW, reason="Not needed."
        )
        settle_down()
        assert RuleNotice.objects.get().state == "lapsed"
        assert run(APPLIED).outcome == CaseOutcome.VANISHED
        assert Collision.objects.filter(state="open").count() == 0
