"""The calendar of the house and what follows it: deadlines of cases, of reviews, and their reminders."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals import tasks
from approvals.actions import (
    approval_rules,
    case_reactions,
    deadlines,
    escalation,
    policy,
    request_answers,
    requests,
    working_time,
)
from approvals.choices import CaseState, MailEvent, TimerKind
from approvals.models import Case, CustomerRequest, EscalationPolicy, Mail, Review, SpecialDay, Timer, WorkingHours
from approvals.queries.working_time import house_clock
from approvals.rules import working_time as working_time_rules
from approvals.tests.builders import (
    NOW,
    Dispute,
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
from approvals.tests.reviewing import make_house, make_rule
from approvals.tests.reviewing import submit as submit_for_review
from campaigns.actions import offers
from campaigns.tests.factories import lead_of
from customers.actions import events
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = NOW + HOUR
# NOW is ten o'clock of a Monday; 18 working hours later is ten o'clock of this Wednesday.
TUESDAY, WEDNESDAY = date(2026, 11, 3), date(2026, 11, 4)
DEADLINE = NOW + timedelta(days=2)


@pytest.fixture
def root():
    return make_user("root", is_superuser=True)


def put(day, root, *, name="Closed", is_worked=False, row=None, now=LATER):
    return working_time.put_day(row=row, day=day, name=name, is_worked=is_worked, by=root, now=now)


def drain(now=LATER):
    while events.drain(working_time.TOPICS, working_time.react, now=now):
        pass


def dispute_on(day, hours_before=24):
    """MKT-1 and SAL-1 collide from this day on."""
    EscalationPolicy.objects.update(hours_before_start=hours_before)
    segment, products = make_segment(numbers=range(9)), make_products(2)
    pair = []
    for code in ("MKT", "SAL"):
        campaign = make_campaign(make_department(code), f"{code}-1", starts_on=day)
        pair.append(make_offer(campaign, segments=[segment], products=products))
        submit(campaign)
    settle_down()
    return Dispute(*pair)


def waiting():
    return {(timer.kind, timer.rung): timer.due_at for timer in Timer.objects.filter(done_at=None)}


def everything():
    models = (SpecialDay, WorkingHours, Event, HistoryEntry, Case, Timer)
    return [list(model.objects.order_by("pk").values()) for model in models]


class TestTerms:
    def test_a_later_change_of_the_policy_changes_no_open_case(self, root):
        dispute = open_dispute()
        policy.change_policy(opens_at_level="low", hours_to_agree=4, hours_before_start=100, by=root, now=LATER)
        settle_down(LATER)
        case_reactions.consider([(dispute.first.campaign_id, dispute.second.campaign_id)], now=LATER)
        put(date(2027, 1, 6), root)
        drain()
        case = dispute.case
        assert (case.hours_to_agree, case.hours_before_start, case.agree_by) == (18, 24, DEADLINE)

    def test_what_collides_earlier_is_measured_by_the_terms_of_the_case(self, root):
        dispute = open_dispute()
        policy.change_policy(opens_at_level="low", hours_to_agree=18, hours_before_start=0, by=root, now=LATER)
        for offer in (dispute.first, dispute.second):
            offers.shift_offers(offers=[offer], days=-8, by=lead_of(offer.campaign.department), now=LATER)
        settle_down(LATER)
        # They begin on Wednesday; a day before its midnight is that of Tuesday.
        assert dispute.case.agree_by == datetime(2026, 11, 2, 23, tzinfo=UTC)

    def test_what_begins_later_than_the_deadline_limits_it_once_days_are_off(self, root):
        dispute = open_dispute()
        for offer in (dispute.first, dispute.second):
            offers.shift_offers(offers=[offer], days=-6, by=lead_of(offer.campaign.department), now=LATER)
        settle_down(LATER)
        assert dispute.case.agree_by == DEADLINE
        for day in (TUESDAY, WEDNESDAY, date(2026, 11, 5)):
            put(day, root)
        drain()
        # They begin on Friday; a day before its midnight is that of Thursday.
        assert dispute.case.agree_by == datetime(2026, 11, 4, 23, tzinfo=UTC)

    def test_the_days_off_of_the_house_count(self, root):
        put(TUESDAY, root)
        assert open_dispute().case.agree_by == DEADLINE + timedelta(days=1)


class TestHurry:
    def test_what_begins_tomorrow_goes_to_mediation_at_once(self):
        mediator = make_mediator()
        case = dispute_on(TUESDAY).case
        assert (case.state, case.mediator) == (CaseState.MEDIATION, mediator)
        # Never a deadline that had passed when the case opened.
        assert case.opened_at == case.agree_by == case.escalated_at == NOW
        assert not Timer.objects.filter(done_at=None, kind__in=[TimerKind.REMIND, TimerKind.ESCALATE]).exists()
        # One mail each to the four people of the parties, which says why, and one to the mediator.
        assert {event for event, _person in mails()} >= {MailEvent.CASE_ESCALATED, MailEvent.CASE_ASSIGNED}
        assert mails(MailEvent.CASE_OPENED) == set()
        assert "no working time left to agree" in Mail.objects.filter(event=MailEvent.CASE_ESCALATED).first().text
        verbs = HistoryEntry.objects.filter(scope=f"case:{case.label}").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["open", "hurry", "escalate", "assign"]

    def test_two_working_hours_are_enough_and_less_is_not(self):
        case = dispute_on(TUESDAY, hours_before=7).case
        assert (case.state, case.agree_by) == (CaseState.NEGOTIATION, datetime(2026, 11, 2, 16, tzinfo=UTC))

    def test_a_collision_that_moves_too_near_ends_the_negotiation(self):
        make_mediator()
        dispute = open_dispute()
        for offer in (dispute.first, dispute.second):
            offers.shift_offers(offers=[offer], days=-9, by=lead_of(offer.campaign.department), now=LATER)
        settle_down(LATER)
        case = dispute.case
        assert (case.state, case.agree_by, case.escalated_at) == (CaseState.MEDIATION, LATER, LATER)
        assert not Timer.objects.filter(done_at=None, kind__in=[TimerKind.REMIND, TimerKind.ESCALATE]).exists()

    def test_what_runs_already_hurries_nobody(self):
        assert dispute_on(NOW.date()).case.agree_by == DEADLINE


class TestReminders:
    def test_a_rung_is_never_reminded_of_twice(self, root):
        case = open_dispute().case
        escalation.run_due_timers(now=NOW + timedelta(hours=24))
        put(WEDNESDAY, root, now=NOW + timedelta(hours=25))
        drain(NOW + timedelta(hours=25))
        # Half of the time was told of; only the rest moved.
        assert set(waiting()) == {(TimerKind.REMIND, 80), (TimerKind.ESCALATE, 0)}
        assert Timer.objects.filter(case=case, rung=50).count() == 1

    def test_a_deadline_that_came_nearer_is_told_of_at_once_and_once(self, root):
        put(TUESDAY, root, now=NOW)
        case = open_dispute().case
        working_time.remove_day(row=SpecialDay.objects.get(), by=root, now=LATER)
        drain()
        assert case.agree_by > Case.objects.get().agree_by == DEADLINE
        assert waiting()[TimerKind.REMIND, deadlines.NEARER] == LATER
        escalation.run_due_timers(now=LATER)
        escalation.run_due_timers(now=LATER)
        assert Mail.objects.filter(event=MailEvent.CASE_REMINDER).count() == 4


class TestCalendar:
    def test_a_day_off_moves_what_is_open_and_says_why(self, root):
        dispute = open_dispute()
        put(TUESDAY, root, name="Town fair")
        assert dispute.case.agree_by == DEADLINE, "not yet: the event is drained soon after"
        drain()
        case, day = dispute.case, timedelta(days=1)
        assert case.agree_by == DEADLINE + day
        assert waiting() == {
            (TimerKind.REMIND, 50): NOW + 2 * day,
            (TimerKind.REMIND, 80): NOW + 2 * day + timedelta(hours=5, minutes=24),
            (TimerKind.ESCALATE, 0): DEADLINE + day,
        }
        entry = HistoryEntry.objects.get(verb="recount", scope=f"case:{case.label}")
        assert (entry.actor, entry.changes["2026-11-03"]) == ("root", [None, "Town fair"])
        assert set(entry.changes) == {"agree_by", "2026-11-03"}

    def test_a_day_that_matters_to_no_case_writes_into_none(self, root):
        open_dispute()
        put(date(2027, 1, 6), root)
        drain()
        assert not HistoryEntry.objects.filter(verb="recount").exists()

    def test_other_hours_move_what_is_open(self, root):
        dispute = open_dispute()
        working_time.change_hours(opens_at=time(9), closes_at=time(14), by=root, now=LATER)
        drain()
        # 4 hours of Monday, 5 of Tuesday, Wednesday and half of Thursday … 18 in all: Thursday 13:00.
        assert dispute.case.agree_by == datetime(2026, 11, 5, 12, tzinfo=UTC)
        entry = HistoryEntry.objects.get(
            verb="recount", subject=f"case:{dispute.case.label}", scope__startswith="case"
        )
        assert entry.changes["closes_at"] == ["18:00", "14:00"]

    def test_a_deadline_that_has_passed_by_the_new_hours_escalates_by_the_sweep(self, root):
        make_mediator()
        dispute = open_dispute()
        now = NOW + timedelta(hours=28)
        working_time.change_hours(opens_at=time(0), closes_at=time(0), by=root, now=now)
        drain(now)
        assert (dispute.case.state, dispute.case.agree_by) == (CaseState.NEGOTIATION, NOW + 18 * HOUR)
        escalation.run_due_timers(now=now)
        assert dispute.case.state == CaseState.MEDIATION
        assert mails(MailEvent.CASE_REMINDER) == set()

    def test_reviews_follow_too(self):
        house = make_house()
        make_rule(house)
        submit_for_review(house)
        before = Review.objects.get()
        put(TUESDAY, house.admin)
        drain()
        after = Review.objects.get()
        assert after.due_at == before.due_at + timedelta(days=1)
        entry = HistoryEntry.objects.get(verb="recount", subject="campaign:CRM-1")
        assert datetime.fromisoformat(entry.changes["due_at"][1]) == after.due_at

    def test_open_requests_of_customers_follow_too_by_the_hours_of_then(self):
        crm = make_department("CRM")
        lead = lead_of(crm)
        request, answered, late = (
            requests.record(channel="phone", asked=f"Why {number}?", by=lead, now=NOW, token=str(number))
            for number in range(3)
        )
        request_answers.answer(request=answered, text="Because.", by=lead, now=NOW, key="k")
        CustomerRequest.objects.filter(pk=late.pk).update(remind_at=None)
        root = make_user("root", is_superuser=True)
        approval_rules.change_policy(hours_to_review=18, hours_to_answer=40, by=root, now=LATER)
        hours = request.hours_to_answer
        # From NOW on the day itself is off: Monday.
        put(NOW.date(), root)
        drain()
        request.refresh_from_db()
        clock = house_clock()
        assert request.answer_by == working_time_rules.after(NOW, hours * HOUR, clock)
        assert request.remind_at == working_time_rules.after(NOW, hours * HOUR / 2, clock)
        assert CustomerRequest.objects.get(pk=answered.pk).answer_by == answered.answer_by
        assert CustomerRequest.objects.get(pk=late.pk).remind_at is None
        entries = HistoryEntry.objects.filter(verb="recount")
        assert set(entries.values_list("subject", flat=True)) == {f"request:{one.label}" for one in (request, late)}
        assert set(entries.first().changes) == {"answer_by"}

    def test_a_worker_that_dies_in_between_loses_nothing(self, root, monkeypatch):
        """The event stands until everything it asks for is counted, in the same transaction."""
        dispute = open_dispute()
        put(TUESDAY, root)

        def die(*args, **kwargs):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(deadlines.dossier, "note", die)
            with pytest.raises(KeyboardInterrupt):
                drain()
        assert dispute.case.agree_by == DEADLINE
        tasks.task_react()
        assert dispute.case.agree_by == DEADLINE + timedelta(days=1)

    def test_what_is_too_much_at_once_is_counted_in_pieces(self, monkeypatch):
        monkeypatch.setattr(working_time, "AT_ONCE", 1)
        dispute = open_dispute()
        house = make_house()
        submit_for_review(house)
        review = Review.objects.order_by("-pk").first()
        put(TUESDAY, house.admin)
        assert events.drain(working_time.TOPICS, working_time.react, now=LATER) == 1
        assert Event.objects.filter(topic=working_time.TOPICS[0], handled_at=None).count() == 1
        drain()
        assert dispute.case.agree_by == DEADLINE + timedelta(days=1)
        assert Review.objects.get(pk=review.pk).due_at > review.due_at

    def test_a_saturday_that_is_worked(self, root):
        put(date(2026, 11, 7), root, name="Stocktaking", is_worked=True)
        assert house_clock().window(date(2026, 11, 7)) is not None

    def test_a_day_changes_and_goes(self, root):
        row = put(TUESDAY, root)
        SpecialDay.objects.update(source="ES")
        put(WEDNESDAY, root, name="Fair", row=row)
        assert SpecialDay.objects.values("day", "name", "source").get() == {
            "day": WEDNESDAY,
            "name": "Fair",
            "source": "",
        }
        working_time.remove_day(row=row, by=root, now=LATER)
        assert not SpecialDay.objects.exists()
        verbs = HistoryEntry.objects.order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["put_special_day", "put_special_day", "remove_special_day"]

    def test_the_same_again_writes_nothing(self, root):
        row = put(TUESDAY, root)
        before = everything()
        put(TUESDAY, root, row=row)
        working_time.change_hours(opens_at=time(9), closes_at=time(18), by=root, now=LATER)
        assert everything() == before


class TestRefusals:
    def test_only_administrators(self):
        lead = lead_of(make_department("CRM"))
        row = SpecialDay.objects.create(day=TUESDAY, name="Closed")
        before = everything()
        for act in (
            lambda: put(WEDNESDAY, lead),
            lambda: put(WEDNESDAY, lead, row=row),
            lambda: working_time.remove_day(row=row, by=lead, now=NOW),
            lambda: working_time.change_hours(opens_at=time(8), closes_at=time(9), by=lead, now=NOW),
        ):
            with pytest.raises(PermissionDenied):
                act()
        assert everything() == before

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"day": TUESDAY}, "day"),
            ({"name": ""}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"day": date(1999, 1, 1)}, "day"),
        ],
    )
    def test_days_that_cannot_be(self, root, fields, wrong):
        put(TUESDAY, root)
        before = everything()
        with pytest.raises(ValidationError) as error:
            working_time.put_day(
                row=None, **{"day": WEDNESDAY, "name": "Closed", "is_worked": False} | fields, by=root, now=NOW
            )
        assert set(error.value.message_dict) == {wrong}
        assert everything() == before

    @pytest.mark.parametrize("closes_at", [time(9), time(8)])
    def test_a_working_day_without_hours(self, root, closes_at):
        before = everything()
        with pytest.raises(ValidationError, match="begins before it ends"):
            working_time.change_hours(opens_at=time(9), closes_at=closes_at, by=root, now=NOW)
        assert everything() == before

    def test_a_calendar_in_which_the_hours_of_the_house_never_come(self, root):
        before = everything()
        with pytest.raises(ValidationError, match="18 working hours would not come within a year"):
            working_time.change_hours(opens_at=time(9), closes_at=time(9, 1), by=root, now=NOW)
        assert everything() == before

    def test_a_policy_whose_hours_never_come_in_this_calendar(self, root):
        WorkingHours.objects.update(closes_at="10:00")
        with pytest.raises(ValidationError, match="400 working hours would not come within a year"):
            policy.change_policy(opens_at_level="low", hours_to_agree=400, hours_before_start=0, by=root, now=NOW)
        assert EscalationPolicy.objects.get().hours_to_agree == 18
