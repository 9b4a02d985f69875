from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from approvals.actions import cases
from approvals.choices import CaseState, MailEvent, TimerKind
from approvals.models import Mail, Timer
from approvals.tests.builders import (
    NOW,
    escalated_dispute,
    lead_of,
    mails,
    make_department,
    make_mediator,
    make_user,
    open_dispute,
    settle_down,
)
from campaigns.actions import access, offers
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


class TestEscalate:
    def test_a_party_ends_the_negotiation(self):
        mediator = make_mediator()
        dispute = open_dispute()
        lead = dispute.leads[0]
        case = cases.escalate(
            case=dispute.case, by=lead, now=LATER, key="form-1", reason="We asked twice and got no answer."
        )

        case.refresh_from_db()
        assert (case.state, case.escalated_at, case.mediator) == (CaseState.MEDIATION, LATER, mediator)
        assert not Timer.objects.filter(done_at=None, kind__in=[TimerKind.REMIND, TimerKind.ESCALATE]).exists()
        entry = HistoryEntry.objects.get(verb="escalate", scope=f"case:{case.label}")
        assert (entry.actor, entry.reason) == (lead.username, "We asked twice and got no answer.")
        assert mails() - mails(MailEvent.CASE_OPENED) == {
            (MailEvent.CASE_ASSIGNED, "marta"),
            # Nobody is told what they did themselves.
            *((MailEvent.CASE_ESCALATED, person) for person in ("lead_sal", "contact_mkt", "contact_sal")),
        }
        assert "Lead_Mkt said that" in Mail.objects.filter(event="case_escalated").first().text

    def test_the_same_request_again_does_nothing(self):
        make_mediator()
        dispute = open_dispute()
        for _ in range(2):
            cases.escalate(case=dispute.case, by=dispute.leads[0], now=LATER, key="form-1")
        assert HistoryEntry.objects.filter(verb="escalate", scope=f"case:{dispute.case.label}").count() == 1
        assert len(mails(MailEvent.CASE_ASSIGNED)) == 1

    @pytest.mark.parametrize("person", ["contact_mkt", "member", "outsider", "marta", "root"])
    def test_others_cannot(self, person):
        make_mediator()
        dispute = open_dispute()
        people = {
            "member": make_user("member"),
            "outsider": lead_of(make_department("CRM")),
            "root": make_user("root", is_superuser=True),
        }
        access.join(
            department=dispute.first.campaign.department, user=people["member"], is_lead=False, by=None, now=NOW
        )
        user = people.get(person) or type(people["member"]).objects.get(username=person)
        before = mails()
        with pytest.raises(PermissionDenied):
            cases.escalate(case=dispute.case, by=user, now=LATER, key="form-1")
        assert dispute.case.state == CaseState.NEGOTIATION
        assert mails() == before
        assert Timer.objects.filter(done_at=None).count() == 3

    def test_a_case_in_mediation_or_closed_is_not_escalated_again(self):
        dispute, _ = escalated_dispute()
        with pytest.raises(ValidationError, match="In mediation"):
            cases.escalate(case=dispute.case, by=dispute.leads[0], now=LATER, key="form-2")
        offers.withdraw_offers(offers=[dispute.first], by=dispute.leads[0], now=LATER, reason="Not needed.")
        settle_down(LATER)
        with pytest.raises(ValidationError, match="Gone by itself"):
            cases.escalate(case=dispute.case, by=dispute.leads[0], now=LATER, key="form-3")
