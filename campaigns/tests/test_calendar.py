"""Which cards somebody asked for, and which collisions they are told of."""

from datetime import timedelta

import pytest

from campaigns.actions import access, lifecycle
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision
from campaigns.queries import calendar
from campaigns.rules.calendar import Filters, Window, Zoom
from campaigns.tests import factories as make
from campaigns.tests.found import find, offers_of

pytestmark = pytest.mark.django_db

WEEK = Window.around(Zoom.WEEK, make.DAY + timedelta(days=14))
LEAD = make.lead_of


def codes(user, start=make.DAY, end=make.DAY + timedelta(days=90), **chosen):
    rows = calendar.cards_between(start, end, Filters(**chosen), user)
    return [campaign.code for campaign in rows]


@pytest.fixture
def crm():
    return make.make_department("CRM")


def test_the_first_and_the_last_day_count_and_the_days_beside_do_not(crm):
    day = make.DAY + timedelta(days=10)
    make.make_campaign(crm, "C", starts_on=day, days=3)
    one = timedelta(days=1)
    seen = [codes(LEAD(crm), day + n * one, day + (n + 1) * one) for n in (-1, 0, 2, 3)]
    assert seen == [[], ["C"], ["C"], []]


def test_filters_narrow_one_another(crm):
    mail, shop = make.make_channel("mail"), make.make_channel("shop")
    other = make.make_department("MKT")
    plans = {code: make.make_campaign(department, code) for code, department in (("A", crm), ("B", crm), ("C", other))}
    make.make_offer(plans["A"], channels=[mail])
    make.make_offer(plans["B"], channels=[shop])
    make.make_offer(plans["C"])
    make.make_campaign(crm, "Bare")
    make.submit(plans["A"])
    lead = LEAD(crm)
    assert codes(lead) == ["A", "B", "C", "Bare"]
    assert codes(lead, departments=("CRM",)) == ["A", "B", "Bare"]
    assert codes(lead, departments=("CRM", "MKT"), statuses=("draft",)) == ["B", "C", "Bare"]
    # What names no channel runs on all; what has no offer on none.
    assert codes(lead, channels=("mail",)) == ["A", "C"]
    assert codes(lead, channels=("mail", "shop")) == ["A", "B", "C"]
    assert codes(lead, channels=("mail",), departments=("CRM",)) == ["A"]
    assert codes(lead, mine=True) == ["A", "B", "Bare"]
    assert codes(lead, departments=("none",)) == []


def test_a_withdrawn_offer_and_a_cancelled_campaign_are_on_no_channel_and_no_calendar(crm):
    mail = make.make_channel("mail")
    campaign = make.make_campaign(crm, "A")
    offer = make.make_offer(campaign, channels=[mail])
    make.make_offer(campaign, channels=[make.make_channel("shop")])
    type(offer).objects.filter(pk=offer.pk).update(withdrawn_at=make.NOW)
    assert codes(LEAD(crm), channels=("mail",)) == []
    assert codes(LEAD(crm)) == ["A"]
    lifecycle.cancel(campaign=campaign, by=LEAD(crm), now=make.NOW, reason="No")
    assert codes(LEAD(crm)) == []


def told(user):
    counts = calendar.collisions_of_cards(Campaign.objects.values_list("pk", flat=True), user)
    return {Campaign.objects.get(pk=pk).code: number for pk, number in counts.items()}


def of_week(user, cards=None):
    return calendar.collisions_of_columns(WEEK.columns, user, cards)


def test_parties_are_told_of_a_collision_on_both_bars_and_others_of_nothing(echo):
    first, second, third = offers_of("A", "B", "C")
    find(first, second, starts_on=WEEK.start, ends_before=WEEK.start + timedelta(days=2))
    root = make.make_user("root", is_superuser=True)
    for user in (LEAD(first.department), LEAD(second.department), root):
        assert told(user) == {"A-1": 1, "B-1": 1}
        assert of_week(user) == [1, 1, 0, 0, 0, 0, 0]
        assert codes(user, collisions=True) == ["A-1", "B-1"]
    stranger = LEAD(third.department)
    assert told(stranger) == {}
    assert of_week(stranger) == [0] * 7
    assert codes(stranger, collisions=True) == []


def test_who_reads_both_plans_is_told_but_of_a_third_only_if_they_read_it_too(echo):
    first, second, third = offers_of("A", "B", "C")
    find(first, second, third)
    reader = make.make_user("reader")
    for offer in (first, second):
        access.add_reason([offer.campaign_id], user=reader, why="case:K-1")
    assert told(reader) == {"A-1": 1, "B-1": 1}
    assert codes(reader, collisions=True) == ["A-1", "B-1"]
    access.add_reason([third.campaign_id], user=reader, why="case:K-1")
    assert told(reader) == {"A-1": 1, "B-1": 1, "C-1": 1}


def test_a_party_is_told_of_all_others(echo):
    first, second, third = offers_of("A", "B", "C")
    find(first, second, third)
    for offer in (first, second, third):
        assert told(LEAD(offer.department)) == {"A-1": 1, "B-1": 1, "C-1": 1}


def test_what_is_decided_or_only_noted_is_not_open(echo):
    first, second = offers_of("A", "B")
    row = find(first, second)
    Collision.objects.filter(pk=row.pk).update(level="note")
    assert told(LEAD(first.department)) == {}
    Collision.objects.filter(pk=row.pk).update(level="high", state=CollisionState.CLEARED)
    assert told(LEAD(first.department)) == {}


def test_columns_count_what_stands_in_the_chosen_cards_alone(echo):
    first, second, third = offers_of("A", "B", "C")
    days = {"starts_on": WEEK.start, "ends_before": WEEK.start + timedelta(days=1)}
    find(first, second, **days)
    find(second, third, **days)
    user = LEAD(second.department)
    chosen = calendar.cards_between(make.DAY, WEEK.end, Filters(departments=("A",)), user)
    assert of_week(user)[0] == 2
    assert of_week(user, chosen)[0] == 1


def test_a_department_shows_its_first_and_how_many_there_are(crm):
    for number in range(5):
        make.make_campaign(crm, f"C{number}", starts_on=make.DAY + timedelta(days=20 - number))
    make.make_campaign(make.make_department("Art"), "Other")
    cards = calendar.cards_between(make.DAY, make.DAY + timedelta(days=90), Filters(), LEAD(crm))
    groups = calendar.groups(cards, user=LEAD(crm), departments=set(), most=2)
    assert [(group.name, group.total) for group in groups] == [("Art", 1), ("Crm", 5)]
    assert [card.campaign.code for card in groups[1].cards] == ["C4", "C3"]
