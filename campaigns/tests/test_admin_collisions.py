import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns.actions.collisions import refresh
from campaigns.models import Collision, DetectionRun
from campaigns.tests import factories as make
from campaigns.tests.pages import queries_of, signed_in

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
    analyst = make.make_user("analyst")
    analyst.groups.add(Group.objects.get(name="Analysts"))
    client = signed_in(analyst)
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(page("change", collision)).status_code == 404
    client.post(reverse("admin:campaigns_detectionrun_detect"))
    assert DetectionRun.objects.count() == 1
