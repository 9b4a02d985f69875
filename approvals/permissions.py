"""Who may do what with a case."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q

from approvals.choices import AGREEING_STATES, OPEN_STATES, CaseState
from approvals.models import Case, Extension, Mediator, Proposal, Recusal, StandingRule, Terms
from approvals.queries.impartiality import barred
from campaigns.models import Membership
from campaigns.permissions import can_change, departments_of
from customers.permissions import is_administrator

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
    return case.state == CaseState.NEGOTIATION and bool(answers_for_sides(user, case))


def answers_for_sides(user: User, case: Case) -> list[int]:
    """Ids of those of its two campaigns that the person is accountable for, or whose department they lead."""
    if not user.is_active or not getattr(user, "is_staff", False):
        return []
    campaigns = (case.campaign_a, case.campaign_b)
    departments = [campaign.department_id for campaign in campaigns]
    led = set(
        Membership.objects.filter(user_id=user.pk, department__in=departments, is_lead=True).values_list(
            "department", flat=True
        )
    )
    return [one.pk for one in campaigns if user.pk == one.accountable_id or one.department_id in led]


def can_open(user: User, case: Case) -> bool:
    """Whoever answers for a party need not wait until what was found opens by itself."""
    return case.state == CaseState.DETECTED and bool(answers_for_sides(user, case))


def can_appeal(user: User, case: Case) -> bool:
    """Whoever answers for a party, as long as the decision is not in force; what an appeal brought is final."""
    return case.state == CaseState.DECIDED and bool(answers_for_sides(user, case))


def can_step_aside(user: User, case: Case) -> bool:
    """The mediator of the case, as long as it is undecided."""
    return case.state == CaseState.MEDIATION and user.pk is not None and user.pk == case.mediator_id


def sides_to_challenge(user: User, case: Case) -> list[int]:
    """Ids of the campaigns in whose name the person may still refuse the mediator: each side does so once in a case."""
    if case.state != CaseState.MEDIATION or case.mediator_id is None:
        return []
    sides = answers_for_sides(user, case)
    spent = set(Recusal.objects.filter(case=case, campaign__in=sides).values_list("campaign", flat=True))
    return [pk for pk in sides if pk not in spent]


def can_judge_rule(user: User, rule: StandingRule) -> bool:
    """Administrators and designated mediators decide on a standing rule, but nobody who works in one of its departments."""
    if not user.is_active or not getattr(user, "is_staff", False):
        return False
    return not departments_of(user) & {rule.department_a_id, rule.department_b_id} and judges_rules(user)


def judges_rules(user: User) -> bool:
    """Whether somebody decides on standing rules, if they are not about their own departments."""
    designated = Q(user_id=user.pk) | Q(stand_in_id=user.pk)
    return is_administrator(user) or Mediator.objects.filter(designated).exists()


def speaks_for(user: User, case: Case) -> set[int]:
    """Ids of those of its two campaigns that are of the person's departments or in their care."""
    departments = departments_of(user)
    return {
        campaign.pk
        for campaign in (case.campaign_a, case.campaign_b)
        if campaign.department_id in departments or user.pk in (campaign.accountable_id, campaign.contact_person_id)
    }


def can_propose(user: User, case: Case) -> bool:
    """Whoever speaks for a side may ask the other for a change, as long as the two are agreeing."""
    is_colleague = user.is_active and getattr(user, "is_staff", False)
    return is_colleague and case.state == CaseState.NEGOTIATION and bool(speaks_for(user, case))


def can_speak(user: User, case: Case) -> bool:
    """Whoever speaks for a side, and the mediator, as long as the case is open; all others read along."""
    if case.state not in OPEN_STATES or not user.is_active or not getattr(user, "is_staff", False):
        return False
    return mediates(user, case) or bool(speaks_for(user, case))


def mediates(user: User, case: Case) -> bool:
    """Whether the case is theirs to decide: whoever had it before is nobody to it."""
    return case.state == CaseState.MEDIATION and user.pk is not None and user.pk == case.mediator_id


def can_decline(user: User, proposal: Proposal) -> bool:
    """Whoever speaks for the side that was asked, or writes its plan."""
    asked = proposal.offer.campaign
    return user.is_active and (asked.pk in speaks_for(user, proposal.case) or can_change(user, asked))


def can_take_back(user: User, proposal: Proposal) -> bool:
    """Whoever made it, and all others who speak for the side that asked."""
    asking = speaks_for(user, proposal.case) - {proposal.offer.campaign_id}
    return user.is_active and (user.pk == proposal.proposed_by_id or bool(asking))


def can_negotiate(user: User, case: Case) -> bool:
    """Whoever speaks for a side may put terms to the other, also while a mediator has the case."""
    is_colleague = user.is_active and getattr(user, "is_staff", False)
    return is_colleague and case.state in AGREEING_STATES and bool(speaks_for(user, case))


def signs_for(user: User, case: Case) -> set[int]:
    """Ids of those of its two campaigns in whose name the person binds their side: who speaks for it and may change it."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return set()
    mine = speaks_for(user, case)
    return {
        campaign.pk
        for campaign in (case.campaign_a, case.campaign_b)
        if campaign.pk in mine and (campaign.accountable_id == user.pk or can_change(user, campaign))
    }


def can_decline_terms(user: User, terms: Terms) -> bool:
    """Whoever speaks for the side to which they are put."""
    return user.is_active and bool(speaks_for(user, terms.case) - {terms.campaign_id})


def can_take_terms_back(user: User, terms: Terms) -> bool:
    """Whoever proposed them, and all others who speak for that side."""
    return user.is_active and (user.pk == terms.proposed_by_id or terms.campaign_id in speaks_for(user, terms.case))


def can_answer_extension(user: User, extension: Extension) -> bool:
    """Whoever binds the side that did not ask."""
    return bool(signs_for(user, extension.case) - {extension.campaign_id})
