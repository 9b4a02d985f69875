"""Every invariant, broken on purpose behind the back of the actions, is named; and nothing else is."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction

from approvals.actions import cases, digests, escalation, extensions, outbox
from approvals.choices import CaseState, MailEvent, MailState
from approvals.models import Case, CaseCollision, Extension, Mail, Proposal, Timer
from approvals.tests.agreeing import put
from approvals.tests.builders import (
    NOW,
    lead_of,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from approvals.tests.proposing import propose
from campaigns.actions import access, collisions, lifecycle, planning
from campaigns.models import Campaign, CampaignUserObjectPermission, Collision, DetectionRun, Offer
from campaigns.tests.factories import (
    agreed,
    approve,
    make_campaign,
    make_colliding_pair,
    make_offer,
    make_products,
    submit,
)
from config import invariants
from customers.actions import events, history
from customers.actions.events import MAX_TRIES
from customers.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

GRACE = timedelta(minutes=5)
LONG_AGO = NOW - timedelta(minutes=10)
LATER = NOW + timedelta(hours=48)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(invariants, "PAUSE", 0)
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def dispute():
    """Two departments that are agreeing, everybody told."""
    dispute = open_dispute()
    # Whose approval is asked for, and who watches, is no matter of these tests.
    Event.objects.filter(topic__in=["plan.changed", "campaign.moved"]).update(handled_at=NOW)
    outbox.send_due(now=NOW)
    return dispute


@pytest.fixture
def mediator(dispute):
    """The same, after a party gave up."""
    mediator = make_mediator()
    cases.escalate(case=dispute.case, by=dispute.leads[0], now=NOW, key="form", reason="We will not agree.")
    outbox.send_due(now=NOW)
    return mediator


@pytest.fixture
def live(dispute):
    """A third department's campaign in front of customers."""
    campaign = make_campaign(code="LIVE-1", starts_on=NOW.date())
    offer = make_offer(campaign, "LIVE-1-A", products=make_products(1))
    approve(campaign)
    settle_down()
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    settle_down()
    offer.refresh_from_db()
    assert offer.live_since == NOW
    return offer


def broken():
    """{code of the invariant: its problems} of those that do not hold."""
    history.seal()  # the test's transaction never commits, so that nobody else does
    return {verdict.code: verdict.problems for verdict in invariants.check(grace=GRACE) if verdict.problems}


def make_mail(like, **columns):
    """A copy of a mail, as a doubled effect would leave it."""
    values = {field.attname: getattr(like, field.attname) for field in Mail._meta.fields if field.name != "id"}
    return Mail.objects.create(**values | {"key": f"{like.key}+", "message_id": f"+{like.message_id}"} | columns)


def test_a_sound_house_passes(dispute, mediator, live, capsys):
    assert broken() == {}
    call_command("check_invariants")
    assert [line.endswith(": holds") for line in capsys.readouterr().out.splitlines()] == [
        True for _ in invariants.INVARIANTS
    ]


def test_an_empty_house_passes():
    assert broken() == {}


def test_a_life_to_its_end_passes(dispute, mediator, clock):
    """Reminded, escalated by time, without a mediator at first, closed because the collision vanished."""
    Offer.objects.filter(pk=dispute.first.pk).update(withdrawn_at=NOW, held=False)
    collisions.refresh(offer_ids=[dispute.first.pk], now=NOW)
    settle_down()
    assert Case.objects.get().state == CaseState.WITHDRAWN
    outbox.send_due(now=NOW)
    assert broken() == {}


def test_time_escalates_without_a_problem(dispute, clock):
    # Half of the working time, four fifths of it, and its end.
    for hours in (24, 30, 48):
        clock.move_to(NOW + timedelta(hours=hours))
        now = NOW + timedelta(hours=hours)
        assert escalation.run_due_timers(now=now) == 1
        digests.write_due(now=now)
        outbox.send_due(now=now)
        assert broken() == {}
    assert Case.objects.get().state == CaseState.MEDIATION


