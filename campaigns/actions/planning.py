"""Writing plans: campaigns and what their offers share."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.actions import access, lifecycle
from campaigns.choices import ActivityKind, CampaignStatus, RaciLetter
from campaigns.models import Activity, AddedActivity, Campaign, Department, DepartmentGoal, Offer, RaciRole
from campaigns.permissions import can_appoint, can_change, is_lead
from campaigns.queries.raci import leads
from campaigns.rules.lifecycle import EDITABLE, OVER
from customers.actions import events, history

BRIEF_FIELDS = frozenset(
    {
        "name",
        "accountable",
        "contact_person",
        "what",
        "who",
        "where",
        "starts_on",
        "ends_before",
        "how",
        "budget",
        "goal",
        "kpi",
        "kpi_target",
        "journey_stage",
        "control_group",
        "serves",
    }
)


@transaction.atomic
def plan_campaign(
    *,
    by: AbstractBaseUser,
    now: datetime,
    code: str,
    name: str,
    department: Department,
    starts_on: date,
    ends_before: date,
    **brief: Any,
) -> Campaign:
    """Start a draft with its seven activities; the department's lead is accountable unless `brief` says otherwise.

    `brief` may have any of BRIEF_FIELDS; `serves` is a list of goals.

    Raises:
        PermissionDenied: `by` does not lead the department.
        ValidationError: by field.
    """
    access.lock_departments([department.pk])
    if not is_lead(by, department):
        raise PermissionDenied
    if brief.get("accountable") is None:
        brief["accountable"] = lead_of(department)
    serves = brief.pop("serves", ())
    campaign = Campaign(
        code=code, name=name, department=department, starts_on=starts_on, ends_before=ends_before, **brief
    )
    check_days(campaign)
    campaign.full_clean()
    campaign.save()
    _set_goals(campaign, serves)
    add_activities([campaign])
    access.reconcile([campaign.pk])
    history.write(by=by, now=now, verb="plan", subject=f"campaign:{campaign.code}")
    return campaign


def lead_of(department: Department) -> User | None:
    """The lead who answers for the department's plans: of several, the one named first."""
    lead = leads().get(department.pk)
    return User.objects.get(pk=lead) if lead else None


def add_activities(campaigns: Sequence[Campaign]) -> None:
    """Give new campaigns the activities, each done (R) by the department that owns the campaign."""
    added = list(AddedActivity.objects.filter(is_retired=False).order_by("id"))
    activities = Activity.objects.bulk_create(
        [
            activity
            for campaign in campaigns
            for activity in (
                *(Activity(campaign=campaign, kind=kind) for kind in ActivityKind.values),
                *(Activity(campaign=campaign, added=one) for one in added),
            )
        ]
    )
    RaciRole.objects.bulk_create(
        [
            RaciRole(activity=activity, letter=RaciLetter.RESPONSIBLE, department_id=activity.campaign.department_id)
            for activity in activities
        ]
    )


@transaction.atomic
def change_campaign(
    *, campaign: Campaign, by: AbstractBaseUser, now: datetime, reason: str = "", **fields: Any
) -> Campaign:
    """Change fields of the brief. A change of approved content sends the campaign back to submitted.

    Raises:
        PermissionDenied: `by` may not change this plan.
        ValidationError: by field, or because the campaign is live, ended or cancelled.
    """
    unknown = fields.keys() - BRIEF_FIELDS
    if unknown:
        raise TypeError(f"not fields of the brief: {sorted(unknown)}")
    campaign = lifecycle.lock_campaign(campaign)
    check_editable(campaign, by)
    may_appoint = can_appoint(by, campaign)
    goals = _set_goals(campaign, fields.pop("serves")) if "serves" in fields else {}
    columns = set_fields(campaign, fields)
    if not (changes := columns | goals):
        return campaign
    if "accountable" in changes and not may_appoint:
        raise ValidationError({"accountable": _("Only the department's lead or the present A names another A.")})
    for part in changes.keys() & {"accountable", "contact_person"}:
        try:
            access.check_no_judge(campaign, [getattr(campaign, part)])
        except ValidationError as error:
            raise ValidationError({part: error.messages}) from error
    check_days(campaign)
    campaign.full_clean()
    if changes.keys() & {"starts_on", "ends_before"}:
        _check_offers_inside(campaign)
    campaign.save(update_fields=list(columns))
    history.write(by=by, now=now, verb="change", subject=f"campaign:{campaign.code}", changes=changes, reason=reason)
    if changes.keys() & {"accountable", "contact_person"}:
        access.reconcile([campaign.pk])
    if "control_group" in changes:
        # Whom others must not reach has changed, though no offer has.
        tell_detection(campaign.offers.filter(withdrawn_at__isnull=True).values_list("pk", flat=True), now=now)
    return lifecycle.content_changed(campaign=campaign, by=by, now=now, reason=reason)


