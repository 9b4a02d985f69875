"""Deciding in the admin: the effect first, then exactly that; and everybody who may not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.actions import cases
from approvals.choices import CaseState
from approvals.models import Case, Mail, Ruling
from approvals.queries.cases import facts_hash
from approvals.tests.builders import (
    NOW,
    REASON,
    dispute_ahead,
    make_ahead,
    make_department,
    make_mediator,
    make_user,
    settle_down,
)
from approvals.tests.pages import typed, url
from campaigns import wording
from campaigns.actions import access, offers
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision, Offer
from campaigns.tests.factories import lead_of
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def mediator():
    return make_mediator()


@pytest.fixture
def dispute(mediator):
    return dispute_ahead(escalated=True)


SHIFT = {"what_1": "shift", "days_1": "30"}


def state():
    """Everything that a decision would change."""
    return (
        list(Case.objects.order_by("pk").values()),
        list(Offer.objects.order_by("pk").values()),
        list(Collision.objects.order_by("pk").values()),
        Ruling.objects.count(),
        Mail.objects.count(),
        HistoryEntry.objects.count(),
    )


def reviewed(client, case, **fields):
    """Facts and key of the page that shows the effect."""
    response = client.post(url(case, "review"), typed(**fields))
    assert response.templates[0].name == "approvals/review.html"
    return {"facts": response.context["facts"], "key": str(response.context["key"])}


# The effect


def test_review_shows_the_effect_and_saves_nothing(client, dispute, mediator):
    client.force_login(mediator)
    before = state()
    response = client.post(url(dispute.case, "review"), typed(**SHIFT))
    assert state() == before
    effect = response.context["effect"]
    assert [row.new_starts_on - row.starts_on for row in effect.offers] == [timedelta(days=30)]
    assert (len(effect.cleared), len(effect.remaining), len(effect.new)) == (1, 0, 0)
    page = response.content.decode()
    assert "move 30 days later" in page
    assert all(lead.first_name in page for lead in dispute.leads)


def test_review_shows_what_remains_and_what_is_new(client, dispute, mediator):
    third = make_department("CRM")
    products = [row.product for row in dispute.second.product_rows.select_related("product")]
    make_ahead("CRM", third, dispute.second.audience_rows.get().segment, products, days=72)
    settle_down(timezone.now())
    client.force_login(mediator)
    effect = client.post(url(dispute.case, "review"), typed(what_1="shift", days_1="5")).context["effect"]
    assert (len(effect.cleared), len(effect.remaining), len(effect.new)) == (0, 1, 1)
    assert effect.new[0].campaign_a == "CRM-1"


def test_back_from_the_effect_keeps_what_was_typed(client, dispute, mediator):
    client.force_login(mediator)
    response = client.post(url(dispute.case, "review"), typed(**SHIFT, back="1"))
    form = response.context["form"]
    assert (form["days_1"].value(), form["reason"].value(), form["what_1"].value()) == ("30", REASON, "shift")
    assert response.templates[0].name == "approvals/case.html"


def test_a_move_into_the_past_keeps_what_was_typed_and_says_where(client, dispute, mediator):
    client.force_login(mediator)
    before = state()
    response = client.post(url(dispute.case, "review"), typed(what_1="shift", days_1="-90"))
    form = response.context["form"]
    assert "would lie in the past" in " ".join(form.errors["days_1"])
    assert form["reason"].value() == REASON
    assert state() == before


# The decision


def test_decide_enforces_what_was_reviewed(client, dispute, mediator):
    client.force_login(mediator)
    hidden = reviewed(client, dispute.case, **SHIFT)
    response = client.post(url(dispute.case, "decide"), typed(**SHIFT, **hidden))
    assert response.status_code == 302
    assert response.url == url(dispute.case, "change")
    case = dispute.case
    assert (case.state, case.outcome) == (CaseState.CLOSED, "ruled")
    moved = Offer.objects.get(pk=dispute.second.pk)
    assert moved.starts_on - dispute.second.starts_on == timedelta(days=30)
    assert Collision.objects.get().state == CollisionState.CLEARED
    page = client.get(url(case, "change")).content.decode()
    assert "move 30 days later" in page
    assert REASON in page


def test_a_decision_that_may_be_appealed_says_when_it_takes_effect(client, dispute, mediator):
    Case.objects.update(hours_to_appeal=10)
    client.force_login(mediator)
    page = client.post(url(dispute.case, "review"), typed(**SHIFT))
    moment = wording.moment(page.context["takes_effect_at"])
    assert f"will happen on {moment}, unless one of the two departments appeals" in page.content.decode()
    hidden = {"facts": page.context["facts"], "key": str(page.context["key"])}
    answer = client.post(url(dispute.case, "decide"), typed(**SHIFT, **hidden), follow=True)
    case = dispute.case
    assert case.state == CaseState.DECIDED
    assert f"takes effect on {wording.moment(case.takes_effect_at)}, unless" in answer.content.decode()


def test_allowing_both_settles_the_collisions(client, dispute, mediator):
    client.force_login(mediator)
    hidden = reviewed(client, dispute.case, allow_both="on")
    client.post(url(dispute.case, "decide"), typed(allow_both="on", **hidden))
    assert dispute.case.state == CaseState.CLOSED
    assert Collision.objects.get().state == CollisionState.SETTLED
    page = client.get(url(dispute.case, "change"))
    assert page.context["evidence"].totals.customers == 50


def test_decide_goes_on_to_the_next_case(client, dispute, mediator):
    products = [row.product for row in dispute.first.product_rows.select_related("product")]
    make_ahead("CRM", make_department("CRM"), dispute.first.audience_rows.get().segment, products)
    settle_down(timezone.now())
    first = Case.objects.get(campaign_a__code="MKT-1")
    other = Case.objects.exclude(pk=first.pk).first()
    cases.escalate(case=other, by=None, now=timezone.now(), key="time")
    client.force_login(mediator)
    hidden = reviewed(client, first, **SHIFT)
    response = client.post(url(first, "decide"), typed(**SHIFT, **hidden))
    assert response.url == url(other, "change")


def test_the_same_decision_sent_twice_is_made_once(client, dispute, mediator):
    client.force_login(mediator)
    hidden = reviewed(client, dispute.case, **SHIFT)
    client.post(url(dispute.case, "decide"), typed(**SHIFT, **hidden))
    after = state()
    response = client.post(url(dispute.case, "decide"), typed(**SHIFT, **hidden))
    assert response.status_code == 302
    assert state() == after


def test_a_second_window_learns_that_the_case_is_closed(client, dispute, mediator):
    client.force_login(mediator)
    hidden, other = (reviewed(client, dispute.case, **SHIFT) for _ in range(2))
    client.post(url(dispute.case, "decide"), typed(**SHIFT, **hidden))
    after = state()
    for page in ("review", "decide"):
        response = client.post(url(dispute.case, page), typed(what_0="withdraw", **other), follow=True)
        assert "is closed already" in response.content.decode()
    assert state() == after


def test_stale_facts_decide_nothing_and_keep_what_was_typed(client, dispute, mediator):
    client.force_login(mediator)
    hidden = reviewed(client, dispute.case, **SHIFT)
    offers.change_offer(
        offer=dispute.first, by=lead_of(dispute.first.campaign.department), now=NOW, fields={"percent_off": 25}
    )
    before = state()
    response = client.post(url(dispute.case, "decide"), typed(**SHIFT, **hidden))
    assert state() == before
    form = response.context["form"]
    assert "review the effect once more" in " ".join(form.non_field_errors())
    assert (form["days_1"].value(), form["reason"].value()) == ("30", REASON)


def test_a_decision_without_a_review_is_refused(client, dispute, mediator):
    client.force_login(mediator)
    before = state()
    response = client.post(url(dispute.case, "decide"), typed(**SHIFT))
    assert response.context["form"].non_field_errors()
    assert state() == before


def test_an_invalid_decision_shows_the_form_again(client, dispute, mediator):
    client.force_login(mediator)
    before = state()
    response = client.post(url(dispute.case, "decide"), typed(what_1="shift"))
    assert response.context["form"].errors["days_1"]
    assert state() == before


# Who may not


@pytest.mark.parametrize("page", ["review", "decide"])
@pytest.mark.parametrize("fields", [SHIFT, {}], ids=["valid", "invalid"])
def test_party_and_administrator_are_refused(client, dispute, page, fields):
    facts = {"facts": facts_hash(dispute.case), "key": "k"}
    contact = make_user("carla")
    Campaign.objects.filter(pk=dispute.case.campaign_a_id).update(contact_person=contact)
    member = make_user("pau")
    access.join(department=dispute.first.department, user=member, is_lead=False, by=None, now=NOW)
    administrator = make_user("alicia", is_superuser=True)
    before = state()
    for person in [*dispute.leads, contact, member, administrator]:
        client.force_login(person)
        assert client.post(url(dispute.case, page), typed(**fields, **facts)).status_code == 403
    assert state() == before


@pytest.mark.parametrize("page", ["review", "decide"])
def test_lead_of_a_third_department_and_strangers_find_nothing(client, dispute, page):
    facts = {"facts": facts_hash(dispute.case), "key": "k"}
    people = [lead_of(make_department("CRM")), make_user("stranger")]
    before = state()
    for person in people:
        client.force_login(person)
        assert client.post(url(dispute.case, page), typed(**SHIFT, **facts)).status_code == 404
    assert state() == before


@pytest.mark.parametrize("page", ["review", "decide"])
def test_a_mediator_who_joined_a_party_meanwhile_is_refused(client, dispute, mediator, page):
    client.force_login(mediator)
    hidden = reviewed(client, dispute.case, **SHIFT)
    access.join(department=dispute.first.department, user=mediator, is_lead=False, by=None, now=NOW)
    before = state()
    assert client.post(url(dispute.case, page), typed(**SHIFT, **hidden)).status_code == 403
    assert state() == before


def test_another_mediator_finds_nothing(client, dispute):
    other = make_mediator("mila", department=make_department("CRM"))
    client.force_login(other)
    before = state()
    assert client.post(url(dispute.case, "decide"), typed(**SHIFT)).status_code == 404
    assert state() == before


def test_signed_out_people_are_asked_to_sign_in(client, dispute):
    before = state()
    response = client.post(url(dispute.case, "decide"), typed(**SHIFT))
    assert response.status_code == 302
    assert "/login/" in response.url
    assert state() == before