def test_the_command_names_the_row_and_ends_with_1(dispute, capsys):
    event = Event.objects.create(topic="offer.changed", payload={"offers": []}, created_at=LONG_AGO)
    sentence = f"Event {event.pk} (offer.changed) waits since 2026-11-02T08:50:00+00:00 and nobody handled it."
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants")
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["I1 Nothing is lost: 1 problem", f"   {sentence}", "I2 Nothing is doubled: holds"]

    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "--json")
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert list(told) == [one.code for one in invariants.INVARIANTS]
    assert told["I1"] == {"title": "Nothing is lost", "problems": [sentence]}
    assert told["I2"] == {"title": "Nothing is doubled", "problems": []}

    call_command("check_invariants", "--grace", "3600")


def test_what_is_gone_when_we_look_again_is_no_problem(dispute, monkeypatch):
    event = Event.objects.create(topic="offer.changed", payload={"offers": []}, created_at=LONG_AGO)

    def somebody_handles_it(_seconds):
        Event.objects.filter(pk=event.pk).update(handled_at=NOW)

    monkeypatch.setattr(invariants.time, "sleep", somebody_handles_it)
    assert broken() == {}


class TestNothingLost:
    def test_an_event_may_wait_for_its_next_try(self, dispute):
        Event.objects.create(
            topic="offer.changed", payload={"offers": []}, created_at=LONG_AGO, tries=3, not_before=NOW, error="boom"
        )
        assert broken() == {}

    def test_an_event_that_was_given_up(self, dispute):
        event = Event.objects.create(
            topic="offer.changed", payload={"offers": []}, created_at=NOW, tries=MAX_TRIES, error="KeyError: 'offers'"
        )
        assert broken() == {
            "I1": [f"Event {event.pk} (offer.changed) was given up after 8 tries: KeyError: 'offers'"],
        }

    @pytest.mark.parametrize("started_at", [None, LONG_AGO])
    def test_a_detection_whose_worker_is_gone(self, dispute, started_at):
        run = DetectionRun.objects.create(requested_at=LONG_AGO, started_at=started_at)
        assert broken() == {
            "I1": [f"Detection {run.pk} was asked for at 2026-11-02T08:50:00+00:00 and is not finished."]
        }

    def test_mails_that_stand_still(self, dispute):
        one, two, three, four = Mail.objects.order_by("id")
        rest = {"sent_at": None, "error": ""}
        Mail.objects.filter(pk=one.pk).update(state=MailState.QUEUED, not_before=LONG_AGO, **rest)
        Mail.objects.filter(pk=two.pk).update(state=MailState.SENDING, lease_until=LONG_AGO, **rest)
        Mail.objects.filter(pk=three.pk).update(state=MailState.FAILED, **rest)
        Mail.objects.filter(pk=four.pk).update(state=MailState.QUEUED, not_before=NOW + GRACE, **rest)
        assert broken() == {
            "I1": [
                f"Mail {one.pk} ({one.key}) is “queued” and was due at 2026-11-02T08:50:00+00:00.",
                f"Mail {two.pk} ({two.key}) is “sending” and was due at 2026-11-02T08:50:00+00:00.",
                f"Mail {three.pk} ({three.key}) failed and does not say why.",
            ]
        }

    def test_a_case_that_nothing_escalates(self, dispute):
        Timer.objects.filter(kind="escalate").delete()
        assert broken() == {"I1": [f"K-{dispute.case.pk} is “negotiation” and no timer moves it on."]}

    def test_a_case_that_looks_for_nobody(self, dispute):
        cases.escalate(case=dispute.case, by=dispute.leads[0], now=NOW, key="form", reason="We will not agree.")
        outbox.send_due(now=NOW)
        assert broken() == {}
        Timer.objects.filter(kind="assign").delete()
        assert broken() == {"I1": [f"K-{dispute.case.pk} is “mediation” and no timer moves it on."]}

    def test_a_timer_that_did_not_run(self, dispute):
        Timer.objects.filter(rung=50).update(due_at=LONG_AGO)
        timer = Timer.objects.get(rung=50)
        assert broken() == {
            "I1": [f"Timer {timer.pk} (remind) of {timer.case} was due at 2026-11-02T08:50:00+00:00 and did not run."]
        }

    def test_a_collision_outside_of_its_case(self, dispute):
        CaseCollision.objects.all().delete()
        Offer.objects.update(held=False)
        collision = Collision.objects.get()
        sentence = f"Collision {collision.pk} of offers MKT-1-A and SAL-1-A is open and stands in no open case."
        assert broken() == {"I1": [sentence]}

    def test_collisions_without_a_case(self, dispute):
        """News that was marked as heard although nobody reacted; below the level of the policy none is needed."""
        first, second = make_colliding_pair()
        collisions.refresh_due(now=NOW)
        assert broken() == {}  # the news still waits
        Event.objects.update(handled_at=NOW)
        collision = Collision.objects.order_by("pk").last()
        assert broken() == {
            "I1": [
                f"Collision {collision.pk} of offers {first.code} and {second.code} is open and stands in no open case."
            ]
        }
        Collision.objects.filter(pk=collision.pk).update(score=20, level="low")
        assert "I1" not in broken()

    def test_offers_that_are_not_held_or_held_for_nothing(self, dispute):
        other = make_offer(make_campaign(code="OTHER-1"), "OTHER-1-A")
        settle_down()
        Offer.objects.update(held=False)
        Offer.objects.filter(pk=other.pk).update(held=True)
        assert broken() == {
            "I1": [
                "Offer OTHER-1-A is held, but no open case disputes it.",
                "Offer MKT-1-A is disputed by an open case and not held.",
                "Offer SAL-1-A is disputed by an open case and not held.",
            ]
        }

    @pytest.mark.parametrize(
        ("step", "event"), [("open", MailEvent.CASE_OPENED), ("escalate", MailEvent.CASE_ESCALATED)]
    )
    def test_a_step_that_nobody_was_told(self, dispute, mediator, step, event):
        Mail.objects.filter(event=event).delete()
        assert broken() == {"I1": [f"K-{dispute.case.pk}: nobody has a mail about the step “{step}”."]}


