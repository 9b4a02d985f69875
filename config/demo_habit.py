"""Three decisions on the same facts, which have become a habit, and a fourth case that is like them.

Each week after the next month Marketing and Trade Marketing want the same customers and garden things of one kind.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from approvals.actions import cases, reviews, rulings
from approvals.models import Case
from approvals.queries.case_facts import in_facts
from approvals.queries.facts import facts_hash
from approvals.queries.precedents import alike_to
from approvals.rules.operations import ShiftDates
from approvals.rules.precedents import Cited
from campaigns.actions import catalogue, offers, planning
from campaigns.actions.promises import Promises
from campaigns.actions.reach import Reach
from campaigns.models import Campaign, Department, DepartmentGoal, Product
from campaigns.queries.content import content_hashes
from campaigns.rules.self_checks import MEANT
from config.demo_plan import SEGMENT
from customers.clock import local_day
from customers.models import Segment

WEEK = 7
THINGS = ("Garden chair", "Garden table", "Garden hose", "Garden lamp")
PLANS = {"MKT": ("Garden leaflet", 20), "TRADE": ("Maker's garden days", 15)}
WHY_ESCALATED = "Ni el folleto ni el fabricante ceden: que decida alguien."
WHY_DECIDED = (
    "El folleto ya tiene sus fechas en los buzones. Los días del fabricante empiezan cuando termina, y así las dos "
    "promociones venden su semana entera."
)


def plan_gardens(
    *, leads: Mapping[str, User], contacts: Mapping[str, User], first_day: date, now: datetime
) -> list[tuple[Campaign, Campaign]]:
    """Plan and submit a pair of campaigns for each week from `first_day` on, of Marketing and of Trade Marketing."""
    codes = [f"DEMO-garden-{number}" for number in range(1, len(THINGS) + 1)]
    catalogue.put_products(
        [
            {"code": code, "name": name, "category": "DEMO Garden", "price": Decimal(60), "cost": Decimal(20)}
            for code, name in zip(codes, THINGS, strict=True)
        ],
        now=now,
    )
    products = {product.code: product for product in Product.objects.filter(code__in=codes)}
    return [
        (
            _plan("MKT", number, first_day, products[code], leads, contacts, now),
            _plan("TRADE", number, first_day, products[code], leads, contacts, now),
        )
        for number, code in enumerate(codes, start=1)
    ]


def _plan(
    department: str,
    number: int,
    first_day: date,
    product: Product,
    leads: Mapping[str, User],
    contacts: Mapping[str, User],
    now: datetime,
) -> Campaign:
    name, percent = PLANS[department]
    lead, starts_on = leads[department], first_day + timedelta(days=WEEK * (number - 1))
    campaign = planning.plan_campaign(
        by=lead,
        now=now,
        code=f"GARDEN-{department}-{number}",
        name=f"{name} {number}",
        department=Department.objects.get(code=department),
        starts_on=starts_on,
        ends_before=starts_on + timedelta(days=3 * WEEK),
        goal="Sell garden things before the summer",
        kpi="Revenue per customer",
        kpi_target=Decimal(25),
        journey_stage="decision",
        serves=DepartmentGoal.objects.filter(department__code=department),
        contact_person=contacts.get(department),
    )
    offers.plan_offer(
        campaign=campaign,
        by=lead,
        now=now,
        code=f"{campaign.code}-A",
        fields={
            "name": product.name,
            "starts_on": starts_on,
            "ends_before": starts_on + timedelta(days=WEEK),
            "mechanic": "percent",
            "percent_off": Decimal(percent),
            "reference_price_policy": "none",
            "contacts": 0,
            "message": f"{product.name}: this week for you.",
            "why_suggested": "Because you bought something for your garden or balcony before.",
        },
        reach=Reach(include=[Segment.objects.get(code=SEGMENT)], add_products=[product]),
        promises=Promises(),
        confirmed=MEANT,
    )
    reviews.submit(campaign=campaign, posted_hash=content_hashes([campaign.pk])[campaign.pk], by=lead, now=now)
    return campaign


def decide_gardens(pairs: list[tuple[Campaign, Campaign]], *, lead: User, now: datetime) -> None:
    """Have the mediator decide all but the last pair the same way, each decision in view of those before."""
    for leaflet, maker in pairs[:-1]:
        case = Case.objects.get(campaign_a=leaflet, campaign_b=maker)
        cases.escalate(case=case, by=lead, now=now, key="demo", reason=WHY_ESCALATED)
        case.refresh_from_db()
        assert case.mediator, "the demo has a mediator for every department"
        here = in_facts(case, today=local_day(now))
        assert here, "the two plans collide"
        rulings.decide(
            case=case,
            operations=[ShiftDates(maker.code, WEEK)],
            reason=WHY_DECIDED,
            by=case.mediator,
            now=now,
            facts=facts_hash(case),
            key="demo",
            citations=[Cited(pk, "follows") for pk, _likeness in alike_to(case, here.facts)],
        )
