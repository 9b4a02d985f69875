"""What waits for the reader: the first page after signing in, told for the parts they have in the house."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from approvals.choices import MailState, RequestState, StandingRuleState
from approvals.models import CustomerRequest, Mail, Mediator
from approvals.queries import standing_rules
from approvals.queries.cases import CaseLine, Waiting, waiting_for
from approvals.queries.mail_hold import held_since
from approvals.queries.requests import waiting_for as waiting_requests
from approvals.queries.reviews import waits_for
from campaigns import wording
from campaigns.admin import cards
from campaigns.admin.visible import once, roles
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Collision, Department, DetectionRun, ImportRun
from campaigns.permissions import departments_of
from campaigns.queries.listing import undecided
from campaigns.queries.plan import STATES
from customers.actions import events
from customers.clock import local_day
from customers.models import Customer, Segment

WEEKS = 4
# So many lines of each kind; the list behind holds the rest.
SHOWN = 6
FOR_EVERY_CASE = {"department": None, "category": None, "business_unit": "", "from_level": ""}


@dataclass(frozen=True)
class Turn:
    """One thing the reader must do: the first word of `what` says what, `url` leads to where it is done."""

    icon: str
    what: str
    title: str
    detail: str
    url: str
    button: str
    level: str = ""
    due: datetime | None = None
    since: datetime | None = None
    is_overdue: bool = False


def page(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """The context of the home page."""
    parts = roles(request)
    user = request.user
    cases = waiting_for(user, now)
    has_plans = bool(parts & {"lead", "member"})
    groups = [*_cases(cases, now), _rules(user), _requests(user, now), *_campaigns(user, now)]
    turns = [turn for group in groups for turn in group.turns[:SHOWN]]
    mediates = Mediator.objects.filter(Q(user=user) | Q(stand_in=user)).exists() or bool(cases.decide)
    return {
        "parts": parts,
        "mediates": mediates,
        "turns": turns,
        "total": sum(len(group.turns) for group in groups),
        "overdue": sum(turn.is_overdue for group in groups for turn in group.turns),
        "more": [(group.rest, group.url) for group in groups if len(group.turns) > SHOWN],
        "decided": cases.decided,
        "has_plans": has_plans,
        "may_add": "lead" in parts,
        "today": local_day(now),
        "now": now,
        "zone": settings.TIME_ZONE,
        "last_detection": DetectionRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").first(),
        "open_collisions": None if parts == {"analyst"} else _open_collisions(user),
        **(_weeks(request, now) if has_plans else {}),
        **(_data() if parts & {"analyst", "administrator"} else {}),
        **(_house() if "administrator" in parts else {}),
    }


@dataclass(frozen=True)
class Group:
    """Turns of one kind; `url` leads to all of them, `rest` names them."""

    turns: list[Turn]
    rest: str
    url: str


def _cases(cases: Waiting, now: datetime) -> list[Group]:
    """Cases to decide, then cases to agree on, each with the nearest deadline first."""
    address = reverse("admin:approvals_case_changelist")
    return [
        Group(
            [_case(line, "balance", _("Decide"), line.decide_by, now) for line in cases.decide],
            _("All %(n)s cases to decide") % {"n": len(cases.decide)},
            f"{address}?turn=mine",
        ),
        Group(
            [_case(line, "forum", _("Agree"), line.agree_by, now) for line in cases.agree],
            _("All %(n)s cases to agree on") % {"n": len(cases.agree)},
            address,
        ),
    ]


def _case(line: CaseLine, icon: str, what: str, due: datetime | None, now: datetime) -> Turn:
    (department_a, _code_a, name_a), (department_b, _code_b, name_b) = line.parties
    return Turn(
        icon=icon,
        what=what,
        title=f"{name_a} ↔ {name_b}",
        detail=f"{line.label} · {department_a} ↔ {department_b}",
        url=reverse("admin:approvals_case_change", args=[line.pk]),
        button=_("Open the case"),
        level=line.level,
        due=due,
        since=None if due else line.escalated_at,
        is_overdue=bool(due and due < now),
    )


def _rules(user: User) -> Group:
    """Standing rules that were suggested, and that this person says yes or no to."""
    turns = [
        Turn(
            icon="gavel",
            what=_("Say yes or no"),
            title=standing_rules.sentence(rule),
            detail=f"{rule.label} · {standing_rules.between(rule)}",
            url=reverse("admin:approvals_standingrule_change", args=[rule.pk]),
            button=_("Read the decisions"),
            since=rule.suggested_at,
        )
        for rule in standing_rules.waiting_for(user)
    ]
    address = f"{reverse('admin:approvals_standingrule_changelist')}?state__exact={StandingRuleState.SUGGESTED}"
    return Group(turns, _("All %(n)s suggested standing rules") % {"n": len(turns)}, address)


def _requests(user: User, now: datetime) -> Group:
    """Customers' requests to answer, and answers to settle, with the nearest deadline first."""
    turns = [_request(one, now) for one in waiting_requests(user)]
    return Group(
        turns,
        _("All %(n)s customer requests") % {"n": len(turns)},
        f"{reverse('admin:approvals_customerrequest_changelist')}?turn=department",
    )


