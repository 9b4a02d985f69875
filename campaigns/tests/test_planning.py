from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from campaigns.actions import access, lifecycle, offers, planning, raci
from campaigns.models import Activity, Campaign, RaciRole
from campaigns.tests.factories import (
    DAY,
    NOW,
    agreed,
    approve,
    lead_of,
    make_campaign,
    make_department,
    make_offer,
    make_user,
)
from customers.models import Event, HistoryEntry

pytestmark = pytest.mark.django_db


def test_plan_campaign_makes_a_draft_with_seven_activities_done_by_its_department():
    department = make_department()

    campaign = make_campaign(department)

    assert campaign.status == "draft"
    assert campaign.accountable == lead_of(department)
    assert Activity.objects.filter(campaign=campaign).count() == 7
    roles = RaciRole.objects.filter(activity__campaign=campaign)
    assert {(role.letter, role.department_id) for role in roles} == {("R", department.pk)}
    assert list(HistoryEntry.objects.filter(scope=f"campaign:{campaign.code}").values_list("verb", flat=True)) == [
        "plan"
    ]


def test_plan_campaign_is_refused_to_whoever_does_not_lead_the_department():
    department = make_department(members=[member := make_user()])

    for somebody in (member, make_user(), make_user(is_superuser=True)):
        with pytest.raises(PermissionDenied):
            planning.plan_campaign(
                by=somebody,
                now=NOW,
                code="X",
                name="X",
                department=department,
                starts_on=DAY,
                ends_before=DAY + timedelta(days=1),
            )
    assert not Campaign.objects.exists()


def test_plan_campaign_refuses_dates_that_end_before_they_start():
    with pytest.raises(ValidationError, match="last day is before the first"):
        make_campaign(days=0)
    assert not Campaign.objects.exists()


def test_database_refuses_reversed_dates():
    campaign = make_campaign()
    with pytest.raises(IntegrityError, match="campaign_ends_after_it_starts"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(ends_before=campaign.starts_on)


def test_change_campaign_writes_what_changed_and_nothing_when_nothing_did():
    campaign = make_campaign(name="Before")
    lead = lead_of(campaign.department)

    planning.change_campaign(campaign=campaign, by=lead, now=NOW, name="After", reason="clearer")
    planning.change_campaign(campaign=campaign, by=lead, now=NOW, name="After")

    campaign.refresh_from_db()
    assert campaign.name == "After"
    entry = HistoryEntry.objects.get(verb="change")
    assert (entry.actor, entry.changes, entry.reason) == (
        lead.username,
        {"name": ["Before", "After"]},
        "clearer",
    )


def test_change_campaign_is_refused_to_other_departments_and_changes_nothing():
    campaign = make_campaign(name="Before")
    other = lead_of(make_department())

    with pytest.raises(PermissionDenied):
        planning.change_campaign(campaign=campaign, by=other, now=NOW, name="After")

    campaign.refresh_from_db()
    assert campaign.name == "Before"
    assert not HistoryEntry.objects.filter(verb="change").exists()


def test_a_change_of_approved_content_voids_the_approval():
    campaign = make_campaign()
    make_offer(campaign)
    approve(campaign)

    planning.change_campaign(campaign=campaign, by=lead_of(campaign.department), now=NOW, what="Something else")

    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_hash) == ("submitted", "")


def test_a_change_that_nobody_signed_keeps_the_approval():
    campaign = make_campaign()
    make_offer(campaign)
    approve(campaign)

    planning.change_campaign(campaign=campaign, by=lead_of(campaign.department), now=NOW, contact_person=make_user())

    campaign.refresh_from_db()
    assert campaign.status == "approved"


def test_a_live_campaign_is_not_edited():
    campaign = make_campaign(starts_on=DAY, name="Before")
    make_offer(campaign)
    approve(campaign)
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    campaign.refresh_from_db()
    assert campaign.status == "live"

    with pytest.raises(ValidationError, match="Pause it first"):
        planning.change_campaign(campaign=campaign, by=lead_of(campaign.department), now=NOW, name="After")

    campaign.refresh_from_db()
    assert campaign.name == "Before"


