"""What the house has settled for all plans: what combines, what is shared, what is protected, what is known, who does what.

Detection reads most of it: whatever could bring or clear a collision asks for a detection of everything.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.actions import collisions, lifecycle, planning
from campaigns.models import (
    AddedActivity,
    AnnouncedPrice,
    BrandRules,
    Campaign,
    CombinationClass,
    CombinationPolicy,
    DepartmentGoal,
    Fund,
    JointGroup,
    Placement,
    ProtectedScope,
    RaciTemplate,
    Substitution,
    Tactic,
    Tool,
    WordToAvoid,
)
from campaigns.permissions import MEASURED, OWNED, can_settle, can_settle_for
from campaigns.queries.ground_rules import reasons_to_keep
from campaigns.rules.lifecycle import OVER
from customers.actions import history
from customers.permissions import is_administrator


@dataclass(frozen=True)
class Kind:
    """How the rows of a model are kept.

    `name` begins their subject in the history. `fixed` columns name a row and stay. `counts_alone`: a row matters
    although no offer names it, so that adding and removing it asks for a detection too. `is_judged`: so does a change.
    `twice` is said when there is such a row already.
    """

    name: str
    fixed: tuple[str, ...] = ()
    counts_alone: bool = False
    is_judged: bool = True
    twice: Any = ""


KINDS: dict[type, Kind] = {
    AddedActivity: Kind("added_activity", ("code",), is_judged=False),
    RaciTemplate: Kind("raci_template", is_judged=False),
    Tactic: Kind("tactic", ("code",), is_judged=False),
    Tool: Kind(
        "tool",
        is_judged=False,
        twice=gettext_lazy("This department has named the tool for this purpose already."),
    ),
    DepartmentGoal: Kind("goal", ("code",), is_judged=False),
    BrandRules: Kind("brand_rules", ("department",), is_judged=False),
    WordToAvoid: Kind("word_to_avoid", is_judged=False),
    CombinationClass: Kind("combination_class", ("code",), is_judged=False),
    CombinationPolicy: Kind(
        "combination_policy",
        ("low", "high"),
        counts_alone=True,
        twice=gettext_lazy("There is a policy for these two classes already: change that one."),
    ),
    JointGroup: Kind("joint_group", ("code",), is_judged=False),
    Placement: Kind("placement", ("code",)),
    Fund: Kind("fund", ("code",)),
    Substitution: Kind(
        "substitution",
        ("product", "substitute"),
        counts_alone=True,
        twice=gettext_lazy("This substitute of the product is here already: change that row."),
    ),
    ProtectedScope: Kind("protected_scope", counts_alone=True),
    AnnouncedPrice: Kind(
        "announced_price",
        ("product",),
        counts_alone=True,
        twice=gettext_lazy("This price of the product is here already, announced on the same day."),
    ),
}


@transaction.atomic
def put(*, row: Any, by: AbstractBaseUser, now: datetime, many: Mapping[str, Collection[Any]] | None = None) -> Any:
    """Add or change a row of one of KINDS; nothing different means nothing written.

    `many` are the rows that a column of several refers to, by the column's name; what is not named stays.

    Raises:
        PermissionDenied: `by` does not keep rows of this kind.
        ValidationError: by field; also for other values of what names the row, or when it was removed meanwhile.
    """
    kind = KINDS[type(row)]
    _check_may(row, by)
    stored = _locked(row) if row.pk else None
    if stored:
        _check_may(stored, by)
    check(row=row)
    _check_many(row, many or {})
    if stored:
        _check_names_stay(stored, row, kind)
    before, after = _values(stored) if stored else {}, _values(row)
    for name, rows in (many or {}).items():
        before[name] = _codes(getattr(stored, name).all()) if stored else []
        after[name] = _codes(rows)
    changes = {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}
    if not stored:
        changes = {name: pair for name, pair in changes.items() if pair[1] not in ("", [])}
    if not changes:
        return row
    row.save()
    for name, rows in (many or {}).items():
        getattr(row, name).set(rows)
    history.write(by=by, now=now, verb="change" if stored else "add", subject=subject_of(row), changes=changes)
    if kind.counts_alone or (stored and kind.is_judged):
        collisions.request_detection(by=by, now=now)
    return row


@transaction.atomic
def remove(*, row: Any, by: AbstractBaseUser, now: datetime) -> None:
    """Remove a row of one of KINDS that nothing names.

    Raises:
        PermissionDenied: `by` does not keep rows of this kind.
        ValidationError: with the code "state" and who names it; or it was removed meanwhile.
    """
    stored = _locked(row)
    _check_may(stored, by)
    if reasons := reasons_to_keep(stored):
        reasons.append(_("It can be removed once nothing names it."))
        raise ValidationError(" ".join(reasons), code="state")
    subject = subject_of(stored)
    changes = {name: (value, None) for name, value in _values(stored).items() if value not in (None, "")}
    stored.delete()
    history.write(by=by, now=now, verb="remove", subject=subject, changes=changes)
    if KINDS[type(row)].counts_alone:
        collisions.request_detection(by=by, now=now)


@transaction.atomic
def set_joint_group(*, campaign: Campaign, group: JointGroup | None, by: AbstractBaseUser, now: datetime) -> Campaign:
    """Say with which others a campaign was planned: within a group nothing is a collision. None = with no others.

    Raises:
        PermissionDenied: `by` is not an administrator.
        ValidationError: the campaign is over.
    """
    if not is_administrator(by):
        raise PermissionDenied(_("Only administrators change this."))
    campaign = lifecycle.lock_campaign(campaign)
    if campaign.status in OVER:
        raise ValidationError(_("The campaign %(campaign)s is over.") % {"campaign": campaign.code}, code="state")
    changes = planning.set_fields(campaign, {"joint_group": group})
    if changes:
        campaign.save(update_fields=["joint_group"])
        history.write(by=by, now=now, verb="change", subject=f"campaign:{campaign.code}", changes=changes)
        collisions.request_detection(by=by, now=now)
    return campaign


def check(*, row: Any) -> None:
    """Whether a row could be stored as it is; the two classes of a policy are put in order.

    Raises:
        ValidationError: by field.
    """
    if isinstance(row, CombinationPolicy) and row.low_id and row.high_id and row.low_id > row.high_id:
        row.low, row.high = row.high, row.low
    if isinstance(row, Substitution) and row.product_id and row.product_id == row.substitute_id:
        raise ValidationError({"substitute": _("A product does not stand in for itself: choose another one.")})
    if getattr(row, "ends_before", None) and row.starts_on and row.ends_before <= row.starts_on:
        raise ValidationError({"ends_before": _("The last day is before the first.")})
    try:
        row.full_clean()
    except ValidationError as error:
        for one in error.error_dict.get(NON_FIELD_ERRORS, ()):
            if one.code == "unique_together":
                one.message = KINDS[type(row)].twice
        raise


def subject_of(row: Any) -> str:
    """What the history calls a row: `"fund:SPRING"`; those without a code by what they are about."""
    match row:
        case CombinationPolicy():
            called = f"{row.low.code} + {row.high.code}"
        case Substitution():
            called = f"{row.product.code} → {row.substitute.code}"
        case AnnouncedPrice():
            called = row.product.code
        case ProtectedScope():
            called = str(row.pk)
        case RaciTemplate():
            called = row.name
        case Tool():
            called = f"{row.name} ({row.department.code})"
        case BrandRules():
            called = row.department.code
        case WordToAvoid():
            called = f"{row.language} {row.phrase}"
        case _:
            called = row.code
    return f"{KINDS[type(row)].name}:{called}"


def _check_may(row: Any, by: AbstractBaseUser) -> None:
    kind = type(row)
    is_theirs = kind not in OWNED or can_settle_for(by, row.department_id)
    if can_settle(by, kind) and is_theirs:
        return
    if kind in OWNED:
        raise PermissionDenied(_("Only who leads the department and administrators change this."))
    if kind in MEASURED:
        raise PermissionDenied(_("Only administrators and analysts change this."))
    raise PermissionDenied(_("Only administrators change this."))


def _check_many(row: Any, many: Mapping[str, Collection[Any]]) -> None:
    if not isinstance(row, Tactic):
        return
    stored = row.profits.all() if row.pk else ()
    if row.department in many.get("profits", stored):
        raise ValidationError({"profits": _("The owner profits anyway: name other departments.")})


def _check_names_stay(stored: Any, row: Any, kind: Kind) -> None:
    for name in kind.fixed:
        if getattr(stored, name) != getattr(row, name):
            text = _("Other systems name it by its code, which therefore stays.")
            raise ValidationError({name: text if name == "code" else _("This stays: remove the row and add another.")})


def _locked(row: Any) -> Any:
    stored = type(row).objects.select_for_update(no_key=True).filter(pk=row.pk).first()
    if stored is None:
        raise ValidationError(_("Somebody removed this in the meantime."), code="state")
    return stored


def _values(row: Any) -> dict[str, Any]:
    """The columns of a row, with the codes of what they refer to."""
    found = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if not field.primary_key}
    return {name: getattr(value, "code", value) for name, value in found.items()}


def _codes(rows: Iterable[Any]) -> list[str]:
    return sorted(row.code for row in rows)
