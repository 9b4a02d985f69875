"""Everybody at work on the same plans at once, for many rounds: nobody is locked out, and everything still adds up."""

import contextlib
import itertools
import random
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import Count

from approvals.actions import case_reactions, cases, escalation, outbox, rulings
from approvals.choices import OPEN_STATES, CaseOutcome, CaseState
from approvals.models import Case, Ruling
from approvals.queries.cases import facts_hash
from approvals.queries.precedents import alike
from approvals.rules.operations import AllowBoth, ShiftDates
from approvals.rules.precedents import Cited
from approvals.tests.builders import (
    NOW,
    REASON,
    lead_of,
    make_campaign,
    make_department,
    make_mediator,
    make_offer,
    make_products,
    make_segment,
    make_user,
    settle_down,
    submit,
)
from approvals.tests.test_races import offers_in_dispute
from campaigns.actions import access, collisions, lifecycle, offers, raci
from campaigns.choices import CollisionState, RaciLetter
from campaigns.models import Campaign, Department, Offer, Product
from campaigns.queries import grants
from campaigns.tests.factories import DAY, agreed, make_customers
from campaigns.tests.random_plan import expected, stored
from customers.actions import events, history
from customers.models import HistoryEntry
from customers.queries import chain
from customers.tests.races import race, raised

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time"),
]

REFUSALS = (ValidationError, PermissionDenied)


@pytest.fixture
def plans():
    """Four submitted campaigns of four departments on the same products for the same customers."""
    make_mediator()
    make_customers(9)
    segment, products = make_segment(numbers=range(9)), make_products(2)
    planned = []
    for code in ("MKT", "SAL", "CRM", "ECO"):
        campaign = make_campaign(make_department(code), f"{code}-1")
        make_offer(campaign, f"{code}-1-A", segments=[segment], products=products)
        planned.append(submit(campaign))
    settle_down()
    for case in Case.objects.all():
        cases.escalate(case=case, by=None, now=NOW, key="k")
    return planned


def edit(dice, plans):
    campaign = dice.choice(plans)
    offer = campaign.offers.order_by("pk").first()
    lead = lead_of(campaign.department)
    if dice.random() < 0.5:
        offers.shift_offers(offers=[offer], days=dice.choice([-2, -1, 1, 2]), by=lead, now=NOW)
    else:
        offers.change_offer(offer=offer, by=lead, now=NOW, fields={"percent_off": dice.randint(1, 50)})


def plan(dice, plans):
    if dice.random() < 0.8:  # each collides with all others
        return
    department = dice.choice(plans).department
    campaign = make_campaign(department)
    make_offer(campaign, products=list(Product.objects.all()))
    submit(campaign)


def say_who_does_what(dice, plans):
    campaign, other = dice.sample(plans, 2)
    cell = (dice.choice(list(campaign.activities.all())).code, other.department_id)
    letter = dice.choice(["", RaciLetter.INFORMED, RaciLetter.CONSULTED])
    raci.set_matrix(campaign=campaign, by=campaign.accountable, now=NOW, roles={cell: letter})


def come_and_go(dice, plans):
    department, user = dice.choice(plans).department, access.User.objects.get(username="guest")
    if dice.random() < 0.5:
        access.join(department=department, user=user, is_lead=False, by=None, now=NOW)
    else:
        access.leave(department=department, user=user, by=None, now=NOW)


def approve(dice, plans):
    campaign = dice.choice(plans)
    lifecycle.approve(campaign=campaign, by=campaign.accountable, now=NOW, agreed=agreed)


def detect(dice, plans):
    if dice.random() < 0.2:
        collisions.detect_everything(now=NOW)
    else:
        collisions.refresh_due(now=NOW)


def react(dice, plans):
    events.drain(case_reactions.TOPICS, case_reactions.react, now=NOW)
    case_reactions.recheck(now=NOW)


def escalate(dice, plans):
    for case in Case.objects.filter(state=CaseState.NEGOTIATION).order_by("?")[:2]:
        cases.escalate(case=case, by=None, now=NOW, key="k")
    escalation.run_due_timers(now=NOW)
    escalation.replace_mediators(now=NOW)


def decide(dice, plans):
    case = Case.objects.filter(state=CaseState.MEDIATION, mediator__isnull=False).order_by("?").first()
    if case:
        order = dice.choice([AllowBoth(), ShiftDates(case.campaign_a.code, dice.randint(1, 3))])
        rulings.decide(
            case=case,
            operations=[order],
            reason=REASON,
            by=case.mediator,
            now=NOW,
            facts=facts_hash(case),
            key=str(dice.random()),
            citations=[Cited(pk, "unfit") for pk, _likeness in alike(case, today=DAY)[1]],
        )


def keep_house(dice, plans):
    lifecycle.keep_dates(now=NOW, agreed=agreed)
    outbox.send_due(now=NOW)
    history.seal()


WORK = (
    edit,
    edit,
    plan,
    say_who_does_what,
    come_and_go,
    approve,
    detect,
    react,
    react,
    escalate,
    decide,
    decide,
    keep_house,
)


MOST_ROUNDS = 40


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_everything_at_once(plans, caplog, settings, is_long):
    rounds = MOST_ROUNDS if is_long else 10
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_user("guest")
    before = deadlocks()
    done, number_of_rounds = [0] * len(WORK), itertools.count()

    def next_round():
        # Luck decides what succeeds, and how much there is of it a busy machine.
        number = next(number_of_rounds)
        rest["over"] = number >= rounds and (all(done) or number >= MOST_ROUNDS)

    rest = {"over": False}
    at_once = threading.Barrier(len(WORK), action=next_round)

    def work(number, task):
        dice = random.Random(number)
        while True:
            at_once.wait(60)
            if rest["over"]:
                return
            with contextlib.suppress(*REFUSALS):
                task(dice, plans)
                done[number] += 1

    results = race(*(lambda pair=pair: work(*pair) for pair in enumerate(WORK)), seconds=600)
    assert raised(results) == []
    assert [task.__name__ for task, times in zip(WORK, done, strict=True) if not times] == []
    assert "deadlock" not in caplog.text
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []

    later = NOW + timedelta(hours=3)
    for _ in range(5):
        settle_down(later)
    case_reactions.recheck(now=later)
    settle_down(later)
    history.seal()
    assert deadlocks() == before
    assert stored(CollisionState.OPEN, CollisionState.SETTLED) == expected(today=DAY)
    assert set(Offer.objects.filter(held=True).values_list("pk", flat=True)) == offers_in_dispute()
    assert Ruling.objects.count() == Case.objects.filter(outcome=CaseOutcome.RULED).count() > 0
    open_pairs = Case.objects.filter(state__in=OPEN_STATES).values("campaign_a", "campaign_b")
    assert not open_pairs.annotate(cases=Count("pk")).filter(cases__gt=1).exists()
    for offer in Offer.objects.all():
        changes = HistoryEntry.objects.filter(subject=f"offer:{offer.code}", verb="change").count()
        assert offer.version == 1 + changes
    assert list(grants.find_problems()) == []
    assert list(chain.find_problems(now=later)) == []
    assert Campaign.objects.count() > Department.objects.count() == 4
