"""Who must not judge a case, and why: read from the memberships and RACI of this moment."""

from collections.abc import Collection

from django.contrib.auth.models import User

from approvals.choices import ReopenedBecause
from approvals.models import Case, Recusal, Ruling
from approvals.queries.disputes import offers_in
from campaigns.choices import RaciLetter
from campaigns.models import Activity, Membership, RaciRole

INACTIVE, ADMINISTRATOR, PARTY, INVOLVED, ABSENT = "inactive", "administrator", "party", "involved", "absent"
JUDGED = "judged"


def party_departments(case: Case) -> set[int]:
    """Departments of the two campaigns and of their offers in the case."""
    owners = {case.campaign_a.department_id, case.campaign_b.department_id}
    return owners | set(offers_in(case).values_list("department", flat=True))


def barred(case: Case, people: Collection[int]) -> dict[int, str]:
    """user id -> why this person must not judge: "inactive", "administrator", "party", "involved", "judged", or as a recusal says.

    Somebody is involved who is accountable, contact person or responsible (R) in either campaign, alone or through a
    department. Being an administrator gives no right to judge, and takes it away: the person who names the mediators
    must not be one. Nor does anybody judge an appeal against themselves ("judged"). Costs seven queries, eight in an
    appeal, however many people are asked about.
    """
    reasons = dict(Recusal.objects.filter(case=case, person__in=people).values_list("person", "kind"))
    if case.reopened_because == ReopenedBecause.APPEAL:
        before = Ruling.objects.filter(case=case.reopened_from_id, decided_by__in=people)
        reasons |= dict.fromkeys(before.values_list("decided_by", flat=True), JUDGED)
    reasons |= dict.fromkeys(_involved(case, people), INVOLVED)
    party = Membership.objects.filter(user__in=people, department__in=party_departments(case))
    reasons |= dict.fromkeys(party.values_list("user", flat=True), PARTY)
    users = {user.pk: user for user in User.objects.filter(pk__in=people)}
    for pk in people:
        user = users.get(pk)
        if user is None or not (user.is_active and user.is_staff):
            reasons[pk] = INACTIVE
        elif user.is_superuser:
            reasons[pk] = ADMINISTRATOR
    return reasons


def _involved(case: Case, people: Collection[int]) -> set[int]:
    campaigns = (case.campaign_a, case.campaign_b)
    found = {campaign.accountable_id for campaign in campaigns} | {
        campaign.contact_person_id for campaign in campaigns
    }
    pks = [campaign.pk for campaign in campaigns]
    found |= set(Activity.objects.filter(campaign__in=pks).values_list("accountable", flat=True))
    roles = list(
        RaciRole.objects.filter(activity__campaign__in=pks, letter=RaciLetter.RESPONSIBLE).values_list(
            "user", "department"
        )
    )
    found |= {user for user, _department in roles if user}
    departments = {department for user, department in roles if not user}
    members = Membership.objects.filter(user__in=people, department__in=departments)
    found |= set(members.values_list("user", flat=True))
    return {pk for pk in found if pk in set(people)}
