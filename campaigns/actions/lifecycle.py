"""The only writer of Campaign.status, and of what follows from it on offers: live_since and held."""

import logging
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.actions import collisions, signatures, versions
from campaigns.choices import CampaignStatus, CollisionState
from campaigns.models import Campaign, Collision, Offer
from campaigns.permissions import can_take
from campaigns.queries.brief import gaps_of_brief
from campaigns.queries.content import content_hashes
from campaigns.queries.raci import matrix_of, works_here
from campaigns.rules.lifecycle import CAMPAIGN, REVIEWED
from campaigns.rules.raci import NO_A, NO_R
from customers.actions import events, history
from customers.actions.history import Entry
from customers.clock import local_day
from customers.models import Event
from customers.rules.transitions import IllegalTransition, target_of

logger = logging.getLogger(__name__)

# Whether everybody who must approve a locked campaign has approved it as it is.
Agreed = Callable[[Campaign], bool]


def lock_campaign(campaign: Campaign) -> Campaign:
    locked: Campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    return locked


@transaction.atomic
def submit(*, campaign: Campaign, by: AbstractBaseUser, now: datetime, reason: str = "") -> Campaign:
    """Draft → submitted: from here the plan counts in everybody's collisions.

    Raises:
        ValidationError: something a reviewer needs is missing; one message per gap.
        PermissionDenied: `by` is not the A.
    """
    campaign = lock_campaign(campaign)
    _check_may(campaign, by, "submit")
    _check_step(campaign, "submit")
    if problems := gaps_before_submit(campaign, now=now):
        raise ValidationError(problems)
    campaign = _fire(campaign, "submit", by=by, now=now, reason=reason)
    versions.keep([campaign.pk], now=now)
    tell_reviewers([campaign.pk], by=by, now=now)
    return campaign


def gaps_before_submit(campaign: Campaign, *, now: datetime) -> list[str]:
    """What still misses before this campaign can be submitted, in words for its department."""
    gaps = []
    if not campaign.goal.strip() or not campaign.kpi.strip():
        gaps.append(_("Say why: give the goal and the KPI that measures it."))
    gaps += gaps_of_brief(campaign)
    if campaign.accountable is None or not works_here(campaign.accountable):
        gaps.append(_("Name the accountable person (A)."))
    for row in matrix_of(campaign):
        if NO_R in row.flaws:
            gaps.append(_("Nobody does “%(activity)s”: give a department the R.") % {"activity": row.activity.label})
        if NO_A in row.flaws and not row.is_inherited:
            gaps.append(
                _("Who answers for “%(activity)s” no longer works here: name another A.")
                % {"activity": row.activity.label}
            )
    if not campaign.offers.filter(withdrawn_at__isnull=True).exists():
        gaps.append(_("Add at least one offer."))
    if campaign.ends_before <= local_day(now):
        gaps.append(_("Its last day has passed: move the dates."))
    return gaps


@transaction.atomic
def approve(*, campaign: Campaign, by: AbstractBaseUser | None, now: datetime, agreed: Agreed) -> Campaign:
    """Let the plan count as approved as it is now, if everybody agreed to it; `by` agreed last.

    Submitted → approved. What is live or paused stays so, and its offers may go live as they are now. It stays as it is
    while somebody has not `agreed` or something is missing.
    """
    campaign = lock_campaign(campaign)
    if campaign.status not in REVIEWED or not agreed(campaign) or gaps_before_submit(campaign, now=now):
        return campaign
    current = content_hashes([campaign.pk])[campaign.pk]
    if campaign.status == CampaignStatus.SUBMITTED:
        return _fire(campaign, "approve", by=by, now=now, approved_hash=current)
    if campaign.approved_hash != current:
        campaign.approved_hash = current
        campaign.save(update_fields=["approved_hash"])
        signatures.count_products([campaign.pk])
        history.write(by=by, now=now, verb="approve", subject=f"campaign:{campaign.code}")
        signatures.announce([campaign.pk], now=now)
    return campaign