def _set_goals(campaign: Campaign, goals: Iterable[DepartmentGoal]) -> dict[str, tuple[Any, Any]]:
    """Say which goals a campaign serves; what changed, as set_fields tells it. What is retired is not taken up any more."""
    before, after = {goal.pk: goal for goal in campaign.serves.all()}, {goal.pk: goal for goal in goals}
    if before.keys() == after.keys():
        return {}
    if retired := [goal.name for pk, goal in after.items() if goal.is_retired and pk not in before]:
        raise ValidationError({"serves": _("“%(goal)s” is retired: choose another goal.") % {"goal": retired[0]}})
    campaign.serves.set(after)
    return {"serves": (sorted(goal.code for goal in before.values()), sorted(goal.code for goal in after.values()))}


def _check_offers_inside(campaign: Campaign) -> None:
    outside = campaign.offers.filter(withdrawn_at__isnull=True).filter(
        Q(starts_on__lt=campaign.starts_on) | Q(ends_before__gt=campaign.ends_before)
    )
    if codes := list(outside.order_by("code").values_list("code", flat=True)[:5]):
        text = _("Offers would run outside these days: %(offers)s. Move or withdraw them first.")
        raise ValidationError({"starts_on": text % {"offers": ", ".join(codes)}})


def check_editable(campaign: Campaign, by: AbstractBaseUser | None, authority: str = "") -> None:
    """Refuse an edit that `by` has no right to, or that the state of the campaign forbids.

    `authority` names the decision (such as "K-3") that gives a mandate instead of a right on the plan.
    """
    if authority:
        if campaign.status in OVER:
            raise ValidationError(_("The campaign %(campaign)s is over.") % {"campaign": campaign.code}, code="state")
        return
    if by is None or not can_change(by, campaign):
        raise PermissionDenied
    if campaign.status == CampaignStatus.LIVE:
        raise ValidationError(
            _("%(campaign)s is live: customers already see it. Pause it first, or withdraw single offers.")
            % {"campaign": campaign.code},
            code="state",
        )
    if campaign.status not in EDITABLE:
        raise ValidationError(
            _("%(campaign)s is over and stays as it was. Plan a new campaign.") % {"campaign": campaign.code},
            code="state",
        )


def check_days(thing: Campaign | Offer) -> None:
    if thing.ends_before <= thing.starts_on:
        raise ValidationError({"ends_before": _("The last day is before the first.")})


def set_fields(thing: Any, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set attributes that differ; returns what changed as {field: (before, after)}, people and things by name."""
    changes = {}
    for field, value in fields.items():
        before = getattr(thing, field)
        if before != value:
            changes[field] = (_name(before), _name(value))
            setattr(thing, field, value)
    return changes


def _name(value: Any) -> Any:
    if isinstance(value, User):
        return value.get_username()
    return getattr(value, "code", value)


def tell_detection(offer_ids: Iterable[int], *, now: datetime) -> None:
    events.record("offer.changed", now=now, offers=sorted(offer_ids))
