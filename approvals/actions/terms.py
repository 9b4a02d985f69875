"""Terms that one side of a case puts to the other: proposed, countered, declined. The only writer of Terms.state."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import dossier, orders
from approvals.actions.enforcement import Effect
from approvals.choices import AGREEING_STATES, MailEvent, TermsState
from approvals.models import Acceptance, Case, Terms
from approvals.models.terms import LONGEST_MESSAGE
from approvals.permissions import can_decline_terms, can_negotiate, can_take_terms_back, signs_for, speaks_for
from approvals.queries.effects import tally_of
from approvals.queries.facts import terms_hash
from approvals.queries.recipients import Recipient, once, side
from approvals.rules.operations import AllowBoth, Operation, canonical, serialise
from approvals.rules.terms_machine import TERMS
from campaigns.models import Campaign
from customers.rules.transitions import IllegalTransition, target_of


class StaleTerms(ValidationError):
    """The plans, or the terms, are not what was shown any more."""

    def __init__(self) -> None:
        text = _(
            "The plans changed since these terms were computed, so nobody's signature holds and nothing was changed. "
            "Look at what they would do now, and propose them again."
        )
        super().__init__(text, code="stale")


@dataclass(frozen=True)
class Preview:
    """What terms would do, and the hash by which they are proposed and signed."""

    effect: Effect
    terms_hash: str


@transaction.atomic
def preview(*, case: Case, operations: Sequence[Operation], by: User, now: datetime) -> Preview:
    """What these terms would do. Exact: it is done, read and undone again.

    Raises:
        PermissionDenied: `by` speaks for neither side.
        ValidationError: the case is closed, the operations contradict each other, or an offer cannot be changed so.
    """
    locked = _lock_to_propose(case, by)
    orders.check_operations(locked, operations)
    return Preview(orders.tried(locked, canonical(operations), by=by, now=now), terms_hash(locked, operations))


@transaction.atomic
def propose(
    *, case: Case, operations: Sequence[Operation], posted_hash: str, by: User, now: datetime, message: str = ""
) -> Terms:
    """Put terms for the whole case to the other side; those that wait for an answer are superseded.

    The side that proposes accepts them at once, if `by` may bind it; else somebody who may has to. The deadline of the
    case stays. The same terms again, while they wait, change nothing.

    Args:
        posted_hash: of the preview that `by` was shown.

    Raises:
        PermissionDenied: `by` speaks for neither side.
        StaleTerms: the plans changed since the preview.
        ValidationError: the case is closed, the operations are impossible, or nobody says why both may run.
    """
    locked = _lock_to_propose(case, by)
    operations, message = canonical(operations), _checked(message, operations)
    orders.check_operations(locked, operations)
    current = terms_hash(locked, operations)
    if posted_hash != current:
        raise StaleTerms
    asking = _side_of(locked, by)
    before = open_terms(locked)
    if before and (before.terms_hash, before.campaign_id, before.message) == (current, asking.pk, message):
        return before
    effect = orders.tried(locked, operations, by=by, now=now)
    if before:
        move(before, "supersede_terms", by=by, now=now)
    made: Terms = Terms.objects.create(
        case=locked,
        campaign=asking,
        operations=serialise(operations),
        effect=effect.as_json(),
        terms_hash=current,
        message=message,
        proposed_by=by,
        proposed_at=now,
        state=target_of(TERMS, "propose_terms", ""),
    )
    _note(made, "propose_terms", before="", by=by, now=now, reason=message)
    if asking.pk in signs_for(by, locked):
        sign(made, asking.pk, by=by, now=now)
    event = MailEvent.TERMS_COUNTERED if before else MailEvent.TERMS_PROPOSED
    _tell(made, event, _of_others(made), by=by, now=now, reason=message)
    return made


@transaction.atomic
def decline(*, terms: Terms, reason: str, by: User, now: datetime) -> Terms:
    """Say no, and why.

    Raises:
        PermissionDenied: `by` does not speak for the side to which they were put.
        ValidationError: the terms are answered, or there is no reason.
    """
    locked = lock_open(terms, "decline_terms")
    if not can_decline_terms(by, locked):
        raise PermissionDenied(_("Only the department to which the terms were put declines them."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other department reads it.")})
    move(locked, "decline_terms", by=by, now=now, answer=reason.strip())
    people = once([*side(locked.campaign), Recipient(locked.proposed_by, "proposer")])
    _tell(locked, MailEvent.TERMS_DECLINED, people, by=by, now=now, reason=locked.answer)
    return locked


@transaction.atomic
def withdraw(*, terms: Terms, by: User, now: datetime) -> Terms:
    """Take terms back.

    Raises:
        PermissionDenied: `by` does not speak for the side that made them.
        ValidationError: the terms are answered.
    """
    locked = lock_open(terms, "take_terms_back")
    if not can_take_terms_back(by, locked):
        raise PermissionDenied(_("Only the department that proposed the terms takes them back."))
    move(locked, "take_terms_back", by=by, now=now)
    return locked


def lapse(case: Case, *, now: datetime) -> None:
    """End the open terms of a locked case: it closed otherwise, and nobody can accept them any more."""
    if terms := open_terms(case):
        move(terms, "lapse_terms", by=None, now=now)


def open_terms(case: Case) -> Terms | None:
    """Those of a locked case that wait for an answer."""
    found: Terms | None = Terms.objects.select_related("campaign").filter(case=case, state=TermsState.OPEN).first()
    if found:
        found.case = case
    return found


def lock_open(terms: Terms, step: str) -> Terms:
    """The terms under the locks of their case and its campaigns, from where `step` is possible.

    Raises:
        ValidationError: it is not.
    """
    case = dossier.locked_with_campaigns(terms.case_id)
    found: Terms = Terms.objects.select_related("proposed_by").get(pk=terms.pk)
    found.case = case
    found.campaign = next(one for one in (case.campaign_a, case.campaign_b) if one.pk == found.campaign_id)
    try:
        target_of(TERMS, step, found.state)
    except IllegalTransition as error:
        raise ValidationError(
            _("These terms are in the state “%(state)s” now, so nothing was changed. Reload the page.")
            % {"state": found.get_state_display()},
            code="state",
        ) from error
    return found


def sign(terms: Terms, campaign: int, *, by: User, now: datetime) -> None:
    """Write the acceptance of one side."""
    Acceptance.objects.create(
        terms=terms, campaign_id=campaign, terms_hash=terms.terms_hash, accepted_by=by, accepted_at=now
    )


def move(terms: Terms, step: str, *, by: User | None, now: datetime, answer: str = "") -> None:
    """Take terms of a locked case one step on, into the history of the case."""
    before, terms.state = terms.state, target_of(TERMS, step, terms.state)
    if terms.state != TermsState.OPEN:
        terms.answered_by, terms.answered_at, terms.answer = by, now, answer
    terms.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    _note(terms, step, before=before, by=by, now=now, reason=answer)


def _lock_to_propose(case: Case, by: User) -> Case:
    locked = dossier.locked_with_campaigns(case.pk)
    if locked.state not in AGREEING_STATES:
        raise ValidationError(
            _(
                "%(case)s is in the state “%(state)s” now: terms are proposed as long as the departments are agreeing or a "
                "mediator has the case."
            )
            % {"case": locked.label, "state": locked.get_state_display()},
            code="state",
        )
    if not can_negotiate(by, locked):
        raise PermissionDenied(_("Only the two departments of the case propose terms to each other."))
    return locked


def _checked(message: str, operations: Sequence[Operation]) -> str:
    message = message.strip()
    if len(message) > LONGEST_MESSAGE:
        raise ValidationError({"message": _("At most %(most)d characters.") % {"most": LONGEST_MESSAGE}})
    if not message and any(isinstance(operation, AllowBoth) for operation in operations):
        raise ValidationError(
            {"message": _("Say why both may run as planned: who looks at it later has to understand.")}
        )
    return message


def _side_of(case: Case, by: User) -> Campaign:
    """In whose name a person proposes; who speaks for both sides does so first for the one that they may bind."""
    bound, mine = signs_for(by, case), speaks_for(by, case)
    campaigns = [one for one in (case.campaign_a, case.campaign_b) if one.pk in mine]
    return next((one for one in campaigns if one.pk in bound), campaigns[0])


def _of_others(terms: Terms) -> list[Recipient]:
    """Who is to answer. If nobody has bound the proposing side yet, its people too."""
    case, signed = terms.case, set(terms.acceptances.values_list("campaign", flat=True))
    waiting = [one for one in (case.campaign_a, case.campaign_b) if one.pk not in signed]
    return once(person for campaign in waiting for person in side(campaign))


def _note(terms: Terms, step: str, *, before: str, by: User | None, now: datetime, reason: str) -> None:
    changes = {f"terms {terms.pk}": (before, terms.state)}
    dossier.note(terms.case, step, by=by, now=now, reason=reason, changes=changes)


def _tell(
    terms: Terms, event: str, people: Collection[Recipient], *, by: User, now: datetime, reason: str = ""
) -> None:
    dossier.tell(
        terms.case,
        event,
        people,
        occasion=str(terms.pk),
        now=now,
        by=by,
        reason=reason,
        orders=terms.orders,
        tally=tally_of(terms.effect, terms.case),
    )
