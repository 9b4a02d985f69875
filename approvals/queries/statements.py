"""What is said in a case, who may say something, and who reads it."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from approvals.choices import StatementKind
from approvals.models import Case, Statement
from approvals.permissions import can_speak, speaks_for
from approvals.queries.impartiality import party_departments
from approvals.queries.meetings import sides_of
from campaigns.models import Campaign
from customers.permissions import colleagues


@dataclass(frozen=True)
class Part:
    """What the reader may say: in the name of `sides`, or none of them as mediator; `people` hear if they mention them."""

    may_speak: bool
    sides: tuple[Campaign, ...]
    people: tuple[User, ...]


@dataclass(frozen=True)
class Said:
    """What a side stated of one kind: the newest, and how many more there are."""

    campaign: Campaign
    kind: StatementKind
    newest: tuple[Statement, ...]
    more: int


def statements_of(case: Case) -> QuerySet[Statement]:
    """The newest first, with all that a line shows, in three queries."""
    rows = Statement.objects.filter(case=case).select_related("author", "retraction", "side__department")
    return rows.prefetch_related("mentions", "attachments").order_by("-id")


def newer_than(statement: Statement) -> int:
    """How many statements of the same case stand before this one."""
    return Statement.objects.filter(case=statement.case_id, pk__gt=statement.pk).count()


def stated(case: Case, most: int) -> list[Said]:
    """Facts and claims of both sides beside each other, without what was retracted."""
    standing = statements_of(case).filter(retraction=None)
    counted = standing.order_by().prefetch_related(None).values_list("side", "kind").annotate(Count("pk"))
    numbers = {(side, kind): number for side, kind, number in counted}
    found = []
    for kind in (StatementKind.FACT, StatementKind.CLAIM):
        for campaign in sides_of(case):
            number = numbers.get((campaign.pk, kind), 0)
            newest = tuple(standing.filter(side=campaign.pk, kind=kind)[:most]) if number else ()
            found.append(Said(campaign, kind, newest, number - len(newest)))
    return found


def readers_of(case: Case) -> QuerySet[User]:
    """Colleagues who may see the case: those to whom `visible(user)` shows it."""
    campaigns = (case.campaign_a, case.campaign_b)
    people = {one.accountable_id for one in campaigns} | {one.contact_person_id for one in campaigns}
    people = {pk for pk in people | {case.mediator_id} if pk is not None}
    departments = party_departments(case)
    reads = Q(is_superuser=True) | Q(pk__in=people) | Q(memberships__department__in=departments)
    return colleagues().filter(reads).distinct()


def part_of(user: User, case: Case) -> Part:
    if not can_speak(user, case):
        return Part(may_speak=False, sides=(), people=())
    own = speaks_for(user, case)
    sides = tuple(campaign for campaign in sides_of(case) if campaign.pk in own)
    return Part(may_speak=True, sides=sides, people=tuple(readers_of(case).exclude(pk=user.pk)))
