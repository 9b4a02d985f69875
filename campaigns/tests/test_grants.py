"""check_permissions names every stored right that does not follow from the roles, and puts it right."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from campaigns.actions import access
from campaigns.models import (
    Campaign,
    CampaignGroupObjectPermission,
    CampaignUserObjectPermission,
    Membership,
)
from campaigns.queries import grants
from campaigns.tests.factories import NOW, make_campaign, make_department, make_offer, make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    department = make_department("MKT", lead=make_user("lucia"), members=[make_user("james")])
    return make_campaign(department, "CJ13")


def right(codename):
    return Permission.objects.get(content_type__app_label="campaigns", codename=f"{codename}_campaign")


def grant(user, campaign, codename):
    return CampaignUserObjectPermission.objects.create(user=user, content_object=campaign, permission=right(codename))


def stored(campaign):
    return set(access.stored_grants([campaign.pk]))


def test_rights_that_follow_from_roles_are_no_problem(campaign):
    make_offer(campaign, department=make_department("CRM", members=[make_user()]))
    access.add_reason([campaign.pk], user=make_user(), why="mediator K-1")
    assert list(grants.find_problems()) == []


def test_a_right_without_a_reason(campaign):
    marta = make_user("marta")
    grant(marta, campaign, "view")
    grant(marta, campaign, "change")
    other = Permission.objects.get(codename="view_offer")
    CampaignUserObjectPermission.objects.bulk_create(
        [CampaignUserObjectPermission(user=marta, content_object=campaign, permission=other)]
    )
    assert set(grants.find_problems()) == {
        "marta may read campaign CJ13 without a reason",
        "marta may change campaign CJ13 without a reason",
        "marta has the right “view_offer” on campaign CJ13 without a reason",
    }


def test_a_right_that_is_missing(campaign):
    CampaignUserObjectPermission.objects.filter(user__username__in=["james", "lucia"]).delete()
    assert set(grants.find_problems()) == {
        "james should read CJ13 and has no grant",
        "james should be able to change CJ13 and has no grant",
        "lucia should read CJ13 and has no grant",
        "lucia should be able to change CJ13 and has no grant",
    }


def test_a_right_that_outlived_its_reason(campaign):
    Membership.objects.filter(user__username="james").delete()
    assert set(grants.find_problems()) == {
        "james may read campaign CJ13 without a reason",
        "james may change campaign CJ13 without a reason",
    }


def test_groups_and_rights_on_every_campaign(campaign):
    group, marta = Group.objects.create(name="Friends"), make_user("marta")
    CampaignGroupObjectPermission.objects.create(group=group, content_object=campaign, permission=right("view"))
    group.permissions.add(right("view"))
    marta.user_permissions.add(right("change"))
    marta.user_permissions.add(Permission.objects.get(codename="view_department"))
    assert list(grants.find_problems()) == [
        "the group Friends has the right “view_campaign” on campaign CJ13: only people have rights",
        "marta has the right “change_campaign” on every campaign",
        "the group Friends has the right “view_campaign” on every campaign",
    ]


def orphan(campaign):
    """Rights whose campaign and whose person went without asking foreign keys."""
    marta = make_user("marta")
    grant(marta, campaign, "view")
    gone = grant(marta, campaign, "change")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_campaignuserobjectpermission SET content_object_id = 0 WHERE id = %s", [gone.pk]
        )
        cursor.execute("UPDATE campaigns_campaignuserobjectpermission SET user_id = 0 WHERE user_id = %s", [marta.pk])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps foreign keys whoever writes")
@pytest.mark.django_db(transaction=True)
def test_rights_of_and_on_what_is_gone(campaign):
    with connection.constraint_checks_disabled():
        orphan(campaign)
        assert list(grants.find_problems()) == [
            "person 0, who no longer exists, may read campaign CJ13 without a reason",
            "1 right on a campaign that no longer exists is left over",
        ]
        access.repair(now=NOW)
    assert list(grants.find_problems()) == []


def test_what_somebody_else_changes_meanwhile_is_looked_at_again(campaign, monkeypatch):
    wrong = grant(make_user("marta"), campaign, "view")
    monkeypatch.setattr(grants.time, "sleep", lambda _seconds: wrong.delete())
    assert list(grants.find_problems()) == []


def test_the_number_of_queries_grows_with_chunks_of_campaigns_only(campaign, django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(14):
        assert list(grants.find_problems()) == []
    for _ in range(4):
        make_offer(make_campaign())
    with django_assert_num_queries(14):
        assert list(grants.find_problems()) == []
    monkeypatch.setattr(grants, "CHUNK", 2)
    with django_assert_num_queries(14 + 2 * 9):
        assert list(grants.find_problems()) == []


class TestRepair:
    def run(self, *options):
        out = StringIO()
        try:
            call_command("check_permissions", *options, stdout=out, stderr=StringIO())
        except CommandError as error:
            return str(error), out.getvalue()
        return "", out.getvalue()

    @pytest.fixture
    def wrong(self, campaign):
        """Everything that can be wrong, but for orphans."""
        right_before = stored(campaign)
        marta, group = make_user("marta"), Group.objects.create(name="Friends")
        grant(marta, campaign, "change")
        CampaignUserObjectPermission.objects.filter(user__username="james", permission=right("view")).delete()
        CampaignGroupObjectPermission.objects.create(group=group, content_object=campaign, permission=right("view"))
        group.permissions.add(right("view"))
        marta.user_permissions.add(right("change"))
        return right_before

    FOUND = {
        "marta may change campaign CJ13 without a reason",
        "james should read CJ13 and has no grant",
        "the group Friends has the right “view_campaign” on campaign CJ13: only people have rights",
        "marta has the right “change_campaign” on every campaign",
        "the group Friends has the right “view_campaign” on every campaign",
    }

    def test_nothing_wrong(self, campaign):
        assert self.run() == ("", "Everybody has exactly the rights that follow from their roles.\n")
        assert json.loads(self.run("--repair", "--json")[1]) == {"ok": True, "problems": [], "repaired": 0}
        assert not HistoryEntry.objects.filter(verb="repair").exists()

    def test_without_repair_it_only_tells(self, campaign, wrong):
        before = list(CampaignUserObjectPermission.objects.order_by("pk").values())
        failure, output = self.run()
        assert failure == "5 rights are wrong."
        assert set(output.splitlines()) == self.FOUND
        report = json.loads(self.run("--json")[1])
        assert (report["ok"], set(report["problems"]), report["repaired"]) == (False, self.FOUND, 0)
        assert list(CampaignUserObjectPermission.objects.order_by("pk").values()) == before
        assert not HistoryEntry.objects.filter(verb="repair").exists()

    def test_repair_puts_everything_right_and_tells_in_the_history(self, campaign, wrong):
        failure, output = self.run("--repair")
        assert failure == ""
        assert set(output.splitlines()) == self.FOUND | {"5 rights were put right."}
        assert list(grants.find_problems()) == []
        assert stored(campaign) == wrong
        told = HistoryEntry.objects.filter(verb="repair", actor="").exclude(reason="")
        assert dict(told.values_list("subject", "changes")) == {
            "campaign:CJ13": {"grants": [["Friends view_campaign", "marta change_campaign"], ["james view_campaign"]]},
            "person:marta": {"grants": [["change_campaign"], []]},
            "group:Friends": {"grants": [["view_campaign"], []]},
        }
        assert self.run()[0] == ""

    def test_what_was_right_stays(self, campaign, wrong):
        other = make_campaign()
        kept = set(CampaignUserObjectPermission.objects.filter(content_object=other).values_list("pk", flat=True))
        self.run("--repair")
        rows = CampaignUserObjectPermission.objects.filter(content_object=other)
        assert set(rows.values_list("pk", flat=True)) == kept
        assert not HistoryEntry.objects.filter(verb="repair", subject=f"campaign:{other.code}").exists()


def test_only_a_new_department_of_an_offer_touches_grants(campaign, django_assert_num_queries):
    """Editing terms asks nothing about roles."""
    from campaigns.actions import offers

    offer = make_offer(campaign)
    with transaction.atomic():
        grant(make_user("marta"), campaign, "view")
        lead = campaign.accountable
        offers.change_offer(offer=offer, by=lead, now=NOW, fields={"percent_off": 20})
        assert grants.differences([campaign.pk]) != set()
        crm = make_department("CRM", lead=lead)
        offers.change_offer(offer=offer, by=lead, now=NOW, fields={"department": crm})
        assert grants.differences([campaign.pk]) == set()
    assert Campaign.objects.count() == 1