@transaction.atomic
def pause(*, campaign: Campaign, by: AbstractBaseUser, now: datetime, reason: str) -> Campaign:
    """Live → paused: its offers are no longer live and the plan can be edited.

    Who judges its collisions hears of it: what was live already could not be held, now it can.
    """
    campaign = lock_campaign(campaign)
    _check_may(campaign, by, "pause")
    _check_reason(reason)
    campaign = _fire(campaign, "pause", by=by, now=now, reason=reason)
    stopped = list(campaign.offers.filter(live_since__isnull=False).values_list("pk", flat=True))
    Offer.objects.filter(pk__in=stopped).update(live_since=None)
    disputed = Collision.objects.filter(Q(offer_a__in=stopped) | Q(offer_b__in=stopped), state=CollisionState.OPEN)
    collisions.announce(list(disputed.values_list("offer_a", "offer_b")), now=now)
    return campaign


@transaction.atomic
def resume(*, campaign: Campaign, by: AbstractBaseUser, now: datetime, reason: str = "") -> Campaign:
    """Paused → live, if it is what was approved; its offers go live with the next sweep.

    Raises:
        PermissionDenied: `by` is not the A.
        ValidationError: it was changed, and not everybody has approved it as it is.
    """
    campaign = lock_campaign(campaign)
    _check_may(campaign, by, "resume")
    _check_step(campaign, "resume")
    if not signatures.is_signed(campaign):
        raise ValidationError(_("It was changed while it was paused: it goes on once it is approved as it is now."))
    return _fire(campaign, "resume", by=by, now=now, reason=reason)


@transaction.atomic
def cancel(*, campaign: Campaign, by: AbstractBaseUser, now: datetime, reason: str) -> Campaign:
    campaign = lock_campaign(campaign)
    _check_may(campaign, by, "cancel")
    _check_reason(reason)
    campaign = _fire(campaign, "cancel", by=by, now=now, reason=reason)
    tell_reviewers([campaign.pk], now=now)
    campaign.offers.filter(Q(live_since__isnull=False) | Q(held=True)).update(live_since=None, held=False)
    return campaign


@transaction.atomic
def content_changed(*, campaign: Campaign, by: AbstractBaseUser | None, now: datetime, reason: str = "") -> Campaign:
    """What every change of a brief or its offers owes: a version to compare with, and no approval of what it no longer is.

    Approved → submitted when the content no longer is what was approved; any other status stays as it is.
    """
    campaign = lock_campaign(campaign)
    if campaign.status == CampaignStatus.DRAFT:
        return campaign
    versions.keep([campaign.pk], now=now)
    tell_reviewers([campaign.pk], by=by, now=now)
    return _void_unless(signatures.is_signed, campaign, by=by, now=now, reason=reason)


@transaction.atomic
def keep_version(*, campaign: Campaign, now: datetime) -> Campaign:
    """The campaign under its lock, with what it plans kept as a version: also what was changed past content_changed."""
    campaign = lock_campaign(campaign)
    versions.keep([campaign.pk], now=now)
    return campaign


def tell_reviewers(campaign_ids: Collection[int], *, by: AbstractBaseUser | None = None, now: datetime) -> None:
    """Let those who review these campaigns know that `by` has changed the plan, or who has a part in it."""
    events.record("plan.changed", now=now, campaigns=sorted(campaign_ids), by=by.pk if by else None)


@transaction.atomic
def void(*, campaign: Campaign, agreed: Agreed, now: datetime) -> Campaign:
    """Approved → submitted unless everybody has `agreed` to it as it is."""
    return _void_unless(agreed, lock_campaign(campaign), by=None, now=now)


