from datetime import datetime, time
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import access, raci
from campaigns.actions.collisions import refresh
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Collision, DetectionRun
from campaigns.tests import factories as make
from customers.actions import history
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST = "admin:campaigns_collision_changelist"


def collide(**sizes):
    ours, theirs = make.make_colliding_pair(**sizes)
    refresh(offer_ids=[ours.pk, theirs.pk], now=make.NOW)
    return Collision.objects.get(offer_a__in=[ours, theirs])


@pytest.fixture
def collision():
    make.make_customers(60)
    return collide(shared_customers=50, shared_products=3)


@pytest.fixture
def party(collision):
    return make.lead_of(collision.offer_a.department)


@pytest.fixture
def stranger():
    return make.lead_of(make.make_department("OTHER"))


@pytest.fixture
def told(collision):
    """A third department that gives its opinion (C) on one of the two campaigns."""
    third = make.make_department("THIRD")
    _give(collision.offer_a.campaign, third, "C")
    return make.lead_of(third)


@pytest.fixture
def mediator(collision):
    person = make.make_user("mediator")
    both = [collision.offer_a.campaign_id, collision.offer_b.campaign_id]
    access.add_reason(both, user=person, why="mediator K-7")
    return person


def _give(campaign, department, letter):
    roles = {(campaign.activities.first().code, department.pk): letter}
    raci.set_matrix(campaign=campaign, by=make.lead_of(campaign.department), now=make.NOW, roles=roles)


