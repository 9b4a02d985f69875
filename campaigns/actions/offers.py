"""Writing offers: terms, dates, audience, channels, scope and promises."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.actions import access, lifecycle, postings, signatures
from campaigns.actions.offer_terms import (
    check_cap,
    check_fields,
    check_owner,
    check_terms,
    only_terms_of_the_mechanic,
)
from campaigns.actions.planning import check_editable, set_fields, tell_detection
from campaigns.actions.promises import Promises, write_promises
from campaigns.actions.reach import Reach, write_reach
from campaigns.actions.self_checks import refuse_what_is_not_meant
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Offer, Product
from campaigns.permissions import can_withdraw
from customers.actions import history
from customers.clock import local_day


@transaction.atomic
def plan_offer(
    *,
    campaign: Campaign,
    by: AbstractBaseUser,
    now: datetime,
    code: str,
    fields: Mapping[str, Any],
    reach: Reach | None = None,
    promises: Promises | None = None,
    confirmed: Collection[str] | None = (),
) -> Offer:
    """Add an offer to a plan; department and dates default to the campaign's.

    `confirmed`: codes of self-checks that `by` means; None = none is asked, as it is only tried.

    Raises:
        PermissionDenied: `by` may not change this plan.
        ValidationError: by field, or because of the state of the campaign; "confirmed": what has to be meant.
    """
    _lock_owner(fields)
    campaign = lifecycle.lock_campaign(campaign)
    check_editable(campaign, by)
    check_fields(fields)
    check_owner(fields, campaign.department_id, campaign, by)
    defaults = {
        "department": campaign.department,
        "starts_on": campaign.starts_on,
        "ends_before": campaign.ends_before,
    }
    offer = Offer(code=code, campaign=campaign, **defaults | dict(fields))
    check_terms(offer, campaign)
    check_cap(offer)
    offer.save()
    write_reach(offer, reach or Reach())
    write_promises(offer, promises or Promises(), {})
    history.write(by=by, now=now, verb="plan", subject=f"offer:{offer.code}", scope=f"campaign:{campaign.code}")
    if offer.department_id != campaign.department_id:
        access.reconcile([campaign.pk])
    _follow_up([offer], campaign, by=by, now=now)
    refuse_what_is_not_meant(offer, confirmed, by=by, now=now)
    return offer


@transaction.atomic
def change_offer(
    *,
    offer: Offer,
    by: AbstractBaseUser | None,
    now: datetime,
    reason: str = "",
    authority: str = "",
    fields: Mapping[str, Any] | None = None,
    reach: Reach | None = None,
    promises: Promises | None = None,
    confirmed: Collection[str] | None = (),
) -> Offer:
    """Change an offer's fields, audience, channels, scope or promises; nothing different means nothing written.

    `confirmed` as for plan_offer; a ruling is not asked whether it means it. Nobody (`by=None`) changes one by a standing
    rule, which has a mandate (`authority`).

    Raises:
        PermissionDenied: `by` may not change this plan and no ruling (`authority`) gives a mandate.
        ValidationError: by field, or because of the state of the campaign or the offer; "confirmed" as plan_offer.
    """
    _lock_owner(fields or {})
    campaign, (offer,) = lock([offer])
    check_editable(campaign, by, authority)
    check_fields(fields or {})
    if by is not None and not authority:
        check_owner(fields or {}, offer.department_id, campaign, by)
    changes = _change_locked(
        offer,
        campaign,
        by=by,
        now=now,
        reason=reason,
        fields=fields or {},
        reach=reach or Reach(),
        promises=promises or Promises(),
    )
    if "department" in changes:
        access.reconcile([campaign.pk])
    if changes:
        _follow_up([offer], campaign, by=by, now=now, authority=authority, reason=reason)
        if by is not None:
            refuse_what_is_not_meant(offer, None if authority else confirmed, by=by, now=now)
    return offer


@transaction.atomic
def shift_offers(
    *,
    offers: Sequence[Offer],
    days: int,
    by: AbstractBaseUser | None,
    now: datetime,
    reason: str = "",
    authority: str = "",
) -> list[Offer]:
    """Move offers of one campaign, with their bookings, by `days` (negative = earlier).

    The campaign's dates grow to hold them.

    Raises:
        PermissionDenied, ValidationError: as change_offer; also when an offer not yet begun would begin in the past.
    """
    campaign, locked = lock(offers)
    check_editable(campaign, by, authority)
    if days == 0:
        raise ValidationError({"days": _("Give the number of days to move; 0 moves nothing.")})
    today = local_day(now)
    delta = timedelta(days=days)
    for offer in locked:
        starts_on, ends_before = offer.starts_on + delta, offer.ends_before + delta
        if (starts_on < min(today, offer.starts_on)) or ends_before <= today:
            raise ValidationError(
                {"days": _("Offer %(offer)s would lie in the past. Move it less.") % {"offer": offer.code}}
            )
        fields = {"starts_on": starts_on, "ends_before": ends_before}
        _grow(campaign, starts_on, ends_before, by=by, now=now, reason=reason)
        _change_locked(offer, campaign, by=by, now=now, reason=reason, fields=fields)
    _follow_up(locked, campaign, by=by, now=now, authority=authority, reason=reason)
    return locked


@transaction.atomic
def exclude_products(
    *,
    offer: Offer,
    products: Collection[Product],
    by: AbstractBaseUser | None,
    now: datetime,
    reason: str = "",
    authority: str = "",
) -> Offer:
    """Take products out of an offer's target, whether it named them or their category."""
    return change_offer(
        offer=offer, by=by, now=now, reason=reason, authority=authority, reach=Reach(drop_products=products)
    )


