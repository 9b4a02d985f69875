"""A campaign of CRM that several people have to approve."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from approvals.actions import approval_rules, reviews
from approvals.models import Review, Vote
from approvals.queries.reviews import reviewed_one
from approvals.rules import routing
from campaigns.actions import access, raci
from campaigns.models import Campaign, Department
from campaigns.queries.content import contents
from campaigns.tests.factories import NOW, lead_of, make_campaign, make_department, make_offer, make_user


@dataclass
class House:
    """CRM with its lead, who is the A and wrote the plan, a second lead, and a member; TRADE; an administrator."""

    crm: Department
    trade: Department
    a: User
    second: User
    member: User
    trader: User
    boss: User
    admin: User
    campaign: Campaign


def make_house(*, offers: bool = True, **brief: Any) -> House:
    second, member = make_user("second"), make_user("member")
    crm, trade = make_department("CRM", members=[member]), make_department("TRADE")
    access.join(department=crm, user=second, is_lead=True, by=None, now=NOW)
    campaign = make_campaign(crm, "CRM-1", **brief)
    if offers:
        make_offer(campaign, "CRM-1-A")
    return House(
        crm=crm,
        trade=trade,
        a=lead_of(crm),
        second=second,
        member=member,
        trader=lead_of(trade),
        boss=make_user("boss"),
        admin=make_user("root", is_superuser=True),
        campaign=campaign,
    )


def give_trade_a_part(house: House) -> None:
    """TRADE does something in the campaign (R)."""
    raci.set_matrix(campaign=house.campaign, by=house.a, now=NOW, roles={("products", house.trade.pk): "R"})


def make_rule(house: House, measure: str = routing.ALWAYS, above: int = 0, approver: User | None = None) -> Any:
    return approval_rules.put(
        rule=None,
        department=None,
        measure=measure,
        above=above,
        approver=approver or house.boss,
        by=house.admin,
        now=NOW,
    )


def let_somebody_approve(admin: User) -> None:
    """By rule of the house somebody outside approves every plan, so that none is stuck with its author."""
    approval_rules.put(
        rule=None, department=None, measure=routing.ALWAYS, above=0, approver=make_user(), by=admin, now=NOW
    )


def shown(campaign: Campaign, *sections: str) -> dict[str, str]:
    """What a page shows of these sections, or of all."""
    hashes = contents([campaign.pk])[campaign.pk].sections
    return {section: hashes[section] for section in sections or hashes}


def submit(house: House, by: User | None = None) -> Campaign:
    whole = contents([house.campaign.pk])[house.campaign.pk].hash
    return reviews.submit(campaign=house.campaign, posted_hash=whole, by=by or house.a, now=NOW)


def vote(house: House, by: User, *sections: str, decision: str = routing.APPROVE, comment: str = "") -> Campaign:
    return reviews.vote(
        campaign=house.campaign,
        decision=decision,
        shown=shown(house.campaign, *sections),
        by=by,
        now=NOW,
        comment=comment,
    )


def status(house: House) -> str:
    house.campaign.refresh_from_db()
    return house.campaign.status


def missing(house: House) -> set[str]:
    """Keys of what is missing, and the sections that too few have read."""
    found = reviewed_one(house.campaign).standing
    return {one.requirement.key.partition(":")[0] for one in found.missing} | set(found.unread)


def everything(house: House) -> tuple[Any, ...]:
    """What a refusal must leave as it was."""
    return (
        list(Campaign.objects.order_by("pk").values()),
        list(Vote.objects.order_by("pk").values()),
        list(Review.objects.order_by("pk").values()),
    )