def campaign_page(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def page(name, collision):
    return reverse(f"admin:campaigns_collision_{name}", args=[collision.pk])


def test_both_parties_see_the_collision_in_their_list(collision):
    for offer in (collision.offer_a, collision.offer_b):
        text = signed_in(make.lead_of(offer.department)).get(reverse(LIST)).content.decode()
        assert collision.offer_a.name in text
        assert collision.offer_b.name in text
        assert page("change", collision) in text


@pytest.mark.parametrize("name", ["change", "products", "customers"])
def test_to_a_third_department_it_does_not_exist(collision, stranger, name):
    client = signed_in(stranger)
    assert client.get(page(name, collision)).status_code == 404
    assert collision.offer_a.name not in client.get(reverse(LIST)).content.decode()


def test_the_list_asks_as_many_questions_for_one_collision_as_for_many(collision):
    admin = make.make_user("root", is_superuser=True)
    client = signed_in(admin)
    with_one = queries_of(client, reverse(LIST))
    for _ in range(5):
        collide()
    assert queries_of(client, reverse(LIST)) == with_one


def test_filters_narrow_the_list_and_strange_values_find_nothing(collision, party):
    client = signed_in(party)

    def found(query):
        return client.get(reverse(LIST) + query).context["cl"].result_count

    assert found("") == 1
    assert found("?state=cleared") == 0
    assert found(f"?level={collision.level}") == 1
    assert found("?level=low&state=all") == int(collision.level == "low")
    assert found(f"?department={collision.offer_b.department_id}") == 1
    assert found(f"?campaign={collision.offer_a.campaign_id}") == 1
    assert found(f"?offer={collision.offer_b_id}") == 1
    assert found("?department=nonsense") == 0
    assert found("?campaign=0") == 0


def test_a_filter_names_no_campaign_the_reader_may_not_see(collision, party):
    hidden = make.make_campaign(name="Nobody knows")
    text = signed_in(party).get(f"{reverse(LIST)}?campaign={hidden.pk}").content.decode()
    assert "Nobody knows" not in text


def test_the_page_adds_the_severity_up(collision, party):
    text = signed_in(party).get(page("change", collision)).content.decode()
    assert "How the severity comes about" in text
    assert f"<strong>{collision.score}</strong>" in text
    assert "counted again within a minute" not in text


def test_a_cleared_collision_shows_no_sum(collision, party):
    Collision.objects.update(state="cleared")
    text = signed_in(party).get(page("change", collision)).content.decode()
    assert "nothing left to add up" in text


def test_the_other_party_reads_terms_but_gets_no_link_to_the_plan(collision, party):
    text = signed_in(party).get(page("change", collision)).content.decode()
    assert reverse("admin:campaigns_offer_change", args=[collision.offer_a_id]) in text
    assert collision.offer_b.name in text
    assert reverse("admin:campaigns_offer_change", args=[collision.offer_b_id]) not in text


def test_the_shared_products_are_the_rows_behind_the_number(collision, party):
    text = signed_in(party).get(page("products", collision)).content.decode()
    assert text.count("<code>P") == collision.shared_products == 3


def test_parties_read_how_many_customers_administrators_also_who(collision, party):
    text = signed_in(party).get(page("customers", collision)).content.decode()
    assert '<span class="c-count">50</span>' in text
    assert "customer-1" not in text
    assert 'id="people"' not in text
    admin = make.make_user("root", is_superuser=True)
    assert "customer-1" in signed_in(admin).get(page("customers", collision)).content.decode()


def test_detect_now_writes_the_row_that_a_worker_finds(party):
    client = signed_in(party)
    address = reverse("admin:campaigns_detectionrun_detect")
    assert client.get(address).status_code == 405
    assert not DetectionRun.objects.exists()
    client.post(address)
    client.post(address)
    run = DetectionRun.objects.get()
    assert (run.requested_by, run.started_at) == (party, None)
    assert 'http-equiv="refresh"' in client.get(reverse("admin:campaigns_detectionrun_changelist")).content.decode()


def test_a_member_who_leads_nothing_asks_for_no_detection():
    department = make.make_department(members=[member := make.make_user("member")])
    assert department.memberships.count() == 2
    client = signed_in(member)
    assert client.post(reverse("admin:campaigns_detectionrun_detect")).status_code == 403
    assert not DetectionRun.objects.exists()


def test_an_analyst_detects_and_sees_no_collisions(collision):
    analyst = make.make_analyst()
    client = signed_in(analyst)
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(page("change", collision)).status_code == 404
    client.post(reverse("admin:campaigns_detectionrun_detect"))
    assert DetectionRun.objects.count() == 1


@pytest.mark.parametrize("name", ["change", "products", "customers"])
def test_to_who_is_told_of_one_side_the_collision_does_not_exist(collision, told, mediator, name):
    assert signed_in(told).get(page(name, collision)).status_code == 404
    for offer in (collision.offer_a, collision.offer_b):
        assert signed_in(make.lead_of(offer.department)).get(page(name, collision)).status_code == 200
    assert signed_in(mediator).get(page(name, collision)).status_code == 200


def test_lists_count_and_show_only_the_collisions_the_reader_sees(collision, told, party, mediator):
    campaigns = reverse("admin:campaigns_campaign_changelist")
    for person, number in ((told, 0), (party, 1), (mediator, 1)):
        client = signed_in(person)
        assert client.get(reverse(LIST)).context["cl"].result_count == number
        (row,) = client.get(f"{campaigns}?q={collision.offer_a.campaign.code}").context["cl"].result_list
        assert row.open_collisions == number
        assert client.get(reverse("admin:index")).context["open_collisions"]["total"] == number


def test_the_pages_of_a_plan_tell_who_is_no_party_how_many_and_no_more(collision, told, party, mediator):
    offer = reverse("admin:campaigns_offer_change", args=[collision.offer_a_id])
    for address in (campaign_page(collision.offer_a.campaign), offer):
        text = signed_in(told).get(address).content.decode()
        assert "It is in 1 open collision." in text
        assert "is the business of the parties" in text
        assert "No collision" not in text
        for secret in (collision.offer_b.name, collision.offer_b.campaign.name, page("change", collision)):
            assert secret not in text
        for person in (party, mediator):
            text = signed_in(person).get(address).content.decode()
            assert collision.offer_b.name in text
            assert "the business of the parties" not in text


def test_a_party_of_one_collision_is_told_how_many_others_there_are(collision, told):
    """Their own collision with a plan on which they give an opinion is theirs to see, that of others is not."""
    segment = collision.offer_a.audience
    products = [row.product for row in collision.offer_a.product_rows.all()]
    own = make.make_campaign(told.memberships.get().department)
    mine = make.make_offer(own, segments=[segment], products=products)
    make.submit(own)
    refresh(offer_ids=[mine.pk], now=make.NOW)
    answer = signed_in(told).get(campaign_page(collision.offer_a.campaign))
    assert [one["other"] for one in answer.context["collisions"]] == [mine]
    assert "1 more open collision is the business of its parties." in answer.content.decode()
    assert collision.offer_b.name not in answer.content.decode()


def at(monkeypatch, now):
    """Let pages be asked at another time than today."""
    monkeypatch.setattr("campaigns.admin.campaigns.timezone", SimpleNamespace(now=lambda: now))


def test_what_a_draft_would_collide_with_is_shown_to_who_plans_it(collision, told, party, monkeypatch):
    at(monkeypatch, make.NOW)
    campaign = collision.offer_a.campaign
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.DRAFT)
    text = signed_in(told).get(campaign_page(campaign)).content.decode()
    assert collision.offer_b.name not in text
    assert "only its department sees what it would collide with" in text
    assert collision.offer_b.name in signed_in(party).get(campaign_page(campaign)).content.decode()


