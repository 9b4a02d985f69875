"""Who may do what with a plan."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from campaigns.choices import CampaignStatus
from campaigns.models import (
    AnnouncedPrice,
    BrandRules,
    Campaign,
    CampaignUserObjectPermission,
    Department,
    DepartmentGoal,
    Membership,
    Substitution,
    Tactic,
    Tool,
)
from campaigns.rules.lifecycle import CAMPAIGN, STEPS
from customers.permissions import is_administrator, is_analyst, works_with_data

# Ground rules that are measured rather than decided.
MEASURED = (AnnouncedPrice, Substitution)
# What a department says of itself: its leads write it.
OWNED = (Tactic, Tool, DepartmentGoal, BrandRules)

User = AbstractBaseUser | AnonymousUser


def departments_of(user: User) -> set[int]:
    return set(Membership.objects.filter(user_id=user.pk).values_list("department_id", flat=True))


def is_lead(user: User, department: Department | int | None = None) -> bool:
    """Leads `department` (or the one of this id), or any department when none is given."""
    led = Membership.objects.filter(user_id=user.pk, is_lead=True)
    return user.is_active and (led.filter(department=department) if department else led).exists()


def can_change(user: User, campaign: Campaign) -> bool:
    """May edit the plan: a grant from RACI or department. Administrators read plans, they do not write them."""
    grants = CampaignUserObjectPermission.objects.filter(user_id=user.pk, content_object=campaign)
    return user.is_active and grants.filter(permission__codename="change_campaign").exists()


def answers_for(user: User, campaign: Campaign) -> bool:
    """Is the A: submits the campaign, answers for what is planned, pauses and resumes it."""
    return user.is_active and user.pk is not None and user.pk == campaign.accountable_id


def can_take(user: User, campaign: Campaign, step: str) -> bool:
    """May take this step of the campaign's life if it can be taken now: "submit", "pause", "cancel" and so on.

    The A does; but a draft may also be given up by who writes it.
    """
    is_draft = step == "cancel" and campaign.status == CampaignStatus.DRAFT
    return answers_for(user, campaign) or (is_draft and can_change(user, campaign))


def steps_now(user: User, campaign: Campaign) -> list[str]:
    """Of rules.lifecycle.STEPS, those that this person may take and that can be taken now."""
    return [step for step in STEPS if campaign.status in CAMPAIGN[step].sources and can_take(user, campaign, step)]


def can_withdraw(user: User, campaign: Campaign) -> bool:
    """May take offers of this campaign back, if it stands where that is possible."""
    return can_change(user, campaign) or answers_for(user, campaign)


def can_appoint(user: User, campaign: Campaign) -> bool:
    """May say who answers for a plan and who does what in it: whoever leads its department, and the present A.

    Who merely does a part of it (R) edits it, but cannot make themselves the A and approve it.
    """
    return answers_for(user, campaign) or is_lead(user, campaign.department)


def can_keep_template(user: User, campaign: Campaign) -> bool:
    """May make a template of this campaign's matrix; administrators rename and remove them."""
    return can_appoint(user, campaign) or is_administrator(user)


def staff_role(user: User) -> set[str]:
    """Of "administrator", "analyst", "lead", "member"; what a person may see of the house depends on it."""
    roles = set()
    if is_administrator(user):
        roles.add("administrator")
    if is_analyst(user):
        roles.add("analyst")
    leads = list(Membership.objects.filter(user_id=user.pk).values_list("is_lead", flat=True))
    if leads:
        roles.add("member")
    if any(leads):
        roles.add("lead")
    return roles


def sees_plans(roles: set[str]) -> bool:
    """Whether a person of this staff_role may look at plans: an analyst who is nothing else works with data."""
    return roles != {"analyst"}


def can_detect(roles: set[str]) -> bool:
    """Whether a person of this staff_role asks for detections of everything and reads how they went."""
    return bool(roles & {"lead", "analyst", "administrator"})


def can_settle(user: User, model: type) -> bool:
    """May write ground rules of this kind: administrators; what is measured also analysts, what is owned also leads."""
    if model in OWNED:
        return is_administrator(user) or is_lead(user)
    return works_with_data(user) if model in MEASURED else is_administrator(user)


def can_settle_for(user: User, department: int | None) -> bool:
    """May write what the department of this id says of itself; without one, what any says."""
    return is_administrator(user) or is_lead(user, department)