class TestNothingDoubled:
    def test_two_cases_of_one_pair(self, dispute):
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX one_open_case_per_pair_of_campaigns")
        case = dispute.case
        twin = Case.objects.create(
            # The other way round: two orders of one pair are one pair.
            campaign_a=case.campaign_b,
            campaign_b=case.campaign_a,
            level=case.level,
            opened_at=NOW,
            hours_to_agree=case.hours_to_agree,
            hours_before_start=case.hours_before_start,
            detected_at=case.detected_at,
            agree_by=case.agree_by,
        )
        assert broken()["I2"] == [f"The same two campaigns have several open cases: K-{case.pk}, K-{twin.pk}."]

    def test_a_step_taken_twice(self, dispute):
        history.write(by=None, now=NOW, verb="open", subject=f"case:{dispute.case.label}")
        assert broken() == {"I2": [f"case:{dispute.case.label} took the step “open” more than once."]}

    def test_one_person_told_twice(self, dispute):
        mail = Mail.objects.get(recipient__username="lead_mkt")
        make_mail(mail)
        assert broken() == {
            "I2": [f"lead_mkt has more than one mail “case_opened” about K-{dispute.case.pk}."],
        }

    def test_a_reminder_more_often_than_it_came_due(self, dispute, clock):
        clock.move_to(NOW + timedelta(hours=24))
        escalation.run_due_timers(now=NOW + timedelta(hours=24))
        outbox.send_due(now=NOW + timedelta(hours=24))
        assert broken() == {}
        make_mail(Mail.objects.get(event=MailEvent.CASE_REMINDER, recipient__username="lead_mkt"))
        assert broken() == {"I2": [f"lead_mkt has 2 reminders of K-{dispute.case.pk}, more than came due."]}


