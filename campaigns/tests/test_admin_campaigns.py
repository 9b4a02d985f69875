from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import access, planning
from campaigns.actions.collisions import refresh
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, RaciRole
from campaigns.tests import factories as make
from customers.models import HistoryEntry
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LIST = "admin:campaigns_campaign_changelist"


@pytest.fixture
def department():
    return make.make_department("CRM")


@pytest.fixture
def lead(department):
    return make.lead_of(department)


@pytest.fixture
def campaign(department):
    campaign = make.make_campaign(department, "CRM-1", starts_on=TODAY + timedelta(days=10), name="Autumn")
    make.make_offer(campaign, products=make.make_products(2), segments=[make.make_segment(numbers=range(5))])
    return campaign


@pytest.fixture
def stranger():
    return make.lead_of(make.make_department("OTHER"))


def page(name, campaign, **kwargs):
    key = "object_id" if name == "change" else "pk"
    return reverse(f"admin:campaigns_campaign_{name}", kwargs={key: campaign.pk} | kwargs)


def brief(campaign, **changes):
    return {
        "name": campaign.name,
        "starts_on": campaign.starts_on.isoformat(),
        "last_day": campaign.ends_on.isoformat(),
        "accountable": campaign.accountable_id or "",
        "goal": campaign.goal,
        "kpi": campaign.kpi,
    } | changes


def test_the_list_shows_a_campaign_with_its_state_its_a_and_its_collisions(lead, campaign):
    ours, theirs = make.make_colliding_pair()
    ours.campaign.refresh_from_db()
    refresh(offer_ids=[ours.pk, theirs.pk], now=make.NOW)
    reader = signed_in(make.lead_of(ours.campaign.department))
    text = reader.get(reverse(LIST)).content.decode()
    assert ours.campaign.name in text
    assert "Submitted" in text
    assert f"?campaign={ours.campaign_id}&amp;state=open" in text
    assert "A · answers for it" in text
    assert theirs.campaign.name not in text


def test_the_list_asks_as_many_questions_for_one_campaign_as_for_many(lead, department, campaign):
    client = signed_in(lead)
    with_one = queries_of(client, reverse(LIST))
    for _ in range(12):
        make.make_offer(make.make_campaign(department, starts_on=TODAY + timedelta(days=3)))
    assert queries_of(client, reverse(LIST)) == with_one


def test_the_page_of_a_campaign_asks_as_many_questions_for_one_offer_as_for_many(lead, campaign):
    make.submit(campaign)
    client = signed_in(lead)
    with_one = queries_of(client, page("change", campaign))
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.DRAFT)
    for _ in range(8):
        make.make_offer(campaign, products=make.make_products(2))
    Campaign.objects.filter(pk=campaign.pk).update(status=CampaignStatus.SUBMITTED)
    assert queries_of(client, page("change", campaign)) == with_one
    assert with_one <= 56


@pytest.mark.parametrize("name", ["change", "brief", "raci"])
def test_to_a_stranger_the_campaign_does_not_exist(stranger, campaign, name):
    client = signed_in(stranger)
    assert client.get(page(name, campaign)).status_code == 404
    assert "Autumn" not in client.get(reverse(LIST)).content.decode()


def test_a_member_without_rights_reads_and_changes_nothing(department, campaign):
    member = make.make_user("member")
    access.join(department=department, user=member, is_lead=False, by=None, now=make.NOW)
    client = signed_in(member)
    # The department does every activity (R) unless somebody else is named: then its members only read.
    RaciRole.objects.all().delete()
    access.reconcile([campaign.pk])
    text = client.get(page("change", campaign)).content.decode()
    assert "Autumn" in text
    assert "Edit the brief" not in text
    assert client.get(page("brief", campaign)).status_code == 403
    assert client.get(page("raci", campaign)).status_code == 403
    assert client.post(page("brief", campaign), brief(campaign, name="Mine")).status_code == 403
    assert client.post(page("step", campaign, step="cancel"), {"reason": "Mine"}).status_code == 403
    campaign.refresh_from_db()
    assert (campaign.name, campaign.status) == ("Autumn", "draft")


def test_a_brief_is_saved_with_its_last_day_included(lead, campaign):
    last = TODAY + timedelta(days=30)
    answer = signed_in(lead).post(page("brief", campaign), brief(campaign, last_day=last.isoformat(), what="Warm"))
    assert answer.status_code == 302
    campaign.refresh_from_db()
    assert campaign.ends_before == last + timedelta(days=1)
    assert campaign.what == "Warm"


def test_a_wrong_brief_comes_back_with_everything_that_was_typed(lead, campaign):
    typed = brief(campaign, last_day=(campaign.starts_on - timedelta(days=1)).isoformat(), what="Not lost")
    answer = signed_in(lead).post(page("brief", campaign), typed)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "The last day is before the first." in text
    assert "Not lost" in text
    before = campaign.ends_before
    campaign.refresh_from_db()
    assert (campaign.what, campaign.ends_before) == ("", before)


