"""Rights under two writers at the same moment. Row locks exist on PostgreSQL only, so it all runs there too."""

import pytest

from campaigns.actions import access, offers, raci
from campaigns.actions.import_dataset import import_dataset
from campaigns.choices import RaciLetter
from campaigns.models import Campaign
from campaigns.queries import grants
from campaigns.tests.dataset_folders import whole, write_csv
from campaigns.tests.factories import NOW, lead_of, make_campaign, make_department, make_offer, make_user
from customers.tests.races import held_open, paused_at, raised, together

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crm():
    """A department that a person is about to leave, and another about to join."""
    department = make_department("CRM", members=[make_user("leaving")])
    make_user("joining")
    return department


@pytest.fixture
def other(crm):
    """A campaign in which CRM has no part yet, by a lead who works there, too."""
    campaign = make_campaign(make_department("MKT"), "OTHER")
    access.join(department=crm, user=lead_of(campaign.department), is_lead=False, by=None, now=NOW)
    make_offer(campaign, "OTHER-1")
    return campaign


def person(username):
    return access.User.objects.get(username=username)


def plan(crm, other, tmp_path):
    make_campaign(crm, "NEW")


def name_in_raci(crm, other, tmp_path):
    cell = (other.activities.first().code, crm.pk)
    raci.set_matrix(campaign=other, by=other.accountable, now=NOW, roles={cell: RaciLetter.INFORMED})


def plan_offer(crm, other, tmp_path):
    offers.plan_offer(
        campaign=other,
        by=other.accountable,
        now=NOW,
        code="OTHER-2",
        fields={"name": "Second", "department": crm, "mechanic": "percent", "percent_off": 10},
    )


def hand_over_offer(crm, other, tmp_path):
    offers.change_offer(offer=other.offers.get(), by=other.accountable, now=NOW, fields={"department": crm})


def import_campaigns(crm, other, tmp_path):
    rows = [row for row in whole()["campaigns"] if row["department"] == "CRM"]
    import_dataset(write_csv(tmp_path / "campaigns", {"campaigns": rows}), by=None, now=NOW)


def import_offers(crm, other, tmp_path):
    row = whole()["offers"][1] | {
        "code": "OTHER-3",
        "campaign": "OTHER",
        "department": "CRM",
        "starts_on": other.starts_on.isoformat(),
        "ends_on": other.ends_on.isoformat(),
        "segments": "",
    }
    import_dataset(write_csv(tmp_path / "offers", {"offers": [row]}), by=None, now=NOW)


def leave(crm, *_others):
    access.leave(department=crm, user=person("leaving"), by=None, now=NOW)


def join(crm, *_others):
    access.join(department=crm, user=person("joining"), is_lead=False, by=None, now=NOW)


@pytest.mark.parametrize("membership", ["leaves first", "joins second"])
@pytest.mark.parametrize("change", [plan, name_in_raci, plan_offer, hand_over_offer, import_campaigns, import_offers])
def test_who_leaves_or_joins_a_department_while_it_gets_a_part_in_a_campaign(
    crm, other, tmp_path, change, membership, locked
):
    changing = lambda: change(crm, other, tmp_path)  # noqa: E731 - the pair reads best
    pair = [lambda: leave(crm), changing] if membership == "leaves first" else [changing, lambda: join(crm)]
    results = held_open(*pair, locked=locked)
    assert raised(results) == []
    assert (list(grants.find_problems()) == []) is locked
    if locked:
        part = Campaign.objects.exclude(code="OTHER").first() or other
        assert Campaign.objects.visible(person("leaving")).filter(pk=part.pk).exists() is (pair[0] is changing)
        assert Campaign.objects.visible(person("joining")).filter(pk=part.pk).exists() is (pair[0] is changing)


def test_a_right_given_while_another_recomputes_the_campaign_is_not_taken_again(crm, locked):
    """Roles read before somebody joins, grants read after: without the lock on the campaign theirs are deleted."""
    campaign, judge = make_campaign(crm), make_user("judge")
    results = paused_at(
        "campaigns_campaignuserobjectpermission",
        lambda: access.add_reason([campaign.pk], user=judge, why="mediator K-1"),
        lambda: join(crm),
        locked=locked,
    )
    assert raised(results) == []
    assert (list(grants.find_problems()) == []) is locked
    assert Campaign.objects.visible(judge).get() == campaign
    assert Campaign.objects.visible(person("joining")).exists() is locked


@pytest.mark.parametrize("number", range(2))
def test_reasons_come_and_go_while_people_join_and_leave(crm, other, number):
    """Each recomputes all rights of the campaign: whoever read before the other wrote must not undo it."""
    raci.set_matrix(
        campaign=other,
        by=other.accountable,
        now=NOW,
        roles={(activity.code, crm.pk): RaciLetter.INFORMED for activity in other.activities.all()},
    )
    judges, members = [make_user() for _ in range(3)], [make_user() for _ in range(3)]

    def judge(user):
        for _ in range(5):
            access.add_reason([other.pk], user=user, why="mediator K-1")
            access.drop_reason([other.pk], user=user, why="mediator K-1")

    def work(user):
        for _ in range(5):
            access.join(department=crm, user=user, is_lead=False, by=None, now=NOW)
            access.leave(department=crm, user=user, by=None, now=NOW)

    together(*(lambda user=user: judge(user) for user in judges), *(lambda user=user: work(user) for user in members))
    assert list(grants.find_problems()) == []
