"""The meeting of a case: proposed, changed, cancelled, and followed by who joins or leaves the case."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from icalendar import Calendar

from approvals.actions import cases, dossier, envelopes, meetings, outbox, recusals
from approvals.choices import MailState
from approvals.models import Invitation, Mail, Mediator, Meeting
from approvals.queries.invitees import meeting_of
from approvals.tests.builders import NOW, mails
from approvals.tests.conversing import READERS, SIDES, STRANGERS, make_conversation
from approvals.tests.test_time_to_decide import many_due
from campaigns.actions import access
from campaigns.tests.factories import make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(days=2)
EVERYBODY = {"a", "contact_mkt", "contact_sal", "lead_mkt", "lead_sal"}


@pytest.fixture
def talk():
    return make_conversation()


def propose(talk, part="lead", **more):
    asked = {"starts_at": SOON, "minutes": 45, "place": "Room 3", "agenda": "Dates\nProducts"} | more
    return meetings.propose(case=talk.case, by=talk.people[part], now=NOW, **asked)


def change(meeting, talk, part="other_lead", now=NOW, **more):
    asked = {name: getattr(meeting, name) for name in ("starts_at", "minutes", "place", "agenda")} | more
    return meetings.change(meeting=meeting, by=talk.people[part], now=now, **asked)


def everything():
    tables = (Meeting, Invitation, Mail, HistoryEntry)
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def calendar_of(event, who):
    """What the newest mail of this event tells this person's calendar: method and event."""
    mail = Mail.objects.filter(event=event, recipient__username=who).order_by("-pk")[0]
    calendar = Calendar.from_ical(mail.calendar)
    return str(calendar["method"]), calendar.walk("VEVENT")[0]


def escalate(talk):
    cases.escalate(case=talk.case, by=None, now=NOW, key="time")


def told(event):
    return {who for _event, who in mails(event)}


def test_either_side_invites_everybody_concerned(talk):
    for part in SIDES:
        meeting = propose(talk, part)
        assert told("meeting_proposed") == EVERYBODY | {talk.people[part].username}
        method, event = calendar_of("meeting_proposed", "contact_sal")
        assert (method, str(event["uid"]), event["sequence"]) == ("REQUEST", meeting.uid, 0)
        assert event["dtstart"].params["TZID"] == "Europe/Madrid"
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (SOON, SOON + timedelta(minutes=45))
        assert str(event["organizer"]) == "mailto:concordia@localhost"
        invited = {str(one) for one in event["attendee"]}
        assert invited >= {"mailto:lead_sal@example.com", "mailto:contact_mkt@example.com"}
        assert str(event["location"]) == "Room 3"
        assert str(event["description"]).splitlines()[:2] == ["Dates", "Products"]
        states = Mail.objects.filter(event="meeting_proposed").values_list("state", flat=True)
        assert set(states) == {MailState.QUEUED}
        meetings.cancel(meeting=meeting, by=talk.people[part], now=NOW)
        Mail.objects.all().delete()