@transaction.atomic
def withdraw_offers(
    *, offers: Sequence[Offer], by: AbstractBaseUser | None, now: datetime, reason: str, authority: str = ""
) -> list[Offer]:
    """Take offers back for good; possible while live, for those who may change the plan.

    Raises:
        PermissionDenied, ValidationError: as change_offer.
    """
    campaign, locked = lock(offers)
    if not authority and (by is None or not can_withdraw(by, campaign)):
        raise PermissionDenied
    if not authority and campaign.status != CampaignStatus.LIVE:
        check_editable(campaign, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: everybody concerned reads it.")})
    # Of a live campaign less may run than was approved, without signing again; rulings see to signatures themselves.
    still_signed = set() if authority or campaign.status != CampaignStatus.LIVE else signatures.signed([campaign.pk])
    for offer in locked:
        if offer.withdrawn_at is not None:
            continue
        offer.withdrawn_at, offer.live_since, offer.held = now, None, False
        offer.version += 1
        offer.save(update_fields=["withdrawn_at", "live_since", "held", "version"])
        subject, scope = f"offer:{offer.code}", f"campaign:{campaign.code}"
        history.write(by=by, now=now, verb="withdraw", subject=subject, scope=scope, reason=reason)
    _follow_up(locked, campaign, by=by, now=now, authority=authority, reason=reason)
    signatures.carry_over(still_signed, now=now)
    return locked


def _lock_owner(fields: Mapping[str, Any]) -> None:
    """The department that an offer is to have, before its campaign: whoever works there reads the campaign from now on."""
    if department := fields.get("department"):
        access.lock_departments([department.pk])


def lock(offers: Sequence[Offer]) -> tuple[Campaign, list[Offer]]:
    """Lock the campaign, then its offers: everybody takes them in this order."""
    campaigns = {offer.campaign_id for offer in offers}
    if len(campaigns) != 1:
        raise ValueError("offers of exactly one campaign are changed together")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaigns.pop())
    rows = Offer.objects.select_for_update(no_key=True).filter(pk__in=[offer.pk for offer in offers])
    return campaign, list(rows.order_by("pk"))


def _change_locked(
    offer: Offer,
    campaign: Campaign,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    reason: str,
    fields: Mapping[str, Any],
    reach: Reach = Reach(),  # noqa: B008 - frozen
    promises: Promises = Promises(),  # noqa: B008 - frozen
) -> dict[str, tuple[Any, Any]]:
    if offer.withdrawn_at is not None:
        raise ValidationError(_("Offer %(offer)s was withdrawn and stays so.") % {"offer": offer.code}, code="state")
    changes = set_fields(offer, only_terms_of_the_mechanic(offer, fields))
    check_terms(offer, campaign)
    if changes.keys() & {"mechanic", "max_discount"}:
        check_cap(offer)
    if "starts_on" in changes and offer.starts_on > local_day(now):
        offer.live_since = None
    changes |= write_reach(offer, reach)
    changes |= write_promises(offer, promises, changes)
    if not changes:
        return changes
    offer.version += 1
    offer.save()
    subject, scope = f"offer:{offer.code}", f"campaign:{campaign.code}"
    history.write(by=by, now=now, verb="change", subject=subject, scope=scope, changes=changes, reason=reason)
    return changes


def _grow(
    campaign: Campaign, starts_on: date, ends_before: date, *, by: AbstractBaseUser | None, now: datetime, reason: str
) -> None:
    wider = {
        "starts_on": min(campaign.starts_on, starts_on),
        "ends_before": max(campaign.ends_before, ends_before),
    }
    if changes := set_fields(campaign, wider):
        campaign.save(update_fields=list(changes))
        history.write(
            by=by, now=now, verb="change", subject=f"campaign:{campaign.code}", changes=changes, reason=reason
        )


def _follow_up(
    offers: Sequence[Offer],
    campaign: Campaign,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    authority: str = "",
    reason: str = "",
) -> None:
    """What every change of content owes: postings, the approval, and news for detection."""
    ids = [offer.pk for offer in offers]
    postings.rewrite(ids)
    if not authority:
        lifecycle.content_changed(campaign=campaign, by=by, now=now, reason=reason)
    tell_detection(ids, now=now)
