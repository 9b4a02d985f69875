"""What a mail about a case, a campaign or an account tells, as plain facts without language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse

from approvals.choices import CaseOutcome, CaseState
from approvals.models import Case, Comment, CustomerRequest, HandOver
from approvals.queries.briefings import Read
from approvals.queries.conversation_news import MeetingNews, StatementNews
from approvals.queries.effects import Tally
from approvals.queries.party import Party, name_of, party_of
from approvals.queries.reviews import Reviewed
from approvals.rules.notification import Block
from approvals.rules.operations import Operation
from approvals.rules.outcomes import Outcome
from campaigns.choices import CollisionState
from campaigns.models import Campaign, Collision

# How a case ends that another takes up at once.
_GOES_ON = (CaseOutcome.APPEALED, CaseOutcome.OVERTAKEN)

# The rules that a mail names.
MOST_RULES = 3


@dataclass(frozen=True)
class Cited:
    """What a decision says of a precedent; `label` and `why` are empty where some reader may not know it."""

    stance: str
    outcome: Outcome
    label: str = ""
    why: str = ""


@dataclass(frozen=True)
class CaseNews:
    """Counts are of the most severe collision, `rules` (codes) found the most severe ones; `by`, `reason`, `orders`, `proposed` (a change in words, by language) and `because` belong to single events; `is_hurried`: there was no time to agree. `takes_effect_at`: of a decision that may be appealed; `taken_up_by`: the label of the case in its place; `left` mediates no more, as `passed_on` says (see approvals.rules.timeline).

    Of terms, `tally` is what they do and `signers` ("Ana Gil (Sales)") accepted them. Of more time, `hours` are asked for,
    `until` is when the deadline would be. `rule` (a label) is the standing rule that it is about, `rule_why` why it is not
    applied, `apply_at` when it would be.
    """

    label: str
    url: str
    parties: tuple[Party, Party]
    level: str
    collisions: int
    starts_on: date | None
    ends_before: date | None
    customers: int
    products: int
    agree_by: datetime
    mediator: str
    by: str = ""
    reason: str = ""
    orders: tuple[Operation, ...] = ()
    proposed: Mapping[str, str] = field(default_factory=dict)
    because: str = ""
    rules: tuple[str, ...] = ()
    is_hurried: bool = False
    takes_effect_at: datetime | None = None
    taken_up_by: str = ""
    tally: Tally | None = None
    signers: tuple[str, ...] = ()
    hours: int = 0
    until: datetime | None = None
    cited: tuple[Cited, ...] = ()
    rule: str = ""
    rule_why: str = ""
    apply_at: datetime | None = None
    decide_by: datetime | None = None
    left: str = ""
    passed_on: str = ""


@dataclass(frozen=True)
class LeftNews:
    """A case left its mediator, `why` as approvals.rules.timeline words it: nothing of it but its label."""

    url: str
    label: str
    why: str


@dataclass(frozen=True)
class RuleNews:
    """A step of a standing rule; `departments` are names by id, `step` as approvals.rules.standing_rule_machine."""

    url: str
    label: str
    departments: Mapping[int, str]
    outcome: Outcome
    step: str
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CampaignNews:
    url: str
    party: Party


@dataclass(frozen=True)
class CommentNews:
    """`text` is empty once the comment is retracted."""

    url: str
    party: Party
    by: str
    text: str


@dataclass(frozen=True)
class MoveNews:
    """A step of a campaign's life: `step` as in campaigns.rules.lifecycle, `by` empty when time or content took it."""

    url: str
    party: Party
    step: str
    status: str
    by: str
    reason: str


@dataclass(frozen=True)
class ReviewNews:
    """What the approval of a plan is about: `sections` of it, `departments` names by code; `by` and `reason` of single events."""

    url: str
    party: Party
    sections: tuple[str, ...]
    departments: Mapping[str, str]
    starts_on: date
    ends_before: date
    due_at: datetime | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BriefingNews:
    """A version of a briefing: `message` is what to say, `offers` as approvals.rules.briefings tells them."""

    url: str
    party: Party
    number: int
    is_first: bool
    starts_on: date
    ends_before: date
    message: str
    offers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class RequestNews:
    """A customer's request by its label and where it is; nothing of what it says. `before` is where it came from.

    `number`: how often it went to another department; `is_late`: the time to answer is over.
    """

    url: str
    label: str
    channel: str
    department: str
    owner: str
    answer_by: datetime
    is_late: bool
    number: int
    by: str = ""
    before: str = ""


@dataclass(frozen=True)
class AccountNews:
    """What somebody did to the account of the reader; `by` is empty for the command line."""

    url: str
    by: str
    at: datetime


@dataclass(frozen=True)
class DigestLine:
    """`verb`: "decide", "approve" or "agree" for what waits, a MailEvent for what happened."""

    verb: str
    what: str
    url: str
    due: datetime | None = None


@dataclass(frozen=True)
class DigestNews:
    """The lines of a digest that fit, block by block (some without lines), and how many `more` there are."""

    url: str
    day: date
    blocks: tuple[tuple[Block, tuple[DigestLine, ...]], ...]
    more: int