def test_nobody_else_does(talk):
    meeting, before = propose(talk), everything()
    for part in READERS + STRANGERS + ["mediator"]:
        for act in (
            lambda part=part: propose(talk, part),
            lambda part=part: change(meeting, talk, part, place="Elsewhere"),
            lambda part=part: meetings.cancel(meeting=meeting, by=talk.people[part], now=NOW),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert everything() == before


def test_what_makes_no_sense_is_refused(talk):
    before = everything()
    for wrong, field in (
        ({"starts_at": NOW}, "starts_at"),
        ({"starts_at": NOW + timedelta(days=400)}, "starts_at"),
        ({"minutes": 14}, "minutes"),
        ({"minutes": 481}, "minutes"),
        ({"place": " "}, "place"),
        ({"place": "x" * 301}, "place"),
    ):
        with pytest.raises(ValidationError) as error:
            propose(talk, **wrong)
        assert field in error.value.message_dict
    assert everything() == before


def test_there_is_one_at_a_time_and_the_same_request_is_one(talk):
    meeting = propose(talk, key="k")
    before = everything()
    assert propose(talk, key="k") == meeting
    with pytest.raises(ValidationError) as error:
        propose(talk, "other_lead", key="k")
    assert error.value.code == "state"
    assert everything() == before
    with pytest.raises(IntegrityError, match=r"case_waits_for_one_meeting|UNIQUE"), transaction.atomic():
        Meeting.objects.create(
            case=talk.case,
            uid="x",
            starts_at=SOON,
            minutes=45,
            place="x",
            proposed_by=meeting.proposed_by,
            proposed_at=NOW,
        )


def test_after_it_is_over_another_one_is_proposed(talk):
    first, later = propose(talk), SOON + timedelta(hours=1)
    second = meetings.propose(
        case=talk.case, starts_at=later + timedelta(days=1), minutes=30, place="x", by=talk.people["lead"], now=later
    )
    first.refresh_from_db()
    assert (first.state, second.uid != first.uid, meeting_of(talk.case)) == ("held", True, second)


def test_a_change_raises_the_sequence_and_keeps_the_uid(talk):
    meeting = propose(talk)
    changed = change(meeting, talk, starts_at=SOON + timedelta(hours=1), place="Room 4", sequence=0)
    assert (changed.sequence, changed.uid) == (1, meeting.uid)
    assert told("meeting_moved") == EVERYBODY
    method, event = calendar_of("meeting_moved", "contact_mkt")
    assert (method, str(event["uid"]), event["sequence"]) == ("REQUEST", meeting.uid, 1)
    assert str(event["location"]) == "Room 4"
    before = everything()
    assert change(changed, talk).sequence == 1
    with pytest.raises(ValidationError) as error:
        change(changed, talk, place="Room 5", sequence=0)
    assert error.value.code == "stale"
    with pytest.raises(ValidationError):
        change(changed, talk, place="Room 5", now=SOON + timedelta(hours=2))
    assert everything() == before


def test_a_cancellation_says_so_and_names_no_campaign(talk):
    meeting = propose(talk)
    for _time in range(2):
        assert meetings.cancel(meeting=meeting, by=talk.people["lead"], now=NOW).state == "cancelled"
    assert told("meeting_cancelled") == EVERYBODY
    method, event = calendar_of("meeting_cancelled", "lead_mkt")
    assert (method, str(event["status"]), event["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert str(event["uid"]) == meeting.uid
    mail = Mail.objects.filter(event="meeting_cancelled")[0]
    for text in (mail.subject, mail.text, mail.html, mail.calendar):
        assert "autumn" not in text
    assert propose(talk).uid != meeting.uid


def test_closing_the_case_cancels_it(talk):
    propose(talk)
    with transaction.atomic():
        cases.close(dossier.locked(talk.case.pk), "vanish", by=None, now=NOW)
    assert Meeting.objects.get().state == "cancelled"
    assert told("meeting_cancelled") == EVERYBODY
    with pytest.raises(ValidationError) as error:
        propose(talk)
    assert error.value.code == "state"


def test_a_meeting_that_is_over_is_not_cancelled(talk):
    propose(talk)
    meetings.call_off(talk.case, now=SOON)
    assert Meeting.objects.get().state == "proposed"


def test_who_becomes_mediator_is_invited_and_who_leaves_takes_it_out(talk):
    meeting = propose(talk)
    meetings.keep_invited(now=NOW)
    assert Mail.objects.filter(event="meeting_proposed").count() == len(EVERYBODY)
    Mediator.objects.update(stand_in=make_user("standin"))
    escalate(talk)
    meetings.keep_invited(now=NOW)
    assert told("meeting_proposed") == EVERYBODY | {"mediator"}
    recusals.step_aside(case=talk.case, by=talk.people["mediator"], now=NOW, key="k")
    meetings.keep_invited(now=NOW)
    assert mails("meeting_cancelled") == {("meeting_cancelled", "mediator")}
    assert told("meeting_proposed") == EVERYBODY | {"mediator", "standin"}
    method, event = calendar_of("meeting_cancelled", "mediator")
    assert (method, event["sequence"]) == ("CANCEL", 1)
    assert Mail.objects.get(event="meeting_cancelled").place == "/admin/"
    meetings.keep_invited(now=NOW)
    assert Mail.objects.filter(event="meeting_cancelled").count() == 1
    # The case is not theirs any more, but their calendar must know.
    outbox.send_due(now=NOW)
    assert Mail.objects.get(event="meeting_cancelled").state == MailState.SENT
    changed = change(meeting_of(talk.case), talk, place="Room 9")
    assert (changed.sequence, changed.uid) == (2, meeting.uid)
    assert "mediator" not in told("meeting_moved")


def test_who_joins_and_leaves_a_party_too(talk):
    propose(talk)
    marketing, new = talk.campaign.department, talk.people["third"]
    access.join(department=marketing, user=new, is_lead=True, by=None, now=NOW)
    meetings.keep_invited(now=NOW)
    assert "third" in told("meeting_proposed")
    access.leave(department=marketing, user=new, by=None, now=NOW)
    meetings.keep_invited(now=NOW)
    access.join(department=marketing, user=new, is_lead=True, by=None, now=NOW)
    meetings.keep_invited(now=NOW + timedelta(minutes=1))
    sequences = [
        Calendar.from_ical(mail.calendar).walk("VEVENT")[0]["sequence"]
        for mail in Mail.objects.filter(recipient=new, event__startswith="meeting").order_by("pk")
    ]
    assert sequences == [0, 1, 2]


def test_one_case_that_fails_keeps_nobody_else_from_being_invited(talk, caplog):
    failing = propose(talk).case_id
    (other,) = many_due(1)
    asked = {"starts_at": SOON, "minutes": 45, "place": "Room 4", "proposed_at": NOW}
    Meeting.objects.create(case=other, uid="other", proposed_by=other.campaign_a.accountable, **asked)

    def tired(execute, sql, params, many, context):
        if 'FROM "approvals_case"' in sql and params == (failing,):
            raise DatabaseError("the disk is tired")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tired):
        meetings.keep_invited(now=NOW)
    assert f"the meeting of case {failing} was not looked at" in caplog.text
    assert Invitation.objects.filter(meeting__case=other).exists()


def test_nobody_is_called_to_what_has_begun(talk):
    propose(talk)
    escalate(talk)
    meetings.keep_invited(now=SOON)
    assert "mediator" not in told("meeting_proposed")


class TestTheMessage:
    @pytest.fixture
    def message(self, talk):
        propose(talk, place="Café — <3>")
        mail = (
            Mail.objects.filter(event="meeting_proposed", recipient__username="lead_sal")
            .select_related("recipient")
            .get()
        )
        written = [envelopes.message(mail).message().as_bytes(linesep="\r\n") for _time in range(2)]
        first, second = (message_from_bytes(one, policy=policy.default) for one in written)
        assert [part.get_content() for part in first.walk() if not part.is_multipart()] == [
            part.get_content() for part in second.walk() if not part.is_multipart()
        ]
        return first

    def test_carries_the_invitation_for_all_programs(self, message):
        kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
        assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
        alternative, file = list(message.walk())[-2:]
        assert alternative["Content-Type"].params["method"] == "REQUEST"
        assert alternative["Content-Type"].params["charset"].lower() == "utf-8"
        assert file.get_filename() == "invite.ics"
        found = [
            Calendar.from_ical(content).walk("VEVENT")[0]
            for content in (alternative.get_content(), file.get_content())
        ]
        assert [str(one["location"]) for one in found] == ["Café — <3>"] * 2
        assert b"\r\nBEGIN:VEVENT\r\n" in file.get_content()

    def test_cannot_be_switched_off(self, message):
        assert message["List-Unsubscribe"] is None
