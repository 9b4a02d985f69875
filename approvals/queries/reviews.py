"""How far the approval of plans is: what routing asks, read from what is stored. Constant queries for any number of plans."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from pyroaring import BitMap

from approvals.models import Absence, ApprovalRule, Review, Vote
from approvals.rules import routing
from campaigns.choices import RaciLetter
from campaigns.models import Activity, Campaign, CarriedSignature, Department, Membership, Offer, RaciRole, Version
from campaigns.queries.authors import authors_of
from campaigns.queries.content import Content, contents
from campaigns.queries.depths import deepest_discounts
from campaigns.rules.sections import WHOLE, department_of
from customers.actions.segments import members
from customers.clock import local_day
from customers.models import Segment
from customers.permissions import colleagues

# Of a whole plan and of its sections.
Hashes = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Reviewed:
    """A plan with all that decides about its approval. `hash` is of all of it; `content` is None where it was not read.

    `same` are the hashes whose signatures count for what a section says now. `by_import`: a file said that it is approved
    as it is now. `departments` are the names of all departments by code, `people` whoever is
    asked for anything.
    """

    campaign: Campaign
    hash: str
    content: Content | None
    plan: routing.Plan
    rules: tuple[routing.Rule, ...]
    votes: tuple[Vote, ...]
    standing: routing.Standing
    same: Mapping[str, set[str]]
    departments: Mapping[str, str]
    people: Mapping[int, User]

    @property
    def by_import(self) -> bool:
        return "" in self.same[WHOLE]

    @property
    def is_agreed(self) -> bool:
        return self.by_import or self.standing.is_complete

    def parts_of(self, people: list[int], section: str) -> tuple[str, ...]:
        return routing.parts_of(self.plan, self.rules, section, people)

    def readers_of(self, section: str) -> set[int]:
        return routing.readers_of(self.plan, self.rules, section)


def reviewed(campaign_ids: Collection[int], *, as_kept: bool = False) -> dict[int, Reviewed]:
    """By campaign id. `as_kept`: by their last versions, for lists: what plans say is read where somebody decides."""
    campaigns = {
        one.pk: one for one in Campaign.objects.filter(pk__in=campaign_ids).select_related("department", "accountable")
    }
    content = {} if as_kept else contents(list(campaigns))
    hashes = _last_versions(campaigns) if as_kept else {pk: (one.hash, one.sections) for pk, one in content.items()}
    rules = _rules(campaigns)
    plans = _plans(campaigns, hashes, {rule.measure for some in rules.values() for rule in some})
    asked = {person for pk, plan in plans.items() for person in routing.everybody_asked(plan, rules[pk])}
    people = User.objects.in_bulk(asked)
    votes: dict[int, list[Vote]] = defaultdict(list)
    stored = Vote.objects.filter(campaign__in=campaigns).select_related("voter", "stands_for").order_by("id")
    for vote in stored:
        votes[vote.campaign_id].append(vote)
    carried, names = _carried(campaigns), dict(Department.objects.values_list("code", "name"))
    found = {}
    for pk, campaign in campaigns.items():
        same = {
            section: _same_as(hashed, carried[pk, section])
            for section, hashed in {WHOLE: hashes[pk][0], **hashes[pk][1]}.items()
        }
        standing = [_as_rule_sees(vote, same) for vote in votes[pk] if vote.revoked_at is None]
        found[pk] = Reviewed(
            campaign,
            hashes[pk][0],
            content.get(pk),
            plans[pk],
            rules[pk],
            tuple(votes[pk]),
            routing.standing(plans[pk], rules[pk], standing),
            same,
            names,
            people,
        )
    return found


def reviewed_one(campaign: Campaign, *, as_kept: bool = False) -> Reviewed:
    return reviewed([campaign.pk], as_kept=as_kept)[campaign.pk]


def current_rules() -> list[dict[str, Any]]:
    """The rules of the house as a review keeps them."""
    return [
        {
            "key": str(rule.pk),
            "measure": rule.measure,
            "above": str(rule.above),
            "approver": rule.approver_id,
            "department": rule.department.code if rule.department else None,
        }
        for rule in ApprovalRule.objects.select_related("department").order_by("id")
    ]


def stands_in_for(user: Any, now: datetime) -> list[int]:
    """Whom this person stands in for today: people who are away and still work here."""
    today = local_day(now)
    away = Absence.objects.filter(stand_in_id=user.pk, starts_on__lte=today, ends_before__gt=today)
    return list(away.filter(user__in=colleagues()).order_by("id").values_list("user", flat=True).distinct())


def stand_ins(people: Collection[int], now: datetime) -> dict[int, list[int]]:
    """Who stands in today, by the person who is away."""
    today = local_day(now)
    rows = Absence.objects.filter(user__in=people, starts_on__lte=today, ends_before__gt=today)
    found: dict[int, list[int]] = defaultdict(list)
    for person, stand_in in rows.filter(stand_in__in=colleagues()).order_by("id").values_list("user", "stand_in"):
        found[person].append(stand_in)
    return found


def _as_rule_sees(vote: Vote, same: Mapping[str, set[str]]) -> routing.Vote:
    is_current = vote.content_hash in same.get(vote.section, ())
    return routing.Vote(vote.voter_id, vote.section, vote.decision, vote.parts, is_current)


def _carried(campaign_ids: Collection[int]) -> dict[tuple[int, str], list[tuple[str, str]]]:
    found: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    rows = CarriedSignature.objects.filter(campaign__in=campaign_ids).order_by("id")
    for campaign, section, before, after in rows.values_list("campaign", "section", "before", "after"):
        found[campaign, section].append((before, after))
    return found


def _same_as(current: str, carried: Collection[tuple[str, str]]) -> set[str]:
    """Hashes whose signatures count for `current`; "" = a file said so."""
    found = {current}
    for before, after in reversed(list(carried)):
        if after in found:
            found.add(before)
    return found


def _rules(campaigns: Mapping[int, Campaign]) -> dict[int, tuple[routing.Rule, ...]]:
    """Those that each review began with; of the house as they are now where none has begun."""
    kept = {
        review.campaign_id: review.rules for review in Review.objects.filter(campaign__in=campaigns).order_by("id")
    }
    now = current_rules() if campaigns.keys() - kept.keys() else []
    return {
        pk: tuple(
            routing.Rule(one["key"], one["measure"], Decimal(one["above"]), one["approver"], one["department"])
            for one in kept.get(pk, now)
        )
        for pk in campaigns
    }


def _last_versions(campaign_ids: Collection[int]) -> dict[int, Hashes]:
    """What was submitted has versions; what was not says nothing yet."""
    rows = Version.objects.filter(campaign__in=campaign_ids).order_by("number")
    kept = {
        pk: (hashed, sections) for pk, hashed, sections in rows.values_list("campaign", "content_hash", "sections")
    }
    return {pk: kept.get(pk, ("", {})) for pk in campaign_ids}


def _plans(
    campaigns: Mapping[int, Campaign], hashes: Mapping[int, Hashes], measures: set[str]
) -> dict[int, routing.Plan]:
    """What is not measured by any rule is not counted."""
    leads: dict[str, list[int]] = defaultdict(list)
    rows = Membership.objects.filter(is_lead=True, user__in=colleagues()).order_by("id")
    for code, user in rows.values_list("department__code", "user"):
        leads[code].append(user)
    doing: dict[int, set[str]] = defaultdict(set)
    does = RaciRole.objects.filter(activity__campaign__in=campaigns, letter=RaciLetter.RESPONSIBLE)
    for pk, code in does.values_list("activity__campaign", "department__code"):
        doing[pk].add(code)
    answering: dict[int, set[int]] = defaultdict(set)
    answers = Activity.objects.filter(campaign__in=campaigns, accountable__in=colleagues())
    for pk, user in answers.values_list("campaign", "accountable"):
        answering[pk].add(user)
    authors = authors_of(campaigns)
    audiences = audience_sizes(campaigns) if routing.AUDIENCE in measures else {}
    today = local_day(timezone.now())
    depths = deepest_discounts(list(campaigns), today=today) if routing.DISCOUNT in measures else {}
    return {
        pk: routing.Plan(
            department=campaign.department.code,
            sections=hashes[pk][1],
            accountable=campaign.accountable_id,
            concerned={*doing[pk], *filter(None, map(department_of, hashes[pk][1]))},
            activities=answering[pk],
            leads=leads,
            authors=authors[pk],
            audience=audiences.get(pk),
            budget=campaign.budget,
            discount=depths.get(pk),
        )
        for pk, campaign in campaigns.items()
    }


def audience_sizes(campaign_ids: Collection[int]) -> dict[int, int]:
    """How many customers the offers of each campaign reach together, exactly; by campaign id."""
    rows = Offer.objects.filter(campaign__in=campaign_ids, withdrawn_at__isnull=True).order_by()
    audiences: dict[int, set[int | None]] = {pk: set() for pk in campaign_ids}
    for pk, audience in rows.values_list("campaign", "audience").distinct():
        audiences[pk].add(audience)
    everybody = members(None) if any(None in some for some in audiences.values()) else BitMap()
    wanted = {one for some in audiences.values() if None not in some for one in some}
    bitmaps = {one.pk: members(one) for one in Segment.objects.filter(pk__in=wanted)}
    return {
        pk: len(everybody) if None in some else len(BitMap.union(BitMap(), *(bitmaps[one] for one in some)))
        for pk, some in audiences.items()
    }


def waits_for(user: User, now: datetime) -> list[Reviewed]:
    """Plans in review whose approval lacks this person's vote, or that of whom they stand in for; the most urgent first."""
    people = [user.pk, *stands_in_for(user, now)]
    open_reviews = Review.objects.filter(
        closed_at__isnull=True, campaign__in=Campaign.objects.visible(user).values("pk")
    )
    concerned = open_reviews.filter(_may_concern(people)).order_by("due_at", "id")
    ids = list(concerned.values_list("campaign", flat=True))
    found = reviewed(ids, as_kept=True)
    return [found[pk] for pk in ids if is_waited_for(found[pk], people)]


