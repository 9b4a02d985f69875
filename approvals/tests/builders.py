"""Two departments that collide, and the people around their case, through the real actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from approvals.actions import case_reactions, cases
from approvals.models import Case, Mail, Mediator
from campaigns.actions import collisions
from campaigns.models import Campaign, Department, Offer, Product
from campaigns.tests.factories import (
    NOW,
    lead_of,
    make_campaign,
    make_department,
    make_offer,
    make_products,
    make_segment,
    make_user,
    submit,
)
from customers.actions import events
from customers.clock import local_day
from customers.models import Segment

REASON = "Both plans were fair; the first one was there earlier."


def settle_down(now: datetime = NOW) -> None:
    """Let everything that waits happen, as the worker would."""
    collisions.refresh_due(now=now)
    events.drain(case_reactions.TOPICS, case_reactions.react, now=now)


@dataclass
class Dispute:
    """`first` and `second` are the colliding offers, of Marketing and of Sales."""

    first: Offer
    second: Offer

    @property
    def case(self) -> Case:
        return Case.objects.get()

    @property
    def campaigns(self) -> list[Campaign]:
        return [self.first.campaign, self.second.campaign]

    @property
    def leads(self) -> list[User]:
        return [lead_of(campaign.department) for campaign in self.campaigns]


def make_dispute(**offer_fields) -> Dispute:
    """Campaigns MKT-1 and SAL-1 share 3 products, 50 customers and all of their 10 days: severity 65, high."""
    segment = make_segment(numbers=range(50))
    products = make_products(3)
    offers = []
    for code, name in (("MKT", "Marketing"), ("SAL", "Sales")):
        department = make_department(code)
        department.name = name
        department.save()
        contact = make_user(f"contact_{code.lower()}")
        campaign = make_campaign(department, f"{code}-1", contact_person=contact, name=f"{name} in autumn")
        offers.append(make_offer(campaign, f"{code}-1-A", segments=[segment], products=products, **offer_fields))
        submit(campaign)
    return Dispute(*offers)


def open_dispute() -> Dispute:
    dispute = make_dispute()
    settle_down()
    return dispute


def make_ahead(code: str, department: Department, segment: Segment, products: list[Product], days: int = 60) -> Offer:
    """A submitted campaign that lies ahead of the clock which pages and the API read, with one offer."""
    start = local_day(timezone.now()) + timedelta(days=days)
    campaign = make_campaign(department, f"{code}-1", starts_on=start, name=f"{department.name} in autumn")
    offer = make_offer(campaign, f"{code}-1-A", segments=[segment], products=products)
    submit(campaign)
    return offer


def dispute_ahead(*, escalated: bool) -> Dispute:
    """MKT-1 and SAL-1 collide 60 days ahead of the clock; in mediation only if somebody mediates."""
    segment, products = make_segment(numbers=range(50)), make_products(3)
    pair = [make_ahead(code, make_department(code), segment, products) for code in ("MKT", "SAL")]
    settle_down(timezone.now())
    dispute = Dispute(*pair)
    if escalated:
        cases.escalate(case=dispute.case, by=None, now=timezone.now(), key="time")
    return dispute


def make_mediator(username: str = "marta", stand_in: User | None = None, department=None) -> User:
    user = make_user(username)
    Mediator.objects.create(user=user, stand_in=stand_in, department=department)
    return user


def escalated_dispute() -> tuple[Dispute, User]:
    """A dispute in mediation, and its mediator."""
    mediator = make_mediator()
    dispute = open_dispute()
    cases.escalate(case=dispute.case, by=None, now=NOW, key="time")
    return dispute, mediator


def mails(event: str = "") -> set[tuple[str, str]]:
    """(event, username) of the mails so far."""
    rows = Mail.objects.filter(event=event) if event else Mail.objects.all()
    return set(rows.values_list("event", "recipient__username"))


def held_offers() -> set[str]:
    """Codes of the offers that a case holds."""
    return set(Offer.objects.filter(held=True).values_list("code", flat=True))


__all__ = [
    "NOW",
    "REASON",
    "Dispute",
    "dispute_ahead",
    "escalated_dispute",
    "held_offers",
    "lead_of",
    "mails",
    "make_ahead",
    "make_campaign",
    "make_department",
    "make_dispute",
    "make_mediator",
    "make_offer",
    "make_products",
    "make_segment",
    "make_user",
    "open_dispute",
    "settle_down",
    "submit",
]
