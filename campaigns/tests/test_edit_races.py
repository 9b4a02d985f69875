"""Editing against what may happen at the same moment, with the row locks and without."""

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.actions import access, offers
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Offer
from campaigns.tests.factories import NOW, make_campaign, make_department, make_offer, make_user, submit
from customers.models import HistoryEntry
from customers.tests.races import held_open, paused_at, raised

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign():
    """Submitted, with one offer, and a member who may edit it."""
    department = make_department("MKT", members=[make_user("member")])
    campaign = make_campaign(department, "MKT-1")
    make_offer(campaign, "MKT-1-A")
    return submit(campaign)


def edit(campaign, by="member"):
    user, offer = access.User.objects.get(username=by), campaign.offers.get()
    return lambda: offers.change_offer(offer=offer, by=user, now=NOW, fields={"percent_off": 20})


def steps(*verbs):
    """In the order of commits."""
    return list(HistoryEntry.objects.filter(verb__in=verbs).order_by("seq").values_list("verb", flat=True))


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
