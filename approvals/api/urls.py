from django.urls import path
from rest_framework.routers import SimpleRouter

from approvals.api import (
    approval_rules,
    briefings,
    cases,
    conversation,
    discussion,
    inbox,
    mails,
    people,
    policy,
    precedents,
    proposals,
    requests,
    reviews,
    terms,
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

# What is said in a case. A router of its own: the other has the cases themselves below this address.
OF_CASES = SimpleRouter()
OF_CASES.register("cases", conversation.ConversationViewSet, "case-conversation")

urlpatterns = [
    path(f"{name}/", viewset.as_view({"get": "retrieve", "patch": "partial_update"}, detail=True), name=name)
    for name, viewset in SINGLES.items()
]
urlpatterns += OF_CAMPAIGNS.urls + OF_CASES.urls


def register(router: SimpleRouter) -> None:
    router.register("absences", approval_rules.AbsenceViewSet, "absence")
    router.register("approval-rules", approval_rules.ApprovalRuleViewSet, "approval-rule")
    router.register("attachments", conversation.AttachmentViewSet, "attachment")
    router.register("briefings", briefings.BriefingViewSet, "briefing")
    router.register("cases", cases.CaseViewSet, "case")
    router.register("comments", discussion.CommentViewSet, "comment")
    router.register("inbox", inbox.InboxViewSet, "inbox")
    router.register("mails", mails.MailViewSet, "mail")
    router.register("mediators", policy.MediatorViewSet, "mediator")
    router.register("proposals", proposals.ProposalViewSet, "proposal")
    router.register("people", people.PersonViewSet, "person")
    router.register("requests", requests.RequestViewSet, "request")
    router.register("statements", conversation.StatementViewSet, "statement")
    router.register("special-days", working_time.SpecialDayViewSet, "special-day")
    router.register("terms", terms.TermsViewSet, "terms")
    router.register("standing-rules", precedents.StandingRuleViewSet, "standing-rule")
