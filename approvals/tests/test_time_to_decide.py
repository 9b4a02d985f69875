"""How long a mediator has a case, and what happens when that is over."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from approvals.actions import cases, escalation, mediation, recusals, time_to_decide, working_time
from approvals.choices import CaseState, MailEvent, RecusalKind, TimerKind
from approvals.models import Case, EscalationPolicy, Mail, Mediator, Recusal, Timer
from approvals.permissions import can_decide
from approvals.tests.builders import (
    NOW,
    lead_of,
    mails,
    make_campaign,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from campaigns.actions import access, offers
from campaigns.models import Campaign
from customers.actions import events
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

# Of 18 working hours from ten o'clock of a Monday: half, four fifths, and all.
HALF, NEAR_END, DEADLINE = NOW + timedelta(hours=24), NOW + timedelta(hours=29, minutes=24), NOW + timedelta(hours=48)
HOUR = timedelta(hours=1)


@pytest.fixture
def sara():
    return make_user("sara")


@pytest.fixture
def dispute(sara):
    """With marta from NOW on; sara stands in for her."""
    make_mediator(stand_in=sara)
    found = open_dispute()
    cases.escalate(case=found.case, by=None, now=NOW, key="time")
    return found


@pytest.fixture
def alone():
    """With marta, and nobody else mediates."""
    make_user("root", is_superuser=True)
    make_mediator()
    found = open_dispute()
    cases.escalate(case=found.case, by=None, now=NOW, key="time")
    return found


def run(now):
    return escalation.run_due_timers(now=now)


def waiting():
    return {(timer.kind, timer.rung): timer.due_at for timer in Timer.objects.filter(done_at=None)}


def steps(verb):
    return HistoryEntry.objects.filter(verb=verb, scope__startswith="case:").count()


def told(event):
    return Mail.objects.filter(event=event).count()


class TestGiven:
    def test_with_the_case_and_by_its_own_terms(self, dispute):
        EscalationPolicy.objects.update(hours_to_decide=4)
        case = dispute.case
        assert (case.hours_to_decide, case.assigned_at, case.decide_by) == (18, NOW, DEADLINE)
        assert waiting() == {
            (TimerKind.REMIND_DECISION, 50): HALF,
            (TimerKind.REMIND_DECISION, 80): NEAR_END,
            (TimerKind.DECIDE, 0): DEADLINE,
        }
        assert "Decide by" in Mail.objects.get(event=MailEvent.CASE_ASSIGNED).text

    def test_without_a_mediator_there_is_none(self):
        dispute = open_dispute()
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
        assert (dispute.case.assigned_at, dispute.case.decide_by) == (None, None)
        assert set(waiting()) == {(TimerKind.ASSIGN, 0)}

    def test_the_database_wants_both_or_neither(self, dispute):
        for wrong in ({"decide_by": None}, {"mediator": None}, {"assigned_at": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Case.objects.update(**wrong)

    def test_a_case_that_ends_waits_for_nothing(self, dispute):
        cases.close(dispute.case, "vanish", by=None, now=NOW)
        assert waiting() == {}
        assert run(DEADLINE) == 0


class TestReminders:
    def test_the_mediator_is_reminded_twice(self, dispute):
        assert run(HALF) == 1
        run(HALF + HOUR)
        assert mails(MailEvent.DECISION_REMINDER) == {(MailEvent.DECISION_REMINDER, "marta")}
        run(NEAR_END)
        run(NEAR_END + HOUR)
        assert told(MailEvent.DECISION_REMINDER) == 2

    def test_never_after_the_deadline(self, dispute):
        run(DEADLINE + HOUR)
        assert mails(MailEvent.DECISION_REMINDER) == set()
        assert dispute.case.mediator.username == "sara"

    def test_never_while_nobody_works(self, dispute):
        midnight = datetime(2026, 11, 3, 0, 0, tzinfo=UTC)
        Timer.objects.filter(kind=TimerKind.REMIND_DECISION, rung=50).update(due_at=midnight)
        run(midnight)
        assert mails(MailEvent.DECISION_REMINDER) == set()
        assert waiting()[TimerKind.REMIND_DECISION, 50] == datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


class TestDeadline:
    def test_the_next_person_has_the_case_and_the_first_one_does_not_come_back(self, dispute, sara):
        marta = dispute.case.mediator
        run(DEADLINE)
        case = dispute.case
        assert (case.state, case.mediator, case.assigned_at) == (CaseState.MEDIATION, sara, DEADLINE)
        assert case.decide_by == DEADLINE + timedelta(days=2)
        assert case.mediator_trail == [{"user": "marta", "why": "timeout"}]
        row = Recusal.objects.get()
        assert (row.person, row.kind, row.said_by, row.campaign, row.reason) == (
            marta,
            RecusalKind.TIMEOUT,
            None,
            None,
            "",
        )
        assert can_decide(sara, case)
        assert not can_decide(marta, case)
        assert not Campaign.objects.visible(marta).exists()
        changed = Mail.objects.filter(event=MailEvent.CASE_MEDIATOR_CHANGED)
        assert changed.count() == 4
        assert "Marta did not decide in time" in changed.first().text
        assert "The time to decide was over." in Mail.objects.get(event=MailEvent.CASE_LEFT, recipient=marta).text
        assert steps("time_out") == 1

        # Sara leaves for another reason: marta was too late already.
        Mediator.objects.create(user=sara, stand_in=make_user("tere"))
        recusals.step_aside(case=case, by=sara, now=DEADLINE, key="k")
        assert dispute.case.mediator.username == "tere"

    def test_the_new_mediator_is_reminded_anew(self, dispute):
        run(HALF)
        run(DEADLINE)
        run(DEADLINE + (HALF - NOW))
        assert mails(MailEvent.DECISION_REMINDER) == {
            (MailEvent.DECISION_REMINDER, "marta"),
            (MailEvent.DECISION_REMINDER, "sara"),
        }

    def test_again_and_late_changes_nothing_more(self, dispute):
        for _ in range(6):
            run(DEADLINE)
        assert (steps("time_out"), steps("assign"), Recusal.objects.count()) == (1, 2, 1)
        assert Mail.objects.filter(event=MailEvent.CASE_ASSIGNED, recipient__username="sara").count() == 1

    @pytest.mark.parametrize("way", ["steps aside", "joins a party"])
    def test_the_old_deadline_does_not_strike_the_new_mediator(self, dispute, sara, way):
        later = NOW + 5 * HOUR
        marta = dispute.case.mediator
        if way == "steps aside":
            recusals.step_aside(case=dispute.case, by=marta, now=later, key="k")
        else:
            access.join(department=dispute.first.campaign.department, user=marta, is_lead=False, by=None, now=later)
            escalation.replace_mediators(now=later)
        run(DEADLINE)
        case = dispute.case
        assert (case.mediator, case.decide_by > DEADLINE) == (sara, True)
        assert (steps("time_out"), steps("overdue")) == (0, 0)
        assert mails(MailEvent.DECISION_REMINDER) == {(MailEvent.DECISION_REMINDER, "sara")}


class TestNobodyElse:
    def test_the_case_stays_and_administrators_are_told_once(self, alone):
        marta = alone.case.mediator
        for hours in range(4):
            run(DEADLINE + hours * HOUR)
        case = alone.case
        assert (case.mediator, case.decide_by, case.mediator_trail) == (marta, DEADLINE, [])
        assert can_decide(marta, case)
        assert mails(MailEvent.CASE_UNDECIDED) == {(MailEvent.CASE_UNDECIDED, "root")}
        assert (told(MailEvent.CASE_UNDECIDED), steps("overdue"), Recusal.objects.count()) == (1, 1, 0)
        assert waiting() == {(TimerKind.DECIDE, 0): DEADLINE + 4 * HOUR}

    def test_whoever_is_named_then_has_it_within_the_hour(self, alone):
        run(DEADLINE)
        new = make_mediator("new")
        run(DEADLINE + HOUR)
        case = alone.case
        assert (case.mediator, case.assigned_at) == (new, DEADLINE + HOUR)
        assert case.mediator_trail == [{"user": "marta", "why": "timeout"}]

    def test_each_step_is_told_once(self, alone):
        """Late, then gone: two things that administrators must know."""
        run(DEADLINE)
        recusals.step_aside(case=alone.case, by=alone.case.mediator, now=DEADLINE, key="k")
        for hours in range(1, 5):
            run(DEADLINE + hours * HOUR)
        assert (told(MailEvent.CASE_UNDECIDED), told(MailEvent.CASE_WITHOUT_MEDIATOR)) == (1, 1)
        assert set(waiting()) == {(TimerKind.ASSIGN, 0)}


def many_due(number):
    """Cases in negotiation whose time is over, and nothing else: their campaigns have no offers."""
    plans = [make_campaign(make_department(f"D{place}"), f"P{place:02}") for place in range(11)]
    pairs = [(one, two) for one in plans for two in plans if one.code < two.code][:number]
    rows = Case.objects.bulk_create(
        Case(
            campaign_a=one,
            campaign_b=two,
            level="low",
            detected_at=NOW,
            opened_at=NOW,
            hours_to_agree=18,
            hours_before_start=24,
            hours_to_decide=18,
            agree_by=DEADLINE,
        )
        for one, two in pairs
    )
    Timer.objects.bulk_create(Timer(case=case, kind=TimerKind.ESCALATE, due_at=DEADLINE) for case in rows)
    return rows


class TestSweep:
    def test_a_case_that_waits_starves_no_other(self, alone):
        """One that arms itself again with every try, and fifty whose time is over: one run does them all."""
        case = alone.case
        recusals.step_aside(case=case, by=case.mediator, now=NOW, key="k")
        rows = many_due(50)
        assert run(DEADLINE) == 51
        assert not Case.objects.filter(pk__in=[row.pk for row in rows], state=CaseState.NEGOTIATION).exists()
        assert not Timer.objects.filter(done_at=None, due_at__lte=DEADLINE).exists()

    def test_a_poisoned_case_stops_no_other_and_is_tried_again(self, dispute, caplog):
        poisoned = dispute.case
        (other,) = many_due(1)
        # A row that cannot be read, as a bad import would leave it.
        Case.objects.filter(pk=poisoned.pk).update(mandates=[{"id": 1}])
        with caplog.at_level(logging.ERROR):
            run(DEADLINE)
        assert f"of case {poisoned.pk} failed" in caplog.text
        assert Case.objects.get(pk=other.pk).state == CaseState.MEDIATION
        assert Case.objects.get(pk=poisoned.pk).mediator.username == "marta"
        Case.objects.filter(pk=poisoned.pk).update(mandates=poisoned.mandates)
        run(DEADLINE + timedelta(minutes=1))
        assert Case.objects.get(pk=poisoned.pk).mediator.username == "sara"

    def test_nor_keeps_it_others_from_a_new_mediator(self, dispute, sara, caplog):
        poisoned, (other,) = dispute.case, many_due(1)
        cases.escalate(case=other, by=None, now=NOW, key="time")
        marta = poisoned.mediator
        Case.objects.filter(pk=poisoned.pk).update(mandates=[{"id": 1}])
        type(marta).objects.filter(pk=marta.pk).update(is_active=False)
        with caplog.at_level(logging.ERROR):
            escalation.replace_mediators(now=NOW)
        assert f"case {poisoned.pk} keeps a mediator" in caplog.text
        assert (Case.objects.get(pk=poisoned.pk).mediator, Case.objects.get(pk=other.pk).mediator) == (marta, sara)


class TestNearer:
    def collide_earlier(self, dispute, days, now):
        for offer in (dispute.first, dispute.second):
            lead = lead_of(offer.campaign.department)
            offers.shift_offers(offers=[offer], days=-days, by=lead, now=now)
        settle_down(now)

    def test_what_begins_earlier_brings_the_decision_nearer_and_the_mediator_hears_of_it(self, dispute):
        EscalationPolicy.objects.update(hours_before_start=5)  # of new cases
        later = NOW + HOUR
        # From the 12th to the 4th: a day before its midnight in Madrid.
        self.collide_earlier(dispute, 8, later)
        case = dispute.case
        assert case.decide_by == case.settle_before == datetime(2026, 11, 2, 23, tzinfo=UTC)
        entry = HistoryEntry.objects.get(verb="deadline", scope=f"case:{case.label}")
        assert set(entry.changes) == {"decide_by"}
        assert waiting()[TimerKind.DECIDE, 0] == case.decide_by
        assert waiting()[TimerKind.REMIND_DECISION, time_to_decide.NEARER] == later
        run(later)
        assert mails(MailEvent.DECISION_REMINDER) == {(MailEvent.DECISION_REMINDER, "marta")}
        run(case.decide_by)
        assert dispute.case.mediator.username == "sara"

    def test_the_mediator_keeps_time_to_decide(self, dispute):
        # On Wednesday at noon it comes out that offers begin on Thursday: that is less than a day before.
        later = NOW + timedelta(hours=47)
        self.collide_earlier(dispute, 7, later)
        assert dispute.case.settle_before < later
        assert dispute.case.decide_by == DEADLINE

    def test_without_a_mediator_the_next_one_has_less_time(self):
        dispute = open_dispute()
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
        self.collide_earlier(dispute, 8, NOW + HOUR)
        make_mediator()
        run(NOW + HOUR)
        assert dispute.case.decide_by == datetime(2026, 11, 2, 23, tzinfo=UTC)


class TestCalendar:
    @pytest.fixture
    def root(self):
        return make_user("root", is_superuser=True)

    def close_on(self, day, root, now):
        working_time.put_day(row=None, day=day, name="Town fair", is_worked=False, by=root, now=now)
        while events.drain(working_time.TOPICS, working_time.react, now=now):
            pass

    def test_a_day_off_gives_the_mediator_another(self, dispute, root):
        self.close_on(date(2026, 11, 3), root, NOW + HOUR)
        day = timedelta(days=1)
        assert dispute.case.decide_by == DEADLINE + day
        assert waiting() == {
            (TimerKind.REMIND_DECISION, 50): HALF + day,
            (TimerKind.REMIND_DECISION, 80): NEAR_END + day,
            (TimerKind.DECIDE, 0): DEADLINE + day,
        }
        entry = HistoryEntry.objects.get(verb="recount", scope=f"case:{dispute.case.label}")
        assert set(entry.changes) == {"decide_by", "2026-11-03"}
        run(DEADLINE)
        assert dispute.case.mediator.username == "marta"

    def test_nobody_is_reminded_twice_on_a_rung(self, dispute, root):
        run(HALF)
        self.close_on(date(2026, 11, 4), root, HALF + HOUR)
        assert set(waiting()) == {(TimerKind.REMIND_DECISION, 80), (TimerKind.DECIDE, 0)}

    def test_the_reminders_of_who_left_are_no_reminders_of_who_came(self, dispute, root):
        later = NOW + HOUR
        recusals.step_aside(case=dispute.case, by=dispute.case.mediator, now=later, key="k")
        self.close_on(date(2026, 11, 4), root, later)
        assert set(waiting()) == {
            (TimerKind.REMIND_DECISION, 50),
            (TimerKind.REMIND_DECISION, 80),
            (TimerKind.DECIDE, 0),
        }

    def test_a_deadline_that_came_nearer_is_told_of_at_once(self, root):
        self.close_on(date(2026, 11, 3), root, NOW)
        make_mediator()
        dispute = open_dispute()
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
        working_time.remove_day(row=working_time.SpecialDay.objects.get(), by=root, now=NOW + HOUR)
        while events.drain(working_time.TOPICS, working_time.react, now=NOW + HOUR):
            pass
        assert dispute.case.decide_by == DEADLINE
        assert waiting()[TimerKind.REMIND_DECISION, time_to_decide.NEARER] == NOW + HOUR


class TestRecusals:
    @pytest.mark.parametrize(
        "wrong", [{"said_by": "marta"}, {"campaign": True}, {"reason": "Slept."}], ids=["said", "side", "reason"]
    )
    def test_nobody_says_a_timeout(self, dispute, wrong):
        fields = {
            "said_by": dispute.case.mediator if "said_by" in wrong else None,
            "campaign": dispute.first.campaign if "campaign" in wrong else None,
            "reason": wrong.get("reason", ""),
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            Recusal.objects.create(
                case=dispute.case, person=dispute.case.mediator, kind=RecusalKind.TIMEOUT, said_at=NOW, **fields
            )

    @pytest.mark.parametrize("kind", [RecusalKind.RECUSED, RecusalKind.CHALLENGED])
    def test_everything_else_somebody_says(self, dispute, kind):
        side = dispute.first.campaign if kind == RecusalKind.CHALLENGED else None
        with pytest.raises(IntegrityError), transaction.atomic():
            Recusal.objects.create(
                case=dispute.case,
                person=dispute.case.mediator,
                kind=kind,
                said_at=NOW,
                campaign=side,
                reason="Because.",
            )

    def test_rows_stay_as_they_are(self, dispute):
        run(DEADLINE)
        with pytest.raises(DatabaseError), transaction.atomic():
            Recusal.objects.update(reason="Slept.")

    def test_a_retry_is_an_hour_away(self):
        assert mediation.TRY_AGAIN_AFTER == HOUR
