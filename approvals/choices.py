from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from approvals.rules.attachments import FileKind


class CaseState(models.TextChoices):
    DETECTED = "detected", _("Found, not opened yet")
    NEGOTIATION = "negotiation", _("Departments are agreeing")
    MEDIATION = "mediation", _("In mediation")
    DECIDED = "decided", _("Decided, not in force yet")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Gone by itself")
    WAIVED = "waived", _("Allowed as it is")


OPEN_STATES = [CaseState.DETECTED, CaseState.NEGOTIATION, CaseState.MEDIATION, CaseState.DECIDED]
# Both sides may agree, whether somebody mediates or not.
AGREEING_STATES = [CaseState.NEGOTIATION, CaseState.MEDIATION]
ENDED_STATES = [CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.WAIVED]


class CaseOutcome(models.TextChoices):
    AGREED = "agreed", _("Agreed by both departments")
    RULED = "ruled", _("Decided by mediation")
    WAIVED = "waived", _("Both departments allow it")
    VANISHED = "vanished", _("The collision is gone")
    APPEALED = "appealed", _("Appealed: somebody else decides")
    OVERTAKEN = "overtaken", _("Overtaken by changed plans")


class ReopenedBecause(models.TextChoices):
    """Why a case takes up one that had ended."""

    FACTS = "facts", _("the two campaigns collide again")
    APPEAL = "appeal", _("a department appealed")
    OVERTAKEN = "overtaken", _("the plans changed before the decision took effect")


class ProposalState(models.TextChoices):
    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")
    LAPSED = "lapsed", _("Lapsed")


class StatementKind(models.TextChoices):
    """What can be checked stands apart from what somebody thinks of it."""

    FACT = "fact", pgettext_lazy("said in a case", "Fact")
    CLAIM = "claim", pgettext_lazy("said in a case", "Claim")
    COMMENT = "comment", _("Comment")


ATTACHMENT_KINDS = [(kind.value, kind.value.upper()) for kind in FileKind]


class MeetingState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    HELD = "held", _("Over")
    CANCELLED = "cancelled", _("Cancelled")


class TermsState(models.TextChoices):
    OPEN = "open", _("Wait for an answer")
    ACCEPTED = "accepted", _("Accepted by both sides")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")
    SUPERSEDED = "superseded", _("Superseded by other terms")
    LAPSED = "lapsed", _("Lapsed")


class ExtensionState(models.TextChoices):
    OPEN = "open", _("Waits for an answer")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")


class RulingSource(models.TextChoices):
    RULED = "ruled", _("Decided by a mediator")
    RULE = "rule", _("Decided by a standing rule")
    AGREED = "agreed", _("Agreed by both sides")


class TimerKind(models.TextChoices):
    REMIND = "remind", _("reminder")
    ESCALATE = "escalate", _("escalation")
    ASSIGN = "assign", _("looking for a mediator")
    OPEN = "open", _("opening")
    ENFORCE = "enforce", _("decision takes effect")
    RULE = "rule", _("standing rule")
    REMIND_DECISION = "remind_decision", _("reminder of the decision")
    DECIDE = "decide", _("end of the time to decide")


class RecusalKind(models.TextChoices):
    RECUSED = "recused", _("stepped aside")
    CHALLENGED = "challenged", _("challenged by a party")
    TIMEOUT = "timeout", _("did not decide in time")


class Stance(models.TextChoices):
    """What a mediator says of a precedent."""

    FOLLOWS = "follows", _("follows")
    DISTINGUISHES = "distinguishes", _("distinguishes")
    UNFIT = "unfit", _("does not apply")


class StandingRuleState(models.TextChoices):
    SUGGESTED = "suggested", _("Suggested")
    APPROVED = "approved", _("In force")
    REJECTED = "rejected", _("Rejected")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("No longer in force")


class NoticeState(models.TextChoices):
    ANNOUNCED = "announced", _("Announced")
    OBJECTED = "objected", _("A side objected")
    APPLIED = "applied", _("Applied")
    LAPSED = "lapsed", _("Not applied")


class MailState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    DAILY = "daily", _("for the daily digest")
    HOURLY = "hourly", _("for the digest of the hour")
    DIGESTED = "digested", _("told in a digest")
    KEPT = "kept", _("in the inbox only")


# What nobody has begun to send, and what a digest will tell.
FOR_A_DIGEST = [MailState.DAILY, MailState.HOURLY]
UNSENT = [MailState.QUEUED, *FOR_A_DIGEST]


