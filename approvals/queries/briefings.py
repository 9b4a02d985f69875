"""Briefings as they are read and listed, and who gets them by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from approvals.models import Briefing, BriefingRead
from approvals.queries.recipients import Recipient
from approvals.rules.briefings import told
from campaigns.choices import ActivityKind, CampaignStatus, RaciLetter
from campaigns.models import Campaign, Membership, Offer, SectionContent, Version
from campaigns.queries import plan
from campaigns.queries.content import contents
from campaigns.queries.raci import roles_with_membership
from campaigns.queries.versions import Sections, as_they_were, current
from campaigns.rules.lifecycle import OVER
from campaigns.rules.sections import BRIEF
from customers.permissions import colleagues

Reader = AbstractBaseUser | AnonymousUser

RUNNING, COMING, PAST = 0, 1, 2
# Other campaigns of the same days that a briefing names.
MOST_OTHERS = 20


@dataclass(frozen=True)
class Read:
    """A briefing with all that its page tells. `briefing` is None in a preview: nobody else reads that yet.

    `releases` are all versions there are, the newest first, `released` what each of them says.
    """

    campaign: Campaign
    briefing: Briefing | None
    sections: Sections
    releases: list[Briefing]
    released: list[Sections]

    @property
    def is_newest(self) -> bool:
        return not self.releases or self.briefing == self.releases[0]

    @property
    def brief(self) -> dict[str, Any]:
        return self.sections.get(BRIEF, {})

    @property
    def name(self) -> str:
        return str(self.brief.get("name", self.campaign.name))

    @property
    def starts_on(self) -> date:
        return date.fromisoformat(self.brief["starts_on"])

    @property
    def ends_before(self) -> date:
        return date.fromisoformat(self.brief["ends_before"])

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)

    @cached_property
    def offers(self) -> list[dict[str, Any]]:
        """By first day and code."""
        found = _offers(self.sections)
        return sorted(found.values(), key=lambda said: (said["starts_on"], said["code"]))

    @cached_property
    def before(self) -> Sections | None:
        """What the version before this one said."""
        if self.briefing is None:
            return None
        place = self.releases.index(self.briefing) + 1
        return self.released[place] if place < len(self.releases) else None

    @cached_property
    def held(self) -> set[str]:
        """Codes of its offers that nobody may promise yet."""
        rows = Offer.objects.filter(campaign=self.campaign, held=True, withdrawn_at__isnull=True)
        return set(rows.values_list("code", flat=True)) & _offers(self.sections).keys()

    @cached_property
    def withdrawn(self) -> list[dict[str, Any]]:
        """Offers of this version or an earlier one that were taken back, as they were last released."""
        ever = {code: said for sections in reversed(self.released) for code, said in _offers(sections).items()}
        gone = Offer.objects.filter(campaign=self.campaign, withdrawn_at__isnull=False, code__in=ever)
        return [ever[code] for code in gone.order_by("code").values_list("code", flat=True)]


def _offers(sections: Sections) -> dict[str, dict[str, Any]]:
    return {code: said for section, offers in sections.items() if section != BRIEF for code, said in offers.items()}


def read(user: Reader, campaign_id: int, number: int | None = None) -> Read | None:
    """The briefing of a campaign, or its version `number`; before there is one, a preview for who reads the campaign.

    None if there is nothing that `user` may read.
    """
    rows = Campaign.objects.select_related("department", "contact_person", "accountable")
    found = Briefing.objects.visible(user).filter(campaign=campaign_id).select_related("version").order_by("-id")
    releases = list(found)
    if not releases:
        campaign = rows.filter(pk__in=Campaign.objects.visible(user).filter(pk=campaign_id).values("pk")).first()
        if campaign is None or number is not None:
            return None
        return Read(campaign, None, told(current(contents([campaign_id])[campaign_id])), [], [])
    chosen = next((one for one in releases if number is None or one.version.number == number), None)
    if chosen is None:
        return None
    released = [told(sections) for sections in as_they_were([one.version for one in releases])]
    return Read(rows.get(pk=campaign_id), chosen, released[releases.index(chosen)], releases, released)


def newest_of(campaign: Campaign) -> Read | None:
    """What everybody reads of a campaign now."""
    releases = list(Briefing.objects.filter(campaign=campaign).select_related("version").order_by("-id"))
    if not releases:
        return None
    released = [told(sections) for sections in as_they_were([one.version for one in releases])]
    return Read(campaign, releases[0], released[0], releases, released)


def listed(user: Reader) -> QuerySet[Campaign]:
    """Campaigns with a briefing: running, coming, over (`rank`), by days.

    `briefing`, `number` and `released_at` are of the newest version, `has_read` is the id of the one read last.
    """
    newest = Briefing.objects.visible(user).filter(campaign=OuterRef("pk")).order_by("-id")
    mine = BriefingRead.objects.filter(user=user.pk, campaign=OuterRef("pk"))
    running = [CampaignStatus.LIVE, CampaignStatus.PAUSED]
    rank = Case(
        When(status__in=running, then=Value(RUNNING)),
        When(status__in=OVER, then=Value(PAST)),
        default=Value(COMING),
        output_field=IntegerField(),
    )
    return (
        Campaign.objects.filter(pk__in=Briefing.objects.visible(user).values("campaign"))
        .annotate(
            briefing=Subquery(newest.values("pk")[:1]),
            number=Subquery(newest.values("version__number")[:1]),
            released_at=Subquery(newest.values("released_at")[:1]),
            has_read=Subquery(mine.values("briefing")[:1]),
            rank=rank,
        )
        .select_related("department")
        .order_by("rank", Case(When(rank=PAST, then=None), default=F("starts_on")), "-ends_before", "pk")
    )


def unread(user: Reader) -> QuerySet[Campaign]:
    """Those of `listed` that are not over, and whose newest version this person has not read."""
    return listed(user).exclude(rank=PAST).filter(Q(has_read=None) | ~Q(has_read=F("briefing")))


def unread_versions(user: Reader) -> list[Briefing]:
    """The newest versions of those."""
    return list(Briefing.objects.filter(pk__in=unread(user).order_by().values("briefing")).order_by("pk"))


@dataclass(frozen=True)
class Line:
    """A briefing in the list, with name and days as its newest version says them."""

    campaign: Campaign
    rank: int
    number: int
    released_at: datetime
    is_new: bool
    name: str
    starts_on: date
    ends_before: date

    @property
    def ends_on(self) -> date:
        """The last day, as people say it."""
        return self.ends_before - timedelta(days=1)


def lines(rows: Sequence[Any]) -> list[Line]:
    """Campaigns of `listed` as lines, in two queries."""
    versions = Version.objects.filter(
        pk__in=Briefing.objects.filter(pk__in=[row.briefing for row in rows]).values("version")
    )
    hashes = {one.campaign_id: one.sections[BRIEF] for one in versions}
    kept = SectionContent.objects.filter(campaign__in=hashes, section=BRIEF, hash__in=set(hashes.values()))
    said = {(one.campaign_id, one.hash): one.content for one in kept}
    found = []
    for row in rows:
        brief = said[row.pk, hashes[row.pk]]
        found.append(
            Line(
                campaign=row,
                rank=row.rank,
                number=row.number,
                released_at=row.released_at,
                is_new=row.rank != PAST and row.has_read != row.briefing,
                name=brief["name"],
                starts_on=date.fromisoformat(brief["starts_on"]),
                ends_before=date.fromisoformat(brief["ends_before"]),
            )
        )
    return found


def has_read(user: Reader, one: Read) -> bool:
    """Whether this person has read this version."""
    return BriefingRead.objects.filter(user=user.pk, campaign=one.campaign, briefing=one.briefing).exists()


def others(one: Read, user: Reader) -> tuple[list[plan.Card], int]:
    """Cards of other campaigns that run in its days, the first of them, and how many there are."""
    rows = Campaign.objects.filter(
        status__in=[CampaignStatus.APPROVED, CampaignStatus.LIVE],
        starts_on__lt=one.ends_before,
        ends_before__gt=one.starts_on,
        pk__in=Briefing.objects.values("campaign"),
    ).exclude(pk=one.campaign.pk)
    found = list(rows.order_by("starts_on", "pk").values_list("pk", flat=True))
    shown = Campaign.objects.filter(pk__in=found[:MOST_OTHERS]).order_by("starts_on", "pk")
    return plan.cards_of(shown, user=user, departments=()), len(found)


def recipients(campaign: Campaign) -> list[Recipient]:
    """Whoever sells or serves (R, I) in a campaign, and who wants every briefing; each person once."""
    roles = roles_with_membership().filter(
        activity__campaign=campaign,
        activity__kind__in=[ActivityKind.SALE, ActivityKind.SERVICE],
        letter__in=[RaciLetter.RESPONSIBLE, RaciLetter.INFORMED],
    )
    whole = roles.filter(user__isnull=True).values("department")
    members = Membership.objects.filter(department__in=whole).values("user")
    named = roles.filter(user__isnull=False, is_member=True).values("user")
    found = colleagues().filter(Q(pk__in=members) | Q(pk__in=named)).order_by("pk")
    sellers = [Recipient(user, "seller", campaign.code) for user in found]
    known = {one.user.pk for one in sellers}
    subscribed = colleagues().filter(staff_profile__gets_briefings=True).order_by("pk")
    return sellers + [Recipient(user, "subscriber", campaign.code) for user in subscribed if user.pk not in known]
