"""Who hears of a standing rule, and what a mail about one tells."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from approvals.models import Mediator, StandingRule
from approvals.queries.news import RuleNews
from approvals.queries.party import name_of
from approvals.queries.recipients import Recipient, administrators, once, without
from campaigns.models import Department, Membership


def of_rule(rule: StandingRule, *, step: str, by: User | None = None, reason: str = "") -> RuleNews:
    names = dict(Department.objects.filter(pk__in=_departments(rule)).values_list("pk", "name"))
    return RuleNews(
        url=settings.SITE_URL + reverse("admin:approvals_standingrule_change", args=[rule.pk]),
        label=rule.label,
        departments=names,
        outcome=rule.outcome,
        step=step,
        by=name_of(by),
        reason=reason,
    )


def judges_of(rule: StandingRule) -> list[Recipient]:
    """Who may approve it: administrators and designated mediators of neither department."""
    posts = Mediator.objects.select_related("user", "stand_in").order_by("id")
    people = [person for post in posts for person in (post.user, post.stand_in) if person and person.is_active]
    owners = [one.user for one in administrators()]
    found = once(Recipient(person, "rule_judge") for person in (*people, *owners))
    return without_party(found, rule)


def bound_by(rule: StandingRule, *, but: User | None) -> list[Recipient]:
    """The leads of its two departments, and who else may decide on it."""
    leads = Membership.objects.filter(department__in=_departments(rule), is_lead=True, user__is_active=True)
    found = [Recipient(lead.user, "rule_party") for lead in leads.select_related("user").order_by("id")]
    return without(once([*found, *judges_of(rule)]), but)


def without_party(people: Iterable[Recipient], rule: StandingRule) -> list[Recipient]:
    party = set(Membership.objects.filter(department__in=_departments(rule)).values_list("user", flat=True))
    return [one for one in people if one.user.pk not in party]


def _departments(rule: StandingRule) -> list[int]:
    return [rule.department_a_id, rule.department_b_id]