class MailEvent(models.TextChoices):
    CASE_OPENED = "case_opened", _("case opened")
    CASE_REMINDER = "case_reminder", _("deadline is near")
    CASE_ESCALATED = "case_escalated", _("case goes to mediation")
    CASE_ASSIGNED = "case_assigned", _("case to decide")
    DECISION_REMINDER = "decision_reminder", _("decision is waited for")
    CASE_MEDIATOR_CHANGED = "case_mediator_changed", _("another mediator")
    CASE_LEFT = "case_left", _("case is decided by somebody else")
    CASE_DECIDED = "case_decided", _("case decided")
    CASE_APPEALED = "case_appealed", _("decision appealed")
    CASE_ENFORCED = "case_enforced", _("decision in force")
    CASE_OVERTAKEN = "case_overtaken", _("decision overtaken by changed plans")
    CASE_VANISHED = "case_vanished", _("case closed, collision gone")
    CASE_AGREED = "case_agreed", _("departments agreed")
    TERMS_PROPOSED = "terms_proposed", _("terms proposed")
    TERMS_COUNTERED = "terms_countered", _("other terms proposed")
    TERMS_DECLINED = "terms_declined", _("terms declined")
    EXTENSION_ASKED = "extension_asked", _("more time asked for")
    EXTENSION_GRANTED = "extension_granted", _("more time granted")
    EXTENSION_DECLINED = "extension_declined", _("more time declined")
    PROPOSAL_MADE = "proposal_made", _("change proposed")
    PROPOSAL_ACCEPTED = "proposal_accepted", _("proposal accepted")
    PROPOSAL_DECLINED = "proposal_declined", _("proposal declined")
    RULE_SUGGESTED = "rule_suggested", _("standing rule suggested")
    RULE_CHANGED = "rule_changed", _("standing rule changed")
    RULE_ANNOUNCED = "rule_announced", _("standing rule would be applied")
    RULE_OBJECTED = "rule_objected", _("objection to a standing rule")
    RULE_LAPSED = "rule_lapsed", _("standing rule not applied")
    CASE_WITHOUT_MEDIATOR = "case_without_mediator", _("no mediator can decide")
    CASE_UNDECIDED = "case_undecided", _("not decided in time, and nobody else is free")
    CAMPAIGN_WITHOUT_LEAD = "campaign_without_lead", _("campaign without an accountable")
    REVIEW_ASKED = "review_asked", _("approval asked for")
    REVIEW_REMINDER = "review_reminder", _("approval is waited for")
    REVIEW_OVERDUE = "review_overdue", _("approval is overdue")
    CHANGES_ASKED = "changes_asked", _("changes asked for")
    APPROVAL_FELL = "approval_fell", _("approval void, the plan changed")
    COMMENT = "comment", _("comment written")
    MENTION = "mention", _("mentioned in a comment")
    STATEMENT_MADE = "statement_made", _("something said in a case")
    MEETING_PROPOSED = "meeting_proposed", _("invitation to a meeting")
    MEETING_MOVED = "meeting_moved", _("meeting changed")
    MEETING_CANCELLED = "meeting_cancelled", _("meeting cancelled")
    CAMPAIGN_MOVED = "campaign_moved", _("status of a campaign changed")
    CAMPAIGN_CANCELLED = "campaign_cancelled", _("campaign cancelled")
    BRIEFING = "briefing", _("briefing")
    BRIEFING_STOPPED = "briefing_stopped", _("not to be offered any more")
    BRIEFING_RESUMED = "briefing_resumed", _("to be offered again")
    REQUEST_HANDED_OVER = "request_handed_over", _("customer request handed over")
    REQUEST_WANDERS = "request_wanders", _("customer request handed over again and again")
    REQUEST_REMINDER = "request_reminder", _("customer request waits for its answer")
    REQUEST_OVERDUE = "request_overdue", _("customer request is overdue")
    REQUEST_CONTRADICTED = "request_contradicted", _("customer request answered twice")
    REQUEST_SETTLED = "request_settled", _("answer to a customer settled")
    DEVICE_TAKEN_AWAY = "device_taken_away", _("two-factor sign-in taken away")
    DIGEST = "digest", _("digest")


class NewsKind(models.TextChoices):
    """What people choose about: events of one kind are told one way. See approvals.rules.notification."""

    TASK = "task", _("Your tasks")
    DECISION = "decision", _("Decisions")
    SECURITY = "security", _("Your account")
    CASE = "case", _("How your cases go on")
    REVIEW = "review", _("How approvals go on")
    MENTION = "mention", _("Comments that mention you")
    COMMENT = "comment", _("Comments on campaigns you watch")
    MOVE = "move", _("Status of campaigns you watch")
    BRIEFING = "briefing", _("Briefings")
    REQUEST = "request", _("How customers' requests go on")
    DIGEST = "digest", _("The daily digest")


class Delivery(models.TextChoices):
    AT_ONCE = "at_once", _("By mail, at once")
    DIGEST = "digest", _("In the daily digest")
    NONE = "none", _("Only in my inbox")


# Mails to everybody who sells or serves: of a briefing, not of a plan.
BRIEFING_EVENTS = frozenset({MailEvent.BRIEFING, MailEvent.BRIEFING_STOPPED, MailEvent.BRIEFING_RESUMED})


class Measure(models.TextChoices):
    """What of a plan an approval rule looks at."""

    ALWAYS = "always", _("always")
    AUDIENCE = "audience", _("number of customers")
    BUDGET = "budget", _("budget")
    DISCOUNT = "discount", _("deepest discount, percent")


class VoteDecision(models.TextChoices):
    APPROVE = "approve", _("Approved")
    CHANGES = "changes", _("Changes asked for")
    COMMENT = "comment", _("Comment")


class RequestChannel(models.TextChoices):
    """By which way a customer asked."""

    SOCIAL = "social", _("Social media")
    MAIL = "mail", _("E-mail")
    PHONE = "phone", _("Telephone")
    SHOP = "shop", _("Shop")


class RequestState(models.TextChoices):
    OPEN = "open", _("Waits for its answer")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Needs no answer")