def _request(one: CustomerRequest, now: datetime) -> Turn:
    settles = one.disputed_at is not None
    is_open = one.state == RequestState.OPEN
    return Turn(
        icon="call_split" if settles else "support_agent",
        what=_("Settle") if settles else _("Answer"),
        title=Truncator(one.asked).chars(60),
        detail=f"{one.label} · {one.get_channel_display()} · {one.department.name}",
        url=reverse("admin:approvals_customerrequest_change", args=[one.pk]),
        button=_("Compare the answers") if settles else _("Open the request"),
        due=one.answer_by if is_open else None,
        since=None if is_open else one.disputed_at,
        is_overdue=is_open and one.answer_by <= now,
    )


def _campaigns(user: User, now: datetime) -> list[Group]:
    """Plans that stand still until this person acts, soonest start first."""
    mine = Campaign.objects.visible(user).select_related("department").order_by("starts_on", "code")
    drafts = mine.filter(
        status=CampaignStatus.DRAFT, department__memberships__user=user, department__memberships__is_lead=True
    )
    paused = mine.filter(accountable=user, status=CampaignStatus.PAUSED)
    approvals = [
        _turn(one.campaign, "approval", _("Approve"), _("Look and approve"), page="approvals_review_campaign")
        for one in waits_for(user, now)
    ]
    resuming = [_turn(campaign, "pause_circle", _("Resume"), _("Open the plan")) for campaign in paused]
    writing = [_turn(campaign, "edit_note", _("Submit"), _("Complete the draft")) for campaign in drafts]
    address = reverse("admin:campaigns_campaign_changelist")
    return [
        Group(
            approvals,
            _("All %(n)s campaigns to approve") % {"n": len(approvals)},
            f"{reverse('admin:approvals_review_changelist')}?waits=me",
        ),
        Group(
            resuming,
            _("All %(n)s paused campaigns") % {"n": len(resuming)},
            f"{address}?mine=a&status=paused",
        ),
        Group(writing, _("All %(n)s drafts") % {"n": len(writing)}, f"{address}?mine=department&status=draft"),
    ]


def _turn(campaign: Campaign, icon: str, what: str, button: str, *, page: str = "campaigns_campaign_change") -> Turn:
    return Turn(
        icon=icon,
        what=what,
        title=campaign.name,
        detail=f"{campaign.department.name} · {wording.period(campaign.starts_on, campaign.ends_before)}",
        url=reverse(f"admin:{page}", args=[campaign.pk]),
        button=button,
    )


def _open_collisions(user: User) -> dict[str, int]:
    rows = undecided(Collision.objects.visible(user))
    counts = dict(rows.order_by().values_list("level").annotate(n=Count("pk")))
    return {"total": sum(counts.values()), "severe": counts.get("high", 0) + counts.get("critical", 0)}


def _weeks(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The next four weeks of the reader's departments."""
    start = local_day(now)
    end = start + timedelta(weeks=WEEKS)
    own = once(request, "departments", lambda: departments_of(request.user))
    rows = Campaign.objects.filter(
        department__in=own, starts_on__lt=end, ends_before__gt=start, status__in=STATES
    ).exclude(status=CampaignStatus.ENDED)
    monday = start - timedelta(days=start.weekday())
    weeks = [monday + timedelta(weeks=number) for number in range(WEEKS + 1)]
    first, last = weeks[0], weeks[-1] + timedelta(weeks=1)
    return {
        "cards": cards.cards_of(request, rows.order_by("starts_on", "code"), start=first, end=last),
        "weeks": [cards.week(week, start) for week in weeks],
        "first_day": first,
        "today_at": (start - first).days,
        "own_departments": Department.objects.filter(pk__in=own).order_by("name"),
    }


def _data() -> dict[str, Any]:
    return {
        "customers": Customer.objects.count(),
        "segments": Segment.objects.filter(kind=Segment.Kind.NAMED).count(),
        "last_import": ImportRun.objects.order_by("-id").first(),
    }


def _house() -> dict[str, Any]:
    """What keeps others from working until an administrator acts."""
    live = [CampaignStatus.DRAFT, CampaignStatus.SUBMITTED, CampaignStatus.APPROVED, CampaignStatus.LIVE]
    led = Department.objects.annotate(leads=Count("memberships", filter=Q(memberships__is_lead=True)))
    return {
        "without_a": Campaign.objects.filter(accountable__isnull=True, status__in=live).count(),
        "without_lead": list(led.filter(leads=0).order_by("name")[:SHOWN]),
        "without_mediator": not Mediator.objects.filter(**FOR_EVERY_CASE, user__is_active=True).exists(),
        "mail_held_since": held_since(),
        "given_up": events.given_up().count(),
        "failed_mails": Mail.objects.filter(state=MailState.FAILED).count(),
        "has_departments": Department.objects.exists(),
    }
