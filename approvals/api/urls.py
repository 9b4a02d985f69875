from django.urls import path
from rest_framework.routers import SimpleRouter

from approvals.api import (
    approval_rules,
    briefings,
    cases,
    discussion,
    inbox,
    mails,
    people,
    policy,
    precedents,
    proposals,
    requests,
    reviews,
    working_time,
)

# What there is one of: address and viewset.
SINGLES = {
    "escalation-policy": policy.EscalationPolicyViewSet,
    "me": people.MeViewSet,
    "notification-preferences": inbox.NotificationPreferencesViewSet,
    "review-policy": approval_rules.ReviewPolicyViewSet,
    "working-hours": working_time.WorkingHoursViewSet,
}

# What approvals keeps of a campaign. A router of its own: the other has the campaigns themselves below this address.
OF_CAMPAIGNS = SimpleRouter()
OF_CAMPAIGNS.register("campaigns", reviews.ApprovalViewSet, "approval")
OF_CAMPAIGNS.register("campaigns", discussion.DiscussionViewSet, "discussion")

urlpatterns = [
    path(f"{name}/", viewset.as_view({"get": "retrieve", "patch": "partial_update"}, detail=True), name=name)
    for name, viewset in SINGLES.items()
] + OF_CAMPAIGNS.urls


def register(router: SimpleRouter) -> None:
    router.register("absences", approval_rules.AbsenceViewSet, "absence")
    router.register("approval-rules", approval_rules.ApprovalRuleViewSet, "approval-rule")
    router.register("briefings", briefings.BriefingViewSet, "briefing")
    router.register("cases", cases.CaseViewSet, "case")
    router.register("comments", discussion.CommentViewSet, "comment")
    router.register("inbox", inbox.InboxViewSet, "inbox")
    router.register("mails", mails.MailViewSet, "mail")
    router.register("mediators", policy.MediatorViewSet, "mediator")
    router.register("proposals", proposals.ProposalViewSet, "proposal")
    router.register("people", people.PersonViewSet, "person")
    router.register("requests", requests.RequestViewSet, "request")
    router.register("special-days", working_time.SpecialDayViewSet, "special-day")
    router.register("standing-rules", precedents.StandingRuleViewSet, "standing-rule")
