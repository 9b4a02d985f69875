from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import access, raci
from campaigns.models import Campaign, RaciRole
from campaigns.tests import factories as make
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return make.make_campaign(make.make_department("CRM"), starts_on=timezone.localdate() + timedelta(days=9))


def address(campaign):
    return reverse("admin:campaigns_campaign_raci", args=[campaign.pk])


def seen(client, campaign):
    return client.get(address(campaign)).content.decode().split('name="seen" value="')[1].split('"')[0]


def test_the_grid_is_saved_and_rights_follow(campaign):
    other = make.make_department("MKT")
    client = signed_in(make.lead_of(campaign.department))
    activity = campaign.activities.first()
    values = {f"r-{activity.code}-{other.pk}": "C", f"a-{activity.code}": make.lead_of(other).pk}
    assert not Campaign.objects.visible(make.lead_of(other)).filter(pk=campaign.pk).exists()
    answer = client.post(address(campaign), values | {"seen": seen(client, campaign)})
    assert answer.status_code == 302
    activity.refresh_from_db()
    assert activity.accountable == make.lead_of(other)
    assert RaciRole.objects.get(activity=activity, department=other).letter == "C"
    assert Campaign.objects.visible(make.lead_of(other)).filter(pk=campaign.pk).exists()


def test_a_letter_that_does_not_exist_is_refused(campaign):
    client = signed_in(make.lead_of(campaign.department))
    activity = campaign.activities.first()
    name = f"r-{activity.code}-{campaign.department_id}"
    answer = client.post(address(campaign), {name: "A", "seen": seen(client, campaign)})
    assert "Roles are R, C or I." in answer.content.decode()
    assert RaciRole.objects.get(activity=activity).letter == "R"


def test_a_person_who_is_not_a_colleague_is_refused(campaign):
    gone = make.make_user("gone", is_active=False)
    client = signed_in(make.lead_of(campaign.department))
    activity = campaign.activities.first()
    answer = client.post(address(campaign), {f"a-{activity.code}": gone.pk, "seen": seen(client, campaign)})
    assert "from the list" in answer.content.decode()
    activity.refresh_from_db()
    assert activity.accountable is None


def test_a_matrix_that_somebody_else_saved_meanwhile_is_shown_again(campaign):
    lead = make.lead_of(campaign.department)
    client = signed_in(lead)
    first, second = campaign.activities.all()[:2]
    old = seen(client, campaign)
    raci.set_matrix(campaign=campaign, by=lead, now=make.NOW, accountable={first.code: lead})
    name = f"r-{second.code}-{campaign.department_id}"
    answer = client.post(address(campaign), {name: "I", "seen": old})
    text = answer.content.decode()
    assert "Somebody else saved the matrix" in text
    assert RaciRole.objects.get(activity=second).letter == "R"
    cell = text.split(f'name="{name}"')[1].split("</select>")[0]
    assert '<option value="I" selected>' in cell


def test_every_select_says_what_it_is(campaign):
    text = signed_in(make.lead_of(campaign.department)).get(address(campaign)).content.decode()
    assert 'aria-label="Segment the audience, Crm"' in text
    assert 'aria-label="A of Segment the audience"' in text


def test_many_departments_cost_no_more_queries(campaign):
    client = signed_in(make.lead_of(campaign.department))
    with_one = queries_of(client, address(campaign))
    for _ in range(6):
        make.make_department()
    assert queries_of(client, address(campaign)) == with_one


def test_a_member_reads_the_matrix_and_does_not_write_it(campaign):
    member = make.make_user("pau")
    access.join(department=campaign.department, user=member, is_lead=False, by=None, now=make.NOW)
    client, other = signed_in(member), make.make_department("MKT")
    cell = {f"r-{campaign.activities.first().code}-{other.pk}": "R"}
    assert client.get(address(campaign)).status_code == 403
    assert client.post(address(campaign), cell).status_code == 403
    assert not RaciRole.objects.filter(department=other).exists()
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    assert address(campaign) not in client.get(page).content.decode()
    assert address(campaign) in signed_in(make.lead_of(campaign.department)).get(page).content.decode()
