"""Briefings: released when a plan is approved, told to whoever sells or serves, read by everybody who works here.

The only writer of Briefing and BriefingRead.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from approvals.actions import outbox
from approvals.choices import MailEvent
from approvals.models import Briefing, BriefingRead
from approvals.queries import briefings, news
from approvals.queries.recipients import without
from campaigns.models import Campaign, Version
from customers.actions import history
from customers.actions.history import Entry
from customers.models import Event

TOPICS = ["plan.approved"]

# Steps of a campaign after which somebody must stop offering it, or may go on.
_STEPS = {
    "pause": MailEvent.BRIEFING_STOPPED,
    "cancel": MailEvent.BRIEFING_STOPPED,
    "resume": MailEvent.BRIEFING_RESUMED,
}
_AT_ONCE = 500


@transaction.atomic
def react(batch: Sequence[Event], now: datetime) -> None:
    """Handle events of TOPICS: what is approved is released."""
    for event in batch:
        release(event.payload["campaigns"], tell=event.payload["tell"], now=now)


@transaction.atomic
def release(campaign_ids: Collection[int], *, tell: bool, now: datetime) -> None:
    """Let everybody read these campaigns as they are approved now, and `tell` those who offer it.

    What is no longer approved by the time this runs, and what was released already, stays as it is.
    """
    ids = sorted(campaign_ids)
    for place in range(0, len(ids), _AT_ONCE):
        written = _release(ids[place : place + _AT_ONCE], now)
        if tell:
            for campaign in written:
                _tell(MailEvent.BRIEFING, campaign, occasion="", by=None, now=now)


def _release(campaign_ids: Collection[int], now: datetime) -> list[Campaign]:
    """Returns the campaigns of which a version is new."""
    campaigns = {
        one.pk: one
        for one in Campaign.objects.filter(pk__in=campaign_ids).exclude(approved_hash="").select_related("department")
    }
    known = set(Briefing.objects.filter(campaign__in=campaigns).values_list("version", flat=True))
    # The later of two versions that say the same is the one that stands.
    versions = Version.objects.filter(campaign__in=campaigns).order_by("number")
    standing = {
        one.campaign_id: one for one in versions if one.content_hash == campaigns[one.campaign_id].approved_hash
    }
    new = [one for pk, one in sorted(standing.items()) if one.pk not in known]
    rows = [Briefing(campaign_id=one.campaign_id, version=one, released_at=now) for one in new]
    Briefing.objects.bulk_create(rows, ignore_conflicts=True)
    return [campaigns[one.campaign_id] for one in new]


def tell_of_moves(batch: Sequence[Event], now: datetime) -> None:
    """Handle events "campaign.moved": who was told to offer it hears that it stops or goes on, but not who did it."""
    for event in batch:
        if kind := _STEPS.get(event.payload["step"]):
            campaign = Campaign.objects.select_related("department").get(pk=event.payload["campaign"])
            mover = User.objects.filter(pk=event.payload["by"]).first()
            _tell(kind, campaign, occasion=f":{event.pk}", by=mover, now=now)


def _tell(event: MailEvent, campaign: Campaign, *, occasion: str, by: User | None, now: datetime) -> None:
    one = briefings.newest_of(campaign)
    if one is None or one.briefing is None:
        return
    outbox.queue(
        event=event,
        recipients=without(briefings.recipients(campaign), by),
        news=news.of_briefing(one),
        key=f"campaign:{campaign.pk}:{event}:v{one.briefing.version.number}{occasion}",
        now=now,
        campaign=campaign,
    )


@transaction.atomic
def mark_read(*, campaign: Campaign, number: int, by: User, now: datetime) -> None:
    """Note that `by` has read this version of a briefing. Once more, or an older one than before, changes nothing.

    Raises:
        PermissionDenied: `by` does not work here.
        ValidationError: there is no such version.
    """
    _check_works_here(by)
    briefing = Briefing.objects.visible(by).filter(campaign=campaign, version__number=number).first()
    if briefing is None:
        raise ValidationError({"version": _("There is no such version of the briefing.")})
    _mark([briefing], by, now)


@transaction.atomic
def mark_all_read(*, by: User, now: datetime) -> int:
    """Note that `by` has read all briefings as they are now. Returns how many were new.

    Raises:
        PermissionDenied: `by` does not work here.
    """
    _check_works_here(by)
    return _mark(briefings.unread_versions(by), by, now)


def _mark(found: Collection[Briefing], by: User, now: datetime) -> int:
    # Of two clicks at once the second one finds what the first has written.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    mine = BriefingRead.objects.filter(user=by, campaign__in=[one.campaign_id for one in found])
    before = dict(mine.values_list("campaign", "briefing"))
    newer = [one for one in found if before.get(one.campaign_id, 0) < one.pk]
    BriefingRead.objects.bulk_create(
        [BriefingRead(user=by, campaign_id=one.campaign_id, briefing=one, read_at=now) for one in newer],
        update_conflicts=True,
        unique_fields=["user", "campaign"],
        update_fields=["briefing", "read_at"],
    )
    versions = Version.objects.filter(pk__in=[one.version_id for one in newer]).select_related("campaign")
    # A matter of the person: the campaign is none other for it.
    subject = f"user:{by.get_username()}"
    entries = [
        Entry("read_briefing", subject, changes={"briefing": (None, str(one))}) for one in versions.order_by("pk")
    ]
    history.write_many(entries, by=by, now=now)
    return len(newer)


def _check_works_here(by: User) -> None:
    if not (by.is_active and by.is_staff):
        raise PermissionDenied