class TestRightOrder:
    def test_a_status_nobody_gave(self, dispute):
        Campaign.objects.filter(code="MKT-1").update(status="paused")
        assert broken() == {"I3": ["campaign:MKT-1 is “paused”, but its history ends at “submitted”."]}

    def test_a_step_from_where_the_campaign_never_was(self, dispute):
        entry = history.write(
            by=None, now=NOW, verb="resume", subject="campaign:MKT-1", changes={"status": ("paused", "submitted")}
        )
        assert broken() == {
            "I3": [
                f"campaign:MKT-1: history entry {entry.pk} leads from “paused”, but it was “submitted” then.",
            ]
        }

    def test_a_case_moved_by_nobody(self, dispute):
        Case.objects.update(state=CaseState.MEDIATION, escalated_at=LATER)
        label = dispute.case.label
        assert broken()["I3"] == [
            f"case:{label} is “mediation”, but its history ends at “negotiation”.",
            *(
                f"{label} is “mediation”, but its timer {timer.pk} ({timer.kind}) still waits."
                for timer in Timer.objects.order_by("pk")
            ),
        ]

    def test_an_escalation_before_its_time(self, dispute):
        make_mediator()
        cases.escalate(case=dispute.case, by=None, now=NOW, key="timer:1")
        outbox.send_due(now=NOW)
        assert broken() == {"I3": [f"{dispute.case.label} was escalated before its deadline although nobody asked."]}

    def test_a_reminder_before_its_time(self, dispute):
        Timer.objects.filter(rung=50).update(done_at=NOW, result="reminded")
        timer = Timer.objects.get(rung=50)
        assert broken() == {"I3": [f"Timer {timer.pk} of {dispute.case.label} ran before it was due."]}

    def test_a_ruling_that_is_missing(self, dispute, mediator):
        history.write(
            by=mediator,
            now=NOW,
            verb="decide",
            subject=f"case:{dispute.case.label}",
            changes={"state": ("mediation", "closed")},
        )
        Case.objects.update(state=CaseState.CLOSED, outcome="ruled", closed_at=NOW)
        Timer.objects.filter(done_at=None).update(done_at=NOW, result="closed")
        assert broken()["I3"] == [f"{dispute.case.label}: its outcome is “ruled”, which does not fit its ruling."]

    def test_a_proposal_that_waits_after_the_negotiation(self, dispute):
        proposal = propose(dispute)
        cases.escalate(case=dispute.case, by=None, now=dispute.case.agree_by, key="timer:1")
        Proposal.objects.update(state="open", answered_at=None)
        sentence = f"{dispute.case.label} is “mediation”, but its proposal {proposal.pk} still waits for an answer."
        assert broken()["I3"] == [sentence]

    def test_terms_and_requests_for_time_that_wait_too_long(self, dispute):
        terms = put(dispute)
        asked = extensions.ask(case=dispute.case, hours=1, reason="Ill.", by=dispute.leads[0], now=NOW)
        cases.escalate(case=dispute.case, by=None, now=dispute.case.agree_by, key="timer:1")
        Extension.objects.update(state="open", answered_at=None)
        label = dispute.case.label
        assert broken()["I3"] == [f"{label} is “mediation”, but its request for more time {asked.pk} still waits."]
        Extension.objects.all().delete()
        Case.objects.update(state=CaseState.WAIVED, outcome="waived", closed_at=NOW)
        assert f"{label} is “waived”, but its terms {terms.pk} still wait for an answer." in broken()["I3"]

    def test_a_closed_case_that_still_waits(self, dispute, mediator):
        timer = Timer.objects.create(case=dispute.case, kind="assign", due_at=LATER)
        Offer.objects.filter(pk=dispute.first.pk).update(withdrawn_at=NOW, held=False)
        collisions.refresh(offer_ids=[dispute.first.pk], now=NOW)
        settle_down()
        outbox.send_due(now=NOW)
        Timer.objects.filter(pk=timer.pk).update(done_at=None, result="")
        assert broken() == {
            "I3": [f"{dispute.case.label} is “withdrawn”, but its timer {timer.pk} (assign) still waits."],
        }

    def test_a_live_campaign_that_nobody_signed(self, live):
        Campaign.objects.filter(code="LIVE-1").update(goal="Something else")
        assert broken() == {"I3": ["Campaign LIVE-1 is live with content that nobody approved."]}
        # An import may change a live plan, and says so.
        history.write(by=None, now=NOW, verb="import", subject="campaign:LIVE-1")
        assert broken() == {}

    def test_an_offer_live_on_its_own(self, live):
        lifecycle.pause(campaign=live.campaign, by=lead_of(live.campaign.department), now=NOW, reason="Wait")
        settle_down()
        assert broken() == {}
        Offer.objects.filter(pk=live.pk).update(live_since=NOW)
        assert broken() == {"I3": ["Offer LIVE-1-A is live, but its campaign LIVE-1 is “paused”."]}


