import logging
from datetime import UTC, datetime, timedelta

import pytest

from approvals.actions import cases, escalation
from approvals.choices import CaseState, MailEvent, TimerKind
from approvals.models import Case, Mail, Mediator, Timer
from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    mails,
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
from campaigns.actions import access
from campaigns.choices import ActivityKind, RaciLetter
from campaigns.models import Activity, Campaign, RaciRole
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

# Of 18 working hours from ten o'clock of a Monday: half, four fifths, and all.
HALF, NEAR_END, DEADLINE = NOW + timedelta(hours=24), NOW + timedelta(hours=29, minutes=24), NOW + timedelta(hours=48)
HOUR = timedelta(hours=1)


def run(now):
    return escalation.run_due_timers(now=now)


def join(user, campaign, is_lead=False):
    access.join(department=campaign.department, user=user, is_lead=is_lead, by=None, now=NOW)


class TestTimers:
    def test_nothing_is_due_before_its_time(self):
        open_dispute()
        assert run(HALF - timedelta(seconds=1)) == 0
        assert mails(MailEvent.CASE_REMINDER) == set()

    def test_at_half_of_the_time_the_parties_are_reminded_once(self):
        open_dispute()
        assert run(HALF) == 1
        assert run(HALF + HOUR) == 0
        people = ("lead_mkt", "lead_sal", "contact_mkt", "contact_sal")
        assert mails(MailEvent.CASE_REMINDER) == {(MailEvent.CASE_REMINDER, person) for person in people}
        assert Mail.objects.filter(event=MailEvent.CASE_REMINDER).count() == 4
        assert Timer.objects.get(kind=TimerKind.REMIND, rung=50).result == "reminded"
        assert run(NEAR_END) == 1
        assert Mail.objects.filter(event=MailEvent.CASE_REMINDER).count() == 8

    def test_at_the_deadline_the_case_goes_to_the_mediator(self):
        mediator = make_mediator()
        dispute = open_dispute()
        run(HALF)
        run(NEAR_END)
        assert run(DEADLINE) == 1
        case = dispute.case
        assert (case.state, case.mediator, case.escalated_at) == (CaseState.MEDIATION, mediator, DEADLINE)
        assert case.mediator_trail == []
        assert mails(MailEvent.CASE_ASSIGNED) == {(MailEvent.CASE_ASSIGNED, "marta")}
        assert len(mails(MailEvent.CASE_ESCALATED)) == 4
        assert "before the deadline" in Mail.objects.filter(event=MailEvent.CASE_ESCALATED).first().text
        assert set(Campaign.objects.visible(mediator)) == set(dispute.campaigns)
        timers = Timer.objects.filter(kind__in=[TimerKind.REMIND, TimerKind.ESCALATE])
        assert set(timers.values_list("kind", "result")) == {("remind", "reminded"), ("escalate", "escalated")}

    def test_after_an_outage_nobody_is_reminded_of_what_is_over(self):
        make_mediator()
        open_dispute()
        assert run(DEADLINE + HOUR) == 3
        assert mails(MailEvent.CASE_REMINDER) == set()
        assert {timer.result for timer in Timer.objects.filter(kind=TimerKind.REMIND)} == {"too late"}
        assert Case.objects.get().state == CaseState.MEDIATION

    def test_nobody_is_reminded_while_nobody_works(self):
        open_dispute()
        midnight = datetime(2026, 11, 3, 0, 0, tzinfo=UTC)
        Timer.objects.filter(rung=50).update(due_at=midnight)
        run(midnight)
        assert mails(MailEvent.CASE_REMINDER) == set()
        nine = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
        assert Timer.objects.get(rung=50).due_at == nine
        run(nine)
        assert len(mails(MailEvent.CASE_REMINDER)) == 4

    def test_nobody_is_reminded_in_the_evening_when_the_deadline_comes_before_the_morning(self):
        open_dispute()
        evening = datetime(2026, 11, 2, 19, 0, tzinfo=UTC)
        Timer.objects.filter(rung=50).update(due_at=evening)
        Case.objects.update(agree_by=evening + 4 * HOUR)
        run(evening)
        assert mails(MailEvent.CASE_REMINDER) == set()
        assert Timer.objects.get(rung=50).result == "too late"

    def test_again_and_late_changes_nothing_more(self):
        make_mediator()
        open_dispute()
        for hours in range(3):
            run(DEADLINE + hours * HOUR)
        assert HistoryEntry.objects.filter(verb="escalate", scope__startswith="case:").count() == 1
        assert Mail.objects.filter(event=MailEvent.CASE_ASSIGNED).count() == 1

    def test_timers_of_a_case_that_a_party_escalated_are_silent(self):
        make_mediator()
        dispute = open_dispute()
        cases.escalate(case=dispute.case, by=dispute.leads[0], now=NOW + HOUR, key="k")
        run(DEADLINE)
        assert mails(MailEvent.CASE_REMINDER) == set()
        assert len(mails(MailEvent.CASE_ESCALATED)) == 3

    @pytest.mark.parametrize("meanwhile", [{"due_at": DEADLINE + HOUR}, {"done_at": NOW, "result": "escalated"}])
    def test_what_moved_or_ended_after_the_list_was_made_does_not_run(self, meanwhile):
        make_mediator()
        case = open_dispute().case
        timer = Timer.objects.get(kind=TimerKind.ESCALATE)
        Timer.objects.filter(pk=timer.pk).update(**meanwhile)
        assert escalation._run(timer.pk, case.pk, DEADLINE) is False
        assert Case.objects.get().state == CaseState.NEGOTIATION

    def test_one_that_fails_stops_no_other_and_is_tried_again(self, caplog):
        make_mediator()
        first = open_dispute().case
        segment, products = make_segment(numbers=range(9)), make_products(2)
        for code in ("CRM", "ECO"):
            campaign = make_campaign(make_department(code), f"{code}-1")
            make_offer(campaign, segments=[segment], products=products)
            submit(campaign)
        settle_down()
        Timer.objects.filter(case=first, kind=TimerKind.ESCALATE).update(kind="unheard of")
        with caplog.at_level(logging.ERROR):
            assert run(DEADLINE) == 5
        assert f"of case {first.pk} failed" in caplog.text
        assert set(Case.objects.values_list("campaign_a__code", "state")) == {
            ("MKT-1", CaseState.NEGOTIATION),
            ("CRM-1", CaseState.MEDIATION),
        }
        Timer.objects.filter(kind="unheard of").update(kind=TimerKind.ESCALATE)
        run(DEADLINE + HOUR)
        assert not Case.objects.filter(state=CaseState.NEGOTIATION).exists()


