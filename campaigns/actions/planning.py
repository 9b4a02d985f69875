"""Writing plans: campaigns, their RACI matrix and their offers."""

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
from campaigns.models import AccessReason, Activity, Campaign, Department, Offer, RaciRole
from campaigns.permissions import can_appoint, can_change, is_lead
from campaigns.rules.lifecycle import EDITABLE
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

    Raises:
        PermissionDenied: `by` does not lead the department.
        ValidationError: by field.
    """
    access.lock_departments([department.pk])
    if not is_lead(by, department):
        raise PermissionDenied
    if brief.get("accountable") is None:
        brief["accountable"] = lead_of(department)
    campaign = Campaign(
        code=code, name=name, department=department, starts_on=starts_on, ends_before=ends_before, **brief
    )
    check_days(campaign)
    campaign.full_clean()
    campaign.save()
    add_activities([campaign])
    access.reconcile([campaign.pk])
    history.write(by=by, now=now, verb="plan", subject=f"campaign:{campaign.code}")
    return campaign


def lead_of(department: Department) -> User | None:
    """The lead who answers for the department's plans: of several, the one named first."""
    lead = department.memberships.filter(is_lead=True, user__is_active=True).order_by("id").select_related("user")
    return next((membership.user for membership in lead[:1]), None)


