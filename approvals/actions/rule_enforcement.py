"""A standing rule decides a case, once the time to object to it is over."""

from datetime import datetime

from approvals.actions import cases, dossier, orders, rule_notices
from approvals.actions.rule_notices import DoesNotFit
from approvals.choices import MailEvent, NoticeState, RulingSource, StandingRuleState
from approvals.models import Case, RuleNotice, Ruling
from approvals.queries.facts import disputed_hash
from approvals.queries.recipients import everybody
from approvals.rules.operations import Operation, parse


def apply_due(case: Case, *, now: datetime) -> bool:
    """Apply the rule that was announced in a locked case; False if none is announced any more.

    What changed since, in the case, its plans, those of others or the rule, keeps it from being applied: the sides are
    told, and go on agreeing.
    """
    notice = (
        RuleNotice.objects.select_related("rule__decided_by").filter(case=case, state=NoticeState.ANNOUNCED).first()
    )
    if notice is None:
        return False
    dossier.lock_sides(case)
    operations = parse(notice.operations)
    try:
        _check(notice, case, operations, now)
    except DoesNotFit as refusal:
        rule_notices.lapse(notice, case, why=refusal.why, now=now)
        return True
    _decide(notice, case, operations, now)
    return True


def _check(notice: RuleNotice, case: Case, operations: tuple[Operation, ...], now: datetime) -> None:
    if notice.rule.state != StandingRuleState.APPROVED:
        raise DoesNotFit("suspended")
    if disputed_hash(case) != notice.facts:
        raise DoesNotFit("changed")
    rule_notices.tried(case, notice.rule, operations, now=now)


def _decide(notice: RuleNotice, case: Case, operations: tuple[Operation, ...], now: datetime) -> None:
    rule = notice.rule
    assert rule.decided_by, "somebody approved it"
    effect = orders.enforce(case, operations, by=None, now=now, reason=f"{case.label}: {rule.label}")
    Ruling.objects.create(
        case=case,
        source=RulingSource.RULE,
        # Who approved the rule answers for what it decides.
        decided_by=rule.decided_by,
        decided_at=now,
        reason=rule.reason,
        operations=notice.operations,
        effect=effect.as_json(),
    )
    rule_notices.mark_applied(notice, now=now)
    cases.close(case, "apply_rule", by=None, now=now, reason=rule.reason)
    dossier.tell(
        case,
        MailEvent.CASE_DECIDED,
        everybody(case),
        occasion="1",
        now=now,
        reason=rule.reason,
        orders=operations,
        rule=rule.label,
    )
