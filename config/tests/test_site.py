import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.formats import date_format, number_format

from approvals.actions import briefings
from approvals.models import StaffProfile
from approvals.rules import timeline
from campaigns import chronicle
from campaigns.queries.chronicles import history_of
from campaigns.rules.lifecycle import CAMPAIGN
from campaigns.tests import factories as make
from config.site import ConcordiaAdminSite
from customers.actions import history
from customers.models import HistoryEntry
from customers.tests.pages import signed_in

pytestmark = pytest.mark.django_db


def links(user):
    answer = signed_in(user).get(reverse("admin:index"))
    return [item["title"] for group in answer.context["sidebar_navigation"] for item in group["items"]]


@pytest.fixture
def administrator():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def lead():
    return make.lead_of(make.make_department("CRM"))


@pytest.fixture
def analyst():
    return make.make_analyst()


def test_the_house_has_its_own_site():
    assert isinstance(admin.site, ConcordiaAdminSite)
    assert not admin.site.is_registered(Group)


def test_the_bare_address_leads_home_for_now(lead):
    answer = signed_in(lead).get("/")
    assert (answer.status_code, answer.url) == (302, reverse("admin:index"))


def test_the_bare_address_leads_strangers_to_the_login():
    assert Client().get("/", follow=True).request["PATH_INFO"] == reverse("admin:login")


def test_the_login_page_says_what_this_is():
    text = Client().get(reverse("admin:login")).content.decode()
    assert "Concordia" in text
    assert "Django" not in text


def test_everybody_has_the_entries_they_may_open_in_the_same_order(administrator, lead, analyst):
    assert links(administrator) == [
        "Home",
        "Inbox",
        "Calendar",
        "Briefings",
        "Customer requests",
        "Campaigns",
        "Workload",
        "Collisions",
        "Cases",
        "Reviews",
        "Sent mail",
        "Customers",
        "Segments",
        "Products",
        "Categories",
        "Channels",
        "Tactics",
        "Tools",
        "Goals",
        "Brand rules",
        "Imports",
        "Detections",
        "Collision rules",
        "Combination classes",
        "Combination policies",
        "Joint groups",
        "Added activities",
        "RACI templates",
        "Words to avoid",
        "Placements",
        "Funds",
        "Protected scopes",
        "Substitutions",
        "Announced prices",
        "Departments",
        "People",
        "Mediators",
        "Standing rules",
        "Escalation policy",
        "Approval rules",
        "Review policy",
        "Business calendar",
        "Working hours",
        "History",
        "Given up",
    ]
    of_lead = links(lead)
    assert [title for title in links(administrator) if title in of_lead] == of_lead
    assert not {"Customers", "Departments", "People", "Imports", "History", "Given up"} & set(of_lead)
    assert not {"Calendar", "Campaigns", "Collisions", "Departments", "People"} & set(links(analyst))
    assert {"Customers", "Imports", "Detections", "Briefings"} <= set(links(analyst))


def test_briefings_that_are_new_are_counted_beside_their_entry(analyst):
    def badge():
        answer = signed_in(analyst).get(reverse("admin:index"))
        items = [item for group in answer.context["sidebar_navigation"] for item in group["items"]]
        return {item["title"]: item["badge"] for item in items if item["badge"]}

    assert badge() == {}
    campaign = make.make_campaign()
    make.make_offer(campaign)
    make.approve(campaign)
    briefings.release([campaign.pk], tell=False, now=make.NOW)
    assert badge() == {"Briefings": 1}
    briefings.mark_all_read(by=analyst, now=make.NOW)
    assert badge() == {}


def test_every_entry_of_the_menu_opens(administrator):
    client = signed_in(administrator)
    answer = client.get(reverse("admin:index"))
    for group in answer.context["sidebar_navigation"]:
        for item in group["items"]:
            assert client.get(item["link"], follow=True).status_code == 200, item["link"]


def test_one_entry_is_lit_and_it_is_the_nearest(lead):
    client = signed_in(lead)

    def lit(address):
        groups = client.get(address).context["sidebar_navigation"]
        return [item["title"] for group in groups for item in group["items"] if item["active"]]

    assert lit(reverse("admin:index")) == ["Home"]
    assert lit(reverse("admin:campaigns_plan")) == ["Calendar"]
    assert lit(reverse("admin:campaigns_campaign_changelist")) == ["Campaigns"]
    assert lit(reverse("admin:campaigns_campaign_workload")) == ["Workload"]
    assert lit(reverse("admin:campaigns_offer_changelist")) == ["Campaigns"]


@pytest.mark.parametrize("address", ["/admin/campaigns/", "/admin/search/", "/admin/auth/group/"])
def test_pages_of_the_framework_are_closed(administrator, address):
    assert signed_in(administrator).get(address).status_code == 404


def test_who_is_not_staff_is_sent_to_the_login(lead):
    guest = User.objects.create_user("guest", password="secret")
    answer = signed_in(guest).get(reverse("admin:index"))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("admin:login"))


