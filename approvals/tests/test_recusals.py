"""A mediator steps aside or is challenged: the next person decides, and the first one does not come back."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from approvals.actions import cases, escalation, recusals
from approvals.choices import CaseState, MailEvent
from approvals.models import Absence, Case, Mail, Recusal
from approvals.permissions import can_decide
from approvals.queries.delivery import undeliverable
from approvals.tests.builders import NOW, escalated_dispute, make_mediator, make_user, open_dispute
from campaigns.actions import access
from campaigns.models import Campaign
from customers.models import HistoryEntry
from customers.tests.api import client_of
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db

WHY = "She advised the other department for years."


@pytest.fixture
def sara():
    return make_user("sara")


@pytest.fixture
def dispute(sara):
    make_mediator(stand_in=sara)
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    return dispute


@pytest.fixture
def marta(dispute):
    return dispute.case.mediator


def state():
    case = Case.objects.get()
    rows = Recusal.objects.count(), HistoryEntry.objects.count(), Mail.objects.count()
    return case.mediator, case.mediator_trail, case.state, rows


def trail():
    return {row["user"]: row["why"] for row in Case.objects.get().mediator_trail}


class TestStepAside:
    def test_the_stand_in_decides_and_the_first_one_sees_nothing_any_more(self, dispute, marta, sara):
        assert Campaign.objects.visible(marta).exists()
        recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
        assert (dispute.case.mediator, trail()) == (sara, {"marta": "recused"})
        assert can_decide(sara, dispute.case)
        assert not Case.objects.visible(marta).exists()
        assert not Campaign.objects.visible(marta).exists()
        told = Mail.objects.filter(event=MailEvent.CASE_MEDIATOR_CHANGED)
        assert set(told.values_list("recipient__username", flat=True)) == {
            "lead_mkt",
            "lead_sal",
            "contact_mkt",
            "contact_sal",
        }
        assert "Sara" in told.first().text
        assert Mail.objects.get(event=MailEvent.CASE_ASSIGNED, recipient=sara)
        assert not Mail.objects.filter(event=MailEvent.CASE_LEFT).exists()

    def test_the_same_request_again_changes_nothing(self, dispute, marta):
        recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
        before = state()
        recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
        assert state() == before

    def test_without_anybody_else_administrators_hear_of_it(self):
        make_user("root", is_superuser=True)
        dispute, marta = escalated_dispute()
        recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
        assert (dispute.case.mediator, dispute.case.state) == (None, CaseState.MEDIATION)
        assert Mail.objects.get(event=MailEvent.CASE_WITHOUT_MEDIATOR).recipient.username == "root"

    @pytest.mark.parametrize("who", ["lead", "sara", "root"])
    def test_only_the_mediator_does(self, dispute, marta, sara, who):
        person = {"lead": dispute.leads[0], "sara": sara, "root": make_user("root", is_superuser=True)}[who]
        before = state()
        with pytest.raises(PermissionDenied):
            recusals.step_aside(case=dispute.case, by=person, now=NOW, key="k")
        assert state() == before

    def test_not_after_the_decision(self, dispute, marta):
        case = dispute.case
        cases.close(case, "vanish", by=None, now=NOW)
        before = state()
        with pytest.raises(ValidationError, match="Gone by itself"):
            recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
        assert state() == before

    def test_who_stepped_aside_does_not_come_back_with_the_next_change(self, dispute, marta, sara):
        recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
        access.join(department=dispute.first.campaign.department, user=sara, is_lead=False, by=None, now=NOW)
        escalation.replace_mediators(now=NOW)
        assert (dispute.case.mediator, trail()) == (None, {"marta": "recused", "sara": "party"})


class TestChallenge:
    def challenge(self, dispute, by, key="k", reason=WHY, **more):
        return recusals.challenge(case=dispute.case, by=by, reason=reason, now=NOW, key=key, **more)

    def test_the_next_person_decides(self, dispute, marta, sara):
        self.challenge(dispute, dispute.leads[0], mediator=marta)
        assert (dispute.case.mediator, trail()) == (sara, {"marta": "challenged"})
        row = Recusal.objects.get()
        assert (row.person, row.said_by, row.campaign, row.reason) == (
            marta,
            dispute.leads[0],
            dispute.first.campaign,
            WHY,
        )
        told = HistoryEntry.objects.filter(verb="challenge").values_list("scope", "reason")
        # Why stays with the case: campaigns are read by departments that are merely told of them.
        assert set(told) == {
            (f"case:{dispute.case.label}", WHY),
            *((f"campaign:{c.code}", "") for c in dispute.campaigns),
        }

    def test_the_challenged_mediator_hears_of_it_and_of_nothing_else(self, dispute, marta, sara):
        self.challenge(dispute, dispute.leads[0])
        mail = Mail.objects.get(event=MailEvent.CASE_LEFT)
        assert (mail.recipient, mail.case, undeliverable(mail)) == (marta, None, "")
        assert list(Mail.objects.inbox(marta)) == [mail]
        assert dispute.case.label in mail.subject
        hidden = [WHY, *(name for campaign in dispute.campaigns for name in (campaign.name, campaign.code))]
        assert [name for name in hidden if name in mail.subject + mail.text + mail.html] == []

    def test_each_side_does_so_once(self, dispute, marta, sara):
        self.challenge(dispute, dispute.leads[0])
        before = state()
        with pytest.raises(ValidationError, match="already"):
            self.challenge(dispute, dispute.leads[0], key="again")
        assert state() == before
        self.challenge(dispute, dispute.leads[1], key="other side")
        assert (dispute.case.mediator, trail()) == (None, {"marta": "challenged", "sara": "challenged"})

    def test_the_same_request_again_changes_nothing(self, dispute, marta):
        self.challenge(dispute, dispute.leads[0])
        before = state()
        self.challenge(dispute, dispute.leads[0])
        assert state() == before

    def test_nobody_else_does_and_nobody_without_a_reason(self, dispute, marta, sara):
        before = state()
        for person in (marta, sara, make_user("root", is_superuser=True)):
            with pytest.raises(PermissionDenied):
                self.challenge(dispute, person)
        with pytest.raises(ValidationError, match="Say why"):
            self.challenge(dispute, dispute.leads[0], reason="  ")
        with pytest.raises(ValidationError, match="Another mediator"):
            self.challenge(dispute, dispute.leads[0], mediator=sara)
        assert state() == before

    def test_there_must_be_a_mediator(self, sara):
        dispute = open_dispute()
        with pytest.raises(ValidationError, match="no longer possible"):
            self.challenge(dispute, dispute.leads[0])
        cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
        with pytest.raises(ValidationError, match="Nobody mediates"):
            self.challenge(dispute, dispute.leads[0])
        assert not Recusal.objects.exists()


@pytest.mark.parametrize(("change", "told"), [("joins", 1), ("becomes an administrator", 1), ("leaves the house", 0)])
def test_who_may_not_judge_any_more_is_told_that_the_case_went_on(dispute, marta, sara, change, told):
    if change == "joins":
        access.join(department=dispute.first.campaign.department, user=marta, is_lead=False, by=None, now=NOW)
    else:
        field = {"is_active": False} if change == "leaves the house" else {"is_superuser": True}
        User.objects.filter(pk=marta.pk).update(**field)
    escalation.replace_mediators(now=NOW)
    assert dispute.case.mediator == sara
    assert Mail.objects.filter(event=MailEvent.CASE_LEFT, recipient=marta).count() == told


def test_who_is_away_gets_no_new_case_and_keeps_the_old(sara):
    marta = make_mediator(stand_in=sara)
    dispute = open_dispute()
    away = {"user": marta, "starts_on": NOW.date(), "ends_before": NOW.date().replace(day=NOW.day + 1)}
    Absence.objects.create(stand_in=make_user("anna"), **away)
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    assert (dispute.case.mediator, trail()) == (sara, {"marta": "absent"})
    Absence.objects.create(**away | {"user": sara}, stand_in=marta)
    escalation.replace_mediators(now=NOW)
    assert dispute.case.mediator == sara
    assert can_decide(sara, dispute.case)


def test_the_database_refuses_what_no_action_writes(dispute, marta, sara):
    row = {"case": dispute.case, "person": marta, "said_at": NOW}
    for wrong in (
        {"kind": "recused", "said_by": sara},
        {"kind": "challenged", "said_by": sara, "reason": WHY},
        {"kind": "challenged", "said_by": sara, "campaign": dispute.first.campaign},
        {"kind": "bored", "said_by": marta},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recusal.objects.create(**row | wrong)
    recusals.step_aside(case=dispute.case, by=marta, now=NOW, key="k")
    for change in (Recusal.objects.all().delete, lambda: Recusal.objects.update(reason="forged")):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change()


class TestPages:
    def test_one_click(self, dispute, marta, sara):
        client = signed_in(marta)
        page = client.get(reverse("admin:approvals_case_change", args=[dispute.case.pk])).content.decode()
        address = reverse("admin:approvals_case_step_aside", args=[dispute.case.pk])
        assert f'action="{address}"' in page
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 302
        assert dispute.case.mediator == sara

    def test_a_side_challenges_and_is_told_when_it_cannot(self, dispute, marta, sara):
        client, case = signed_in(dispute.leads[0]), dispute.case
        page, address = (reverse(f"admin:approvals_case_{name}", args=[case.pk]) for name in ("change", "challenge"))
        assert address in client.get(page).content.decode()
        assert "Marta" in client.get(address).content.decode()
        empty = client.post(address, {"reason": " ", "mediator": marta.pk})
        assert "Say why" in empty.content.decode()
        assert client.post(address, {"reason": WHY, "mediator": marta.pk}).status_code == 302
        assert dispute.case.mediator == sara
        assert client.get(address).status_code == 302
        assert address not in client.get(page).content.decode()
        assert signed_in(sara).get(address).status_code == 403

    def test_api(self, dispute, marta, sara):
        case = dispute.case
        address = f"/api/v1/cases/{case.pk}/"
        assert client_of(marta).get(address).json()["may_step_aside"] is True
        lead = client_of(dispute.leads[0])
        assert lead.get(address).json()["may_challenge"] is True
        stale = lead.post(f"{address}challenge/", {"reason": WHY, "mediator": "sara"})
        assert (stale.status_code, dispute.case.mediator) == (409, marta)
        assert client_of(dispute.leads[1]).post(f"{address}step-aside/", {}).status_code == 403
        assert client_of(marta).post(f"{address}step-aside/", {}).status_code == 204
        done = lead.post(f"{address}challenge/", {"reason": WHY, "mediator": "sara"})
        assert (done.status_code, done.json()["mediator"]) == (200, None)
