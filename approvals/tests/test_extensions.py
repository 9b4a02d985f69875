"""More time to agree: asked by one side, granted once by the other, never beyond what must be settled before."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from approvals.actions import cases, escalation, extensions
from approvals.choices import CaseState, ExtensionState, MailEvent
from approvals.models import EscalationPolicy, Extension, Mail, Timer
from approvals.tests.agreeing import LATER, refused, verbs
from approvals.tests.builders import NOW, mails, make_department, make_mediator, make_user, open_dispute

pytestmark = pytest.mark.django_db

DEADLINE = NOW + timedelta(days=2)
REASON = "Our A is back tomorrow."


@pytest.fixture
def dispute():
    return open_dispute()


def ask(dispute, hours=9, *, by=None, reason=REASON, now=LATER):
    return extensions.ask(case=dispute.case, hours=hours, reason=reason, by=by or dispute.leads[0], now=now)


def grant(dispute, *, by=None, now=LATER):
    return extensions.grant(case=dispute.case, by=by or dispute.leads[1], now=now)


def test_the_other_side_is_asked(dispute):
    asked = ask(dispute)
    assert (asked.state, asked.campaign, asked.hours) == (ExtensionState.OPEN, dispute.first.campaign, 9)
    assert mails(MailEvent.EXTENSION_ASKED) == {("extension_asked", who) for who in ("lead_sal", "contact_sal")}
    assert REASON in Mail.objects.filter(event="extension_asked").first().text
    assert dispute.case.agree_by == DEADLINE


def test_granted_it_moves_the_deadline_and_its_timers(dispute):
    ask(dispute)
    asked = grant(dispute)
    case = dispute.case
    # A working day of nine hours: from ten o'clock of Wednesday to ten o'clock of Thursday.
    assert (case.agree_by, case.hours_extended) == (DEADLINE + timedelta(days=1), 9)
    assert (asked.state, asked.answered_by) == (ExtensionState.GRANTED, dispute.leads[1])
    timers = dict(Timer.objects.filter(done_at=None).values_list("rung", "due_at"))
    assert timers[0] == case.agree_by
    assert timers[50] > NOW + timedelta(days=1)
    assert mails(MailEvent.EXTENSION_GRANTED) == {
        ("extension_granted", who) for who in ("lead_mkt", "contact_mkt", "contact_sal")
    }
    assert verbs(case) == ["open", "ask_for_time", "grant_time"]
    escalation.run_due_timers(now=DEADLINE)
    assert dispute.case.state == CaseState.NEGOTIATION
    escalation.run_due_timers(now=case.agree_by)
    assert dispute.case.state == CaseState.MEDIATION


def test_once_in_a_case(dispute):
    ask(dispute, 1)
    for by in dispute.leads:
        assert "asked for already" in refused(ValidationError, lambda by=by: ask(dispute, by=by)).messages[0]
    grant(dispute)
    for by in dispute.leads:
        assert "once" in refused(ValidationError, lambda by=by: ask(dispute, by=by)).messages[0]


def test_declined_the_deadline_stays_and_the_other_side_may_ask(dispute):
    ask(dispute)
    declined = extensions.decline(case=dispute.case, by=dispute.leads[1], now=LATER, reason="No.")
    assert (declined.state, declined.answer, dispute.case.agree_by) == (ExtensionState.DECLINED, "No.", DEADLINE)
    assert mails(MailEvent.EXTENSION_DECLINED) == {("extension_declined", who) for who in ("lead_mkt", "contact_mkt")}
    assert "Your side" in refused(ValidationError, lambda: ask(dispute)).messages[0]
    assert ask(dispute, by=dispute.leads[1]).state == ExtensionState.OPEN


def test_never_beyond_what_is_settled_before(dispute):
    case = dispute.case
    case.settle_before = DEADLINE + timedelta(hours=2)
    case.save()
    ask(dispute)
    grant(dispute)
    assert dispute.case.agree_by == case.settle_before


def test_a_deadline_that_cannot_move(dispute):
    case = dispute.case
    case.settle_before = case.agree_by
    case.save()
    assert refused(ValidationError, lambda: ask(dispute)).code == "state"


@pytest.mark.parametrize("hours", [0, -1, 10])
def test_more_than_the_terms_of_the_case(dispute, hours):
    EscalationPolicy.objects.update(hours_to_extend=50)
    assert "hours" in refused(ValidationError, lambda: ask(dispute, hours)).message_dict


def test_without_a_reason(dispute):
    assert "reason" in refused(ValidationError, lambda: ask(dispute, reason=" ")).message_dict


def test_after_the_time(dispute):
    ask(dispute)
    assert refused(ValidationError, lambda: grant(dispute, now=DEADLINE)).code == "state"
    make_mediator()
    cases.escalate(case=dispute.case, by=None, now=DEADLINE, key="time")
    assert Extension.objects.get().state == ExtensionState.LAPSED
    assert refused(ValidationError, lambda: grant(dispute, now=DEADLINE)).code == "state"
    assert refused(ValidationError, lambda: ask(dispute, by=dispute.leads[1], now=DEADLINE)).code == "state"


@pytest.mark.parametrize("who", ["marta", "lead_crm", "root"])
def test_nobody_but_the_two_departments(dispute, who):
    make_mediator()
    make_department("CRM")
    make_user("root", is_superuser=True)
    by = User.objects.get(username=who)
    refused(PermissionDenied, lambda: ask(dispute, by=by))
    ask(dispute)
    refused(PermissionDenied, lambda: grant(dispute, by=by))
    refused(PermissionDenied, lambda: grant(dispute, by=dispute.leads[0]))


def test_the_database_extends_once(dispute):
    ask(dispute)
    grant(dispute)
    row = Extension.objects.get()
    row.pk, row.campaign = None, dispute.second.campaign
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(IntegrityError, match="case_is_extended_by_what_may_be_granted"), transaction.atomic():
        type(dispute.case).objects.update(hours_extended=10)