def _void_unless(
    holds: Agreed, campaign: Campaign, *, by: AbstractBaseUser | None, now: datetime, reason: str = ""
) -> Campaign:
    if campaign.status != CampaignStatus.APPROVED or holds(campaign):
        return campaign
    tell_reviewers([campaign.pk], by=by, now=now)
    return _fire(campaign, "void", by=by, now=now, reason=reason, approved_hash="")


@transaction.atomic
def approve_by_import(campaign_ids: Collection[int], *, now: datetime) -> None:
    """Approve new campaigns as their file says, bound to their content; what runs today is live from the start."""
    hashes = content_hashes(campaign_ids)
    today = local_day(now)
    campaigns = Campaign.objects.select_for_update(no_key=True).filter(pk__in=campaign_ids).order_by("pk")
    for campaign in campaigns:
        if campaign.status == CampaignStatus.DRAFT:
            _fire(campaign, "submit", by=None, now=now, tell=False)
        _fire(campaign, "approve", by=None, now=now, tell=False, approved_hash=hashes[campaign.pk])
        if campaign.ends_before <= today:
            _fire(campaign, "end", by=None, now=now, tell=False)
        elif campaign.starts_on <= today:
            _fire(campaign, "go_live", by=None, now=now, tell=False)
            running = campaign.offers.filter(starts_on__lte=today, ends_before__gt=today, withdrawn_at__isnull=True)
            running.update(live_since=now)
    versions.keep(campaign_ids, now=now)
    signatures.sign_by_import(hashes)
    signatures.announce(campaign_ids, now=now, tell=False)


@transaction.atomic
def submit_by_import(campaign_ids: Collection[int], *, now: datetime) -> None:
    for campaign in Campaign.objects.select_for_update(no_key=True).filter(pk__in=campaign_ids).order_by("pk"):
        _fire(campaign, "submit", by=None, now=now, tell=False)
    versions.keep(campaign_ids, now=now)
    tell_reviewers(campaign_ids, now=now)


@transaction.atomic
def set_held(offer_ids: Collection[int], *, held: bool, now: datetime) -> set[int]:
    """Hold offers of a case, or let them go. Live and withdrawn offers stay as they are.

    Returns the ids of the offers whose hold changed.
    """
    # of: the campaign is joined for its code only, and locking it here would break the order of locks.
    offers = Offer.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=offer_ids, held=not held, live_since__isnull=True, withdrawn_at__isnull=True
    )
    changed = list(offers.order_by("pk").select_related("campaign"))
    Offer.objects.filter(pk__in=[offer.pk for offer in changed]).update(held=held)
    verb = "hold" if held else "release"
    entries = [Entry(verb, f"offer:{offer.code}", f"campaign:{offer.campaign.code}") for offer in changed]
    history.write_many(entries, by=None, now=now)
    return {offer.pk for offer in changed}


def keep_dates(*, now: datetime, agreed: Agreed) -> None:
    """Move campaigns and offers on with the calendar; one transaction per campaign, so that none stops another.

    `agreed` is asked again of all that is about to go live.
    """
    today = local_day(now)
    over = Q(ends_before__lte=today, status__in=CAMPAIGN["end"].sources)
    due = Q(starts_on__lte=today, status=CampaignStatus.APPROVED)
    running = Q(status=CampaignStatus.LIVE) & (Q(offers__in=_startable(today)) | Q(offers__in=_finished(today)))
    ids = Campaign.objects.filter(over | due | running).order_by("pk").values_list("pk", flat=True).distinct()
    for pk in list(ids):
        try:
            _keep_dates_of(pk, today, now, agreed)
        except Exception:
            logger.exception("the dates of campaign %d were not kept", pk)


def _startable(today: date) -> Any:
    return Offer.objects.filter(
        starts_on__lte=today,
        ends_before__gt=today,
        held=False,
        withdrawn_at__isnull=True,
        live_since__isnull=True,
    )


