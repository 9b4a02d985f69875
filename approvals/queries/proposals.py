"""What would clear a collision of a case, and what of it one side has proposed to the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User

from approvals.choices import ProposalState
from approvals.models import Case, Proposal
from approvals.permissions import can_propose, speaks_for
from campaigns.models import Campaign, Collision, Offer
from campaigns.permissions import can_change
from campaigns.queries.explanation import Reader, offers_in
from campaigns.queries.remedies import Suggestion
from campaigns.queries.suggested import Advice, advice_for, may_apply


@dataclass(frozen=True)
class Option:
    """A change that would clear a collision: the reader may make it or propose it, or it is proposed already."""

    advice: Advice
    may_propose: bool
    is_proposed: bool


@dataclass(frozen=True)
class Waiting:
    """A proposal without an answer, and what the reader may do. `is_stale`: an offer in the collision changed since."""

    proposal: Proposal
    is_stale: bool
    may_accept: bool
    may_decline: bool
    may_take_back: bool


@dataclass(frozen=True)
class Talks:
    """What the sides of a case proposed to each other, the newest first."""

    waiting: tuple[Waiting, ...]
    answered: tuple[Proposal, ...]


def options_of(case: Case, row: Collision, user: User, reader: Reader, *, today: date) -> list[Option]:
    """What the two sides of the case could do about one collision, read with its offers; what may be proposed first."""
    mine = speaks_for(user, case) if can_propose(user, case) else set()
    open_ones = Proposal.objects.filter(case=case, collision=row, state=ProposalState.OPEN)
    proposed = set(open_ones.values_list("key", flat=True))
    found = []
    for advice in advice_for(row, user, reader, today=today):
        asked = asked_of(case, advice.suggestion, user)
        is_proposed = advice.suggestion.key in proposed
        may_propose = asked is not None and bool(mine - {asked.pk}) and not (is_proposed or advice.may_apply)
        found.append(Option(advice, may_propose, is_proposed))
    return sorted(found, key=lambda one: not one.may_propose)


def asked_of(case: Case, suggestion: Suggestion, user: User) -> Campaign | None:
    """The campaign of the case whose people can make this change alone and now; None if there is no such.

    What tells the earnings of an offer is for none but its own side.
    """
    if suggestion.is_confidential or suggestion.remedy.funds:
        return None
    sides = (case.campaign_a, case.campaign_b)
    return next((one for one in sides if may_apply(suggestion, user, {one.pk})), None)


def versions_in(row: Collision) -> dict[str, int]:
    """Version of each of its offers, by id in text, as JSON keeps it."""
    return {str(offer.pk): offer.version for offer in offers_in(row)}


def talks_of(case: Case, proposals: Sequence[Proposal], user: User) -> Talks:
    """`proposals` are those of the case. The number of queries does not grow with them."""
    waiting = [one for one in proposals if one.state == ProposalState.OPEN]
    answered = tuple(one for one in proposals if one.state != ProposalState.OPEN)
    if not waiting:
        return Talks((), answered)
    mine = speaks_for(user, case)
    written = {one.pk for one in (case.campaign_a, case.campaign_b) if can_change(user, one)}
    ids = {int(pk) for one in waiting for pk in one.versions}
    now = {str(pk): version for pk, version in Offer.objects.filter(pk__in=ids).values_list("pk", "version")}
    return Talks(tuple(_waiting(one, now, user, mine, written) for one in waiting), answered)


def _waiting(proposal: Proposal, now: dict[str, int], user: User, mine: set[int], written: set[int]) -> Waiting:
    asked = proposal.offer.campaign_id
    return Waiting(
        proposal=proposal,
        is_stale=any(now.get(pk) != version for pk, version in proposal.versions.items()),
        may_accept=asked in written,
        may_decline=asked in mine | written,
        may_take_back=user.pk == proposal.proposed_by_id or bool(mine - {asked}),
    )