class TestFindMediator:
    def trail(self):
        return {row["user"]: row["why"] for row in Case.objects.get().mediator_trail}

    def test_the_mediator_of_a_department_comes_before_the_one_for_all(self):
        make_mediator("general")
        dispute = open_dispute()
        make_mediator("special", department=dispute.second.campaign.department)
        run(DEADLINE)
        assert dispute.case.mediator.username == "special"

    def test_a_mediator_of_another_department_is_not_asked(self):
        make_mediator("stranger", department=make_department("CRM"))
        make_mediator("general")
        dispute = open_dispute()
        run(DEADLINE)
        assert dispute.case.mediator.username == "general"
        assert self.trail() == {}

    @pytest.mark.parametrize(
        ("tie", "why"),
        [
            (join, "party"),
            (lambda user, campaign: join(user, campaign, is_lead=True), "party"),
            (lambda user, campaign: user.__class__.objects.filter(pk=user.pk).update(is_active=False), "inactive"),
            (
                lambda user, campaign: user.__class__.objects.filter(pk=user.pk).update(is_superuser=True),
                "administrator",
            ),
            (lambda user, campaign: Campaign.objects.filter(pk=campaign.pk).update(accountable=user), "involved"),
            (lambda user, campaign: Campaign.objects.filter(pk=campaign.pk).update(contact_person=user), "involved"),
            (
                lambda user, campaign: (
                    campaign.activities.all()[:1]
                    .get()
                    .roles.create(letter=RaciLetter.RESPONSIBLE, department=make_department("CRM"), user=user)
                ),
                "involved",
            ),
            (
                lambda user, campaign: Activity.objects.filter(campaign=campaign, kind=ActivityKind.SALE).update(
                    accountable=user
                ),
                "involved",
            ),
        ],
    )
    def test_who_is_tied_to_a_party_is_passed_over_for_the_stand_in(self, tie, why):
        stand_in = make_user("sara")
        mediator = make_mediator(stand_in=stand_in)
        dispute = open_dispute()
        tie(mediator, dispute.first.campaign)
        run(DEADLINE)
        assert dispute.case.mediator == stand_in
        assert self.trail() == {"marta": why}

    def test_a_department_that_does_part_of_a_campaign_ties_its_members(self):
        mediator = make_mediator(stand_in=make_user("sara"))
        helpers = make_department("CRM", members=[mediator])
        dispute = open_dispute()
        activity = dispute.first.campaign.activities.first()
        RaciRole.objects.create(activity=activity, letter=RaciLetter.RESPONSIBLE, department=helpers)
        run(DEADLINE)
        assert dispute.case.mediator.username == "sara"

    def test_who_is_only_told_of_a_campaign_may_judge(self):
        mediator = make_mediator(stand_in=make_user("sara"))
        dispute = open_dispute()
        activity = dispute.first.campaign.activities.first()
        RaciRole.objects.create(
            activity=activity, letter=RaciLetter.INFORMED, department=make_department("CRM"), user=mediator
        )
        run(DEADLINE)
        assert dispute.case.mediator == mediator

    def test_the_stand_in_is_judged_by_the_same_rules_and_has_a_stand_in_too(self):
        third = make_user("tere")
        stand_in = make_user("sara")
        mediator = make_mediator(stand_in=stand_in)
        Mediator.objects.create(user=stand_in, department=make_department("CRM"), stand_in=third)
        dispute = open_dispute()
        for user in (mediator, stand_in):
            join(user, dispute.first.campaign)
        run(DEADLINE)
        assert dispute.case.mediator == third
        assert self.trail() == {"marta": "party", "sara": "party"}


