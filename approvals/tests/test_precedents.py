from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.actions import cases, precedents, rulings
from approvals.choices import CaseState, MailEvent
from approvals.models import Citation, Mail, Precedent, Ruling, StandingRule
from approvals.queries.case_facts import in_facts
from approvals.queries.facts import facts_hash
from approvals.queries.precedents import on_the_same_facts, said_in, shown_for
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.rules.precedents import Cited
from approvals.tests.builders import NOW, REASON, lead_of, make_department, make_user
from approvals.tests.deciding import everything
from approvals.tests.habits import House, decide
from approvals.tests.pages import typed, url
from campaigns.models import Campaign
from campaigns.tests.factories import DAY
from customers.tests.api import client_of
from customers.tests.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("base_fact_alone")]

TODAY = DAY
# What tells of a precedent's campaigns, its case and its reason.
CANARY = "Secret"


@pytest.fixture
def house():
    return House()


@pytest.fixture
def case(house):
    """In mediation."""
    found = house.collide(1)
    cases.escalate(case=found, by=None, now=NOW, key="time")
    found.refresh_from_db()
    return found


@pytest.fixture
def foreign(house):
    """A precedent of two other departments on the same products and customers, whose plans nobody has seen."""
    pair = sorted((make_department("CRM"), make_department("WEB")), key=lambda one: one.pk)
    others = House.__new__(House)
    others.marketing, others.sales = pair
    others.products, others.mediator = house.products, make_user("pedro")
    return others.keep_precedent()


def started(precedent):
    case = precedent.ruling.case
    Campaign.objects.filter(pk__in=[case.campaign_a_id, case.campaign_b_id]).update(
        status="ended", approved_hash="a" * 64
    )


class TestKeep:
    def test_a_decision_becomes_a_precedent_with_its_facts_and_its_outcome(self, house, case):
        ruling = decide(case, ShiftDates("SAL-1", 25))
        precedent = ruling.precedent
        assert precedent.facts == house.facts
        assert precedent.outcome == house.outcome
        assert precedent.decided_at == NOW
        assert not StandingRule.objects.exists()

    def test_the_database_refuses_changes(self, house, case):
        house.keep_precedent()
        decide(case, AllowBoth())
        for rows in (Precedent.objects, Citation.objects):
            for change in (lambda rows=rows: rows.update(id=77), lambda rows=rows: rows.all().delete()):
                with pytest.raises(DatabaseError), transaction.atomic():
                    change()
            assert rows.exists()


class TestCite:
    def refused(self, case, house, citations, words):
        before = everything()
        with pytest.raises(ValidationError, match=words):
            rulings.decide(
                case=case,
                operations=[AllowBoth()],
                reason=REASON,
                by=house.mediator,
                now=NOW,
                facts=facts_hash(case),
                key="1",
                citations=citations,
            )
        assert everything() == before
        assert not Citation.objects.exists()

    def test_something_is_said_of_each_and_of_no_other(self, house, case):
        one, two = house.keep_precedent(), house.keep_precedent()
        self.refused(case, house, [], "Say of each similar decision")
        self.refused(case, house, [Cited(one.pk, "follows")], "Say of each similar decision")
        both = [Cited(one.pk, "follows"), Cited(two.pk, "follows")]
        self.refused(case, house, [*both, Cited(two.pk + 1, "follows")], "others by now")
        self.refused(case, house, [*both, both[0]], "others by now")
        self.refused(case, house, [both[0], Cited(two.pk, "distinguishes", " ")], "another matter")
        self.refused(case, house, [both[0], Cited(two.pk, "likes")], "follows")

    def test_it_stands_with_the_decision(self, house, case):
        house.keep_precedent()
        ruling = decide(case, AllowBoth(), stance="distinguishes")
        (said,) = said_in(ruling, lead_of(house.sales))
        assert (said.stance, said.why, said.precedent.number) == ("distinguishes", "Another season.", 8)
        assert said.precedent.reason.startswith("Secret reason")

    def test_with_nothing_alike_nothing_is_asked(self, house, case):
        far = replace(house.facts, leading="echo", kinds=("echo",), category=None, days=0, discounts=(0, 0))
        house.keep_precedent(facts=far)
        assert decide(case, AllowBoth()).citations.count() == 0


