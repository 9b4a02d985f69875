"""Every step by every role from every status: allowed exactly where the table says so, and nothing changes otherwise."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from approvals.actions import reviews
from approvals.models import Review, Vote
from approvals.rules.rights import RIGHTS, ROLES, may
from approvals.tests.reviewing import House, everything, make_house, make_rule, shown
from campaigns.actions import lifecycle, planning, raci
from campaigns.models import Campaign
from campaigns.queries.content import content_hashes
from campaigns.tests import factories as make
from campaigns.tests.factories import NOW
from config import rights_table

pytestmark = pytest.mark.django_db

STEPS_OF_PEOPLE = [step for step, right in RIGHTS.items() if right.roles]


@pytest.fixture
def house() -> House:
    """A plan with people in every role."""
    house = make_house(starts_on=timezone.localdate() + timedelta(days=9))
    Review.objects.all().delete()
    consulted, told = make.make_department("CON"), make.make_department("INF")
    house.people = {
        "a": house.a,
        "lead": house.second,
        "r": house.member,
        "concerned": house.trader,
        "rule": house.boss,
        "c": make.lead_of(consulted),
        "i": make.lead_of(told),
        "administrator": house.admin,
        "stranger": make.lead_of(make.make_department("OUT")),
    }
    letters = {house.trade.pk: "R", consulted.pk: "C", told.pk: "I"}
    roles = {("products", pk): letter for pk, letter in letters.items()}
    raci.set_matrix(campaign=house.campaign, by=house.a, now=NOW, roles=roles)
    make_rule(house)
    return house


def put(house: House, status: str) -> Campaign:
    """The campaign in this status, with the review that belongs to it."""
    whole = content_hashes([house.campaign.pk])[house.campaign.pk]
    lifecycle.submit(campaign=house.campaign, by=house.a, now=NOW)
    reviews.settle(house.campaign.pk, now=NOW)
    signed = whole if status in ("approved", "live", "paused") else ""
    Campaign.objects.filter(pk=house.campaign.pk).update(status=status, approved_hash=signed)
    house.campaign.refresh_from_db()
    return house.campaign


def take(house: House, step: str, role: str) -> None:
    campaign, by = house.campaign, house.people[role]
    if step == "edit":
        planning.change_campaign(campaign=campaign, by=by, now=NOW, what=f"By {role}")
    elif step == "submit":
        whole = content_hashes([campaign.pk])[campaign.pk]
        reviews.submit(campaign=campaign, posted_hash=whole, by=by, now=NOW)
    elif step in ("approve", "ask for changes", "comment"):
        decision = {"approve": "approve", "ask for changes": "changes", "comment": "comment"}[step]
        seen = shown(campaign, "brief")
        reviews.vote(campaign=campaign, decision=decision, shown=seen, by=by, now=NOW, comment="Words")
    elif step == "take a vote back":
        reviews.revoke(campaign=campaign, by=by, now=NOW, reason="A mistake")
    else:
        verb = "cancel" if step == "give a draft up" else step
        getattr(lifecycle, verb)(campaign=campaign, by=by, now=NOW, reason="Because")


def prepare(house: House, step: str) -> None:
    if step == "take a vote back":
        hashed = shown(house.campaign, "brief")["brief"]
        common = {"campaign": house.campaign, "section": "brief", "content_hash": hashed, "voted_at": NOW}
        people = [house.people[role] for role in RIGHTS[step].roles]
        Vote.objects.filter(voter__in=people).delete()
        Vote.objects.bulk_create([Vote(voter=person, decision="approve", **common) for person in people])


def allowed(house: House, step: str, role: str) -> bool:
    try:
        take(house, step, role)
    except PermissionDenied:
        return False
    except ValidationError as error:
        if getattr(error, "code", "") != "state":
            raise
        return False
    return True


@pytest.mark.parametrize("status", rights_table.STATES)
def test_a_step_is_taken_exactly_by_whom_the_table_names(house, status):
    if status != "draft":
        put(house, status)
    wrong = []
    for step in STEPS_OF_PEOPLE:
        with transaction.atomic():
            prepare(house, step)
            wrong += [(step, role) for role in ROLES if is_wrong(house, step, role, status)]
            transaction.set_rollback(True)
    assert wrong == []


def is_wrong(house: House, step: str, role: str, status: str) -> bool:
    """Whether the step is taken although the table forbids it, or the other way round; nothing of it stays."""
    before = everything(house)
    house.campaign.refresh_from_db()
    with transaction.atomic():
        did = allowed(house, step, role)
        assert did or everything(house) == before, f"{role} was refused {step!r} and changed something"
        transaction.set_rollback(True)
    return did is not _expected(step, role, status)


def _expected(step: str, role: str, status: str) -> bool:
    # Both ways to give up are one action: what the table says of either counts.
    if step in ("cancel", "give a draft up"):
        return may("cancel", role, status) or may("give a draft up", role, status)
    return may(step, role, status)


@pytest.mark.parametrize("table", rights_table.TABLES, ids=lambda table: table.name)
def test_the_table_in_the_document_is_that_of_the_code(table):
    assert table.document == table.in_document, "run manage.py rights_table --write"


def test_the_command_prints_them():
    out = StringIO()
    call_command("rights_table", stdout=out)
    assert out.getvalue() == "".join(f"{table.text}\n" for table in rights_table.TABLES)
    assert re.search(r"\| submit \| draft \| submitted \| the A \|", out.getvalue())
