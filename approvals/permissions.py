"""Who may do what with a case."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from approvals.choices import CaseState
from approvals.models import Case
from approvals.queries.impartiality import barred
from campaigns.models import Membership

User = AbstractBaseUser | AnonymousUser


def can_decide(user: User, case: Case) -> bool:
    """The case's mediator, while it is in mediation and as long as nothing ties them to a party.

    Everything is read now: who joined a party after the page was shown can no longer decide.
    """
    if case.state != CaseState.MEDIATION or user.pk is None or user.pk != case.mediator_id:
        return False
    return user.pk not in barred(case, [user.pk])


def can_escalate(user: User, case: Case) -> bool:
    """Whoever answers for a party: its lead, or the accountable of the campaign."""
    if case.state != CaseState.NEGOTIATION or not user.is_active or not getattr(user, "is_staff", False):
        return False
    campaigns = (case.campaign_a, case.campaign_b)
    if user.pk in {campaign.accountable_id for campaign in campaigns}:
        return True
    departments = [campaign.department_id for campaign in campaigns]
    return Membership.objects.filter(user_id=user.pk, department__in=departments, is_lead=True).exists()
