"""A standing rule is announced in a case that fits it, and either side may object. The only writer of RuleNotice.state."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import dossier, orders, reasons
from approvals.actions.enforcement import Effect
from approvals.choices import MailEvent, NoticeState, StandingRuleState, TimerKind
from approvals.models import Case, EscalationPolicy, RuleNotice, StandingRule
from approvals.models.precedents import columns_of
from approvals.models.standing_rules import LONGEST_REASON
from approvals.permissions import answers_for_sides
from approvals.queries.case_facts import InFacts, in_facts
from approvals.queries.facts import disputed_hash
from approvals.queries.recipients import parties
from approvals.rules.deadlines import in_working_time
from approvals.rules.operations import AllowBoth, Operation, serialise
from approvals.rules.outcomes import operations_of
from approvals.rules.standing_rule_machine import NOTICE
from approvals.rules.working_time import Clock, after
from customers.clock import local_day
from customers.rules.transitions import IllegalTransition, target_of


class DoesNotFit(Exception):
    """A standing rule cannot be applied to a case as it is; `why` as approvals.rules.timeline has words for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def announce(case: Case, *, clock: Clock, now: datetime) -> None:
    """Tell both sides of a case that just opened, and is locked, by which standing rule it would be decided, and when.

    Where a rule has the same facts and does not fit all the same, the history of the case says why.
    """
    rule = _rule_for(case, now)
    if rule is None:
        return
    dossier.lock_sides(case)
    hours = EscalationPolicy.objects.get().hours_to_object
    apply_at = in_working_time(after(now, timedelta(hours=hours), clock), clock)
    try:
        operations = _operations(rule[0], rule[1])
        effect = tried(case, rule[0], operations, now=now)
        _check_time(apply_at, case)
    except DoesNotFit as refusal:
        dossier.note(case, f"rule_{refusal.why}", by=None, now=now, changes={"rule": ("", rule[0].label)})
        return
    notice = RuleNotice.objects.create(
        case=case,
        rule=rule[0],
        state=target_of(NOTICE, "announce", ""),
        announced_at=now,
        apply_at=apply_at,
        operations=serialise(operations),
        effect=effect.as_json(),
        facts=disputed_hash(case),
    )
    dossier.arm(case, TimerKind.RULE, apply_at)
    dossier.note(case, "announce_rule", by=None, now=now, changes={"rule": ("", rule[0].label)})
    dossier.tell(
        case,
        MailEvent.RULE_ANNOUNCED,
        parties(case),
        occasion=str(notice.pk),
        now=now,
        reason=rule[0].reason,
        orders=tuple(operations),
        rule=rule[0].label,
        apply_at=apply_at,
    )


def _rule_for(case: Case, now: datetime) -> tuple[StandingRule, InFacts] | None:
    """The rule in force on exactly the facts of the case. Without a rule for its departments one query."""
    first, second = sorted((case.campaign_a.department_id, case.campaign_b.department_id))
    in_force = StandingRule.objects.filter(state=StandingRuleState.APPROVED, department_a=first, department_b=second)
    if not in_force.exists():
        return None
    here = in_facts(case, today=local_day(now))
    rule = in_force.filter(**columns_of(here.facts)).order_by("-approved_at").first() if here else None
    return (rule, here) if rule and here else None


def _operations(rule: StandingRule, here: InFacts) -> tuple[Operation, ...]:
    operations = operations_of(rule.outcome, here.sides, days_to_clear=here.days_to_clear)
    if not operations:
        raise DoesNotFit("unfit")
    return operations


def _check_time(apply_at: datetime, case: Case) -> None:
    if apply_at >= case.agree_by:
        raise DoesNotFit("too_late")


def tried(case: Case, rule: StandingRule, operations: tuple[Operation, ...], *, now: datetime) -> Effect:
    """What applying the rule would do, if it may be applied.

    Raises:
        DoesNotFit: the offers cannot be changed so, the two would still collide, or the offers with third campaigns.
    """
    try:
        effect = orders.tried(case, operations, by=None, now=now)
    except ValidationError as error:
        raise DoesNotFit("impossible") from error
    if effect.new:
        raise DoesNotFit("disturbs")
    if effect.remaining and not any(isinstance(one, AllowBoth) for one in operations):
        raise DoesNotFit("unfit")
    return effect


@transaction.atomic
def object_to(*, case: Case, reason: str, by: User, now: datetime, key: str) -> RuleNotice:
    """Say that the rule shall not be applied to this case: the departments go on agreeing, or a mediator decides.

    The same `key` again, from the same person, changes nothing.

    Raises:
        PermissionDenied: `by` answers for neither side.
        ValidationError: no rule is announced in the case (any more), or there is no reason.
    """
    locked = dossier.locked(case.pk)
    request = dossier.key_of("object", locked, key)
    if dossier.is_repeated(request, by):
        return RuleNotice.objects.get(case=locked)
    if not answers_for_sides(by, locked):
        raise PermissionDenied(
            _("Only the leads and the accountables of the two campaigns object to a standing rule.")
        )
    notice: RuleNotice | None = RuleNotice.objects.select_related("rule").filter(case=locked).first()
    if notice is None:
        raise ValidationError(_("No standing rule is to be applied to this case."), code="state")
    state = _step(notice, "object")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the other department reads it.")})
    reasons.check_length(reason.strip(), LONGEST_REASON)
    notice.state, notice.ended_at = state, now
    notice.objected_by, notice.objection = by, reason.strip()
    notice.save(update_fields=["state", "ended_at", "objected_by", "objection"])
    dossier.disarm(locked, now=now, result="objected", kinds=[TimerKind.RULE])
    changes = {"rule": (notice.rule.label, "")}
    dossier.note(locked, "object", by=by, now=now, reason=notice.objection, changes=changes, key=request)
    dossier.tell(
        locked,
        MailEvent.RULE_OBJECTED,
        parties(locked),
        occasion=str(notice.pk),
        now=now,
        by=by,
        reason=notice.objection,
        rule=notice.rule.label,
    )
    return notice


def end(case: Case, *, now: datetime) -> None:
    """The negotiation of a locked case is over another way, so that nothing is applied any more."""
    waiting = RuleNotice.objects.filter(case=case, state=NoticeState.ANNOUNCED)
    waiting.update(state=target_of(NOTICE, "lapse", NoticeState.ANNOUNCED), ended_at=now, ended_why="over")


def lapse(notice: RuleNotice, case: Case, *, why: str, now: datetime) -> None:
    """The rule is not applied although nobody objected: both sides are told, and go on agreeing."""
    notice.state, notice.ended_at, notice.ended_why = _step(notice, "lapse"), now, why
    notice.save(update_fields=["state", "ended_at", "ended_why"])
    dossier.note(case, f"rule_{why}", by=None, now=now, changes={"rule": (notice.rule.label, "")})
    dossier.tell(
        case,
        MailEvent.RULE_LAPSED,
        parties(case),
        occasion=str(notice.pk),
        now=now,
        rule=notice.rule.label,
        rule_why=why,
    )


def mark_applied(notice: RuleNotice, *, now: datetime) -> None:
    notice.state, notice.ended_at = _step(notice, "apply"), now
    notice.save(update_fields=["state", "ended_at"])


def _step(notice: RuleNotice, step: str) -> str:
    try:
        return target_of(NOTICE, step, notice.state)
    except IllegalTransition as error:
        raise ValidationError(
            _(
                "The notice of this rule is in the state “%(state)s” now, so this is no longer possible. Reload the page."
            )
            % {"state": notice.get_state_display()},
            code="state",
        ) from error
