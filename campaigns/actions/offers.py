"""Writing offers: terms, dates, audience, channels and scope."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.actions import access, lifecycle, postings, signatures
from campaigns.actions.planning import check_days, check_editable, set_fields, tell_detection
from campaigns.actions.reach import Reach, write_reach
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign, Offer, Product
from campaigns.permissions import can_withdraw, departments_of
from campaigns.rules.terms import TERM_COLUMNS, TERMS, wrong_terms
from customers.actions import history
from customers.clock import local_day

_PLAIN = "name department starts_on ends_before mechanic stackable margin_floor_pct priority"
OFFER_FIELDS = frozenset({*_PLAIN.split(), *TERM_COLUMNS})


@transaction.atomic
def plan_offer(
    *,
    campaign: Campaign,
    by: AbstractBaseUser,
    now: datetime,
    code: str,
    fields: Mapping[str, Any],
    reach: Reach | None = None,
) -> Offer:
    """Add an offer to a plan; department and dates default to the campaign's.

    Raises:
        PermissionDenied: `by` may not change this plan.
        ValidationError: by field, or because of the state of the campaign.
    """
    _lock_owner(fields)
    campaign = lifecycle.lock_campaign(campaign)
    check_editable(campaign, by)
    _check_fields(fields)
    _check_owner(fields, campaign.department_id, campaign, by)
    defaults = {
        "department": campaign.department,
        "starts_on": campaign.starts_on,
        "ends_before": campaign.ends_before,
    }
    offer = Offer(code=code, campaign=campaign, **defaults | dict(fields))
    _clean(offer, campaign)
    offer.save()
    write_reach(offer, reach or Reach())
    history.write(by=by, now=now, verb="plan", subject=f"offer:{offer.code}", scope=f"campaign:{campaign.code}")
    if offer.department_id != campaign.department_id:
        access.reconcile([campaign.pk])
    _follow_up([offer], campaign, by=by, now=now)
    return offer


@transaction.atomic
def change_offer(
    *,
    offer: Offer,
    by: AbstractBaseUser,
    now: datetime,
    reason: str = "",
    authority: str = "",
    fields: Mapping[str, Any] | None = None,
    reach: Reach | None = None,
) -> Offer:
    """Change an offer's fields, audience, channels or scope; nothing different means nothing written.

    Raises:
        PermissionDenied: `by` may not change this plan and no ruling (`authority`) gives a mandate.
        ValidationError: by field, or because of the state of the campaign or the offer.
    """
    _lock_owner(fields or {})
    campaign, (offer,) = lock([offer])
    check_editable(campaign, by, authority)
    _check_fields(fields or {})
    if not authority:
        _check_owner(fields or {}, offer.department_id, campaign, by)
    changes = _change_locked(
        offer, campaign, by=by, now=now, reason=reason, fields=fields or {}, reach=reach or Reach()
    )
    if "department" in changes:
        access.reconcile([campaign.pk])
    if changes:
        _follow_up([offer], campaign, by=by, now=now, authority=authority, reason=reason)
    return offer


@transaction.atomic
def shift_offers(
    *,
    offers: Sequence[Offer],
    days: int,
    by: AbstractBaseUser,
    now: datetime,
    reason: str = "",
    authority: str = "",
) -> list[Offer]:
    """Move offers of one campaign by `days` (negative = earlier); the campaign's dates grow to hold them.

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
        _change_locked(offer, campaign, by=by, now=now, reason=reason, fields=fields, reach=Reach())
    _follow_up(locked, campaign, by=by, now=now, authority=authority, reason=reason)
    return locked


@transaction.atomic
def exclude_products(
    *,
    offer: Offer,
    products: Collection[Product],
    by: AbstractBaseUser,
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
    *, offers: Sequence[Offer], by: AbstractBaseUser, now: datetime, reason: str, authority: str = ""
) -> list[Offer]:
    """Take offers back for good; possible while live, for those who may change the plan.

    Raises:
        PermissionDenied, ValidationError: as change_offer.
    """
    campaign, locked = lock(offers)
    if not authority and not can_withdraw(by, campaign):
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
    signatures.carry_over(still_signed)
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
    reach: Reach,
) -> dict[str, tuple[Any, Any]]:
    if offer.withdrawn_at is not None:
        raise ValidationError(_("Offer %(offer)s was withdrawn and stays so.") % {"offer": offer.code}, code="state")
    changes = set_fields(offer, _only_terms_of_the_mechanic(offer, fields))
    _clean(offer, campaign)
    if "starts_on" in changes and offer.starts_on > local_day(now):
        offer.live_since = None
    changes |= write_reach(offer, reach)
    if not changes:
        return changes
    offer.version += 1
    offer.save()
    subject, scope = f"offer:{offer.code}", f"campaign:{campaign.code}"
    history.write(by=by, now=now, verb="change", subject=subject, scope=scope, changes=changes, reason=reason)
    return changes


def _only_terms_of_the_mechanic(offer: Offer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A new mechanic empties the columns of the old one that it does not use."""
    if fields.get("mechanic", offer.mechanic) == offer.mechanic:
        return dict(fields)
    needs, may = TERMS.get(fields["mechanic"], ([], []))
    return {column: None for column in TERM_COLUMNS if column not in needs + may} | dict(fields)


def _clean(offer: Offer, campaign: Campaign) -> None:
    check_days(offer)
    if wrong := wrong_terms(offer.mechanic, {column: getattr(offer, column) for column in TERM_COLUMNS}):
        raise ValidationError(wrong)
    offer.full_clean(exclude=["campaign", "audience", "code"] if offer.pk else ["campaign", "audience"])
    if offer.starts_on < campaign.starts_on or offer.ends_before > campaign.ends_before:
        raise ValidationError(
            {
                "starts_on": _("An offer lies within its campaign: %(first)s to %(last)s.")
                % {"first": campaign.starts_on.isoformat(), "last": campaign.ends_on.isoformat()}
            }
        )


def _grow(
    campaign: Campaign, starts_on: date, ends_before: date, *, by: AbstractBaseUser, now: datetime, reason: str
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


def _check_fields(fields: Mapping[str, Any]) -> None:
    if unknown := fields.keys() - OFFER_FIELDS:
        raise TypeError(f"not fields of an offer: {sorted(unknown)}")


def _check_owner(fields: Mapping[str, Any], before: int, campaign: Campaign, by: AbstractBaseUser) -> None:
    """An offer belongs to the campaign's department, or to one that `by` works in.

    Offers of one department never collide: nobody slips out of a collision by calling an offer the other side's.
    """
    department = fields.get("department")
    if department is None or department.pk in (before, campaign.department_id):
        return
    if department.pk not in departments_of(by):
        raise ValidationError(
            {
                "department": _("Only somebody who works in %(department)s makes an offer theirs.")
                % {"department": department}
            }
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
        lifecycle.void_approval(campaign=campaign, by=by, now=now, reason=reason)
    tell_detection(ids, now=now)
