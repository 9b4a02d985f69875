"""Filters for the words of campaigns.wording."""

from typing import Any

from django import template
from django.utils import timezone

from campaigns import chronicle, wording
from campaigns.models import Offer
from campaigns.queries.explanation import name_of
from customers.clock import local_day

register = template.Library()

register.filter("level", wording.level)
register.filter("and_more", wording.and_more)
register.filter("certainty", wording.certainty)
register.filter("check_severity", wording.check_severity)
register.filter("newness", wording.newness)
register.filter("collision_state", wording.collision_state)
register.filter("campaign_status", wording.campaign_status)
register.filter("person", wording.person)
register.filter("moment", wording.moment)
register.filter("money", wording.money)
register.filter("terms", wording.terms)
register.filter("channels", wording.channels)
register.filter("rule_name", name_of)


@register.filter
def offer_state(offer: Offer) -> str:
    return wording.offer_state(offer, local_day(timezone.now()))


@register.filter
def period(plan: Any) -> str:
    """The days of a campaign, an offer or a collision, first to last."""
    return wording.period(plan.starts_on, plan.ends_before)


@register.filter
def day_count(plan: Any) -> str:
    return wording.day_count(plan.starts_on, plan.ends_before)


@register.filter
def share(part: int, whole: int) -> str:
    return wording.share(part, whole)


@register.inclusion_tag("campaigns/parts/field.html")
def field(bound: Any, *, wide: bool = False, quiet: bool = False) -> dict[str, Any]:
    """A form field with its label, help and errors; `quiet` when the heading beside it says what the label would."""
    return {"field": bound, "wide": wide, "quiet": quiet}


register.filter("what", chronicle.what)
register.filter("subject", chronicle.subject)
register.filter("changes", chronicle.changes)