def _finished(today: date) -> Any:
    """Live offers whose last day has passed while their campaign goes on."""
    return Offer.objects.filter(ends_before__lte=today, live_since__isnull=False)


@transaction.atomic
def _keep_dates_of(pk: int, today: date, now: datetime, agreed: Agreed) -> None:
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=pk)
    if campaign.ends_before <= today and campaign.status in CAMPAIGN["end"].sources:
        _fire(campaign, "end", by=None, now=now)
        tell_reviewers([campaign.pk], now=now)
        campaign.offers.filter(Q(live_since__isnull=False) | Q(held=True)).update(live_since=None, held=False)
        return
    if campaign.status == CampaignStatus.APPROVED and campaign.starts_on <= today:
        campaign = _void_unless(lambda one: signatures.is_signed(one) and agreed(one), campaign, by=None, now=now)
        if campaign.status == CampaignStatus.APPROVED:
            campaign = _fire(campaign, "go_live", by=None, now=now)
    if campaign.status == CampaignStatus.LIVE:
        _finished(today).filter(campaign=campaign).update(live_since=None)
        _start_offers(campaign, today, now, agreed)


def _start_offers(campaign: Campaign, today: date, now: datetime, agreed: Agreed) -> None:
    """Offers whose day has come go live, unless a collision is being judged or nobody approved the plan as it is.

    Safety does not wait for the reaction of another process: collisions are recounted here, and as long as news about
    this campaign's collisions has not been handled, its offers stay where they are for another minute.
    """
    starting = list(_startable(today).filter(campaign=campaign).values_list("pk", flat=True))
    if not starting or not signatures.is_signed(campaign) or not agreed(campaign):
        return
    collisions.refresh(offer_ids=starting, now=now)
    unheard = Event.objects.filter(topic="collisions.changed", handled_at__isnull=True).values_list(
        "payload", flat=True
    )
    if any(campaign.pk in pair for payload in unheard for pair in payload["pairs"]):
        return
    offers = Offer.objects.select_for_update(no_key=True).filter(pk__in=starting, held=False, live_since__isnull=True)
    for offer in offers.order_by("pk"):
        Offer.objects.filter(pk=offer.pk).update(live_since=now)
        history.write(
            by=None, now=now, verb="go_live", subject=f"offer:{offer.code}", scope=f"campaign:{campaign.code}"
        )


def _check_may(campaign: Campaign, by: AbstractBaseUser, step: str) -> None:
    if not can_take(by, campaign, step):
        raise PermissionDenied


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: everybody concerned reads it.")})


def _check_step(campaign: Campaign, step: str) -> str:
    try:
        return target_of(CAMPAIGN, step, campaign.status)
    except IllegalTransition as error:
        raise ValidationError(
            _("This is not possible while the campaign is “%(status)s”. Reload the page to see where it stands.")
            % {"status": campaign.get_status_display()},
            code="state",
        ) from error


def _fire(
    campaign: Campaign,
    step: str,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    reason: str = "",
    tell: bool = True,
    **columns: str,
) -> Campaign:
    """Make one step of a locked campaign and tell detection; and people, but for a file that brings a whole plan."""
    before, after = campaign.status, _check_step(campaign, step)
    campaign.status = after
    for column, value in columns.items():
        setattr(campaign, column, value)
    campaign.save(update_fields=["status", *columns])
    if columns.get("approved_hash"):
        signatures.count_products([campaign.pk])
    history.write(
        by=by,
        now=now,
        verb=step,
        subject=f"campaign:{campaign.code}",
        changes={"status": (before, after)},
        reason=reason,
    )
    events.record("campaign.changed", now=now, campaigns=[campaign.pk])
    if tell and columns.get("approved_hash"):
        signatures.announce([campaign.pk], now=now)
    if tell:
        mover = by.pk if by else None
        events.record(
            "campaign.moved", now=now, campaign=campaign.pk, step=step, status=after, by=mover, reason=reason
        )
    return campaign
