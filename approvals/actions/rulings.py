"""The mediator decides: the effect is shown first, then carried out, at once or when nobody has appealed in time."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import cases, deadlines, dossier, orders, precedents
from approvals.actions.enforcement import Effect
from approvals.actions.reasons import reason_that_holds
from approvals.choices import CaseState, MailEvent, ReopenedBecause, TimerKind
from approvals.models import Case, Ruling
from approvals.permissions import can_decide
from approvals.queries.case_facts import in_facts
from approvals.queries.citations import cited_in
from approvals.queries.disputes import open_between
from approvals.queries.facts import facts_hash
from approvals.queries.recipients import both_sides, everybody
from approvals.rules.operations import Operation, parse, serialise
from approvals.rules.precedents import Cited
from customers.clock import local_day


class StaleFacts(ValidationError):
    """The case is not what the mediator was shown any more."""

    def __init__(self) -> None:
        text = _("The case changed while you were reading. Look at the evidence again, then decide.")
        super().__init__(text, code="stale")


@transaction.atomic
def preview(*, case: Case, operations: Sequence[Operation], by: User, now: datetime) -> Effect:
    """What deciding so would do. Exact: it is done, read and undone again.

    Raises:
        PermissionDenied: `by` may not decide this case.
        ValidationError: the operations contradict each other, or an offer cannot be changed so.
    """
    locked = dossier.locked_with_campaigns(case.pk)
    check_mandate(locked, by)
    orders.check_operations(locked, operations)
    return orders.tried(locked, operations, by=by, now=now)


@transaction.atomic
def decide(
    *,
    case: Case,
    operations: Sequence[Operation],
    reason: str,
    by: User,
    now: datetime,
    facts: str,
    key: str,
    citations: Sequence[Cited] = (),
) -> Ruling:
    """Decide the case and tell everybody concerned.

    Where nobody may appeal, it takes effect in the same transaction; see `enforce`.

    Args:
        facts: approvals.queries.cases.facts_hash of what `by` was shown.
        key: the same key again, from the same person, gives the same ruling and does nothing.
        citations: what `by` says of each of the decisions that are most like the case.

    Raises:
        PermissionDenied: `by` may not decide this case now.
        StaleFacts: the case changed since it was shown.
        ValidationError: the case is closed, the reason too short, the operations impossible, or of a similar decision
            nothing is said ("precedents").
    """
    locked = dossier.locked_with_campaigns(case.pk)
    request = dossier.key_of("decide", locked, key)
    if dossier.is_repeated(request, by):
        return Ruling.objects.get(case=locked)
    check_mandate(locked, by)
    reason = reason_that_holds(reason)
    orders.check_operations(locked, operations)
    if facts != facts_hash(locked):
        raise StaleFacts
    here = in_facts(locked, today=local_day(now))
    said = precedents.check(locked, here, citations)
    takes_effect_at = deadlines.takes_effect_at(locked, now=now)
    if takes_effect_at <= now:
        effect = orders.enforce(locked, operations, by=by, now=now, reason=reason)
    else:
        effect = orders.tried(locked, operations, by=by, now=now)
    before = locked.state
    cases.move(locked, "decide", now=now, takes_effect_at=takes_effect_at)
    dossier.disarm(locked, now=now, result="decided")
    changes = {"state": (before, locked.state)}
    dossier.note(locked, "decide", by=by, now=now, reason=reason, changes=changes, key=request)
    ruling = Ruling.objects.create(
        case=locked,
        decided_by=by,
        decided_at=now,
        reason=reason,
        operations=serialise(operations),
        effect=effect.as_json(),
        facts=facts_hash(locked),
        supersedes=_appealed(locked),
    )
    precedents.keep(ruling, here, operations, said, is_clear=not effect.remaining, now=now)
    if takes_effect_at <= now:
        cases.close(locked, "enforce", by=None, now=now)
    else:
        dossier.arm(locked, TimerKind.ENFORCE, takes_effect_at)
    dossier.tell(
        locked,
        MailEvent.CASE_DECIDED,
        everybody(locked),
        occasion="1",
        now=now,
        by=by,
        reason=reason,
        orders=tuple(operations),
        cited=cited_in(ruling),
    )
    return ruling


@transaction.atomic
def enforce(*, case: Case, now: datetime) -> None:
    """Carry out what was decided, unless that has happened already.

    Where the plans are not those it was decided about any more, nothing is carried out: the case is taken up by
    another, in which a mediator looks at the effect again.
    """
    locked = dossier.locked_with_campaigns(case.pk)
    if locked.state != CaseState.DECIDED:
        return
    ruling = locked.ruling
    pair = (locked.campaign_a_id, locked.campaign_b_id)
    if not open_between([pair], local_day(now))[pair]:
        # Nothing is left to order anything about.
        _in_force(locked, now)
        return
    try:
        with transaction.atomic():
            if ruling.facts != facts_hash(locked):
                raise StaleFacts
            orders.enforce(locked, parse(ruling.operations), by=ruling.decided_by, now=now, reason=ruling.reason)
    except ValidationError:
        cases.close(locked, "overtake", by=None, now=now, goes_on=True)
        again = cases.take_up(locked, ReopenedBecause.OVERTAKEN, by=None, now=now)
        dossier.tell(locked, MailEvent.CASE_OVERTAKEN, both_sides(again), occasion="1", now=now)
        return
    _in_force(locked, now)


def _in_force(case: Case, now: datetime) -> None:
    cases.close(case, "enforce", by=None, now=now)
    ordered = parse(case.ruling.operations)
    dossier.tell(case, MailEvent.CASE_ENFORCED, everybody(case), occasion="1", now=now, orders=ordered)


def _appealed(case: Case) -> Ruling | None:
    if case.reopened_because != ReopenedBecause.APPEAL:
        return None
    return Ruling.objects.get(case=case.reopened_from_id)


def check_mandate(case: Case, by: User) -> None:
    """See that `by` may decide a locked case.

    Raises:
        PermissionDenied: they may not.
        ValidationError: they could have, but the case is closed.
    """
    if case.state != CaseState.MEDIATION and by.pk == case.mediator_id:
        cases.step_of(case, "decide")
    if not can_decide(by, case):
        raise PermissionDenied(
            _("Only the mediator of this case decides it, and only while nothing ties them to a party.")
        )