class TestNobody:
    def test_the_case_waits_and_administrators_are_told_once(self):
        make_user("root", is_superuser=True)
        mediator = make_mediator()
        dispute = open_dispute()
        join(mediator, dispute.second.campaign)
        run(DEADLINE)

        case = dispute.case
        assert (case.state, case.mediator) == (CaseState.MEDIATION, None)
        assert case.mediator_trail == [{"user": "marta", "why": "party"}]
        assert mails(MailEvent.CASE_WITHOUT_MEDIATOR) == {(MailEvent.CASE_WITHOUT_MEDIATOR, "root")}
        timer = Timer.objects.get(done_at=None)
        assert (timer.kind, timer.due_at) == (TimerKind.ASSIGN, DEADLINE + HOUR)

        # The one run does not take the timer again that it armed.
        assert run(DEADLINE + 5 * HOUR) == 1
        assert Timer.objects.get(done_at=None).due_at == DEADLINE + 6 * HOUR
        assert Mail.objects.filter(event=MailEvent.CASE_WITHOUT_MEDIATOR).count() == 1

    def test_somebody_named_later_gets_the_case_with_the_next_try(self):
        dispute = open_dispute()
        run(DEADLINE)
        mediator = make_mediator()
        run(DEADLINE + HOUR)
        assert dispute.case.mediator == mediator
        assert mails(MailEvent.CASE_ASSIGNED) == {(MailEvent.CASE_ASSIGNED, "marta")}
        assert not Timer.objects.filter(done_at=None, kind=TimerKind.ASSIGN).exists()


class TestReplace:
    def test_a_mediator_who_joined_a_party_is_replaced_and_loses_the_campaigns(self):
        stand_in = make_user("sara")
        dispute, mediator = escalated_dispute()
        Mediator.objects.update(stand_in=stand_in)
        join(mediator, make_campaign(make_department("CRM"), "CRM-1"))
        escalation.replace_mediators(now=NOW + HOUR)
        assert dispute.case.mediator == mediator

        join(mediator, dispute.first.campaign)
        escalation.replace_mediators(now=NOW + HOUR)
        case = dispute.case
        assert (case.mediator, case.state) == (stand_in, CaseState.MEDIATION)
        assert case.mediator_trail == [{"user": "marta", "why": "party"}]
        assert set(Campaign.objects.visible(stand_in)) == set(dispute.campaigns)
        assert dispute.second.campaign not in Campaign.objects.visible(mediator)
        assert mails(MailEvent.CASE_ASSIGNED) == {(MailEvent.CASE_ASSIGNED, name) for name in ("marta", "sara")}

    def test_without_a_replacement_the_case_waits_and_comes_back_to_the_first(self):
        make_user("root", is_superuser=True)
        dispute, mediator = escalated_dispute()
        join(mediator, dispute.first.campaign)
        escalation.replace_mediators(now=NOW + HOUR)
        assert dispute.case.mediator is None
        assert len(mails(MailEvent.CASE_WITHOUT_MEDIATOR)) == 1

        access.leave(department=dispute.first.campaign.department, user=mediator, by=None, now=NOW)
        run(NOW + 2 * HOUR)
        assert dispute.case.mediator == mediator
        # The same person hears of it a second time.
        assert Mail.objects.filter(event=MailEvent.CASE_ASSIGNED, recipient=mediator).count() == 2
