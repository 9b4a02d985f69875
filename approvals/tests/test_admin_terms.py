"""Terms on the page of a case: one block with the state of play, one form, one button to accept."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from approvals.choices import CaseState
from approvals.models import Extension, Terms
from approvals.tests.agreeing import everything, put
from approvals.tests.builders import dispute_ahead, make_department, make_mediator
from approvals.tests.pages import url
from campaigns.actions import offers
from campaigns.models import Offer
from campaigns.tests.factories import lead_of
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispute():
    return dispute_ahead(escalated=False)


def chosen(**fields):
    """Terms as the form sends them: Sales comes twenty days later."""
    keep = {"what_0": "keep", "days_0": "", "what_1": "shift", "days_1": "20", "message": "Please."}
    return keep | fields


def signed(terms, step="accept", **fields):
    return {"terms": terms.pk, "step": step, "terms_hash": terms.terms_hash} | fields


def test_two_pages_from_the_case_to_a_proposal(client, dispute):
    client.force_login(dispute.leads[0])
    before = everything()
    review = client.post(url(dispute.case, "terms"), chosen())
    assert everything() == before
    assert len(review.context["effect"].offers) == 1
    posted = chosen(terms_hash=review.context["terms_hash"])
    page = client.post(url(dispute.case, "propose_terms"), posted, follow=True)
    made = Terms.objects.get()
    assert (made.proposed_by, made.message) == (dispute.leads[0], "Please.")
    assert f"Waiting for {dispute.second.department.name}." in page.content.decode()


def test_the_other_side_sees_the_effect_and_accepts_by_one_button(client, dispute):
    made = put(dispute, message="Please.", now=timezone.now())
    client.force_login(dispute.leads[1])
    page = client.get(url(dispute.case))
    standing = page.context["negotiation"].standing
    assert (standing.may_accept, standing.may_decline, standing.may_take_back) == (True, True, False)
    text = page.content.decode()
    assert made.terms_hash in text
    assert "The offers of SAL-1 in this case move 20 days later." in text
    assert page.context["terms_form"].initial == {"what_1": "shift", "days_1": 20}
    page = client.post(url(dispute.case, "answer_terms"), signed(made), follow=True)
    assert dispute.case.state == CaseState.CLOSED
    assert "Agreed by" in page.content.decode()


def test_a_stale_button_changes_nothing_and_says_why(client, dispute):
    made = put(dispute, now=timezone.now())
    offers.change_offer(offer=dispute.first, by=dispute.leads[0], now=timezone.now(), fields={"name": "Other"})
    before = everything()
    client.force_login(dispute.leads[1])
    page = client.post(url(dispute.case, "answer_terms"), signed(made), follow=True)
    assert everything() == before
    assert "The plans changed since these terms were" in page.content.decode()
    assert not page.context["negotiation"].standing.may_accept


def test_a_stale_proposal_keeps_what_was_typed(client, dispute):
    client.force_login(dispute.leads[0])
    before = everything()
    page = client.post(url(dispute.case, "propose_terms"), chosen(terms_hash="0" * 64))
    assert everything() == before
    assert page.context["terms_form"].data["message"] == "Please."
    assert "Nothing was proposed or asked yet." in page.content.decode()


@pytest.mark.parametrize(
    "fields",
    [{"what_1": "keep"}, {"days_1": ""}, {"days_1": "x"}, {"what_1": "keep", "allow_both": "on", "message": ""}],
)
def test_what_makes_no_terms_comes_back(client, dispute, fields):
    client.force_login(dispute.leads[0])
    before = everything()
    shown = client.post(url(dispute.case, "terms"), chosen(**fields))
    if shown.context.get("terms_hash"):
        shown = client.post(
            url(dispute.case, "propose_terms"), chosen(**fields, terms_hash=shown.context["terms_hash"])
        )
    assert everything() == before
    assert shown.context["terms_form"].errors


def test_decline_and_take_back(client, dispute):
    made = put(dispute, now=timezone.now())
    client.force_login(dispute.leads[1])
    client.post(url(dispute.case, "answer_terms"), signed(made, "decline"))
    made.refresh_from_db()
    assert made.state == "open"
    client.post(url(dispute.case, "answer_terms"), signed(made, "decline", reason="No."))
    made.refresh_from_db()
    assert (made.state, made.answer) == ("declined", "No.")
    again = put(dispute, now=timezone.now())
    client.force_login(dispute.leads[0])
    client.post(url(dispute.case, "answer_terms"), signed(again, "withdraw"))
    again.refresh_from_db()
    assert again.state == "withdrawn"


def test_more_time_is_asked_and_granted_on_the_page(client, dispute):
    client.force_login(dispute.leads[0])
    page = client.post(url(dispute.case, "more_time"), {"hours": "99", "reason": "Ill."})
    assert page.context["time_form"].errors
    client.post(url(dispute.case, "more_time"), {"hours": "3", "reason": "Ill."})
    before = dispute.case.agree_by
    client.force_login(dispute.leads[1])
    page = client.get(url(dispute.case))
    assert (page.context["time_form"], page.context["negotiation"].time.may_answer) == (None, True)
    client.post(url(dispute.case, "more_time"), {"step": "grant", "reason": ""})
    assert (Extension.objects.get().state, dispute.case.agree_by > before) == ("granted", True)
    assert "Granted" in client.get(url(dispute.case)).content.decode()


@pytest.mark.parametrize("who", ["mediator", "stranger", "root"])
def test_others_read_or_see_nothing(client, dispute, who):
    mediator = make_mediator()
    made = put(dispute, now=timezone.now())
    people = {
        "mediator": mediator,
        "stranger": lead_of(make_department("CRM")),
        "root": User.objects.create_superuser("root", is_staff=True),
    }
    client.force_login(people[who])
    before = everything()
    for page, data in (("terms", chosen()), ("propose_terms", chosen()), ("answer_terms", signed(made))):
        assert client.post(url(dispute.case, page), data).status_code in (403, 404)
    assert client.post(url(dispute.case, "more_time"), {"hours": "1", "reason": "x"}).status_code in (403, 404)
    assert everything() == before


def test_the_page_costs_the_same_with_many_terms(client, dispute):
    now = timezone.now()
    for message in ("a", "b"):
        put(dispute, message=message, now=now)
    client.force_login(dispute.leads[1])
    client.get(url(dispute.case))
    few = queries_of(client, url(dispute.case))
    for message in ("c", "d", "e"):
        put(dispute, message=message, now=now)
    assert queries_of(client, url(dispute.case)) == few
    assert Offer.objects.get(pk=dispute.second.pk).version == dispute.second.version
