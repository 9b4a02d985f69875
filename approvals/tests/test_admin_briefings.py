"""The pages of briefings: the list, each version, and what was read."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals.actions import briefings
from approvals.models import BriefingRead, StaffProfile
from approvals.tests.builders import NOW
from campaigns.actions import planning
from campaigns.models import Campaign
from campaigns.tests import factories as make
from customers.tests.api import client_of, refused
from customers.tests.pages import queries_of, signed_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:approvals_briefing_changelist")


@pytest.fixture
def campaign():
    start = timezone.localdate() + timedelta(days=9)
    return make_approved(make.make_department("CRM"), "CRM-1", what="Say hello", starts_on=start, goal="CANARYSECRET")


@pytest.fixture
def clerk():
    return make.make_user("clerk")


def make_approved(department, code, **brief):
    one = make.make_campaign(department, code, **brief)
    make.make_offer(one, f"{code}-A", name=f"Offer of {code}")
    return release(one)


def release(one):
    make.approve(one)
    briefings.release([one.pk], tell=False, now=NOW)
    return Campaign.objects.get(pk=one.pk)


def page(one, name="of", *more):
    return reverse(f"admin:approvals_briefing_{name}", args=[one.pk, *more])


def text_of(client, address):
    return client.get(address).content.decode()


def test_a_clerk_finds_it_reads_it_and_says_so(campaign, clerk):
    client = signed_in(clerk)
    assert page(campaign) in text_of(client, LIST)
    assert "1 is new to you." in text_of(client, LIST)
    text = text_of(client, page(campaign))
    assert "Say hello" in text
    assert "Offer of CRM-1" in text
    assert "CANARYSECRET" not in text
    assert "Do not offer it before its first day." in text
    assert not BriefingRead.objects.exists()
    answer = client.post(page(campaign, "read"), {"version": "1"})
    assert (answer.status_code, answer.url) == (302, LIST)
    assert "new to you" not in text_of(client, LIST)
    assert "You have read it" in text_of(client, page(campaign))


@pytest.mark.parametrize("version", ["", "2", "²", "x", "9" * 40])
def test_a_version_that_is_none_marks_nothing(campaign, clerk, version):
    client = signed_in(clerk)
    assert client.post(page(campaign, "read"), {"version": version}).status_code == 302
    assert not BriefingRead.objects.exists()


def test_all_are_marked_with_one_button_and_looking_marks_none(campaign, clerk):
    client = signed_in(clerk)
    for name in ("read", "read_all"):
        address = page(campaign, name) if name == "read" else reverse("admin:approvals_briefing_read_all")
        assert client.get(address).status_code == 405
    assert not BriefingRead.objects.exists()
    assert client.post(reverse("admin:approvals_briefing_read_all")).status_code == 302
    assert BriefingRead.objects.get().user == clerk


def test_older_versions_keep_their_address(campaign, clerk):
    planning.change_campaign(campaign=campaign, by=campaign.accountable, now=NOW, what="Say goodbye")
    release(campaign)
    client = signed_in(clerk)
    text = text_of(client, page(campaign))
    assert "What changed since the version before" in text
    assert page(campaign, "version", 1) in text
    old = text_of(client, page(campaign, "version", 1))
    assert "It no longer counts." in old
    assert "Say goodbye" not in old
    assert client.get(page(campaign, "version", 3)).status_code == 404


def test_before_the_approval_a_preview_for_who_reads_the_plan(clerk):
    draft = make.make_campaign(make.make_department("CRM"), "CRM-1", what="Say hello")
    assert signed_in(clerk).get(page(draft)).status_code == 404
    text = text_of(signed_in(draft.accountable), page(draft))
    assert "Only who reads the plan sees this page." in text
    assert "I have read it" not in text


@pytest.mark.parametrize(
    ("status", "words"), [("paused", "until you hear"), ("ended", "any more"), ("cancelled", "any more")]
)
def test_what_must_not_be_offered_says_so(campaign, clerk, status, words):
    Campaign.objects.update(status=status)
    assert f"Do not offer it {words}" in text_of(signed_in(clerk), page(campaign))


def test_one_or_thirty_campaigns_take_as_many_queries(campaign, clerk):
    client, program = signed_in(clerk), client_of(clerk)
    addresses = [(client, LIST), (client, page(campaign)), (program, "/api/v1/briefings/")]
    addresses.append((program, f"/api/v1/briefings/{campaign.pk}/"))
    make_approved(campaign.department, "CRM-0", starts_on=campaign.starts_on)
    before = [queries_of(*one) for one in addresses]
    for number in range(29):
        make_approved(campaign.department, f"CRM-{number + 2}", starts_on=campaign.starts_on)
    assert [queries_of(*one) for one in addresses] == before


def test_subscribing_in_my_settings(clerk):
    client, address = signed_in(clerk), reverse("admin:approvals_staffprofile_changelist")
    client.post(address, {"language": "en", "gets_briefings": "on"})
    assert StaffProfile.objects.get(user=clerk).gets_briefings
    assert "checked" in text_of(client, address)
    client.post(address, {"language": "en"})
    assert not StaffProfile.objects.get(user=clerk).gets_briefings


def test_a_program_reads_and_marks(campaign, clerk):
    program = client_of(clerk)
    (line,) = program.get("/api/v1/briefings/").json()["results"]
    assert (line["id"], line["version"], line["is_new"]) == (campaign.pk, 1, True)
    one = program.get(f"/api/v1/briefings/{campaign.pk}/").json()
    assert (one["what"], one["status"], one["is_read"]) == ("Say hello", "approved", False)
    assert one["offers"][0]["terms"] == "10 % off"
    assert "CANARYSECRET" not in str(one)
    address = f"/api/v1/briefings/{campaign.pk}/read/"
    refused(program.post(address, {"version": 2}), 400, **{"/version": "invalid"})
    assert not BriefingRead.objects.exists()
    assert program.post(address, {"version": 1}).json()["is_read"]
    assert not program.get("/api/v1/briefings/").json()["results"][0]["is_new"]
    assert program.post("/api/v1/briefings/read/").json() == {"marked": 0}
    assert program.get(f"/api/v1/briefings/{campaign.pk}/?version=2").status_code == 404
    assert program.get(f"/api/v1/briefings/{campaign.pk}/?version=²").status_code == 404


def test_a_program_subscribes(clerk):
    program = client_of(clerk)
    assert program.patch("/api/v1/me/", {"gets_briefings": True}).json()["gets_briefings"]
    assert StaffProfile.objects.get(user=clerk).gets_briefings
