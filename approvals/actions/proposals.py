"""What the two sides of a case propose to each other: asked, answered or taken back. The only writer of Proposal.state."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from approvals.actions import dossier
from approvals.choices import CaseState, MailEvent, ProposalState
from approvals.models import Case, Proposal
from approvals.permissions import can_decline, can_propose, can_take_back, speaks_for
from approvals.queries.disputes import collision_in
from approvals.queries.proposals import asked_of, versions_in
from approvals.queries.recipients import Recipient, once, parties, side
from approvals.rules.proposal_machine import PROPOSAL
from campaigns import advice
from campaigns.actions.remedies import apply_remedy
from campaigns.models import Collision
from campaigns.permissions import can_change
from campaigns.queries.remedies import Suggestion, suggestions_of
from customers.clock import local_day
from customers.rules.transitions import IllegalTransition, target_of


@transaction.atomic
def propose(*, case: Case, collision: Collision, key: str, by: User, now: datetime, message: str = "") -> Proposal:
    """Ask the other side for the change `key` of those that would clear the collision.

    Raises:
        PermissionDenied: `by` speaks for neither side, or only for the one that is asked.
        ValidationError: the case is not in negotiation, the change is proposed already or would clear nothing any more,
            or one side alone cannot make it.
    """
    locked = dossier.locked(case.pk)
    _check_agreeing(locked)
    if not can_propose(by, locked):
        raise PermissionDenied(_("Only the two departments of the case propose changes to each other."))
    collision, suggestion = _suggested(locked, collision, key, now)
    asked = asked_of(locked, suggestion, by)
    if asked is None:
        raise ValidationError({"key": _("The other side cannot make this change alone, so nobody can accept it.")})
    if not speaks_for(by, locked) - {asked.pk}:
        raise PermissionDenied(_("Your own offers are yours to change: nobody else has to accept it."))
    if Proposal.objects.filter(case=locked, collision=collision, key=key, state=ProposalState.OPEN).exists():
        raise ValidationError(_("This is proposed already and waits for an answer."), code="state")
    proposal: Proposal = Proposal.objects.create(
        case=locked,
        collision=collision,
        key=key,
        offer=suggestion.offer,
        words=_in_every_language(suggestion),
        days=suggestion.days,
        customers=suggestion.customers,
        products=suggestion.products,
        versions=versions_in(collision),
        message=message.strip(),
        proposed_by=by,
        proposed_at=now,
        state=target_of(PROPOSAL, "propose", ""),
    )
    _note(proposal, "propose", before="", by=by, now=now, reason=proposal.message)
    _tell(proposal, MailEvent.PROPOSAL_MADE, side(asked), by=by, now=now, reason=proposal.message)
    return proposal


@transaction.atomic
def accept(*, proposal: Proposal, by: User, now: datetime) -> Proposal:
    """Make the proposed change. The case closes by itself once nothing collides any more.

    Raises:
        PermissionDenied: `by` may not change the offers.
        ValidationError: the proposal is answered, the plans changed so that the change would clear nothing any more, or
            the offers cannot be changed so now. It stays open then.
    """
    locked = _open(proposal, "accept_proposal")
    if not can_change(by, locked.offer.campaign):
        raise PermissionDenied(_("Only who may change the offers accepts this."))
    # For those who are merely told of the plan, the case is all of the reason: what the sides wrote stays between them.
    apply_remedy(collision=locked.collision, key=locked.key, by=by, now=now, reason=locked.case.label)
    _answer(locked, "accept_proposal", by=by, now=now)
    people = once([*parties(locked.case), *_proposer(locked)])
    _tell(locked, MailEvent.PROPOSAL_ACCEPTED, people, by=by, now=now)
    return locked


@transaction.atomic
def decline(*, proposal: Proposal, reason: str, by: User, now: datetime) -> Proposal:
    """Say no, and why.

    Raises:
        PermissionDenied: `by` does not speak for the side that was asked.
        ValidationError: the proposal is answered, or there is no reason.
    """
    locked = _open(proposal, "decline_proposal")
    if not can_decline(by, locked):
        raise PermissionDenied(_("Only the department that was asked declines."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other department reads it.")})
    _answer(locked, "decline_proposal", by=by, now=now, answer=reason.strip())
    asking = [one for one in (locked.case.campaign_a, locked.case.campaign_b) if one.pk != locked.offer.campaign_id]
    people = once([*(person for campaign in asking for person in side(campaign)), *_proposer(locked)])
    _tell(locked, MailEvent.PROPOSAL_DECLINED, people, by=by, now=now, reason=locked.answer)
    return locked


@transaction.atomic
def withdraw(*, proposal: Proposal, by: User, now: datetime) -> Proposal:
    """Take a proposal back.

    Raises:
        PermissionDenied: `by` does not speak for the side that made it.
        ValidationError: the proposal is answered.
    """
    locked = _open(proposal, "take_proposal_back")
    if not can_take_back(by, locked):
        raise PermissionDenied(_("Only the department that proposed it takes it back."))
    _answer(locked, "take_proposal_back", by=by, now=now)
    return locked


def lapse(case: Case, *, now: datetime, but: Collection[Collision] = ()) -> None:
    """End the open proposals of a locked case, `but` those about these collisions: nobody can accept them any more."""
    rows = Proposal.objects.filter(case=case, state=ProposalState.OPEN).exclude(collision__in=[one.pk for one in but])
    for proposal in rows.order_by("pk"):
        proposal.case = case
        _answer(proposal, "lapse_proposal", by=None, now=now)


def _open(proposal: Proposal, step: str) -> Proposal:
    """The proposal under the lock of its case, from where `step` is possible.

    Raises:
        ValidationError: it is not.
    """
    case = dossier.locked(proposal.case_id)
    found: Proposal = Proposal.objects.select_related("offer__campaign", "collision", "proposed_by").get(
        pk=proposal.pk
    )
    found.case = case
    try:
        target_of(PROPOSAL, step, found.state)
    except IllegalTransition as error:
        raise ValidationError(
            _("This proposal is in the state “%(state)s” now, so this is no longer possible. Reload the page.")
            % {"state": found.get_state_display()},
            code="state",
        ) from error
    return found


def _check_agreeing(case: Case) -> None:
    if case.state != CaseState.NEGOTIATION:
        raise ValidationError(
            _(
                "%(case)s is in the state “%(state)s” now: changes are proposed as long as the departments are agreeing."
            )
            % {"case": case.label, "state": case.get_state_display()},
            code="state",
        )


def _suggested(case: Case, collision: Collision, key: str, now: datetime) -> tuple[Collision, Suggestion]:
    """The collision as it is now, and what clears it."""
    if current := collision_in(case, collision.pk):
        for suggestion in suggestions_of(current, today=local_day(now)):
            if suggestion.key == key:
                return current, suggestion
    raise ValidationError(
        {"key": _("The plans changed: this would not clear the collision any more. Look at what would.")}
    )


def _in_every_language(suggestion: Suggestion) -> dict[str, str]:
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = advice.sentence(suggestion.plan, suggestion.remedy)
    return words


def _answer(proposal: Proposal, step: str, *, by: User | None, now: datetime, answer: str = "") -> None:
    before, proposal.state = proposal.state, target_of(PROPOSAL, step, proposal.state)
    proposal.answered_by, proposal.answered_at, proposal.answer = by, now, answer
    proposal.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    _note(proposal, step, before=before, by=by, now=now, reason=answer)


def _note(proposal: Proposal, step: str, *, before: str, by: User | None, now: datetime, reason: str) -> None:
    changes = {f"proposal {proposal.pk}": (before, proposal.state)}
    dossier.note(proposal.case, step, by=by, now=now, reason=reason, changes=changes)


def _proposer(proposal: Proposal) -> list[Recipient]:
    return [Recipient(proposal.proposed_by, "proposer")]


def _tell(
    proposal: Proposal, event: str, people: Collection[Recipient], *, by: User, now: datetime, reason: str = ""
) -> None:
    dossier.tell(
        proposal.case,
        event,
        people,
        occasion=str(proposal.pk),
        now=now,
        by=by,
        reason=reason,
        proposed=proposal.words,
    )
