"""What waits for a person, for the first page they see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q, QuerySet

from approvals.choices import ENDED_STATES, CaseState
from approvals.models import Case
from campaigns.models import Campaign, Membership

DECIDED_DAYS = 14


@dataclass(frozen=True)
class CaseLine:
    """A case in a list. `parties` are (department, campaign code, campaign name), alphabetically by department."""

    pk: int
    label: str
    parties: tuple[tuple[str, str, str], tuple[str, str, str]]
    level: str
    state: str
    agree_by: datetime
    decide_by: datetime | None
    escalated_at: datetime | None
    takes_effect_at: datetime | None
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class Waiting:
    """`agree`: cases of my campaigns still in negotiation; `decide`: cases I mediate; `decided`: decided and not in force yet, or over since a short
    time.

    The first two with the nearest deadline first, the last with the newest first.
    """

    agree: tuple[CaseLine, ...]
    decide: tuple[CaseLine, ...]
    decided: tuple[CaseLine, ...]


def waiting_for(user: AbstractBaseUser, now: datetime) -> Waiting:
    """Four queries, however much waits."""
    led = list(Membership.objects.filter(user_id=user.pk, is_lead=True).values_list("department", flat=True))
    mine = Q()
    for side in ("campaign_a", "campaign_b"):
        mine |= Q(**{f"{side}__accountable_id": user.pk}) | Q(**{f"{side}__contact_person_id": user.pk})
        mine |= Q(**{f"{side}__department__in": led})
    cases = Case.objects.visible(user).select_related("campaign_a__department", "campaign_b__department")
    lately = Q(state__in=ENDED_STATES, closed_at__gte=now - timedelta(days=DECIDED_DAYS))
    decided = cases.filter(lately | Q(state=CaseState.DECIDED))
    return Waiting(
        agree=_lines(cases.filter(mine, state=CaseState.NEGOTIATION).order_by("agree_by", "id")),
        decide=_lines(cases.filter(state=CaseState.MEDIATION, mediator_id=user.pk).order_by("decide_by", "id")),
        decided=_lines(
            decided.filter(mine | Q(mediator_id=user.pk)).order_by(F("closed_at").desc(nulls_first=True), "-id")
        ),
    )


def _lines(cases: QuerySet[Case] | Iterable[Case]) -> tuple[CaseLine, ...]:
    return tuple(
        CaseLine(
            pk=case.pk,
            label=case.label,
            parties=_parties(case),
            level=case.level,
            state=case.state,
            agree_by=case.agree_by,
            decide_by=case.decide_by,
            escalated_at=case.escalated_at,
            takes_effect_at=case.takes_effect_at,
            closed_at=case.closed_at,
            outcome=case.outcome,
        )
        for case in cases
    )


def _parties(case: Case) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    first, second = sorted(_party(campaign) for campaign in (case.campaign_a, case.campaign_b))
    return first, second


def _party(campaign: Campaign) -> tuple[str, str, str]:
    return campaign.department.name, campaign.code, campaign.name