def test_a_brief_that_somebody_else_saved_meanwhile_is_not_overwritten(lead, campaign):
    client = signed_in(lead)
    text = client.get(page("brief", campaign)).content.decode()
    seen = text.split('name="seen" value="')[1].split('"')[0]
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, what="Somebody else was here")
    answer = client.post(page("brief", campaign), brief(campaign, what="Mine", seen=seen))
    assert "Somebody else saved this brief" in answer.content.decode()
    campaign.refresh_from_db()
    assert campaign.what == "Somebody else was here"


def test_the_last_day_of_the_calendar_is_refused_not_a_crash(lead, campaign):
    answer = signed_in(lead).post(page("brief", campaign), brief(campaign, last_day="9999-12-31"))
    assert "“9999-12-31” is no year to plan in: from 2000 to 2200" in answer.content.decode()


def test_a_lead_starts_a_draft_for_their_own_department_only(lead, department):
    other = make.make_department("MKT")
    values = {
        "code": "CRM-9",
        "name": "New",
        "department": department.pk,
        "starts_on": (TODAY + timedelta(days=5)).isoformat(),
        "last_day": (TODAY + timedelta(days=9)).isoformat(),
    }
    client = signed_in(lead)
    add = reverse("admin:campaigns_campaign_add")
    assert client.post(add, values | {"department": other.pk}).status_code == 200
    assert not Campaign.objects.filter(code="CRM-9").exists()
    assert client.post(add, values).status_code == 302
    made = Campaign.objects.get(code="CRM-9")
    assert (made.department, made.accountable, made.status) == (department, lead, "draft")


def test_who_leads_nothing_starts_no_campaign(department):
    member = make.make_user("member")
    access.join(department=department, user=member, is_lead=False, by=None, now=make.NOW)
    client = signed_in(member)
    assert client.get(reverse("admin:campaigns_campaign_add")).status_code == 403
    assert "New campaign" not in client.get(reverse(LIST)).content.decode()


def test_a_step_shows_its_effect_first_and_changes_nothing_by_looking(lead, campaign):
    text = signed_in(lead).get(page("step", campaign, step="cancel")).content.decode()
    assert "What happens" in text
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_cancelling_asks_why(lead, campaign):
    client = signed_in(lead)
    address = page("step", campaign, step="cancel")
    assert client.post(address, {"reason": " "}).status_code == 200
    campaign.refresh_from_db()
    assert campaign.status == "draft"
    client.post(address, {"reason": "No stock"})
    campaign.refresh_from_db()
    assert campaign.status == "cancelled"
    assert HistoryEntry.objects.get(verb="cancel").reason == "No stock"


def test_a_saved_change_of_an_approved_campaign_asks_for_a_new_approval(lead, campaign):
    make.approve(campaign)
    campaign.refresh_from_db()
    answer = signed_in(lead).post(page("brief", campaign), brief(campaign, what="Other", reason="Stock"), follow=True)
    assert "waits for approval again" in answer.content.decode()
    campaign.refresh_from_db()
    assert campaign.status == "submitted"


def test_a_draft_shows_its_department_what_it_would_collide_with(monkeypatch):
    monkeypatch.setattr("campaigns.admin.campaigns.timezone", SimpleNamespace(now=lambda: make.NOW))
    ours, theirs = make.make_colliding_pair()
    Campaign.objects.filter(pk=ours.campaign_id).update(status=CampaignStatus.DRAFT)
    text = signed_in(make.lead_of(ours.department)).get(page("change", ours.campaign)).content.decode()
    assert "Collisions it would have" in text
    assert theirs.name in text


def test_the_page_tells_the_history_of_the_campaign_in_words(lead, campaign):
    planning.change_campaign(campaign=campaign, by=lead, now=make.NOW, name="Winter", reason="It is cold")
    text = signed_in(lead).get(page("change", campaign)).content.decode()
    assert "Autumn → Winter" in text
    assert "It is cold" in text


def test_djangos_own_history_and_deletion_are_closed(lead, campaign):
    client = signed_in(lead)
    assert client.get(reverse("admin:campaigns_campaign_history", args=[campaign.pk])).status_code == 404
    assert (
        client.post(reverse("admin:campaigns_campaign_delete", args=[campaign.pk]), {"post": "yes"}).status_code == 403
    )
    assert Campaign.objects.filter(pk=campaign.pk).exists()


def test_an_analyst_sees_no_plans():
    analyst = make.make_analyst()
    assert signed_in(analyst).get(reverse(LIST)).status_code == 403


def test_of_many_offers_the_page_shows_the_first_and_leads_to_the_rest(lead, campaign):
    for _ in range(12):
        last = make.make_offer(campaign)
    text = signed_in(lead).get(page("change", campaign)).content.decode()
    assert "All 13 offers" in text
    assert last.code not in text.split('id="raci"')[0]
    address = reverse("admin:campaigns_offer_changelist") + f"?campaign={campaign.pk}"
    assert signed_in(lead).get(address).context["cl"].result_count == 13


def test_a_brief_says_its_currency_and_leaves_out_idle_zeros(lead, campaign, settings):
    settings.CURRENCY = "CHF"
    campaign.kpi_target = Decimal("40.0000")
    campaign.save()
    text = signed_in(lead).get(reverse("admin:campaigns_campaign_brief", args=[campaign.pk])).content.decode()
    assert "In CHF." in text
    assert 'name="kpi_target" value="40"' in text
    assert "---------" not in text
