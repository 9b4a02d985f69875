"""Which rights on campaigns should be stored, which are, and where the two differ."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import (
    AccessReason,
    Activity,
    Campaign,
    CampaignGroupObjectPermission,
    CampaignUserObjectPermission,
    Membership,
    Offer,
)
from campaigns.queries.chunks import CHUNK
from campaigns.queries.raci import roles_with_membership
from campaigns.rules.access import CHANGE, VIEW, Parts, wanted

Progress = Callable[[int, int], object]

# Somebody may join a department between two of our reads: what differs is looked at again after so many seconds.
LOOK_AGAIN_AFTER = 0.5

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


def find_problems(*, progress: Progress = lambda done, of: None) -> Iterator[str]:
    """Where stored rights on campaigns are not what follows from the roles, in words.

    Reads CHUNK campaigns at a time, with the same number of queries for each chunk. `progress(campaigns done, campaigns)`
    is called after each chunk.
    """
    total, done = Campaign.objects.count(), 0
    for ids in campaigns_in_chunks():
        wrong = differences(ids)
        if wrong:
            time.sleep(LOOK_AGAIN_AFTER)
            again = differences({campaign for _lacks, (campaign, *_rest) in wrong})
            yield from _in_words(wrong & again)
        yield from _of_groups(ids)
        done += len(ids)
        progress(done, total)
    if left := orphans().count():
        yield ngettext(
            "%(count)d right on a campaign that no longer exists is left over",
            "%(count)d rights on campaigns that no longer exist are left over",
            left,
        ) % {"count": left}
    yield from _on_every_campaign()


def campaigns_in_chunks() -> Iterator[list[int]]:
    last = 0
    while ids := list(Campaign.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]


def differences(campaign_ids: Collection[int]) -> set[tuple[bool, Grant]]:
    """Grants that are missing (True) or stored without a reason (False)."""
    want, have = wanted_grants(campaign_ids), stored_grants(campaign_ids)
    return {(True, grant) for grant in want - have.keys()} | {(False, grant) for grant in have.keys() - want}


def orphans() -> "QuerySet[CampaignUserObjectPermission]":
    """Stored grants on campaigns that are gone: another program may delete without asking foreign keys."""
    there = Campaign.objects.filter(pk=OuterRef("content_object_id"))
    return CampaignUserObjectPermission.objects.filter(~Exists(there))


def permissions_on_every_campaign() -> "QuerySet[Permission]":
    """Model-wide permissions, which nobody is to have: rights on campaigns come from roles, one campaign at a time."""
    return Permission.objects.filter(content_type__app_label="campaigns", content_type__model="campaign")


def _in_words(wrong: Collection[tuple[bool, Grant]]) -> Iterator[str]:
    codes = dict(Campaign.objects.filter(pk__in={grant[0] for _, grant in wrong}).values_list("pk", "code"))
    names = dict(User.objects.filter(pk__in={grant[1] for _, grant in wrong}).values_list("pk", "username"))
    sentences = {
        (True, VIEW): _("%(person)s should read %(campaign)s and has no grant"),
        (True, CHANGE): _("%(person)s should be able to change %(campaign)s and has no grant"),
        (False, VIEW): _("%(person)s may read campaign %(campaign)s without a reason"),
        (False, CHANGE): _("%(person)s may change campaign %(campaign)s without a reason"),
    }
    other = _("%(person)s has the right “%(right)s” on campaign %(campaign)s without a reason")
    for lacks, (campaign, person, right) in sorted(wrong, key=lambda one: one[1]):
        yield sentences.get((lacks, right), other) % {
            "person": names.get(person) or _("person %(number)d, who no longer exists,") % {"number": person},
            "campaign": codes.get(campaign, campaign),
            "right": right,
        }


def _of_groups(ids: Collection[int]) -> Iterator[str]:
    rows = CampaignGroupObjectPermission.objects.filter(content_object__in=ids).order_by("content_object", "pk")
    for group, right, campaign in rows.values_list("group__name", "permission__codename", "content_object__code"):
        yield _("the group %(group)s has the right “%(right)s” on campaign %(campaign)s: only people have rights") % {
            "group": group,
            "right": right,
            "campaign": campaign,
        }


def _on_every_campaign() -> Iterator[str]:
    wide = permissions_on_every_campaign()
    people = User.objects.filter(user_permissions__in=wide).order_by("username", "user_permissions__codename")
    for person, right in people.values_list("username", "user_permissions__codename"):
        yield _("%(person)s has the right “%(right)s” on every campaign") % {"person": person, "right": right}
    groups = Group.objects.filter(permissions__in=wide).order_by("name", "permissions__codename")
    for group, right in groups.values_list("name", "permissions__codename"):
        yield _("the group %(group)s has the right “%(right)s” on every campaign") % {"group": group, "right": right}


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
    cells = roles_with_membership().filter(Q(user=None) | Q(is_member=True), activity__campaign__in=campaign_ids)
    for campaign, letter, department, user in cells.values_list("activity__campaign", "letter", "department", "user"):
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
