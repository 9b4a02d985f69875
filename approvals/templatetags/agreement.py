"""Filters for the words of approvals.wording."""

from django import template

from approvals import wording
from approvals.actions.enforcement import OfferEffect
from campaigns.wording import period

register = template.Library()

register.filter("case_state", wording.case_state)
register.filter("mail_state", wording.mail_state)
register.filter("distance", wording.distance)


@register.filter
def new_period(effect: OfferEffect) -> str:
    """The days of an offer after the decision."""
    return period(effect.new_starts_on, effect.new_ends_before)