def is_waited_for(one: Reviewed, people: list[int]) -> bool:
    """Whether a vote of this person (the first of `people`, who may stand in for the others) would bring the approval nearer."""
    return bool(sections_waiting(one, people))


def sections_waiting(one: Reviewed, people: list[int]) -> list[str]:
    """Sections that this person has not voted on as they are now, and whose approval lacks what they can give."""
    lacking = {(missing.requirement.key, section) for missing in one.standing.missing for section in missing.sections}
    lacking |= {(routing.READER, section) for section in one.standing.unread}
    mine = [vote for vote in one.votes if vote.voter_id == people[0] and is_standing(one, vote)]
    objected = {vote.section for vote in mine if vote.decision == routing.CHANGES}
    read = {vote.section for vote in mine if vote.decision == routing.APPROVE and routing.READER in vote.parts}
    return [
        section
        for section in one.plan.sections
        if section not in objected
        and any(
            (part, section) in lacking and not (part == routing.READER and section in read)
            for part in one.parts_of(people, section)
        )
    ]


def is_standing(one: Reviewed, vote: Vote) -> bool:
    """Whether the vote counts: not taken back, and for what the section says now."""
    return vote.revoked_at is None and vote.content_hash in one.same.get(vote.section, ())


def _may_concern(people: list[int]) -> Q:
    """Reviews in which these people could have a part at all, so that not every review of the house is read."""
    # Subqueries: joined to each other, offers and roles would multiply.
    led = Membership.objects.filter(user__in=people, is_lead=True).values("department")
    offering = Offer.objects.filter(department__in=led).values("campaign")
    doing = RaciRole.objects.filter(department__in=led).values("activity__campaign")
    answering = Activity.objects.filter(accountable__in=people).values("campaign")
    named = Review.named.through.objects.filter(user__in=people).values("review")
    return (
        Q(campaign__accountable__in=people)
        | Q(campaign__department__in=led)
        | Q(campaign__in=offering)
        | Q(campaign__in=doing)
        | Q(campaign__in=answering)
        | Q(pk__in=named)
    )
