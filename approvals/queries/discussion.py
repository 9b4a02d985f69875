"""What is said about a campaign, who may say something, and who hears of it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.models import Comment, Watch
from approvals.rules.discussion import Standing, may_speak
from campaigns.models import AccessReason, Activity, Campaign, CampaignUserObjectPermission, Offer
from campaigns.permissions import departments_of
from campaigns.queries.raci import roles_with_membership
from campaigns.rules.access import VIEW
from customers.permissions import colleagues


@dataclass(frozen=True)
class Voice:
    """What the reader may do in a discussion; `people` are those whom their mention would tell, by name."""

    may_speak: bool
    watches: bool
    people: list[User]


# approvals.actions.mediation writes it in front of the label of the case.
MANDATE = "mediator "


def comments_of(campaign: Campaign) -> QuerySet[Comment]:
    """The newest first, with all that a line shows, in two queries."""
    rows = Comment.objects.filter(campaign=campaign).select_related("author", "retraction")
    return rows.prefetch_related("mentions").order_by("-id")


def newer_than(comment: Comment) -> int:
    """How many comments of the same campaign stand before this one."""
    return Comment.objects.filter(campaign=comment.campaign_id, pk__gt=comment.pk).count()


def standing_of(user: User, campaign: Campaign) -> Standing:
    """As matters stand now; four or five queries."""
    mine = departments_of(user)
    cells = roles_with_membership().filter(
        Q(user=None, department__in=mine) | Q(user=user.pk, is_member=True), activity__campaign=campaign
    )
    letters = set(cells.values_list("letter", flat=True))
    answers = Activity.objects.filter(campaign=campaign, accountable=user.pk)
    if user.pk == campaign.accountable_id or answers.exists():
        letters.add("A")
    owns_offer = Offer.objects.filter(campaign=campaign, department__in=mine)
    mandates = AccessReason.objects.filter(campaign=campaign, user=user.pk, why__startswith=MANDATE)
    return Standing(
        letters=frozenset(letters),
        is_member=campaign.department_id in mine or owns_offer.exists(),
        is_contact=user.pk == campaign.contact_person_id,
        mediates=mandates.exists(),
    )


def readers_of(campaign: Campaign) -> QuerySet[User]:
    """Colleagues who may read the campaign: those to whom `visible(user)` shows it."""
    grants = CampaignUserObjectPermission.objects.filter(
        content_object=campaign, user=OuterRef("pk"), permission__codename=VIEW
    )
    return colleagues().filter(Q(is_superuser=True) | Exists(grants))


def called(names: Collection[str], readers: QuerySet[User]) -> dict[str, User]:
    """Of these user names, those of `readers`; upper and lower case make no difference."""
    if not names:
        return {}
    asked = Q()
    for name in names:
        asked |= Q(username__iexact=name)
    found: dict[str, User] = {}
    for person in readers.filter(asked):
        for name in names:
            same = name == person.username
            if same or (name.casefold() == person.username.casefold() and name not in found):
                found[name] = person
    return found


def watches(user: User, campaign: Campaign) -> bool:
    row = Watch.objects.filter(campaign=campaign, user=user.pk).first()
    return row.is_on if row else user.pk in by_default(campaign)


def voice_of(user: User, campaign: Campaign) -> Voice:
    speaks = may_speak(standing_of(user, campaign))
    people = list(readers_of(campaign).exclude(pk=user.pk)) if speaks else []
    return Voice(speaks, watches(user, campaign), people)


def by_default(campaign: Campaign) -> set[int]:
    """Ids of who watches a campaign without having said so."""
    return {pk for pk in (campaign.accountable_id, campaign.contact_person_id) if pk is not None}


def watchers_of(campaign: Campaign) -> list[User]:
    """Who watches and may still read it."""
    said = dict(Watch.objects.filter(campaign=campaign).values_list("user", "is_on"))
    listening = dict.fromkeys(by_default(campaign), True) | said
    return list(readers_of(campaign).filter(pk__in=[pk for pk, is_on in listening.items() if is_on]).order_by("pk"))
