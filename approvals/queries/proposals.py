"""What would clear the collisions of a case, and what of it one side has proposed to the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User

from approvals.choices import CaseState, ProposalState
from approvals.models import Case, Proposal
from approvals.permissions import can_propose, speaks_for
from approvals.queries.exhibits import Evidence, OverlapFact
from campaigns.choices import CollisionState, Level
from campaigns.models import Campaign, Collision
from campaigns.permissions import can_change
from campaigns.queries.explanation import with_offers
from campaigns.queries.remedies import Suggestion, suggestions_of
from campaigns.queries.suggested import may_apply

# Collisions of a case of which its page says what would clear them: trying out changes takes its time.
MOST_TRIED = 3
# Changes for each that are written out; the others unfold.
SHOWN = 3

Found = Mapping[int, Sequence[Suggestion]]


@dataclass(frozen=True)
class Option:
    """A change that would clear a collision: the reader may make it (`is_own`) or propose it, or it is proposed already."""

    suggestion: Suggestion
    is_own: bool
    may_propose: bool
    is_proposed: bool


@dataclass(frozen=True)
class Clearing:
    """What would clear one collision, what the reader may propose first."""

    collision: OverlapFact
    options: tuple[Option, ...]

    @property
    def first_options(self) -> tuple[Option, ...]:
        return self.options[:SHOWN]

    @property
    def more_options(self) -> tuple[Option, ...]:
        return self.options[SHOWN:]


@dataclass(frozen=True)
class Waiting:
    """A proposal without an answer. `is_stale`: the plans changed, and it would clear nothing now. Rights of the reader."""

    proposal: Proposal
    is_stale: bool
    may_accept: bool
    may_decline: bool
    may_take_back: bool


@dataclass(frozen=True)
class Talks:
    """What the sides of a case propose to each other, the newest first, and what they still could propose."""

    waiting: tuple[Waiting, ...]
    answered: tuple[Proposal, ...]
    clearings: tuple[Clearing, ...]


def talks_of(found: Evidence, reader: User, *, today: date) -> Talks:
    answered = tuple(one for one in found.proposals if one.state != ProposalState.OPEN)
    if found.case.state != CaseState.NEGOTIATION:
        return Talks((), answered, ())
    waiting = [one for one in found.proposals if one.state == ProposalState.OPEN]
    tried = [one for one in found.overlaps if _is_open(one, today)][:MOST_TRIED]
    suggested = _suggested({one.pk for one in tried} | {one.collision_id for one in waiting}, today)
    return Talks(
        waiting=_waiting(found.case, waiting, suggested, reader),
        answered=answered,
        clearings=_clearings(found.case, tried, suggested, waiting, reader),
    )


def asked_of(case: Case, suggestion: Suggestion, reader: User) -> Campaign | None:
    """The campaign of the case whose people can make this change alone and now; None if there is no such.

    What tells the earnings of an offer is for none but its own side.
    """
    if suggestion.is_confidential or suggestion.remedy.funds:
        return None
    sides = (case.campaign_a, case.campaign_b)
    return next((one for one in sides if may_apply(suggestion, reader, {one.pk})), None)


def _is_open(fact: OverlapFact, today: date) -> bool:
    return fact.state == CollisionState.OPEN and fact.level != Level.NOTE and fact.ends_before > today


def _suggested(collisions: Collection[int], today: date) -> Found:
    rows = with_offers(Collision.objects.filter(pk__in=collisions).order_by("pk"))
    return {one.pk: suggestions_of(one, today=today) for one in rows}


def _waiting(case: Case, waiting: Sequence[Proposal], suggested: Found, reader: User) -> tuple[Waiting, ...]:
    mine, written = speaks_for(reader, case), _written(case, reader)
    lines = []
    for proposal in waiting:
        asked = proposal.offer.campaign_id
        suggestion = next((one for one in suggested[proposal.collision_id] if one.key == proposal.key), None)
        lines.append(
            Waiting(
                proposal=proposal,
                is_stale=suggestion is None,
                may_accept=suggestion is not None and may_apply(suggestion, reader, written),
                may_decline=asked in mine | written,
                may_take_back=reader.pk == proposal.proposed_by_id or bool(mine - {asked}),
            )
        )
    return tuple(lines)


def _clearings(
    case: Case, tried: Sequence[OverlapFact], suggested: Found, waiting: Sequence[Proposal], reader: User
) -> tuple[Clearing, ...]:
    mine = speaks_for(reader, case) if can_propose(reader, case) else set()
    written = _written(case, reader)
    proposed = {(one.collision_id, one.key) for one in waiting}
    clearings = []
    for fact in tried:
        options = []
        for suggestion in suggested[fact.pk]:
            if asked := asked_of(case, suggestion, reader):
                is_proposed, is_own = (fact.pk, suggestion.key) in proposed, asked.pk in written
                may_propose = bool(mine - {asked.pk}) and not is_own and not is_proposed
                options.append(Option(suggestion, is_own, may_propose, is_proposed))
        if options:
            clearings.append(Clearing(fact, tuple(sorted(options, key=lambda one: not one.may_propose))))
    return tuple(clearings)


def _written(case: Case, reader: User) -> set[int]:
    """Ids of those of the two campaigns that the reader may change."""
    return {one.pk for one in (case.campaign_a, case.campaign_b) if can_change(reader, one)}
