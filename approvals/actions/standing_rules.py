"""A standing rule is suggested by decisions that are always the same, and approved by people. The only writer of its state."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import outbox
from approvals.actions.reasons import reason_that_holds
from approvals.choices import MailEvent, StandingRuleState
from approvals.models import EscalationPolicy, Precedent, StandingRule
from approvals.models.precedents import columns_of, columns_of_outcome
from approvals.models.standing_rules import LONGEST_REASON
from approvals.permissions import can_judge_rule
from approvals.queries.precedents import on_the_same_facts
from approvals.queries.rule_news import bound_by, judges_of, of_rule
from approvals.rules.outcomes import Outcome
from approvals.rules.precedents import Decided, Facts, habit
from approvals.rules.standing_rule_machine import STANDING_RULE
from customers.actions import history
from customers.rules.transitions import IllegalTransition, target_of

# On the facts of these nothing is suggested again; of the others only by decisions that came after them.
_STANDING = (StandingRuleState.SUGGESTED, StandingRuleState.APPROVED, StandingRuleState.SUSPENDED)


def consider(facts: Facts, *, now: datetime) -> StandingRule | None:
    """Suggest a rule if the newest decisions on these facts are equal. Call it in the transaction of the last of them."""
    # Of two that decide at once, the second one counts the decision of the first.
    policy = EscalationPolicy.objects.select_for_update(no_key=True).get()
    before = StandingRule.objects.filter(**columns_of(facts))
    if before.filter(state__in=_STANDING).exists():
        return None
    last = before.order_by("-suggested_at").first()
    rows = on_the_same_facts(facts, since=last and last.suggested_at, most=policy.equal_outcomes)
    decided = [Decided(row.pk, row.decided_at, row.facts, row.outcome) for row in rows]
    outcome = habit(decided, needed=policy.equal_outcomes)
    return _suggest(facts, outcome, rows, now) if outcome else None


def _suggest(facts: Facts, outcome: Outcome, grounds: list[Precedent], now: datetime) -> StandingRule:
    rule: StandingRule = StandingRule.objects.create(
        state=target_of(STANDING_RULE, "suggest", ""),
        suggested_at=now,
        **columns_of(facts),
        **columns_of_outcome(outcome),
    )
    rule.grounds.set(grounds)
    changes = {"state": ("", rule.state), "decisions": (0, len(grounds))}
    history.write(by=None, now=now, verb="suggest", subject=subject_of(rule), changes=changes)
    outbox.queue(
        event=MailEvent.RULE_SUGGESTED,
        recipients=judges_of(rule),
        news=of_rule(rule, step="suggest"),
        key=f"rule:{rule.pk}:suggest",
        now=now,
    )
    return rule


@transaction.atomic
def take(*, rule: StandingRule, step: str, reason: str, by: User, now: datetime) -> StandingRule:
    """Approve, reject, suspend, resume or withdraw a standing rule.

    Cases in which a rule was announced that is not in force any more are told when it would have been applied.

    Raises:
        PermissionDenied: `by` is neither administrator nor designated mediator, or belongs to one of its departments.
        ValidationError: the rule is not in a state for it, or there is no reason.
    """
    locked: StandingRule = StandingRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    if not can_judge_rule(by, locked):
        raise PermissionDenied(
            _("Administrators and designated mediators decide on a standing rule, and nobody of its two departments.")
        )
    before = locked.state
    try:
        locked.state = target_of(STANDING_RULE, step, before)
    except (IllegalTransition, KeyError) as error:
        raise ValidationError(
            _("%(rule)s is in the state “%(state)s” now, so this is no longer possible. Reload the page.")
            % {"rule": locked.label, "state": locked.get_state_display()},
            code="state",
        ) from error
    reason = reason_that_holds(reason, most=LONGEST_REASON)
    if step in {"approve", "reject"}:
        locked.decided_by, locked.reason = by, reason
    if step == "approve":
        locked.approved_at = now
    locked.save(update_fields=["state", "decided_by", "reason", "approved_at"])
    entry = history.write(
        by=by,
        now=now,
        verb=f"{step}_rule",
        subject=subject_of(locked),
        changes={"state": (before, locked.state)},
        reason=reason,
    )
    if step != "reject":
        outbox.queue(
            event=MailEvent.RULE_CHANGED,
            recipients=bound_by(locked, but=by),
            news=of_rule(locked, step=step, by=by, reason=reason),
            key=f"rule:{locked.pk}:{step}:{entry.pk}",
            now=now,
        )
    return locked


def subject_of(rule: StandingRule) -> str:
    return f"standing_rule:{rule.label}"
