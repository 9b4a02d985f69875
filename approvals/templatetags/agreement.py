"""Filters for the words of approvals.wording."""

from django import template

from approvals import wording
from approvals.actions.enforcement import OfferEffect
from approvals.actions.letter_parts import PREFIX
from approvals.choices import Stance
from approvals.models import Proposal
from approvals.rules.operations import describe
from campaigns import advice
from campaigns.queries.remedies import Suggestion
from campaigns.wording import period

register = template.Library()

register.filter("case_state", wording.case_state)
register.filter("proposal_state", wording.proposal_state)
register.filter("statement_kind", wording.statement_kind)
register.filter("terms_state", wording.terms_state)
register.filter("mail_state", wording.mail_state)
register.filter("request_state", wording.request_state)
register.filter("rule_state", wording.rule_state)
register.filter("notice_state", wording.notice_state)
register.simple_tag(wording.contradicted, name="contradicted")
register.simple_tag(wording.overdue, name="overdue")
register.filter("order", describe)
register.filter("distance", wording.distance)


@register.filter
def without_prefix(subject: str) -> str:
    """The subject of a mail where everything is ours anyway."""
    return subject.removeprefix(PREFIX)


@register.filter
def stance(value: str) -> str:
    """What a mediator says of a precedent, in words."""
    return str(Stance(value).label)


@register.filter
def price(change: Proposal | Suggestion) -> str:
    """What the offer gives up: “3 days later, 20 customers fewer”; empty = nothing that is counted."""
    return ", ".join(advice.price(change))


@register.filter
def new_period(effect: OfferEffect) -> str:
    """The days of an offer after the decision."""
    return period(effect.new_starts_on, effect.new_ends_before)