class TestAppeal:
    def test_a_decision_that_another_replaced_says_so(self, house, case):
        older, newer = house.keep_precedent(), house.keep_precedent(at=NOW + timedelta(hours=1))
        found = shown_for(case, house.mediator, today=TODAY)
        assert [(one.pk, one.is_superseded) for one in found] == [(newer.pk, False), (older.pk, False)]
        again = house.keep_precedent(at=NOW + timedelta(hours=2), supersedes=older.ruling)
        found = shown_for(case, house.mediator, today=TODAY)
        assert [one.pk for one in found if one.is_superseded] == [older.pk]
        # What was replaced is no ground for a rule.
        assert on_the_same_facts(house.facts, since=None, most=3) == [again, newer]

    def test_whoever_judges_an_appeal_is_not_asked_about_the_decision_appealed(self, house, case):
        appealed = house.keep_precedent()
        case.reopened_from, case.reopened_because = appealed.ruling.case, "appeal"
        case.save()
        assert shown_for(case, house.mediator, today=TODAY) == []
        assert precedents.check(case, in_facts(case, today=TODAY), []) == []


class TestRedaction:
    def test_a_party_reads_nothing_of_plans_that_have_not_started(self, house, case, foreign):
        lead = lead_of(house.sales)
        (shown,) = shown_for(case, lead, today=TODAY)
        assert shown.is_hidden
        assert (shown.reason, shown.label, shown.between, shown.alike, shown.case) == ("", "", (), (), None)
        assert (
            shown.outcome == "One of the two (planned later, deeper discount) moves later, until the two share no day."
        )
        started(foreign)
        (shown,) = shown_for(case, lead, today=TODAY)
        assert not shown.is_hidden
        assert shown.case is None
        assert shown.reason.startswith(CANARY)
        assert ("departments", "Crm, Web") in shown.differ

    def test_the_mediator_reads_all_while_they_decide(self, house, case, foreign):
        (shown,) = shown_for(case, house.mediator, today=TODAY)
        assert (shown.is_hidden, shown.case) == (False, None)
        (shown,) = shown_for(case, make_user("else"), today=TODAY)
        assert shown.is_hidden

    def test_no_surface_tells_a_party(self, house, case, foreign):
        """Page, API and mail, before and after the decision."""
        page, own = url(case), [f"{CANARY} MKT-1", f"{CANARY} SAL-1"]
        lead = lead_of(house.sales)
        api = f"/api/v1/cases/{case.pk}"
        secret = [CANARY, f"K-{foreign.ruling.case_id} ", "Crm", "Another season"]

        def texts(*addresses):
            for address in addresses:
                client = signed_in(lead) if address.startswith("/admin") else client_of(lead)
                answer = client.get(address)
                assert answer.status_code == 200, address
                text = answer.content.decode()
                for name in own:
                    text = text.replace(name, "")
                yield text

        for text in texts(page, f"{api}/precedents/", f"{api}/"):
            assert not [word for word in secret if word in text]
        assert CANARY in signed_in(house.mediator).get(page).content.decode().replace(own[0], "").replace(own[1], "")
        decide(case, AllowBoth(), stance="distinguishes")
        for text in texts(page, f"{api}/ruling/", f"{api}/timeline/"):
            assert not [word for word in secret if word in text]
        mail = Mail.objects.get(event=MailEvent.CASE_DECIDED, recipient=lead)
        for text in (mail.text, mail.html):
            assert "an earlier decision" in text
            assert not [word for word in secret if word in text.replace(own[0], "").replace(own[1], "")]

    def test_the_page_takes_as_many_queries_for_one_as_for_five(self, house, case):
        client = signed_in(lead_of(house.sales))
        house.keep_precedent()
        client.get(url(case))
        with CaptureQueriesContext(connection) as one:
            client.get(url(case))
        for _ in range(5):
            house.keep_precedent()
        with CaptureQueriesContext(connection) as many:
            client.get(url(case))
        assert len(many) == len(one)


