"""Whose approval plans need by rule of the house, and how long reviewers have: administrators only."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import working_time
from approvals.choices import Measure
from approvals.models import ApprovalRule, ReviewPolicy
from campaigns.models import Department
from customers.actions import history
from customers.permissions import is_administrator

FIELDS = ("department", "measure", "above", "approver")
POLICY_FIELDS = ("hours_to_review", "hours_to_answer")


@transaction.atomic
def put(
    *,
    rule: ApprovalRule | None,
    department: Department | None,
    measure: str,
    above: Decimal,
    approver: User,
    by: User,
    now: datetime,
) -> ApprovalRule:
    """Make a rule (None) or change one. Reviews that have begun keep the rules they began with.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field.
    """
    _only_administrators(by)
    stored = (
        ApprovalRule.objects.select_for_update(no_key=True, of=("self",)).get(pk=rule.pk) if rule else ApprovalRule()
    )
    before = _values(stored) if rule else dict.fromkeys(FIELDS)
    if not (approver.is_active and approver.is_staff):
        raise ValidationError({"approver": _("This person cannot sign in: choose somebody who can.")})
    stored.department, stored.measure, stored.approver = department, measure, approver
    stored.above = Decimal(0) if measure == Measure.ALWAYS else above
    stored.full_clean()
    changes = {name: (before[name], value) for name, value in _values(stored).items() if before[name] != value}
    if changes:
        stored.save()
        subject = f"approval_rule:{stored.pk}"
        history.write(by=by, now=now, verb="put_approval_rule", subject=subject, changes=changes)
    return stored


@transaction.atomic
def remove(*, rule: ApprovalRule, by: User, now: datetime) -> None:
    """Raises PermissionDenied unless `by` is an administrator."""
    _only_administrators(by)
    stored = ApprovalRule.objects.select_for_update(no_key=True, of=("self",)).get(pk=rule.pk)
    changes = {name: (value, None) for name, value in _values(stored).items()}
    subject = f"approval_rule:{stored.pk}"
    stored.delete()
    history.write(by=by, now=now, verb="remove_approval_rule", subject=subject, changes=changes)


@transaction.atomic
def change_policy(*, hours_to_review: int, hours_to_answer: int, by: User, now: datetime) -> ReviewPolicy:
    """Change how long reviewers and who answers customers have; what has begun keeps when it is due.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: by field.
    """
    _only_administrators(by)
    policy: ReviewPolicy = ReviewPolicy.objects.select_for_update(no_key=True).get()
    before = {name: getattr(policy, name) for name in POLICY_FIELDS}
    policy.hours_to_review, policy.hours_to_answer = hours_to_review, hours_to_answer
    policy.full_clean()
    changes = {
        name: (value, getattr(policy, name)) for name, value in before.items() if value != getattr(policy, name)
    }
    if changes:
        policy.save()
        working_time.check_somebody_works(now=now)
        history.write(by=by, now=now, verb="change_review_policy", subject="review_policy:1", changes=changes)
    return policy


def _values(rule: ApprovalRule) -> dict[str, Any]:
    return {
        "department": rule.department.code if rule.department else None,
        "measure": rule.measure,
        "above": str(rule.above),
        "approver": rule.approver.get_username(),
    }


def _only_administrators(by: User) -> None:
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators change whose approval plans need."))
