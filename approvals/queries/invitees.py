"""Who comes to the meeting of a case, and which meeting that is."""

from datetime import datetime

from approvals.choices import MeetingState
from approvals.models import Case, Meeting
from approvals.queries.recipients import Recipient, concerned, once
from campaigns.models import Membership


def meeting_of(case: Case) -> Meeting | None:
    """The one that stands: still ahead, or over and followed by no other."""
    found: Meeting | None = (
        Meeting.objects.filter(case=case, state=MeetingState.PROPOSED).select_related("proposed_by").first()
    )
    return found


def invitees_of(case: Case, meeting: Meeting) -> list[Recipient]:
    """The parties with all leads of both departments, the mediator, and whoever proposed it as long as they see the case."""
    campaigns = {campaign.department_id: campaign for campaign in (case.campaign_a, case.campaign_b)}
    leads = Membership.objects.filter(department__in=campaigns, is_lead=True, user__is_active=True)
    found = [
        *concerned(case),
        *(
            Recipient(lead.user, "lead", campaigns[lead.department_id].code)
            for lead in leads.select_related("user").order_by("id")
        ),
    ]
    if Case.objects.visible(meeting.proposed_by).filter(pk=case.pk).exists():
        found.append(Recipient(meeting.proposed_by, "organizer"))
    return [recipient for recipient in once(found) if recipient.user.is_active]


def cases_that_meet(now: datetime) -> list[int]:
    """Ids of the cases with a meeting ahead."""
    ahead = Meeting.objects.filter(state=MeetingState.PROPOSED, starts_at__gt=now)
    return list(ahead.order_by("case").values_list("case", flat=True))
