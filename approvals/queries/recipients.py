"""Who hears about a case, and in which part."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import F

from approvals.models import Case
from approvals.queries.disputes import offers_in
from campaigns.models import Campaign, Membership


@dataclass(frozen=True)
class Recipient:
    """`part` is "accountable", "contact", "lead", "responsible" (of `campaign`, a code), "mediator", "proposer", "mentioned", "watcher", "reviewer",
    "seller", "subscriber", "administrator", "self", "request_owner", "request_lead", "request_author", "organizer" (of a meeting),
    "left" (it does not concern them any more), "passed_over" (mediates it no more), "rule_judge" or "rule_party" (lead of a department of a standing rule).
    """

    user: User
    part: str
    campaign: str = ""


def parties(case: Case) -> list[Recipient]:
    """Accountables and contact persons of both campaigns; where nobody active is accountable, the department's leads."""
    return once(recipient for campaign in (case.campaign_a, case.campaign_b) for recipient in side(campaign))


def side(campaign: Campaign) -> list[Recipient]:
    """The part of the parties that is of this campaign."""
    found = []
    if campaign.accountable and campaign.accountable.is_active:
        found.append(Recipient(campaign.accountable, "accountable", campaign.code))
    else:
        leads = Membership.objects.filter(department=campaign.department_id, is_lead=True, user__is_active=True)
        found += [Recipient(lead.user, "lead", campaign.code) for lead in leads.select_related("user").order_by("id")]
    if campaign.contact_person:
        found.append(Recipient(campaign.contact_person, "contact", campaign.code))
    return found


def concerned(case: Case) -> list[Recipient]:
    """The parties and, once there is one, the mediator."""
    mediator = [Recipient(case.mediator, "mediator")] if case.mediator else []
    return once([*mediator, *parties(case)])


def responsible(case: Case) -> list[Recipient]:
    """Who does the work (R) without owning a campaign: the leads of other departments whose offers are in the case."""
    codes = {campaign.pk: campaign.code for campaign in (case.campaign_a, case.campaign_b)}
    foreign = offers_in(case).filter(campaign__in=codes).exclude(department=F("campaign__department"))
    owners = dict(foreign.order_by("-campaign__code").values_list("department", "campaign"))
    leads = Membership.objects.filter(department__in=owners, is_lead=True, user__is_active=True)
    return [
        Recipient(lead.user, "responsible", codes[owners[lead.department_id]])
        for lead in leads.select_related("user").order_by("id")
    ]


def both_sides(case: Case) -> list[Recipient]:
    """The parties, and who only does the work."""
    return once([*parties(case), *responsible(case)])


def everybody(case: Case) -> list[Recipient]:
    """Whoever a case concerns, in whatever part."""
    return once([*concerned(case), *responsible(case)])


def administrators() -> list[Recipient]:
    users = User.objects.filter(is_superuser=True, is_active=True).order_by("id")
    return [Recipient(user, "administrator") for user in users]


def once(recipients: Iterable[Recipient]) -> list[Recipient]:
    """One mail per person, in the weightiest part: who is accountable for one side and contact of both hears as A."""
    weight = {
        "mediator": 0,
        "accountable": 1,
        "reviewer": 2,
        "lead": 3,
        "contact": 4,
        "responsible": 5,
        "proposer": 5,
        "organizer": 6,
        "administrator": 6,
        "request_owner": 7,
        "request_lead": 8,
        "request_author": 9,
        "rule_party": 10,
        "rule_judge": 11,
    }
    chosen: dict[int, Recipient] = {}
    for recipient in recipients:
        other = chosen.get(recipient.user.pk)
        if other is None or weight[recipient.part] < weight[other.part]:
            chosen[recipient.user.pk] = recipient
    return list(chosen.values())


def without(recipients: Iterable[Recipient], actor: User | None) -> list[Recipient]:
    """Nobody is told what they just did themselves."""
    return [recipient for recipient in recipients if actor is None or recipient.user.pk != actor.pk]
