import pytest

from campaigns.actions import access, planning
from campaigns.models import Campaign, Collision, Offer
from campaigns.permissions import can_change
from campaigns.rules.access import CHANGE, VIEW, Parts, wanted
from campaigns.tests.factories import NOW, lead_of, make_campaign, make_department, make_offer, make_user

MEMBERS = {1: [11, 12], 2: [21, 22], 3: [31]}
LEADS = {1: [11], 2: [21], 3: [31]}


def grants(**parts):
    return wanted(Parts(department=1, **parts), MEMBERS, LEADS)


def test_the_owning_department_reads_and_its_leads_write():
    assert grants() == {(11, VIEW), (12, VIEW), (11, CHANGE)}


@pytest.mark.parametrize(
    ("parts", "more"),
    [
        ({"accountable": [9]}, {(9, VIEW), (9, CHANGE)}),
        ({"contact": [9]}, {(9, VIEW)}),
        ({"offer_departments": [2]}, {(21, VIEW), (22, VIEW)}),
        ({"responsible_departments": [3]}, {(31, VIEW), (31, CHANGE)}),
        ({"responsible_people": [9]}, {(9, VIEW), (9, CHANGE)}),
        ({"other_departments": [3]}, {(31, VIEW)}),
        ({"other_people": [9]}, {(9, VIEW)}),
        ({"reasons": [9]}, {(9, VIEW)}),
    ],
)
def test_each_part_grants_exactly_its_own(parts, more):
    assert grants(**parts) - grants() == more


def stored(campaign):
    return set(access.stored_grants([campaign.pk]))


@pytest.mark.django_db
def test_stored_grants_follow_every_change_of_raci_and_membership():
    campaign = make_campaign()
    department, other = campaign.department, make_department()
    lead, newcomer = lead_of(department), make_user()
    activity = campaign.activities.first()

    def check():
        assert stored(campaign) == access.wanted_grants([campaign.pk])

    check()
    access.join(department=department, user=newcomer, is_lead=False, by=None, now=NOW)
    check()
    assert Campaign.objects.visible(newcomer).exists()
    planning.set_raci(campaign=campaign, by=lead, now=NOW, accountable={}, roles={(activity.pk, other.pk): "I"})
    check()
    assert Campaign.objects.visible(lead_of(other)).exists()
    assert not can_change(lead_of(other), campaign)
    planning.set_raci(campaign=campaign, by=lead, now=NOW, accountable={}, roles={(activity.pk, other.pk): ""})
    check()
    assert not Campaign.objects.visible(lead_of(other)).exists()
    access.leave(department=department, user=newcomer, by=None, now=NOW)
    check()
    assert not Campaign.objects.visible(newcomer).exists()


@pytest.mark.django_db
def test_two_reasons_share_a_grant_and_it_goes_with_the_last():
    campaign, mediator = make_campaign(), make_user()
    access.add_reason([campaign.pk], user=mediator, why="mediator K-1")
    access.add_reason([campaign.pk], user=mediator, why="mediator K-2")

    access.drop_reason([campaign.pk], user=mediator, why="mediator K-1")
    assert Campaign.objects.visible(mediator).exists()
    access.drop_reason([campaign.pk], user=mediator, why="mediator K-2")
    assert not Campaign.objects.visible(mediator).exists()


@pytest.mark.django_db
def test_a_stranger_a_deactivated_member_and_a_model_wide_permission_see_nothing():
    from django.contrib.auth.models import Permission

    member = make_user()
    campaign = make_campaign(make_department(members=[member]))
    make_offer(campaign)
    stranger = make_user()
    stranger.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    assert Offer.objects.visible(member).count() == 1

    assert not Campaign.objects.visible(stranger).exists()
    assert not Offer.objects.visible(stranger).exists()
    assert not Collision.objects.visible(stranger).exists()

    member.is_active = False
    member.save()
    assert not Campaign.objects.visible(member).exists()


@pytest.mark.django_db
def test_administrators_read_every_plan_and_write_none():
    campaign, administrator = make_campaign(), make_user(is_superuser=True)

    assert Campaign.objects.visible(administrator).get() == campaign
    assert not can_change(administrator, campaign)
