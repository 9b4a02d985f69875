"""Writing who does what: cells of departments and people, activities beside the seven, templates."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from campaigns.actions import access, lifecycle, raci, raci_templates
from campaigns.choices import ActivityKind
from campaigns.models import Activity, AddedActivity, Campaign, RaciRole, RaciTemplate
from campaigns.permissions import can_change
from campaigns.queries.counts import with_my_letter
from campaigns.queries.grants import stored_grants, wanted_grants
from campaigns.queries.raci import cells_of, cells_of_template, matrix_of
from campaigns.rules.raci import against_average, flaws
from campaigns.tests.factories import DAY, NOW, lead_of, make_campaign, make_department, make_offer, make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


def set_by_lead(campaign, **cells):
    raci.set_matrix(campaign=campaign, by=lead_of(campaign.department), now=NOW, **cells)


def test_letters_and_those_who_answer_are_written():
    campaign = make_campaign()
    lead, other = lead_of(campaign.department), make_department()
    activity = campaign.activities.get(kind="messages")

    raci.set_matrix(
        campaign=campaign,
        by=lead,
        now=NOW,
        accountable={activity.code: lead_of(other)},
        roles={(activity.code, other.pk): "C", (activity.code, campaign.department_id): ""},
    )

    activity.refresh_from_db()
    assert activity.accountable == lead_of(other)
    assert list(activity.roles.values_list("letter", "department")) == [("C", other.pk)]
    assert Campaign.objects.visible(lead_of(other)).get() == campaign


def test_unknown_activities_and_letters_are_refused():
    campaign = make_campaign()
    lead = lead_of(campaign.department)
    with pytest.raises(ValidationError, match="does not have"):
        raci.set_matrix(campaign=campaign, by=lead, now=NOW, accountable={"window": lead})
    with pytest.raises(ValidationError, match="R, C or I"):
        raci.set_matrix(campaign=campaign, by=lead, now=NOW, roles={("sale", campaign.department_id): "A"})
    with pytest.raises(ValidationError, match="There is no activity"):
        raci.set_matrix(campaign=campaign, by=lead, now=NOW, added=["window"])
    assert not HistoryEntry.objects.filter(verb="raci").exists()


def test_who_has_left_the_house_cannot_answer():
    campaign = make_campaign()
    gone = make_user(is_active=False)
    activity = campaign.activities.first()

    with pytest.raises(ValidationError, match="no longer works here"):
        raci.set_matrix(
            campaign=campaign,
            by=lead_of(campaign.department),
            now=NOW,
            accountable={activity.code: gone},
            roles={},
        )


# People


@pytest.fixture
def crm():
    return make_department("CRM", members=[make_user("pau")])


def person_of(department, name="pau"):
    return department.memberships.get(user__username=name).user


def test_a_person_with_r_writes_until_they_leave_the_department(crm):
    campaign, pau = make_campaign(), person_of(crm)
    set_by_lead(campaign, people={("messages", pau.pk, crm.pk): "R"})
    assert can_change(pau, campaign)
    assert HistoryEntry.objects.get(verb="raci").changes == {"messages: pau (CRM)": [None, "R"]}
    access.leave(department=crm, user=pau, by=None, now=NOW)
    assert not can_change(pau, campaign)
    assert not Campaign.objects.visible(pau).exists()
    assert wanted_grants([campaign.pk]) == stored_grants([campaign.pk]).keys()
    # Who comes back finds the part again, as nobody took it away.
    access.join(department=crm, user=pau, is_lead=False, by=None, now=NOW)
    assert can_change(pau, campaign)


def test_a_letter_of_who_has_left_does_not_complete_an_activity(crm):
    campaign, pau = make_campaign(), person_of(crm)
    own = campaign.department_id
    set_by_lead(campaign, people={("messages", pau.pk, crm.pk): "R"}, roles={("messages", own): ""})
    make_offer(campaign)
    assert lifecycle.gaps_before_submit(campaign, now=NOW) == []
    access.leave(department=crm, user=pau, by=None, now=NOW)
    assert lifecycle.gaps_before_submit(campaign, now=NOW) == [
        "Nobody does “Write the messages”: give a department the R."
    ]
    (row,) = [row for row in matrix_of(campaign) if row.activity.kind == "messages"]
    assert ([role.user for role in row.left], row.people, row.flaws) == ([pau], [], ["no_r"])


def test_a_person_has_one_letter_in_an_activity_whatever_the_department(crm):
    campaign, pau = make_campaign(), person_of(crm)
    other = make_department("MKT", members=[pau])
    set_by_lead(campaign, people={("sale", pau.pk, crm.pk): "C"})
    set_by_lead(campaign, people={("sale", pau.pk, crm.pk): "", ("sale", pau.pk, other.pk): "R"})
    assert list(RaciRole.objects.filter(user=pau).values_list("letter", "department__code")) == [("R", "MKT")]
    # Taking away a letter that was given for another department takes nothing away.
    set_by_lead(campaign, people={("sale", pau.pk, crm.pk): ""})
    assert RaciRole.objects.filter(user=pau).count() == 1
    set_by_lead(campaign, people={("sale", pau.pk, other.pk): ""})
    assert not RaciRole.objects.filter(user=pau).exists()


def test_two_letters_for_one_person_in_an_activity_are_refused(crm):
    campaign, pau = make_campaign(), person_of(crm)
    other = make_department("MKT", members=[pau])
    cells = {("sale", pau.pk, crm.pk): "C", ("sale", pau.pk, other.pk): "R"}
    for _time in range(2):
        with pytest.raises(ValidationError, match="pau gets two letters in “Inform and close the sale”"):
            set_by_lead(campaign, people=cells)
        set_by_lead(campaign, people={("sale", pau.pk, crm.pk): "C"})
    assert RaciRole.objects.get(user=pau).letter == "C"


def test_what_was_given_for_a_department_that_one_has_left_is_nobodys_part(crm):
    campaign, pau = make_campaign(), person_of(crm)
    set_by_lead(campaign, people={("sale", pau.pk, crm.pk): "R"})
    (row,) = with_my_letter(Campaign.objects.filter(pk=campaign.pk), pau, set())
    assert row.my_r
    access.leave(department=crm, user=pau, by=None, now=NOW)
    (row,) = with_my_letter(Campaign.objects.filter(pk=campaign.pk), pau, set())
    assert not row.my_r


def test_a_letter_is_given_only_for_a_department_in_which_the_person_works(crm):
    campaign, stranger = make_campaign(), make_user("eva")
    with pytest.raises(ValidationError, match="does not work in that department"):
        set_by_lead(campaign, people={("sale", stranger.pk, crm.pk): "R"})
    assert not RaciRole.objects.filter(user__isnull=False).exists()


def test_a_judge_gets_no_r_by_name(crm):
    campaign, pau = make_campaign(), person_of(crm)
    access.add_reason([campaign.pk], user=pau, why="mediator K-1")
    with pytest.raises(ValidationError, match="Pau judges a case"):
        set_by_lead(campaign, people={("sale", pau.pk, crm.pk): "R"})
    assert not RaciRole.objects.filter(user=pau).exists()


def test_an_a_who_no_longer_works_here_keeps_a_campaign_from_being_submitted():
    gone, campaign = make_user("gone"), make_campaign()
    set_by_lead(campaign, accountable={"sale": gone})
    make_offer(campaign)
    assert lifecycle.gaps_before_submit(campaign, now=NOW) == []
    gone.is_active = False
    gone.save()
    assert lifecycle.gaps_before_submit(campaign, now=NOW) == [
        "Who answers for “Inform and close the sale” no longer works here: name another A."
    ]


# Activities beside the seven


@pytest.fixture
def window():
    return AddedActivity.objects.create(code="window", name="Dress the window")


def test_new_campaigns_begin_with_the_activities_that_are_not_retired(window):
    AddedActivity.objects.create(code="fax", name="Send faxes", is_retired=True)
    codes = [row.activity.code for row in matrix_of(make_campaign())]
    assert codes == [*ActivityKind.values, "window"]


def test_a_campaign_takes_up_an_activity_later_and_drops_it(crm):
    campaign = make_campaign()
    AddedActivity.objects.create(code="window", name="Dress the window")
    set_by_lead(campaign, added=["window"], roles={("window", crm.pk): "R"})
    assert Campaign.objects.visible(person_of(crm)).get() == campaign
    set_by_lead(campaign, added=[])
    assert not Campaign.objects.visible(person_of(crm)).exists()
    assert [entry.changes for entry in HistoryEntry.objects.filter(verb="raci").order_by("id")] == [
        {"window: activity": [None, "Dress the window"], "window: CRM": [None, "R"]},
        {"window: activity": ["Dress the window", None]},
    ]


def test_an_added_activity_without_r_is_a_gap(window):
    campaign = make_campaign()
    make_offer(campaign)
    set_by_lead(campaign, roles={("window", campaign.department_id): ""})
    assert lifecycle.gaps_before_submit(campaign, now=NOW) == [
        "Nobody does “Dress the window”: give a department the R."
    ]


@pytest.mark.parametrize("columns", [{"kind": ""}, {"kind": "dance"}, {"kind": "sale", "added": True}])
def test_an_activity_is_one_of_the_seven_or_an_added_one(window, columns):
    campaign = make_campaign()
    Activity.objects.filter(campaign=campaign).delete()
    columns = columns | ({"added": window} if columns.get("added") else {})
    with pytest.raises(IntegrityError, match="activity_is_one_of_the_seven_or_an_added_one"), transaction.atomic():
        Activity.objects.create(campaign=campaign, **columns)


def test_a_campaign_has_an_activity_once(window):
    campaign = make_campaign()
    for twice in ({"kind": "sale"}, {"added": window}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Activity.objects.create(campaign=campaign, **twice)


# Templates


def test_a_template_is_the_owners_for_the_next_campaign(crm):
    campaign, next_one = make_campaign(crm), make_campaign(make_department("MKT"))
    sales = make_department("SALES")
    pau = person_of(crm)
    set_by_lead(
        campaign,
        accountable={"sale": lead_of(sales), "messages": lead_of(crm), "service": pau},
        roles={("sale", sales.pk): "R", ("sale", crm.pk): "", ("products", sales.pk): "C"},
        people={("products", pau.pk, crm.pk): "C"},
    )
    template = raci_templates.keep(campaign=campaign, name="Standard", by=lead_of(crm), now=NOW)
    cells = cells_of_template(template, next_one.department)
    owner = next_one.department_id
    assert cells.accountable == {"messages": lead_of(next_one.department).pk, "sale": lead_of(sales).pk}
    assert cells.roles == {
        **{(kind, owner): "R" for kind in ActivityKind.values if kind != "sale"},
        ("products", sales.pk): "C",
        ("sale", sales.pk): "R",
    }
    assert cells.people == {}
    assert HistoryEntry.objects.get(subject="raci_template:Standard").changes == {"template of": [None, campaign.code]}


def test_a_template_for_a_campaign_of_a_department_that_it_names_keeps_what_is_said_by_name(crm):
    campaign, sales = make_campaign(crm), make_department("SALES")
    set_by_lead(campaign, roles={("sale", sales.pk): "C"})
    template = raci_templates.keep(campaign=campaign, name="Standard", by=lead_of(crm), now=NOW)
    assert cells_of_template(template, sales).roles["sale", sales.pk] == "C"


def test_a_template_is_kept_by_who_says_who_does_what_and_under_a_name_of_its_own(crm):
    campaign = make_campaign(crm)
    with pytest.raises(PermissionDenied):
        raci_templates.keep(campaign=campaign, name="Mine", by=person_of(crm), now=NOW)
    with pytest.raises(PermissionDenied):
        raci_templates.keep(campaign=campaign, name="Mine", by=lead_of(make_department()), now=NOW)
    raci_templates.keep(campaign=campaign, name="Standard", by=make_user("boss", is_superuser=True), now=NOW)
    for name in ("standard", " ", ""):
        with pytest.raises(ValidationError) as refused:
            raci_templates.keep(campaign=campaign, name=name, by=lead_of(crm), now=NOW)
        assert list(refused.value.message_dict) == ["name"]
    assert RaciTemplate.objects.count() == 1


def test_a_matrix_without_letters_is_no_template(crm):
    campaign = make_campaign(crm)
    RaciRole.objects.all().delete()
    with pytest.raises(ValidationError, match="Nobody has a part"):
        raci_templates.keep(campaign=campaign, name="Empty", by=lead_of(crm), now=NOW)
    assert not RaciTemplate.objects.exists()


def test_a_copy_leaves_out_who_has_left(crm):
    campaign, pau = make_campaign(crm, starts_on=DAY + timedelta(days=3)), person_of(crm)
    gone = make_user("gone")
    set_by_lead(campaign, people={("sale", pau.pk, crm.pk): "C"}, accountable={"sale": gone})
    gone.is_active = False
    gone.save()
    cells = cells_of(matrix_of(campaign))
    assert (cells.people, cells.accountable["sale"]) == ({("sale", pau.pk, crm.pk): "C"}, None)
    access.leave(department=crm, user=pau, by=None, now=NOW)
    assert cells_of(matrix_of(campaign)).people == {}


# Judgement


@pytest.mark.parametrize(
    ("accountable", "letters", "expected"),
    [
        (True, "R", []),
        (True, "", ["no_r"]),
        (False, "R", ["no_a"]),
        (False, "CI", ["no_a", "no_r"]),
        (True, "RCCCCC", []),
        (True, "RCCCCCC", ["many_c"]),
    ],
)
def test_flaws(accountable, letters, expected):
    assert flaws(has_accountable=accountable, letters=letters) == expected


def test_against_the_average():
    assert [against_average(number, [4, 2, 0]) for number in (4, 2, 0)] == [100, 0, -100]
    assert against_average(0, [0, 0]) is None
    assert against_average(0, []) is None
    assert [against_average(number, [1, 2]) for number in (1, 2)] == [-33, 33]