News = (
    CaseNews
    | LeftNews
    | RuleNews
    | CampaignNews
    | CommentNews
    | StatementNews
    | MeetingNews
    | MoveNews
    | ReviewNews
    | BriefingNews
    | RequestNews
    | AccountNews
    | DigestNews
)


def of_case(
    case: Case,
    *,
    by: User | None = None,
    reason: str = "",
    orders: tuple[Operation, ...] = (),
    proposed: Mapping[str, str] | None = None,
    **said: Any,
) -> CaseNews:
    """What stands in the case now: its open collisions, or all of them once none is open.

    `said` are columns of CaseNews that belong to single events.
    """
    collisions = _shown(case)
    totals = collisions.aggregate(number=Count("id"), first=Min("starts_on"), last=Max("ends_before"))
    by_rule = collisions.order_by().values("rule").annotate(worst=Max("score")).order_by("-worst", "rule")
    worst = collisions.order_by("-score", "id").values("shared_customers", "shared_products").first()
    return CaseNews(
        label=case.label,
        url=settings.SITE_URL + reverse("admin:approvals_case_change", args=[case.pk]),
        parties=(party_of(case.campaign_a), party_of(case.campaign_b)),
        level=case.level,
        collisions=totals["number"],
        starts_on=totals["first"],
        ends_before=totals["last"],
        customers=worst["shared_customers"] if worst else 0,
        products=worst["shared_products"] if worst else 0,
        agree_by=case.agree_by,
        mediator=name_of(case.mediator),
        by=name_of(by),
        reason=reason,
        orders=orders,
        proposed=proposed or {},
        because=case.closed_because,
        rules=tuple(by_rule.values_list("rule", flat=True)[:MOST_RULES]),
        takes_effect_at=case.takes_effect_at if case.state == CaseState.DECIDED else None,
        taken_up_by=case.taken_up_by.label if case.outcome in _GOES_ON else "",
        decide_by=case.decide_by,
        **said,
    )


def of_leaving(case: Case, *, why: str) -> LeftNews:
    return LeftNews(settings.SITE_URL + reverse("admin:index"), case.label, why)


def of_campaign(campaign: Campaign) -> CampaignNews:
    url = settings.SITE_URL + reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return CampaignNews(url=url, party=party_of(campaign))


def of_comment(comment: Comment) -> CommentNews:
    thread = reverse("admin:approvals_comment_thread", args=[comment.campaign_id])
    url = f"{settings.SITE_URL}{thread}?comment={comment.pk}#comment-{comment.pk}"
    return CommentNews(url, party_of(comment.campaign), name_of(comment.author), comment.shown)


def of_move(campaign: Campaign, *, step: str, status: str, by: User | None, reason: str) -> MoveNews:
    url = settings.SITE_URL + reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    return MoveNews(url, party_of(campaign), step, status, name_of(by), reason)


def of_review(
    one: Reviewed,
    *,
    sections: Collection[str],
    by: User | None = None,
    reason: str = "",
    due_at: datetime | None = None,
) -> ReviewNews:
    return ReviewNews(
        url=settings.SITE_URL + reverse("admin:approvals_review_campaign", args=[one.campaign.pk]),
        party=party_of(one.campaign),
        sections=tuple(sections),
        departments=one.departments,
        starts_on=one.campaign.starts_on,
        ends_before=one.campaign.ends_before,
        due_at=due_at,
        by=name_of(by),
        reason=reason,
    )


def of_briefing(one: Read) -> BriefingNews:
    """`one` has been released."""
    assert one.briefing, "nobody is told of a preview"
    return BriefingNews(
        url=settings.SITE_URL + reverse("admin:approvals_briefing_of", args=[one.campaign.pk]),
        party=Party(one.campaign.code, one.name, one.campaign.department.name),
        number=one.briefing.version.number,
        is_first=one.before is None,
        starts_on=one.starts_on,
        ends_before=one.ends_before,
        message=one.brief.get("what", ""),
        offers=tuple(one.offers),
    )


def of_request(
    request: CustomerRequest, *, by: User | None, handed: HandOver | None, number: int, now: datetime
) -> RequestNews:
    return RequestNews(
        url=settings.SITE_URL + reverse("admin:approvals_customerrequest_change", args=[request.pk]),
        label=request.label,
        channel=request.channel,
        department=request.department.name,
        owner=name_of(request.owner),
        answer_by=request.answer_by,
        is_late=request.answer_by <= now,
        number=number,
        by=name_of(by),
        before=handed.from_department.name if handed else "",
    )


def of_account(*, by: User | None, at: datetime) -> AccountNews:
    return AccountNews(settings.SITE_URL + reverse("admin:approvals_two_factor"), name_of(by), at)


def _shown(case: Case) -> QuerySet[Collision]:
    joined = Collision.objects.filter(pk__in=case.collision_rows.values("collision"))
    still_open = Q(state=CollisionState.OPEN)
    return joined.filter(still_open) if joined.filter(still_open).exists() else joined