def test_the_chosen_language_stays_with_the_person(lead):
    client = signed_in(lead)
    address = reverse("admin:set_language")
    assert client.get(address).status_code == 405
    answer = client.post(address, {"language": "es", "next": reverse("admin:campaigns_plan")})
    assert answer.url == reverse("admin:campaigns_plan")
    assert StaffProfile.objects.get(user=lead).language == "es"
    assert '<html lang="es"' in client.get(reverse("admin:index")).content.decode()


def test_before_signing_in_the_language_stays_in_the_browser():
    client = Client()
    client.post(reverse("admin:set_language"), {"language": "es", "next": reverse("admin:login")})
    assert '<html lang="es"' in client.get(reverse("admin:login")).content.decode()
    assert not StaffProfile.objects.exists()


def test_a_language_the_house_does_not_speak_changes_nothing(lead):
    client = signed_in(lead)
    client.post(reverse("admin:set_language"), {"language": "xx", "next": "/admin/"})
    assert not StaffProfile.objects.exists()


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(lead, away):
    answer = signed_in(lead).post(reverse("admin:set_language"), {"language": "en", "next": away})
    assert answer.url == reverse("admin:index")


def test_pages_can_be_used_by_keyboard_and_reader(lead):
    text = signed_in(lead).get(reverse("admin:campaigns_campaign_changelist")).content.decode()
    assert text.count("<main") == 1
    assert text.count("<h1") == 1
    assert text.index('class="c-skip"') < text.index("<nav")
    assert 'id="main-content"' in text
    assert "<details" in text


def test_numbers_and_days_are_written_as_people_here_write_them():
    day = make.DAY
    with translation.override("es"):
        assert (number_format(12345.5, 2), date_format(day)) == ("12.345,50", "2 nov 2026")
    with translation.override("en"):
        assert (number_format(12345.5, 2), date_format(day)) == ("12,345.50", "2 Nov 2026")


def test_history_is_read_by_administrators_and_by_nobody_changed(administrator, lead):
    make.make_campaign(name="Autumn", code="CRM-77")
    address = reverse("admin:customers_historyentry_changelist")
    text = signed_in(administrator).get(address).content.decode()
    assert "campaign CRM-77" in text
    assert signed_in(lead).get(address).status_code == 403
    entry = HistoryEntry.objects.first()
    assert (
        signed_in(administrator).get(reverse("admin:customers_historyentry_change", args=[entry.pk])).status_code
        == 404
    )
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_group_changelist")


def test_history_calls_people_by_their_names(administrator):
    ada, nameless = (
        make.make_user("ada", first_name="Ada", last_name="Park"),
        make.make_user("nameless", first_name=""),
    )
    gone = make.make_user("gone")
    campaign = make.make_campaign(code="CRM-78")
    for person in (ada, nameless, gone, None):
        history.write(by=person, now=make.NOW, verb="submit", subject="campaign:CRM-78")
    gone.delete()
    assert [entry.who for entry in history_of(campaign, administrator)[:4]] == ["", "gone", "nameless", "Ada Park"]
    client = signed_in(administrator)
    text = client.get(reverse("admin:customers_historyentry_changelist")).content.decode()
    assert 'Ada Park<span class="c-minor">ada</span>' in text
    assert "Ada Park" in client.get(reverse("admin:campaigns_campaign_change", args=[campaign.pk])).content.decode()


def test_pages_for_errors_say_what_to_do_and_need_no_database(lead, django_assert_num_queries):
    client = signed_in(lead)
    assert "This page does not exist" in client.get("/admin/campaigns/campaign/999/change/").content.decode()
    assert "This is not for you to do" in client.get(reverse("admin:auth_user_changelist")).content.decode()
    with django_assert_num_queries(0):
        text = render_to_string("500.html")
    assert "Something went wrong on our side" in text
    refused = Client(enforce_csrf_checks=True).post(reverse("admin:login"), {"username": "x"})
    assert "The page was open for too long" in refused.content.decode()


def test_every_verb_of_the_history_has_words():
    written = set(CAMPAIGN) | {"hold", "release"}
    for app in ("customers", "campaigns", "approvals"):
        for file in (settings.BASE_DIR / app / "actions").rglob("*.py"):
            written |= set(re.findall(r'verb="([\w.]+)"', file.read_text()))
    assert written - chronicle.VERBS.keys() - timeline.STEPS.keys() == set()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("language", "idioma"),
        ("size", "clientes"),
        ("stand_in", "suplente"),
        ("products: created", "productos, nuevas"),
        ("products: CRM", "Identificar productos complementarios, CRM"),
    ],
)
def test_the_history_names_what_changed_in_words(name, words):
    entry = HistoryEntry(subject="dataset:x", changes={name: [1, 2]})
    with translation.override("es"):
        assert [change["field"] for change in chronicle.changes(entry)] == [words]


def test_no_list_acts_on_many_rows_at_once(administrator):
    """What an action refuses for one row must not go through because another row was ticked with it."""
    request = RequestFactory().get("/")
    request.user = administrator
    acting = {str(page): list(found) for page in admin.site._registry.values() if (found := page.get_actions(request))}
    assert acting == {}