class TestMailTruth:
    def test_mails_that_cannot_have_been_sent(self, dispute):
        one, two, *_ = Mail.objects.order_by("id")
        Mail.objects.filter(pk=one.pk).update(tries=0)
        Mail.objects.filter(pk=two.pk).update(sent_at=LONG_AGO)
        assert broken() == {
            "I4": [f"Mail {mail.pk} ({mail.key}) is marked as sent, which cannot be." for mail in (one, two)]
        }

    def test_a_mail_to_somebody_else(self, dispute):
        mail = Mail.objects.order_by("id")[0]
        Mail.objects.filter(pk=mail.pk).update(recipient=make_user("stranger"))
        assert broken() == {
            "I4": [f"Mail {mail.pk} ({mail.key}) went to stranger, whom K-{dispute.case.pk} does not concern."]
        }

    def test_who_has_left_since_was_told_rightly(self, dispute):
        contact = Campaign.objects.get(code="MKT-1").contact_person
        planning.change_campaign(
            campaign=Campaign.objects.get(code="MKT-1"),
            by=dispute.leads[0],
            now=NOW + timedelta(minutes=1),
            contact_person=dispute.leads[0],
        )
        access.leave(department=dispute.first.department, user=contact, by=None, now=NOW + timedelta(minutes=1))
        settle_down()
        assert not Case.objects.visible(contact).exists()
        assert broken() == {}


class TestHistory:
    def test_an_entry_that_was_changed(self, transactional_db, behind_our_back):
        with transaction.atomic():
            entry = history.write(by=None, now=NOW, verb="tested", subject="campaign:A")
        assert broken() == {}
        behind_our_back(f"UPDATE customers_historyentry SET verb = 'forged' WHERE id = {entry.pk}")
        assert broken() == {
            "I5": ["entry 1 (campaign:A, forged, 2026-11-02 10:00) was changed after it was written"],
        }


class TestGrants:
    def test_a_right_that_is_missing(self, dispute):
        lead = dispute.leads[0]
        CampaignUserObjectPermission.objects.filter(user=lead, permission__codename="change_campaign").delete()
        assert broken() == {"I6": ["lead_mkt should be able to change MKT-1 and has no grant"]}


class TestStoredCollisions:
    def test_other_numbers(self, dispute):
        Collision.objects.update(shared_products=7)
        (sentence,) = broken()["I7"]
        assert sentence == (
            "Offers MKT-1-A and SAL-1-A: stored is 2026-11-12/2026-11-22 products=7 customers=50 score=65 "
            "versions=1/1, counted 2026-11-12/2026-11-22 products=3 customers=50 score=65 versions=1/1."
        )

    def test_a_collision_that_nobody_stored(self, dispute):
        first, second = make_colliding_pair()
        assert broken() == {}  # news of both offers still waits
        Event.objects.filter(handled_at=None).update(handled_at=NOW)
        assert broken() == {"I7": [f"Offers {first.code} and {second.code} collide, but no open collision is stored."]}

    def test_a_collision_that_is_none(self, dispute):
        Offer.objects.filter(code="MKT-1-A").update(withdrawn_at=NOW, held=False)
        assert broken() == {"I7": ["A collision of offers MKT-1-A and SAL-1-A is stored, but they do not collide."]}

    def test_nothing_is_written(self, dispute):
        Collision.objects.update(shared_products=7)
        waiting = list(events.Event.objects.order_by("pk").values())
        broken()
        assert Collision.objects.get().shared_products == 7
        assert list(events.Event.objects.order_by("pk").values()) == waiting


def test_a_campaign_submitted_again_keeps_its_chain(dispute):
    """Steps that lead back are steps too."""
    campaign = make_campaign(code="BACK-1")
    make_offer(campaign, "BACK-1-A")
    submit(campaign)
    lifecycle.cancel(campaign=campaign, by=lead_of(campaign.department), now=NOW, reason="No")
    settle_down()
    assert broken() == {}
