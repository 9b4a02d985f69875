"""Where the two sides of a case stand: the terms that wait, who has signed them, and what the reader may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from approvals.actions.enforcement import Effect
from approvals.choices import CaseState, ExtensionState, TermsState
from approvals.models import Acceptance, Case, Extension, Terms
from approvals.permissions import can_answer_extension, can_propose, signs_for, speaks_for
from approvals.queries.effects import as_seen
from approvals.queries.facts import terms_hash
from approvals.queries.meetings import sides_of
from campaigns.models import Campaign


@dataclass(frozen=True)
class Signature:
    """What one side has said to the terms that wait; without an acceptance, nothing yet."""

    campaign: Campaign
    acceptance: Acceptance | None


@dataclass(frozen=True)
class Standing:
    """Terms that wait for an answer, as the reader sees them. `is_stale`: the plans changed since, nobody can accept them."""

    terms: Terms
    effect: Effect
    signatures: tuple[Signature, ...]
    is_stale: bool
    may_accept: bool
    may_decline: bool
    may_take_back: bool

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Names of the departments that have not signed."""
        return tuple(one.campaign.department.name for one in self.signatures if one.acceptance is None)


@dataclass(frozen=True)
class MoreTime:
    """What became of asking for more time: the request that waits, if any, and those that were answered.

    `most`: how many hours the reader may ask for now; 0 = may not.
    """

    waiting: Extension | None
    answered: tuple[Extension, ...]
    may_answer: bool
    most: int


@dataclass(frozen=True)
class Negotiation:
    """`past` terms the newest first."""

    standing: Standing | None
    past: tuple[Terms, ...]
    time: MoreTime


def negotiation_of(case: Case, terms: Sequence[Terms], user: User, *, now: datetime) -> Negotiation:
    """`terms` are those of the case. The number of queries does not grow with them."""
    waiting = next((one for one in terms if one.state == TermsState.OPEN), None)
    past = tuple(one for one in terms if one.state != TermsState.OPEN)
    return Negotiation(_standing(case, waiting, user) if waiting else None, past, _time(case, user, now))


def effect_for(terms: Terms, user: User) -> Effect:
    """What the terms do, as this reader may know it."""
    return Effect.from_json(as_seen(terms.effect, terms.case, user))


def is_stale(terms: Terms) -> bool:
    """Whether the plans are not those any more on which the terms were computed."""
    return terms_hash(terms.case, terms.orders) != terms.terms_hash


def _standing(case: Case, terms: Terms, user: User) -> Standing:
    terms.case = case
    signed = {row.campaign_id: row for row in terms.acceptances.select_related("accepted_by")}
    mine, bound = speaks_for(user, case), signs_for(user, case)
    stale = is_stale(terms)
    return Standing(
        terms=terms,
        effect=effect_for(terms, user),
        signatures=tuple(Signature(one, signed.get(one.pk)) for one in sides_of(case)),
        is_stale=stale,
        may_accept=not stale and bool(bound - signed.keys()),
        may_decline=bool(mine - {terms.campaign_id}),
        may_take_back=user.pk == terms.proposed_by_id or terms.campaign_id in mine,
    )


def _time(case: Case, user: User, now: datetime) -> MoreTime:
    asked = list(case.extensions.select_related("campaign__department", "asked_by", "answered_by"))
    waiting = next((one for one in asked if one.state == ExtensionState.OPEN), None)
    if waiting:
        waiting.case = case
    is_running = case.state == CaseState.NEGOTIATION and now < case.agree_by
    spent = waiting or any(one.state == ExtensionState.GRANTED for one in asked)
    is_free = is_running and not spent and can_propose(user, case)
    may_ask = is_free and bool(speaks_for(user, case) - {one.campaign_id for one in asked})
    return MoreTime(
        waiting=waiting,
        answered=tuple(one for one in asked if one is not waiting),
        may_answer=is_running and waiting is not None and can_answer_extension(user, waiting),
        most=case.hours_to_extend if may_ask and case.agree_by != case.settle_before else 0,
    )
