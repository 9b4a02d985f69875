import pytest

from campaigns.actions import access, raci
from campaigns.actions.collisions import refresh
from campaigns.models import Campaign, Collision, Offer
from campaigns.permissions import can_change
from campaigns.rules.access import CHANGE, VIEW, Parts, wanted
from campaigns.tests.factories import (
    NOW,
    lead_of,
    make_campaign,
    make_colliding_pair,
    make_department,
    make_offer,
    make_products,
    make_segment,
    make_user,
    submit,
)

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
    raci.set_matrix(campaign=campaign, by=lead, now=NOW, roles={(activity.code, other.pk): "I"})
    check()
    assert Campaign.objects.visible(lead_of(other)).exists()
    assert not can_change(lead_of(other), campaign)
    raci.set_matrix(campaign=campaign, by=lead, now=NOW, roles={(activity.code, other.pk): ""})
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
def test_a_right_goes_with_its_campaign_and_is_not_one_on_the_next_of_that_number():
    campaign, reader = make_campaign(), make_user()
    access.add_reason([campaign.pk], user=reader, why="mediator K-1")
    Campaign.objects.filter(pk=campaign.pk).delete()
    campaign.save(force_insert=True)
    assert Campaign.objects.filter(pk=campaign.pk).exists()
    assert not Campaign.objects.visible(reader).exists()


@pytest.mark.django_db
def test_administrators_read_every_plan_and_write_none():
    campaign, administrator = make_campaign(), make_user(is_superuser=True)

    assert Campaign.objects.visible(administrator).get() == campaign
    assert not can_change(administrator, campaign)


def give(campaign, letter, **whom):
    """A letter in the first activity of a campaign, to a department or a person."""
    campaign.activities.first().roles.create(letter=letter, **whom)
    access.reconcile([campaign.pk])


@pytest.fixture
def dispute(db):
    """Two campaigns that collide, as their offers."""
    ours, theirs = make_colliding_pair()
    refresh(offer_ids=[ours.pk, theirs.pk], now=NOW)
    return ours, theirs


def sees(person):
    return Collision.objects.visible(person).exists()


@pytest.mark.parametrize("letter", ["C", "I"])
def test_who_is_told_of_one_side_sees_its_plan_and_not_its_collisions(dispute, letter):
    ours, theirs = dispute
    third = make_department("THIRD")
    give(ours.campaign, letter, department=third)
    assert Campaign.objects.visible(lead_of(third)).get() == ours.campaign
    assert not sees(lead_of(third))

    give(theirs.campaign, letter, department=third)
    assert sees(lead_of(third))


def test_the_parties_of_a_collision_see_it_from_either_side(dispute):
    for offer in dispute:
        member, accountable, contact, hand = (make_user() for _ in range(4))
        access.join(department=offer.campaign.department, user=member, is_lead=False, by=None, now=NOW)
        give(offer.campaign, "R", department=make_department(members=[hand]), user=hand)
        Campaign.objects.filter(pk=offer.campaign_id).update(accountable=accountable, contact_person=contact)
        for person in (member, accountable, contact, hand):
            assert sees(person)
        member.is_active = False
        member.save()
        hand.is_staff = False
        hand.save()
        assert not sees(member)
        assert not sees(hand)


@pytest.mark.django_db
def test_a_department_sees_the_collisions_of_its_own_offer_in_anothers_campaign():
    guest = make_department("GUEST")
    segment, products = make_segment(numbers=range(5)), make_products(2)
    host, rival = make_campaign(), make_campaign()
    of_guest = make_offer(host, segments=[segment], products=products, department=guest)
    of_host = make_offer(host, segments=[segment], products=products)
    against = make_offer(rival, segments=[segment], products=products)
    for campaign in (host, rival):
        submit(campaign)
    refresh(offer_ids=[of_guest.pk, of_host.pk, against.pk], now=NOW)
    assert Collision.objects.visible(lead_of(host.department)).count() == 3
    guests = Collision.objects.visible(lead_of(guest))
    assert guests.count() == 2
    assert all(of_guest.pk in pair for pair in guests.values_list("offer_a", "offer_b"))


def test_a_mediator_sees_what_they_decide_and_nobody_sees_it_by_one_half(dispute):
    ours, theirs = dispute
    mediator = make_user()
    access.add_reason([ours.campaign_id], user=mediator, why="mediator K-1")
    assert not sees(mediator)
    access.add_reason([theirs.campaign_id], user=mediator, why="mediator K-1")
    assert sees(mediator)
    access.drop_reason([ours.campaign_id, theirs.campaign_id], user=mediator, why="mediator K-1")
    assert not sees(mediator)
    assert sees(make_user(is_superuser=True))


def test_what_a_person_sees_of_collisions_is_asked_in_one_statement(dispute, django_assert_num_queries):
    person = lead_of(dispute[0].department)
    assert sees(person)
    for _ in range(4):
        make_colliding_pair()
    with django_assert_num_queries(1):
        assert len(Collision.objects.visible(person)) == 1