def test_a_draft_lists_no_overlap_that_is_over(collision, party, monkeypatch):
    campaign = collision.offer_a.campaign
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.DRAFT)
    client = signed_in(party)
    for day, number in ((collision.ends_on, 1), (collision.ends_before, 0)):
        at(monkeypatch, datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone()))
        assert client.get(campaign_page(campaign)).context["collision_count"] == number


def test_the_steps_of_a_case_are_told_to_those_whose_case_it_is(collision, told, party, mediator):
    campaigns = (collision.offer_a.campaign, collision.offer_b.campaign)
    for campaign in campaigns:
        scope = f"campaign:{campaign.code}"
        history.write(by=None, now=make.NOW, verb="escalate", subject="case:K-7", scope=scope)
    history.write(by=None, now=make.NOW, verb="open", subject="case:K-8", scope=f"campaign:{campaigns[0].code}")

    def labels(person):
        text = signed_in(person).get(campaign_page(campaigns[0])).content.decode()
        return {label for label in ("K-7", "K-8") if label in text}

    assert labels(told) == set()
    assert labels(party) == {"K-7", "K-8"}
    assert labels(mediator) == {"K-7"}
    assert labels(make.make_user("root", is_superuser=True)) == {"K-7", "K-8"}
    # The other party may be told (C) of this campaign: the case they share is theirs as well, others are not.
    _give(campaigns[0], collision.offer_b.department, "C")
    assert labels(make.lead_of(collision.offer_b.department)) == {"K-7"}


@pytest.mark.parametrize("who", ["told", "party", "mediator"])
def test_lists_and_pages_ask_as_many_questions_for_one_collision_as_for_many(collision, request, who):
    client = signed_in(request.getfixturevalue(who))
    segment = collision.offer_a.audience
    products = [row.product for row in collision.offer_a.product_rows.all()]
    addresses = [
        reverse(LIST),
        reverse("admin:campaigns_campaign_changelist"),
        campaign_page(collision.offer_a.campaign),
        reverse("admin:campaigns_offer_change", args=[collision.offer_a_id]),
    ]
    with_one = [queries_of(client, address) for address in addresses]
    for _ in range(4):
        campaign = make.make_campaign()
        offer = make.make_offer(campaign, segments=[segment], products=products)
        make.submit(campaign)
        refresh(offer_ids=[offer.pk], now=make.NOW)
    assert Collision.objects.count() > 5
    assert [queries_of(client, address) for address in addresses] == with_one


@pytest.mark.parametrize("status", ["approved", "live", "paused"])
def test_a_plan_that_is_no_longer_what_was_approved_says_so(collision, party, status):
    campaign = make.approve(collision.offer_a.campaign)
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    client, address = signed_in(party), campaign_page(campaign)
    assert "no longer what was approved" not in client.get(address).content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(what="Changed by an import")
    text = client.get(address).content.decode()
    assert "no longer what was approved" in text
    how = {
        "approved": "Within a minute it waits for approval again",
        "live": "once everybody has approved",
        "paused": "once everybody has approved",
    }
    assert how[status] in text
    Campaign.objects.filter(pk=campaign.pk).update(status="submitted")
    assert "no longer what was approved" not in client.get(address).content.decode()