def test_every_change_of_offers_tells_detection():
    campaign = make_campaign()
    offer = make_offer(campaign)

    assert Event.objects.filter(topic="offer.changed").get().payload == {"offers": [offer.pk]}


def test_who_does_a_part_does_not_make_themselves_the_a():
    """Everybody in the department does (R) its campaigns: otherwise any member could approve any plan."""
    department = make_department(members=[member := make_user()])
    campaign = make_campaign(department)
    for fields in ({"accountable": member}, {"accountable": None}):
        with pytest.raises(ValidationError, match="names another A"):
            planning.change_campaign(campaign=campaign, by=member, now=NOW, **fields)
    campaign.refresh_from_db()
    assert campaign.accountable == lead_of(department)
    assert planning.change_campaign(campaign=campaign, by=member, now=NOW, what="Still theirs to write").what
    planning.change_campaign(campaign=campaign, by=lead_of(department), now=NOW, accountable=member)
    # The present A passes it on, lead or not.
    planning.change_campaign(campaign=campaign, by=member, now=NOW, accountable=lead_of(department))


def test_the_matrix_is_written_by_the_lead_and_the_a_alone():
    department, other = make_department(members=[member := make_user()]), make_department()
    campaign = make_campaign(department)
    cell = {(campaign.activities.first().code, other.pk): "R"}
    with pytest.raises(PermissionDenied):
        raci.set_matrix(campaign=campaign, by=member, now=NOW, roles=cell)
    assert not RaciRole.objects.filter(department=other).exists()
    raci.set_matrix(campaign=campaign, by=lead_of(department), now=NOW, roles=cell)
    # Who was given a part cannot give parts.
    with pytest.raises(PermissionDenied):
        raci.set_matrix(campaign=campaign, by=lead_of(other), now=NOW, roles=cell)


def test_who_judges_a_case_of_the_campaign_gets_no_part_in_it():
    """A part would take the case from the judge: a party would choose who decides."""
    campaign, judge = make_campaign(), make_user("marta")
    lead, activity = lead_of(campaign.department), campaign.activities.first()
    theirs = make_department(members=[judge])
    access.add_reason([campaign.pk], user=judge, why="mediator K-1")
    for part in ("accountable", "contact_person"):
        with pytest.raises(ValidationError, match="Marta judges a case") as refused:
            planning.change_campaign(campaign=campaign, by=lead, now=NOW, **{part: judge})
        assert part in refused.value.message_dict
    for named in (
        {"accountable": {activity.code: judge}, "roles": {}},
        {"accountable": {}, "roles": {(activity.code, theirs.pk): "R"}},
    ):
        with pytest.raises(ValidationError, match="Marta judges a case"):
            raci.set_matrix(campaign=campaign, by=lead, now=NOW, **named)
    campaign.refresh_from_db()
    assert (campaign.accountable, campaign.contact_person) == (lead, None)
    assert not RaciRole.objects.filter(department=theirs).exists()
    access.drop_reason([campaign.pk], user=judge, why="mediator K-1")
    assert planning.change_campaign(campaign=campaign, by=lead, now=NOW, contact_person=judge).contact_person == judge


def test_a_campaign_keeps_its_offers_within_its_days():
    campaign = make_campaign()
    lead, offer = lead_of(campaign.department), make_offer(campaign, "C-1")
    for narrower in (
        {"starts_on": campaign.starts_on + timedelta(days=1)},
        {"ends_before": campaign.ends_before - timedelta(days=1)},
    ):
        with pytest.raises(ValidationError, match="outside these days: C-1"):
            planning.change_campaign(campaign=campaign, by=lead, now=NOW, **narrower)
    stored = Campaign.objects.get(pk=campaign.pk)
    assert (stored.starts_on, stored.ends_before) == (offer.starts_on, offer.ends_before)
    offers.withdraw_offers(offers=[offer], by=lead, now=NOW, reason="No stock")
    planning.change_campaign(campaign=campaign, by=lead, now=NOW, starts_on=campaign.starts_on + timedelta(days=1))
