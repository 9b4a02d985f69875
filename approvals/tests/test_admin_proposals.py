"""Proposals on the page of a case: one button to ask, one to answer."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from approvals.choices import ProposalState
from approvals.models import Proposal
from approvals.tests.builders import dispute_ahead, make_department, make_mediator, make_user
from approvals.tests.pages import url
from approvals.tests.proposing import propose, suggestion
from approvals.tests.test_proposals import everything
from campaigns.actions import offers
from campaigns.models import Collision, Offer
from campaigns.queries.explanation import with_offers
from campaigns.queries.remedies import suggestions_of
from campaigns.tests.factories import lead_of
from customers.tests.pages import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispute():
    return dispute_ahead(escalated=False)


def talks(client, dispute):
    return client.get(url(dispute.case)).context["talks"]


def options(client, dispute):
    """(offer, may be proposed, may be made) of what would clear the collision."""
    found = client.get(url(dispute.case, "remedies")).context["options"]
    return {(one.advice.suggestion.offer.code, one.may_propose, one.advice.may_apply) for one in found}


def asked(dispute, **changes):
    key = suggestion(dispute, now=timezone.now()).key
    return {"collision": Collision.objects.get().pk, "key": key} | changes


def test_one_click_asks_and_one_click_makes_the_change(client, dispute):
    client.force_login(dispute.leads[0])
    assert url(dispute.case, "remedies") in client.get(url(dispute.case)).content.decode()
    answer = client.get(url(dispute.case, "remedies"))
    # Written as people write numbers, a browser would take one letter.
    assert 'maxlength="1000"' in answer.content.decode()
    context = answer.context
    option, suggestion = context["options"][0], context["options"][0].advice.suggestion
    assert (option.may_propose, suggestion.offer) == (True, dispute.second)
    body = {"collision": context["collision"].pk, "key": suggestion.key, "message": "Please."}
    page = client.post(url(dispute.case, "propose"), body, follow=True).content.decode()
    assert "The other department has been told" in page
    assert "Please." in page
    proposal = Proposal.objects.get()

    client.force_login(dispute.leads[1])
    (line,) = talks(client, dispute).waiting
    assert (line.may_accept, line.may_decline, line.may_take_back, line.is_stale) == (True, True, False, False)
    page = client.post(url(dispute.case, "answer"), {"proposal": proposal.pk, "step": "accept"}, follow=True)
    assert "the change is made" in page.content.decode()
    assert Offer.objects.get(pk=dispute.second.pk).version == dispute.second.version + 1
    assert [one.state for one in page.context["talks"].answered] == [ProposalState.ACCEPTED]


def test_pages_cost_the_same_for_many_proposals(client, dispute):
    client.force_login(dispute.leads[0])
    pages = [url(dispute.case), url(dispute.case, "remedies")]
    propose(dispute, now=timezone.now())
    before = [queries_of(client, page) for page in pages]
    for one in suggestions_of(with_offers(Collision.objects.all()).get(), today=timezone.localdate()):
        if one.offer == dispute.second and one.days == 0:
            propose(dispute, key=one.key, now=timezone.now())
    assert len(talks(client, dispute).waiting) > 1
    assert [queries_of(client, page) for page in pages] == before


def test_everybody_is_offered_what_is_theirs_to_do(client, dispute):
    """Who asks does not change the other's offers, who may change them needs to ask nobody, others only read."""
    contact = make_user("contact")
    type(dispute.campaigns[0]).objects.filter(pk=dispute.first.campaign_id).update(contact_person=contact)
    propose(dispute, now=timezone.now())
    offered, rights = {}, {}
    for person in (*dispute.leads, contact, make_user("root", is_superuser=True)):
        client.force_login(person)
        (line,) = talks(client, dispute).waiting
        offered[person.username] = options(client, dispute)
        rights[person.username] = (line.may_accept, line.may_decline, line.may_take_back)
    mine, other = "MKT-1-A", "SAL-1-A"
    assert {(mine, False, True), (other, True, False), (other, False, False)} <= offered["lead_mkt"]
    assert {(mine, True, False), (other, False, True)} <= offered["lead_sal"]
    assert {(mine, False, False), (other, True, False)} <= offered["contact"]
    assert not any(may or own for _offer, may, own in offered["root"])
    assert rights == {
        "lead_mkt": (False, False, True),
        "lead_sal": (True, True, False),
        "contact": (False, False, True),
        "root": (False, False, False),
    }


def test_a_stale_proposal_says_so_and_changes_nothing(client, dispute):
    proposal = propose(dispute, now=timezone.now())
    offers.shift_offers(offers=[dispute.first], days=2, by=dispute.leads[0], now=timezone.now())
    client.force_login(dispute.leads[1])
    response = client.get(url(dispute.case))
    (line,) = response.context["talks"].waiting
    assert (line.is_stale, line.may_accept, line.may_decline) == (True, True, True)
    assert "An offer of this collision changed since then" in response.content.decode()
    before = everything()
    page = client.post(url(dispute.case, "answer"), {"proposal": proposal.pk, "step": "accept"}, follow=True)
    assert "The plan has changed since" in page.content.decode()
    assert everything() == before


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("propose", {"collision": "x", "key": ""}),
        ("propose", {"key": "nonsense"}),
        ("propose", {"message": "x" * 1001}),
        ("answer", {"step": "decline", "reason": " "}),
        ("answer", {"step": "eat"}),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(client, dispute, page, body):
    body = (asked(dispute) if page == "propose" else {"proposal": propose(dispute, now=timezone.now()).pk}) | body
    client.force_login(dispute.leads[page == "answer"])
    before = everything()
    response = client.post(url(dispute.case, page), body, follow=True)
    assert {message.level_tag for message in response.context["messages"]} == {"error"}
    assert everything() == before


def test_what_is_looked_at_again_and_what_is_not_in_the_case(client, dispute):
    client.force_login(dispute.leads[0])
    offers.shift_offers(offers=[dispute.first], days=2, by=dispute.leads[0], now=timezone.now())
    page = client.get(url(dispute.case, "remedies"))
    assert (page.context["options"], page.context["waits"]) == ([], True)
    for number in ("987654", "x", "9" * 30, "²"):
        assert client.get(url(dispute.case, "remedies"), {"collision": number}).status_code == 404


def test_only_parties_and_only_by_post(client, dispute):
    make_mediator()
    bodies = {"propose": asked(dispute), "answer": {"proposal": propose(dispute, now=timezone.now()).pk}}
    bodies["answer"]["step"] = "accept"
    people = {lead_of(make_department("CRM")): 404, User.objects.get(username="marta"): 404}
    people[make_user("root", is_superuser=True)] = 403
    before = everything()
    for person, status in people.items():
        client.force_login(person)
        for page, body in bodies.items():
            assert client.post(url(dispute.case, page), body).status_code == status
    client.force_login(dispute.leads[1])
    for page, body in bodies.items():
        assert client.get(url(dispute.case, page), body).status_code == 405
        missing = body | {"collision": 987654, "proposal": 987654}
        assert client.post(url(dispute.case, page), missing).status_code == 404
    assert everything() == before


def test_who_took_a_proposal_back_has_not_answered_it(client, dispute):
    client.force_login(dispute.leads[0])
    client.post(url(dispute.case, "propose"), asked(dispute))
    body = {"proposal": Proposal.objects.get().pk, "step": "withdraw"}
    page = client.post(url(dispute.case, "answer"), body, follow=True).content.decode()
    assert "taken back by" in page
    assert "answered by" not in page