class TestPages:
    def test_four_clicks_with_one_tick(self, house, case):
        house.keep_precedent()
        house.keep_precedent()
        client = signed_in(house.mediator)
        answer = client.post(url(case, "review"), typed(allow_both="on"))
        assert "Say it of each of them, or tick that none applies." in answer.content.decode()
        sent = typed(allow_both="on", none_applies="on")
        review = client.post(url(case, "review"), sent)
        assert review.templates[0].name == "approvals/review.html"
        facts, key = review.context["facts"], review.context["key"]
        client.post(url(case, "decide"), sent | {"facts": facts, "key": str(key)})
        case.refresh_from_db()
        assert case.state == CaseState.CLOSED
        assert set(Citation.objects.values_list("stance", flat=True)) == {"unfit"}
        assert "Does not apply" in client.get(url(case)).content.decode()

    def test_a_standing_rule_is_approved_on_its_page_by_who_may(self, house):
        rule = house.keep_rule()
        page = reverse("admin:approvals_standingrule_change", args=[rule.pk])
        take = reverse("admin:approvals_standingrule_take", args=[rule.pk])
        lead, stranger = lead_of(house.sales), lead_of(make_department("CRM"))
        # Those it would bind see it once it is approved.
        for person in (lead, stranger):
            assert signed_in(person).get(page).status_code == 404
            assert signed_in(person).post(take, {"step": "approve", "reason": REASON}).status_code == 404
        client = signed_in(house.mediator)
        assert "Shall this be a standing rule?" in client.get(page).content.decode()
        assert "A few words more" in client.post(take, {"step": "approve", "reason": "ok"}).content.decode()
        assert client.post(take, {"step": "approve", "reason": REASON}).status_code == 302
        rule.refresh_from_db()
        assert rule.state == "approved"
        assert REASON in signed_in(lead).get(page).content.decode()
        assert signed_in(lead).post(take, {"step": "withdraw", "reason": REASON}).status_code == 403
        assert signed_in(stranger).get(page).status_code == 404

    def test_the_list_takes_as_many_queries_for_one_as_for_many(self, house):
        house.keep_rule()
        client, address = signed_in(house.mediator), reverse("admin:approvals_standingrule_changelist")
        program, api = client_of(house.mediator), "/api/v1/standing-rules/"
        counts = []
        for _ in range(2):
            client.get(address)
            program.get(api)
            with CaptureQueriesContext(connection) as found:
                assert client.get(address).status_code == program.get(api).status_code == 200
            counts.append(len(found))
            for _ in range(4):
                house.keep_rule()
        assert counts[0] == counts[1]

    def test_a_side_objects_with_one_click_and_a_reason(self, house):
        admin = make_user("alicia", is_superuser=True)
        house.keep_rule(state="approved", approved_at=NOW, decided_by=admin, reason=REASON)
        case = house.collide(1)
        client = signed_in(lead_of(house.marketing))
        text = client.get(url(case)).content.decode()
        assert "Object to the rule" in text
        assert "The offers of SAL-1 in this case move 10 days later." in text
        assert "Say why" in client.post(url(case, "object"), {"reason": " "}).content.decode()
        assert client.post(url(case, "object"), {"reason": "Not this time."}).status_code == 302
        assert "Not this time." in client.get(url(case)).content.decode()
        rule_page = reverse("admin:approvals_standingrule_change", args=[case.rule_notice.rule_id])
        assert "Not this time." in client.get(rule_page).content.decode()
        notice = client_of(lead_of(house.sales)).get(f"/api/v1/cases/{case.pk}/").json()["rule_notice"]
        assert (notice["state"], notice["objection"]) == ("objected", "Not this time.")


def test_the_api_decides_with_citations_and_refuses_without(house, case):
    precedent = house.keep_precedent()
    client, address = client_of(house.mediator), f"/api/v1/cases/{case.pk}/"
    shown = client.get(f"{address}precedents/").json()["results"]
    assert [(one["id"], one["facts_alike"], one["is_hidden"]) for one in shown] == [(precedent.pk, 8, False)]
    sent = {"operations": [{"do": "allow_both"}], "reason": REASON, "facts": facts_hash(case)}
    refused = client.post(f"{address}decide/", sent, format="json")
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/citations"]
    assert not Ruling.objects.filter(case=case).exists()
    cited = {"citations": [{"precedent": precedent.pk, "stance": "follows"}]}
    assert client.post(f"{address}decide/", sent | cited, format="json").status_code == 200
    (said,) = client.get(f"{address}ruling/").json()["citations"]
    assert (said["precedent"]["id"], said["stance"]) == (precedent.pk, "follows")
