"""The only writer of memberships and of grants on campaigns.

Every function that changes RACI or membership reconciles in its own transaction, so that a right never outlives its
reason, not even until a task has run.

Two such transactions must not miss each other: one that takes a person out of a department, and one that makes the
department part of a campaign. Both lock the department first (`lock_departments`), before any case or campaign.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, Group, Permission, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.models import (
    AccessReason,
    Campaign,
    CampaignGroupObjectPermission,
    CampaignUserObjectPermission,
    Department,
    Membership,
)
from campaigns.queries.chunks import chunks
from campaigns.queries.grants import (
    campaigns_in_chunks,
    differences,
    orphans,
    permissions_on_every_campaign,
    stored_grants,
    wanted_grants,
)
from customers.actions import history
from customers.actions.history import Entry


def lock_departments(department_ids: Iterable[int]) -> None:
    """Let nobody join or leave these departments until the transaction ends; to be called before locking anything else."""
    for some in chunks(set(department_ids)):
        list(Department.objects.select_for_update(no_key=True).filter(pk__in=some).order_by("pk").values_list("pk"))


def lock_campaigns(campaign_ids: Iterable[int]) -> None:
    """Let nobody change these campaigns, in the order in which everybody takes them."""
    for some in chunks(sorted(set(campaign_ids))):
        list(Campaign.objects.select_for_update(no_key=True).filter(pk__in=some).order_by("pk").values_list("pk"))


@transaction.atomic
def reconcile(campaign_ids: Collection[int]) -> None:
    """Make the stored grants of these campaigns equal to the wanted ones.

    The campaigns are locked first: who reads roles and grants in between another's two writes would undo one of them.
    """
    lock_campaigns(campaign_ids)
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
    lock_departments([department.pk])
    membership: Membership
    membership, is_new = Membership.objects.get_or_create(
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
    lock_departments([department.pk])
    deleted, _rows = Membership.objects.filter(department=department, user=user).delete()
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


def check_no_judge(campaign: Campaign, people: Iterable[User | None], departments: Iterable[int] = ()) -> None:
    """Refuse a part in the campaign to somebody who judges a case of it.

    A part would take the case from them: a party must not choose its judge by naming the one it does not want.

    Raises:
        ValidationError: without a field.
    """
    judges = AccessReason.objects.filter(campaign=campaign)
    named = Q(user__in=[user.pk for user in people if user]) | Q(user__memberships__department__in=list(departments))
    judge = judges.filter(named).select_related("user").first()
    if judge is not None:
        text = _("%(person)s judges a case of this campaign and can have no part in it. Choose somebody else.")
        raise ValidationError(text % {"person": judge.user.get_full_name() or judge.user.get_username()})


def _campaigns_of(department: Department) -> list[int]:
    part = Q(department=department) | Q(offers__department=department) | Q(activities__roles__department=department)
    return list(Campaign.objects.filter(part).values_list("id", flat=True).distinct())


def repair(*, now: datetime) -> None:
    """Put every stored right on campaigns right, whoever changed it behind our back, and tell in the history."""
    for ids in campaigns_in_chunks():
        _repair(ids, now)
    _take_what_nobody_may_have(now)


@transaction.atomic
def _repair(campaign_ids: Collection[int], now: datetime) -> None:
    wrong = differences(campaign_ids)
    groups = CampaignGroupObjectPermission.objects.filter(content_object__in=campaign_ids)
    rows = groups.values_list("content_object", "group__name", "permission__codename")
    taken = {(campaign, f"{group} {right}") for campaign, group, right in rows}
    groups.delete()
    if not wrong and not taken:
        return
    reconcile({campaign for _lacks, (campaign, *_rest) in wrong})
    names = dict(User.objects.filter(pk__in={grant[1] for _, grant in wrong}).values_list("pk", "username"))
    told = {(lacks, grant[0], f"{names.get(grant[1], grant[1])} {grant[2]}") for lacks, grant in wrong}
    told |= {(False, campaign, what) for campaign, what in taken}
    codes = dict(Campaign.objects.filter(pk__in={campaign for _, campaign, _what in told}).values_list("pk", "code"))
    entries, reason = [], _reason_to_repair()
    for pk, code in sorted(codes.items()):
        lost, gained = (
            [what for lacks, of, what in sorted(told) if of == pk and lacks is side] for side in (False, True)
        )
        entries.append(Entry("repair", f"campaign:{code}", changes={"grants": (lost, gained)}, reason=reason))
    history.write_many(entries, by=None, now=now)


@transaction.atomic
def _take_what_nobody_may_have(now: datetime) -> None:
    """Grants on campaigns that are gone, and permissions on every campaign."""
    entries, reason = [], _reason_to_repair()
    count, _deleted = orphans().delete()
    if count:
        entries.append(Entry("repair", "campaign:", changes={"grants": (count, 0)}, reason=reason))
    wide = list(permissions_on_every_campaign())
    for person in User.objects.filter(user_permissions__in=wide).distinct().order_by("pk"):
        held = sorted(
            person.user_permissions.filter(pk__in=[one.pk for one in wide]).values_list("codename", flat=True)
        )
        person.user_permissions.remove(*wide)
        entries.append(Entry("repair", f"person:{person.username}", changes={"grants": (held, [])}, reason=reason))
    for group in Group.objects.filter(permissions__in=wide).distinct().order_by("pk"):
        held = sorted(group.permissions.filter(pk__in=[one.pk for one in wide]).values_list("codename", flat=True))
        group.permissions.remove(*wide)
        entries.append(Entry("repair", f"group:{group.name}", changes={"grants": (held, [])}, reason=reason))
    history.write_many(entries, by=None, now=now)


def _reason_to_repair() -> str:
    return _("Rights did not follow from the roles any more.")
