"""The only writer of memberships and of grants on campaigns.

Every function that changes RACI or membership reconciles in its own transaction, so that a right never outlives its
reason, not even until a task has run.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, Permission, User
from django.db import transaction
from django.db.models import Q

from campaigns.models import (
    AccessReason,
    Activity,
    Campaign,
    CampaignUserObjectPermission,
    Department,
    Membership,
    Offer,
    RaciRole,
)
from campaigns.rules.access import Parts, wanted
from customers.actions import history

Grant = tuple[int, int, str]


def wanted_grants(campaign_ids: Collection[int]) -> set[Grant]:
    """(campaign, person, permission) as they should be stored."""
    members: dict[int, list[int]] = defaultdict(list)
    leads: dict[int, list[int]] = defaultdict(list)
    for department, user, is_lead in Membership.objects.values_list("department", "user", "is_lead"):
        members[department].append(user)
        if is_lead:
            leads[department].append(user)
    return {
        (campaign, person, permission)
        for campaign, parts in _parts(campaign_ids).items()
        for person, permission in wanted(parts, members, leads)
    }


def stored_grants(campaign_ids: Collection[int]) -> dict[Grant, int]:
    """(campaign, person, permission) -> primary key of the stored row."""
    rows = CampaignUserObjectPermission.objects.filter(content_object__in=campaign_ids)
    return {
        (campaign, person, permission): pk
        for pk, campaign, person, permission in rows.values_list(
            "id", "content_object", "user", "permission__codename"
        )
    }


@transaction.atomic
def reconcile(campaign_ids: Collection[int]) -> None:
    """Make the stored grants of these campaigns equal to the wanted ones."""
    want, have = wanted_grants(campaign_ids), stored_grants(campaign_ids)
    permissions = dict(
        Permission.objects.filter(content_type__app_label="campaigns", content_type__model="campaign").values_list(
            "codename", "id"
        )
    )
    CampaignUserObjectPermission.objects.bulk_create(
        [
            CampaignUserObjectPermission(
                content_object_id=campaign, user_id=person, permission_id=permissions[permission]
            )
            for campaign, person, permission in sorted(want - have.keys())
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    CampaignUserObjectPermission.objects.filter(pk__in=[have[grant] for grant in have.keys() - want]).delete()


@transaction.atomic
def join(
    *, department: Department, user: User, is_lead: bool, by: AbstractBaseUser | None, now: datetime
) -> Membership:
    """Make a person a member of a department, or change whether they lead it."""
    membership: Membership
    membership, is_new = Membership.objects.select_for_update(no_key=True).get_or_create(
        department=department, user=user, defaults={"is_lead": is_lead}
    )
    if not is_new and membership.is_lead == is_lead:
        return membership
    changes: dict[str, tuple[object, object]] = {"member": (None, user.get_username())} if is_new else {}
    if is_new:
        changes["leads"] = (None, is_lead)
    else:
        changes = {"member": (user.get_username(), user.get_username()), "leads": (membership.is_lead, is_lead)}
        membership.is_lead = is_lead
        membership.save(update_fields=["is_lead"])
    history.write(by=by, now=now, verb="join", subject=f"department:{department.code}", changes=changes)
    reconcile(_campaigns_of(department))
    return membership


@transaction.atomic
def leave(*, department: Department, user: User, by: AbstractBaseUser | None, now: datetime) -> None:
    deleted, _ = Membership.objects.filter(department=department, user=user).delete()
    if deleted:
        history.write(
            by=by,
            now=now,
            verb="leave",
            subject=f"department:{department.code}",
            changes={"member": (user.get_username(), None)},
        )
        reconcile(_campaigns_of(department))


@transaction.atomic
def add_reason(campaign_ids: Iterable[int], *, user: User, why: str) -> None:
    """Let somebody read campaigns for a stated reason, such as "mediator K-3"."""
    ids = list(campaign_ids)
    AccessReason.objects.bulk_create(
        [AccessReason(campaign_id=campaign, user=user, why=why) for campaign in ids], ignore_conflicts=True
    )
    reconcile(ids)


@transaction.atomic
def drop_reason(campaign_ids: Iterable[int], *, user: User, why: str) -> None:
    ids = list(campaign_ids)
    AccessReason.objects.filter(campaign_id__in=ids, user=user, why=why).delete()
    reconcile(ids)


def _campaigns_of(department: Department) -> list[int]:
    part = Q(department=department) | Q(offers__department=department) | Q(activities__roles__department=department)
    return list(Campaign.objects.filter(part).values_list("id", flat=True).distinct())


def _parts(campaign_ids: Collection[int]) -> dict[int, Parts]:
    offers: dict[int, set[int]] = defaultdict(set)
    for campaign, department in (
        Offer.objects.filter(campaign__in=campaign_ids).values_list("campaign", "department").distinct()
    ):
        offers[campaign].add(department)
    accountable: dict[int, set[int]] = defaultdict(set)
    for campaign, user in Activity.objects.filter(campaign__in=campaign_ids, accountable__isnull=False).values_list(
        "campaign", "accountable"
    ):
        accountable[campaign].add(user)
    roles: dict[tuple[int, bool, bool], set[int]] = defaultdict(set)
    for campaign, letter, department, user in RaciRole.objects.filter(activity__campaign__in=campaign_ids).values_list(
        "activity__campaign", "letter", "department", "user"
    ):
        roles[campaign, letter == "R", user is not None].add(user or department)
    reasons: dict[int, set[int]] = defaultdict(set)
    for campaign, user in AccessReason.objects.filter(campaign__in=campaign_ids).values_list("campaign", "user"):
        reasons[campaign].add(user)
    return {
        pk: Parts(
            department=department,
            accountable=accountable[pk] | ({a} if a else set()),
            contact={contact} if contact else set(),
            offer_departments=offers[pk],
            responsible_departments=roles[pk, True, False],
            responsible_people=roles[pk, True, True],
            other_departments=roles[pk, False, False],
            other_people=roles[pk, False, True],
            reasons=reasons[pk],
        )
        for pk, department, a, contact in Campaign.objects.filter(pk__in=campaign_ids).values_list(
            "id", "department", "accountable", "contact_person"
        )
    }
