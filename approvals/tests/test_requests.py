"""Customers' requests: one owner, visible hand-overs, one deadline, one answer."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from approvals.actions import briefings, request_deadlines, request_erasure, requests
from approvals.choices import MailEvent
from approvals.models import Answer, CustomerRequest, HandOver, Mail, ReviewPolicy, Settlement
from approvals.models.requests import ERASED
from approvals.queries.requests import waiting_for
from approvals.tests.asking import (
    ASKED,
    REASON,
    SAID,
    SAID_TOO,
    STRANGERS,
    ask,
    disputed,
    everything,
    hand,
    mailed,
    make_house,
    say,
    settle,
)
from campaigns.actions import access
from campaigns.tests.factories import NOW, approve, make_campaign, make_customers, make_offer
from customers.actions import events
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def house():
    return make_house()


def again(request):
    return CustomerRequest.objects.get(pk=request.pk)


def refused(error, do, *args, code=None, **more):
    before = everything()
    with pytest.raises(error) as raised, transaction.atomic():
        do(*args, **more)
    assert everything() == before
    if code:
        assert raised.value.code == code
    return raised.value


# Recorded


def test_whoever_records_a_request_owns_it_for_their_department(house):
    request = again(ask(house, received_at=NOW - HOUR))
    assert (request.owner, request.department) == (house.people["marketer"], house.departments["MKT"])
    assert (request.state, request.asked, request.customer, request.campaign) == ("open", ASKED, None, None)
    # NOW is Monday 10:00 in Madrid, received at 9:00: eight hours, half of which is the reminder.
    assert (request.answer_by, request.remind_at) == (NOW + 7 * HOUR, NOW + 3 * HOUR)
    entry = HistoryEntry.objects.get(subject=f"request:{request.label}")
    assert (entry.verb, entry.changes["department"]) == ("record_request", [None, "MKT"])
    assert ASKED not in str(entry.changes)


def test_the_deadline_counts_working_hours_of_the_policy(house):
    ReviewPolicy.objects.update(hours_to_answer=2)
    friday = datetime(2026, 11, 6, 16, 30, tzinfo=UTC)  # 17:30 in Madrid, which closes at 18:00
    request = ask(house, now=friday)
    assert request.answer_by == datetime(2026, 11, 9, 9, 30, tzinfo=UTC)


def test_what_is_recorded_late_reminds_nobody_of_what_they_just_read(house):
    request = ask(house, received_at=NOW - timedelta(days=7))
    assert (request.remind_at, request.answer_by < NOW) == (None, True)


def test_a_request_names_a_customer_and_a_campaign_that_everybody_may_know(house):
    make_customers(1)
    campaign = make_campaign(house.departments["SAL"], "SAL-1")
    make_offer(campaign)
    refused(ValidationError, ask, house, campaign="SAL-1")
    approve(campaign)
    briefings.release([campaign.pk], tell=False, now=NOW)
    request = ask(house, campaign="SAL-1", customer="customer-0")
    assert (request.campaign, request.customer.code) == (campaign, "customer-0")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"asked": " "}, "asked"),
        ({"asked": "x" * 4001}, "asked"),
        ({"asked": "a\x00b"}, "asked"),
        ({"customer": "nobody"}, "customer"),
        ({"campaign": "nothing"}, "campaign"),
        ({"received_at": NOW + HOUR}, "received_at"),
        ({"received_at": NOW - timedelta(days=400)}, "received_at"),
    ],
)
def test_what_cannot_be_recorded_is_told_by_field(house, more, field):
    assert list(refused(ValidationError, ask, house, **more).message_dict) == [field]


def test_only_who_works_in_a_department_records_and_only_for_their_own(house):
    refused(PermissionDenied, ask, house, "administrator")
    refused(PermissionDenied, ask, house, "analyst")
    error = refused(ValidationError, ask, house, department=house.departments["SAL"])
    assert list(error.message_dict) == ["department"]
    access.join(department=house.departments["SAL"], user=house.people["marketer"], is_lead=False, by=None, now=NOW)
    refused(ValidationError, ask, house)
    assert ask(house, department=house.departments["SAL"]).department == house.departments["SAL"]


def test_the_same_form_sent_twice_is_one_request(house):
    first, second = ask(house, token="t"), ask(house, token="t")
    assert first == second
    assert ask(house, token="t", asked="Something else") != first
    assert ask(house) != ask(house)


# Taken


def take(house, request, by, instead_of, **more):
    return requests.take(request=request, instead_of=house.people[instead_of], by=house.people[by], now=NOW, **more)


def test_a_colleague_takes_it_and_the_second_one_loses(house):
    request = ask(house)
    take(house, request, "lead_MKT", "marketer", key="k")
    assert again(request).owner == house.people["lead_MKT"]
    row = HandOver.objects.get()
    assert (row.from_owner, row.to_owner, row.reason) == (house.people["marketer"], house.people["lead_MKT"], "")
    before = everything()
    take(house, request, "lead_MKT", "marketer", key="k")
    assert everything() == before
    # Read before somebody else was quicker.
    refused(ValidationError, take, house, request, "marketer", "marketer", code="stale")
    refused(ValidationError, take, house, request, "lead_MKT", "lead_MKT", code="state")


@pytest.mark.parametrize("part", ["seller", "lead_SAL", "administrator", *STRANGERS])
def test_nobody_else_takes_it(house, part):
    refused(PermissionDenied, take, house, ask(house), part, "marketer")


# Handed over


def test_another_department_gets_it_with_the_deadline_it_has(house):
    request = ask(house)
    deadline = request.answer_by
    request = hand(house, request, "lead_MKT", "SAL", now=NOW + HOUR)
    assert (request.department, request.owner) == (house.departments["SAL"], house.people["lead_SAL"])
    assert again(request).answer_by == deadline
    row = HandOver.objects.get()
    assert (row.from_department.code, row.to_department.code, row.reason) == ("MKT", "SAL", REASON)
    assert mailed(MailEvent.REQUEST_HANDED_OVER) == ["lead_sal"]
    assert not mailed(MailEvent.REQUEST_WANDERS)
    # Who had it reads on, and can do nothing more with it but answer.
    assert CustomerRequest.objects.visible(house.people["marketer"]).exists()
    refused(PermissionDenied, hand, house, request, "marketer", "SRV")


def test_from_the_third_time_on_all_who_had_it_hear_of_it(house):
    request = ask(house)
    for by, to in (("marketer", "SAL"), ("seller", "SRV"), ("server", "SAL")):
        assert not mailed(MailEvent.REQUEST_WANDERS)
        request = hand(house, request, by, to)
    assert mailed(MailEvent.REQUEST_WANDERS) == ["lead_mkt", "lead_srv"]


def test_past_the_deadline_they_hear_of_the_first_one(house):
    hand(house, ask(house), "marketer", "SAL", now=NOW + 9 * HOUR)
    assert mailed(MailEvent.REQUEST_WANDERS) == ["lead_mkt"]


def test_a_hand_over_needs_a_reason_and_somebody_who_takes_it(house):
    request = ask(house)
    assert "reason" in refused(ValidationError, hand, house, request, "marketer", "SAL", reason=" ").message_dict
    assert "department" in refused(ValidationError, hand, house, request, "marketer", "MKT").message_dict
    for person in ("lead_OTH", "stranger"):
        house.people[person].is_active = False
        house.people[person].save()
    assert "department" in refused(ValidationError, hand, house, request, "marketer", "OTH").message_dict


def test_the_same_hand_over_sent_twice_is_one(house):
    request = ask(house)
    hand(house, request, "marketer", "SAL", key="k")
    before = everything()
    hand(house, request, "marketer", "SAL", key="k")
    assert everything() == before


@pytest.mark.parametrize("part", ["seller", "administrator", *STRANGERS])
def test_nobody_else_hands_it_over(house, part):
    refused(PermissionDenied, hand, house, ask(house), part, "SRV")


# Answered


def test_the_answer_is_one(house):
    request = say(house, ask(house), "lead_MKT", key="k")
    assert (request.state, request.standing.text, request.disputed_at) == ("answered", SAID, None)
    before = everything()
    say(house, request, "lead_MKT", key="k")
    assert everything() == before
    refused(ValidationError, say, house, request, "marketer", "Something else", code="state")
    refused(ValidationError, hand, house, request, "marketer", "SAL", code="state")
    refused(ValidationError, take, house, request, "lead_MKT", "marketer", code="state")


@pytest.mark.parametrize("part", ["seller", "administrator", *STRANGERS])
def test_who_never_had_it_does_not_answer(house, part):
    refused(PermissionDenied, say, house, ask(house), part)


def test_an_answer_says_something(house):
    assert "text" in refused(ValidationError, say, house, ask(house), "marketer", " ").message_dict


def test_what_a_second_department_answers_is_kept_and_told(house):
    request = disputed(house)
    assert (request.state, request.standing.text) == ("answered", SAID)
    assert again(request).disputed_at == NOW
    assert sorted(Answer.objects.values_list("department__code", "text")) == [("MKT", SAID_TOO), ("SAL", SAID)]
    assert mailed(MailEvent.REQUEST_CONTRADICTED) == ["lead_mkt", "lead_sal"]
    refused(ValidationError, say, house, request, "marketer", "And another", code="state")
    refused(ValidationError, requests.close, request=request, by=house.people["seller"], now=NOW, code="state")


def test_the_same_words_contradict_nothing(house):
    request = hand(house, ask(house), "marketer", "SAL")
    say(house, request, "seller", "Until  Sunday.")
    before = everything()
    assert say(house, request, "marketer", "until sunday.").disputed_at is None
    assert everything() == before


def test_an_answer_before_that_of_the_owner_is_flagged_until_the_owner_says_the_same(house):
    request = hand(house, ask(house), "marketer", "SAL")
    request = say(house, request, "marketer")
    assert (request.state, request.standing, bool(request.disputed_at)) == ("open", None, True)
    withdraw = partial(requests.withdraw, request=request, reason="No", by=house.people["seller"], now=NOW)
    refused(ValidationError, withdraw, code="state")
    request = say(house, request, "seller")
    assert (request.state, request.standing.department.code, request.disputed_at) == ("answered", "SAL", None)


def test_a_contradiction_opens_what_was_closed(house):
    request = hand(house, ask(house), "marketer", "SAL")
    say(house, request, "seller")
    requests.close(request=request, by=house.people["seller"], now=NOW)
    request = say(house, request, "marketer", SAID_TOO)
    assert (request.state, request.closed_at, bool(request.disputed_at)) == ("answered", None, True)


# Settled


@pytest.mark.parametrize("part", ["lead_MKT", "lead_SAL"])
def test_a_lead_of_either_settles_once(house, part):
    request = disputed(house)
    chosen = Answer.objects.get(department=house.departments["MKT"])
    request = settle(house, request, part, chosen, key="k")
    assert (request.standing, request.disputed_at, request.state) == (chosen, None, "answered")
    assert Settlement.objects.get().reason == REASON
    told = {"lead_mkt", "lead_sal", "marketer", "seller"} - {house.people[part].username}
    assert mailed(MailEvent.REQUEST_SETTLED) == sorted(told)
    before = everything()
    settle(house, request, part, chosen, key="k")
    assert everything() == before
    refused(ValidationError, settle, house, request, "lead_SAL", chosen, code="state")


def test_settling_lets_the_answer_of_another_department_stand_for_an_open_one(house):
    request = say(house, hand(house, ask(house), "marketer", "SAL"), "marketer")
    request = settle(house, request, "lead_SAL", Answer.objects.get())
    assert (request.state, request.standing.department.code) == ("answered", "MKT")


@pytest.mark.parametrize("part", ["marketer", "seller", "lead_SRV", "administrator", *STRANGERS])
def test_nobody_else_settles(house, part):
    request = disputed(house)
    refused(PermissionDenied, settle, house, request, part, Answer.objects.first())


def test_a_settlement_says_why_and_chooses_an_answer_to_this_request(house):
    other = say(house, ask(house), "marketer").standing
    request = disputed(house)
    assert "answer" in refused(ValidationError, settle, house, request, "lead_SAL", other).message_dict
    chosen = request.standing
    assert "reason" in refused(ValidationError, settle, house, request, "lead_SAL", chosen, reason="").message_dict


# Over


def test_closed_once_it_is_answered_and_withdrawn_if_nobody_waits(house):
    first, second = ask(house), ask(house)
    close = partial(requests.close, request=first, by=house.people["marketer"], now=NOW)
    refused(ValidationError, close, code="state")
    say(house, first, "marketer")
    assert close(key="k").closed_at == NOW
    before = everything()
    close(key="k")
    assert everything() == before
    refused(ValidationError, close, code="state")
    withdraw = partial(requests.withdraw, request=second, by=house.people["lead_MKT"], now=NOW)
    assert "reason" in refused(ValidationError, withdraw, reason=" ").message_dict
    done = withdraw(reason="Asked twice", key="k")
    assert (done.state, done.because) == ("withdrawn", "Asked twice")
    assert withdraw(reason="Asked twice", key="k") == done
    refused(ValidationError, say, house, second, "marketer", code="state")


@pytest.mark.parametrize("part", ["seller", "administrator", *STRANGERS])
def test_nobody_else_ends_it(house, part):
    request = ask(house)
    refused(PermissionDenied, requests.withdraw, request=request, reason="No", by=house.people[part], now=NOW)
    say(house, request, "marketer")
    refused(PermissionDenied, requests.close, request=request, by=house.people[part], now=NOW)


# Who reads what


def test_requests_are_read_by_departments_that_have_or_had_them_and_by_who_recorded_them(house):
    request = hand(house, ask(house), "marketer", "SAL")

    def readers():
        return {part for part, one in house.people.items() if CustomerRequest.objects.visible(one).exists()}

    parties = {"marketer", "lead_MKT", "seller", "lead_SAL", "administrator"}
    assert readers() == parties
    access.leave(department=house.departments["MKT"], user=house.people["marketer"], by=None, now=NOW)
    assert readers() == parties
    access.leave(department=house.departments["SAL"], user=house.people["seller"], by=None, now=NOW)
    assert readers() == parties - {"seller"}
    assert Answer.objects.visible(house.people["stranger"]).count() == 0
    say(house, request, "lead_SAL")
    assert Answer.objects.visible(house.people["lead_MKT"]).count() == 1


def test_no_mail_and_no_history_has_a_word_of_a_customer(house):
    make_customers(1)
    request = ask(house, customer="customer-0")
    for by, to in (("marketer", "SAL"), ("seller", "SRV"), ("server", "SAL")):
        request = hand(house, request, by, to)
    request_deadlines.tell_due(now=NOW + 5 * HOUR)
    request_deadlines.tell_due(now=NOW + 9 * HOUR)
    say(house, request, "seller")
    say(house, request, "marketer", SAID_TOO)
    settle(house, request, "lead_SAL", Answer.objects.first())
    events_told = set(Mail.objects.values_list("event", flat=True))
    assert events_told == {event.value for event in MailEvent if event.startswith("request_")}
    words = "".join(f"{mail.subject}{mail.text}{mail.html}" for mail in Mail.objects.all())
    words += "".join(f"{entry.reason}{entry.changes}" for entry in HistoryEntry.objects.all())
    for secret in ("CANARY", "customer-0"):
        assert secret not in words


# Time


def test_one_reminder_and_one_escalation_however_often_the_sweep_comes(house):
    hand(house, ask(house), "marketer", "SAL")
    for hours, reminded, overdue in (
        (3, [], []),
        (4, ["lead_sal"], []),
        (5, ["lead_sal"], []),
        (8, ["lead_sal"], ["lead_mkt", "lead_sal"]),
        (30, ["lead_sal"], ["lead_mkt", "lead_sal"]),
    ):
        request_deadlines.tell_due(now=NOW + hours * HOUR)
        assert mailed(MailEvent.REQUEST_REMINDER) == reminded, hours
        assert mailed(MailEvent.REQUEST_OVERDUE) == overdue, hours


def test_a_late_sweep_does_not_speak_of_time_that_is_left(house):
    ask(house)
    request_deadlines.tell_due(now=NOW + 20 * HOUR)
    assert not mailed(MailEvent.REQUEST_REMINDER)
    assert mailed(MailEvent.REQUEST_OVERDUE) == ["lead_mkt", "marketer"]


def test_what_is_answered_reminds_nobody(house):
    say(house, ask(house), "marketer")
    before = everything()
    for hours in (4, 9):
        request_deadlines.tell_due(now=NOW + hours * HOUR)
    assert everything() == before


def test_where_the_owner_has_left_the_leads_are_reminded(house):
    ask(house)
    access.leave(department=house.departments["MKT"], user=house.people["marketer"], by=None, now=NOW)
    request_deadlines.tell_due(now=NOW + 4 * HOUR)
    assert mailed(MailEvent.REQUEST_REMINDER) == ["lead_mkt"]


def test_one_that_fails_stops_no_other(house, caplog):
    first, _second = ask(house), ask(house, "seller")

    def tired(execute, sql, params, many, context):
        if sql.startswith('UPDATE "approvals_customerrequest"') and first.pk in params:
            raise DatabaseError("the disk is tired")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(tired):
        request_deadlines.tell_due(now=NOW + 4 * HOUR)
    assert f"nobody was told that request {first.pk} is due" in caplog.text
    assert mailed(MailEvent.REQUEST_REMINDER) == ["seller"]


def test_what_waits_for_whom(house):
    request = hand(house, ask(house), "marketer", "SAL")

    def waits():
        return sorted(part for part, one in house.people.items() if waiting_for(one).exists())

    assert waits() == ["lead_SAL"]
    take(house, request, "seller", "lead_SAL")
    assert waits() == ["seller"]
    say(house, request, "seller")
    assert waits() == []
    say(house, request, "marketer", SAID_TOO)
    assert waits() == ["lead_MKT", "lead_SAL"]


# Erased


def erase(customer):
    with transaction.atomic():
        events.record("customer.erased", now=NOW, customer=customer.pk)
    while events.drain(request_erasure.TOPICS, request_erasure.react, now=NOW + HOUR):
        pass


def test_of_an_erased_customer_nothing_stays_but_what_the_house_did(house):
    customer, other = make_customers(2)
    request = hand(house, ask(house, customer=customer.code), "marketer", "SAL")
    take(house, request, "seller", "lead_SAL")
    say(house, request, "seller")
    say(house, request, "marketer", SAID_TOO)
    waits = ask(house, customer=customer.code)
    kept = ask(house, customer=other.code)
    without = ask(house)
    erase(customer)
    for row in (again(request), again(waits)):
        assert (row.asked, row.customer, row.erased_at) == (ERASED, None, NOW + HOUR)
    assert set(Answer.objects.values_list("text", flat=True)) == {ERASED}
    assert set(HandOver.objects.values_list("reason", flat=True)) == {ERASED, ""}
    assert (again(request).state, again(request).disputed_at) == ("answered", None)
    assert again(waits).state == "withdrawn"
    assert {again(kept).asked, again(without).asked} == {ASKED}
    refused(PermissionDenied, settle, house, request, "seller", Answer.objects.first())
    refused(ValidationError, say, house, waits, "marketer", code="state")
    before = everything()
    erase(customer)
    assert everything() == before


@pytest.mark.parametrize("table", [Answer, HandOver, Settlement])
def test_what_was_said_is_never_changed_but_erased(house, table):
    settle(house, disputed(house), "lead_SAL", Answer.objects.first())
    column = "text" if table is Answer else "reason"
    rows = table.objects.all()
    for change in ({column: "forged"}, {column: ""}, {"request": ask(house)}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.update(**{column: ERASED}, **{"author" if table is Answer else "by": house.people["stranger"]})
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows._raw_delete("default")
    rows.update(**{column: ERASED})
    assert set(rows.values_list(column, flat=True)) == {ERASED}
