"""Approving and editing against what may happen at the same moment, with the row locks and without."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from campaigns.actions import access, lifecycle, offers, planning
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Offer
from campaigns.queries.content import content_hashes
from campaigns.tests.factories import NOW, make_campaign, make_department, make_offer, make_user, submit
from customers.models import HistoryEntry
from customers.tests.races import held_open, paused_at, raised

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

# The first thing that approving writes, after all its checks.
CHECKED = 'UPDATE "campaigns_campaign"'


@pytest.fixture
def campaign():
    """Submitted, with one offer; its A does not lead the department, and a member may edit it."""
    department = make_department("MKT", members=[make_user("member")])
    campaign = make_campaign(department, "MKT-1", accountable=make_user("answers"))
    make_offer(campaign, "MKT-1-A")
    return submit(campaign)


def approve(campaign):
    shown = content_hashes([campaign.pk])[campaign.pk]
    return lambda: lifecycle.approve(campaign=campaign, posted_hash=shown, by=campaign.accountable, now=NOW)


def edit(campaign, by="member"):
    user, offer = access.User.objects.get(username=by), campaign.offers.get()
    return lambda: offers.change_offer(offer=offer, by=user, now=NOW, fields={"percent_off": 20})


def steps(*verbs):
    """In the order of commits."""
    return list(HistoryEntry.objects.filter(verb__in=verbs).order_by("seq").values_list("verb", flat=True))


def approved_unseen(campaign):
    campaign.refresh_from_db()
    content = content_hashes([campaign.pk])[campaign.pk]
    return campaign.status == CampaignStatus.APPROVED and campaign.approved_hash != content


def test_an_edit_right_after_the_check_of_an_approval_voids_it(campaign, locked):
    results = paused_at(CHECKED, approve(campaign), edit(campaign), locked=locked)
    assert raised(results) == []
    assert approved_unseen(campaign) is not locked
    if locked:
        assert (campaign.status, steps("approve", "void")) == (CampaignStatus.SUBMITTED, ["approve", "void"])


def test_an_approval_waits_for_an_edit_and_then_refuses_what_was_not_shown(campaign, locked):
    results = held_open(edit(campaign), approve(campaign), locked=locked)
    assert [type(error) for error in raised(results)] == ([ValidationError] if locked else [])
    assert approved_unseen(campaign) is not locked
    assert campaign.status == (CampaignStatus.SUBMITTED if locked else CampaignStatus.APPROVED)


def revoke(campaign):
    """The department's lead names another A."""
    lead, other = campaign.department.memberships.get(is_lead=True).user, make_user("another")
    return lambda: planning.change_campaign(campaign=campaign, by=lead, now=NOW, accountable=other)


def test_nobody_approves_after_another_has_become_the_a(campaign, locked):
    before = steps("approve", "change")
    results = paused_at(CHECKED, approve(campaign), revoke(campaign), locked=locked)
    assert raised(results) == []
    assert steps("approve", "change") == before + (["approve", "change"] if locked else ["change", "approve"])


def test_an_approval_waits_for_another_to_become_the_a(campaign, locked):
    results = held_open(revoke(campaign), approve(campaign), locked=locked)
    assert [type(error) for error in raised(results)] == ([PermissionDenied] if locked else [])
    campaign.refresh_from_db()
    assert campaign.status == (CampaignStatus.SUBMITTED if locked else CampaignStatus.APPROVED)


def leave(campaign):
    member = access.User.objects.get(username="member")
    return lambda: access.leave(department=campaign.department, user=member, by=None, now=NOW)


def test_nobody_edits_after_having_left_the_department(campaign, locked):
    results = paused_at('UPDATE "campaigns_offer"', edit(campaign), leave(campaign), locked=locked)
    assert raised(results) == []
    assert steps("change", "leave") == (["change", "leave"] if locked else ["leave", "change"])


def test_an_edit_waits_for_its_author_to_leave_and_is_refused(campaign, locked):
    results = held_open(leave(campaign), edit(campaign), locked=locked)
    assert [type(error) for error in raised(results)] == ([PermissionDenied] if locked else [])
    assert Offer.objects.get().percent_off == (10 if locked else 20)


def test_two_who_edit_one_offer_do_not_overwrite_each_other(campaign, locked):
    other = campaign.department.memberships.get(is_lead=True).user
    rename = lambda: offers.change_offer(  # noqa: E731
        offer=campaign.offers.get(), by=other, now=NOW, fields={"name": "Renamed"}
    )
    results = paused_at('UPDATE "campaigns_offer"', edit(campaign), rename, locked=locked)
    assert raised(results) == []
    offer = Offer.objects.get()
    assert offer.percent_off == 20
    assert ((offer.name, offer.version) == ("Renamed", 3)) is locked
    assert Campaign.objects.get().status == CampaignStatus.SUBMITTED