def add_activities(campaigns: Sequence[Campaign]) -> None:
    """Give new campaigns the seven activities, each done (R) by the department that owns the campaign."""
    activities = Activity.objects.bulk_create(
        [Activity(campaign=campaign, kind=kind) for campaign in campaigns for kind in ActivityKind.values]
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
    changes = set_fields(campaign, fields)
    if not changes:
        return campaign
    if "accountable" in changes and not may_appoint:
        raise ValidationError({"accountable": _("Only the department's lead or the present A names another A.")})
    for part in changes.keys() & {"accountable", "contact_person"}:
        if judge := _judge_among(campaign, [getattr(campaign, part)]):
            raise ValidationError({part: judge})
    check_days(campaign)
    campaign.full_clean()
    if changes.keys() & {"starts_on", "ends_before"}:
        _check_offers_inside(campaign)
    campaign.save(update_fields=list(changes))
    history.write(by=by, now=now, verb="change", subject=f"campaign:{campaign.code}", changes=changes, reason=reason)
    if changes.keys() & {"accountable", "contact_person"}:
        access.reconcile([campaign.pk])
    if "control_group" in changes:
        # Whom others must not reach has changed, though no offer has.
        tell_detection(campaign.offers.filter(withdrawn_at__isnull=True).values_list("pk", flat=True), now=now)
    return lifecycle.void_approval(campaign=campaign, by=by, now=now, reason=reason)


@transaction.atomic
def set_raci(
    *,
    campaign: Campaign,
    by: AbstractBaseUser,
    now: datetime,
    accountable: Mapping[int, User | None],
    roles: Mapping[tuple[int, int], str],
) -> None:
    """Write the matrix: `accountable` by activity id, `roles` {(activity id, department id): "R" | "C" | "I" | ""}.

    Rows of single people stay; a cell that is not named stays.

    Raises:
        PermissionDenied: `by` may not change this plan, or not say who does what in it.
        ValidationError: an activity of another campaign, an unknown letter, an inactive person, or somebody who judges
            a case of this campaign.
    """
    access.lock_departments(pk for _activity, pk in roles)
    campaign = lifecycle.lock_campaign(campaign)
    check_editable(campaign, by)
    if not can_appoint(by, campaign):
        raise PermissionDenied
    activities = {activity.pk: activity for activity in campaign.activities.select_related("accountable")}
    if not ({pk for pk, _department in roles} | accountable.keys()) <= activities.keys():
        raise ValidationError(_("An activity of another campaign was named. Reload the page."))
    if not set(roles.values()) <= {"", *RaciLetter.values}:
        raise ValidationError(_("Roles are R, C or I."))
    workers = [pk for (_activity, pk), letter in roles.items() if letter == RaciLetter.RESPONSIBLE]
    new = [user for pk, user in accountable.items() if user != activities[pk].accountable]
    if judge := _judge_among(campaign, new, workers):
        raise ValidationError(judge)
    changes = _set_accountable(activities, accountable) | _set_letters(activities, roles)
    if changes:
        history.write(by=by, now=now, verb="raci", subject=f"campaign:{campaign.code}", changes=changes)
        access.reconcile([campaign.pk])


def _judge_among(campaign: Campaign, people: Iterable[User | None], departments: Iterable[int] = ()) -> str:
    """What to say when somebody who judges a case of this campaign is to get a part in it; "" = nobody does.

    A part would take the case from them: a party must not choose its judge by naming the one it does not want.
    """
    judges = AccessReason.objects.filter(campaign=campaign)
    named = Q(user__in=[user.pk for user in people if user]) | Q(user__memberships__department__in=list(departments))
    judge = judges.filter(named).select_related("user").first()
    if judge is None:
        return ""
    return _("%(person)s judges a case of this campaign and can have no part in it. Choose somebody else.") % {
        "person": judge.user.get_full_name() or judge.user.get_username()
    }


def _check_offers_inside(campaign: Campaign) -> None:
    outside = campaign.offers.filter(withdrawn_at__isnull=True).filter(
        Q(starts_on__lt=campaign.starts_on) | Q(ends_before__gt=campaign.ends_before)
    )
    if codes := list(outside.order_by("code").values_list("code", flat=True)[:5]):
        text = _("Offers would run outside these days: %(offers)s. Move or withdraw them first.")
        raise ValidationError({"starts_on": text % {"offers": ", ".join(codes)}})


def _set_accountable(
    activities: Mapping[int, Activity], accountable: Mapping[int, User | None]
) -> dict[str, tuple[Any, Any]]:
    changes: dict[str, tuple[Any, Any]] = {}
    for pk, user in accountable.items():
        activity = activities[pk]
        if activity.accountable == user:
            continue
        if user is not None and not user.is_active:
            raise ValidationError(
                _("%(person)s no longer works here: choose another A for “%(activity)s”.")
                % {"person": user, "activity": activity}
            )
        before = activity.accountable.get_username() if activity.accountable else None
        changes[f"{activity.kind}: A"] = (before, user.get_username() if user else None)
        activity.accountable = user
        activity.save(update_fields=["accountable"])
    return changes


def _set_letters(
    activities: Mapping[int, Activity], roles: Mapping[tuple[int, int], str]
) -> dict[str, tuple[Any, Any]]:
    stored = {
        (role.activity_id, role.department_id): role
        for role in RaciRole.objects.filter(activity__in=activities, user__isnull=True)
    }
    names = dict(Department.objects.filter(pk__in={pk for _activity, pk in roles}).values_list("pk", "code"))
    changes: dict[str, tuple[Any, Any]] = {}
    for (activity_id, department_id), letter in roles.items():
        role = stored.get((activity_id, department_id))
        before = role.letter if role else ""
        if before == letter:
            continue
        changes[f"{activities[activity_id].kind}: {names[department_id]}"] = (before or None, letter or None)
        if role and not letter:
            role.delete()
        elif role:
            RaciRole.objects.filter(pk=role.pk).update(letter=letter)
        else:
            RaciRole.objects.create(activity_id=activity_id, department_id=department_id, letter=letter)
    return changes


def check_editable(campaign: Campaign, by: AbstractBaseUser | None, authority: str = "") -> None:
    """Refuse an edit that `by` has no right to, or that the state of the campaign forbids.

    `authority` names the decision (such as "K-3") that gives a mandate instead of a right on the plan.
    """
    if authority:
        if campaign.status in (CampaignStatus.ENDED, CampaignStatus.CANCELLED):
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
