"""Cases, proposals and mails in words: states and deadlines as every page writes them."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from approvals.choices import (
    CaseState,
    MailState,
    NoticeState,
    ProposalState,
    RequestState,
    StandingRuleState,
    StatementKind,
    TermsState,
    VoteDecision,
)
from campaigns.rules.sections import department_of
from campaigns.wording import badge

# value -> (kind of c-badge, Material Symbol)
CASE_STATES = {
    CaseState.DETECTED: ("neutral", "search"),
    CaseState.NEGOTIATION: ("info", "forum"),
    CaseState.MEDIATION: ("medium", "balance"),
    CaseState.DECIDED: ("info", "gavel"),
    CaseState.CLOSED: ("good", "check_circle"),
    CaseState.WITHDRAWN: ("neutral", "do_not_disturb_on"),
    CaseState.WAIVED: ("good", "handshake"),
}
PROPOSAL_STATES = {
    ProposalState.OPEN: ("info", "schedule"),
    ProposalState.ACCEPTED: ("good", "check_circle"),
    ProposalState.DECLINED: ("high", "cancel"),
    ProposalState.WITHDRAWN: ("neutral", "undo"),
    ProposalState.LAPSED: ("neutral", "hourglass_disabled"),
}
TERMS_STATES = {
    TermsState.OPEN: ("info", "schedule"),
    TermsState.ACCEPTED: ("good", "handshake"),
    TermsState.DECLINED: ("high", "cancel"),
    TermsState.WITHDRAWN: ("neutral", "undo"),
    TermsState.SUPERSEDED: ("neutral", "layers"),
    TermsState.LAPSED: ("neutral", "hourglass_disabled"),
}
MAIL_STATES = {
    MailState.QUEUED: ("info", "schedule"),
    MailState.SENDING: ("info", "outgoing_mail"),
    MailState.SENT: ("good", "mark_email_read"),
    MailState.FAILED: ("critical", "error"),
    MailState.DAILY: ("neutral", "schedule"),
    MailState.HOURLY: ("neutral", "schedule"),
    MailState.DIGESTED: ("good", "mark_email_read"),
    MailState.KEPT: ("neutral", "inbox"),
}
REQUEST_STATES = {
    RequestState.OPEN: ("info", "schedule"),
    RequestState.ANSWERED: ("good", "mark_chat_read"),
    RequestState.CLOSED: ("neutral", "check_circle"),
    RequestState.WITHDRAWN: ("neutral", "do_not_disturb_on"),
}
STATEMENT_KINDS = {
    StatementKind.FACT: ("good", "fact_check"),
    StatementKind.CLAIM: ("low", "campaign"),
    StatementKind.COMMENT: ("neutral", "chat"),
}
RULE_STATES = {
    StandingRuleState.SUGGESTED: ("info", "lightbulb"),
    StandingRuleState.APPROVED: ("good", "gavel"),
    StandingRuleState.REJECTED: ("neutral", "do_not_disturb_on"),
    StandingRuleState.SUSPENDED: ("medium", "pause_circle"),
    StandingRuleState.WITHDRAWN: ("neutral", "undo"),
}
NOTICE_STATES = {
    NoticeState.ANNOUNCED: ("info", "schedule"),
    NoticeState.OBJECTED: ("high", "back_hand"),
    NoticeState.APPLIED: ("good", "check_circle"),
    NoticeState.LAPSED: ("neutral", "hourglass_disabled"),
}
VOTES = {
    VoteDecision.APPROVE: ("good", "check_circle"),
    VoteDecision.CHANGES: ("high", "edit_note"),
    VoteDecision.COMMENT: ("neutral", "chat"),
}


def section_name(section: str, departments: Mapping[str, str]) -> str:
    """A section of a plan as people call it; `departments` are names by code."""
    code = department_of(section)
    return _("Offers of %(department)s") % {"department": departments.get(code, code)} if code else _("Brief")


def vote(value: str) -> SafeString:
    return badge(*VOTES[VoteDecision(value)], VoteDecision(value).label)


def case_state(value: str) -> SafeString:
    return badge(*CASE_STATES[CaseState(value)], CaseState(value).label)


def statement_kind(value: str) -> SafeString:
    return badge(*STATEMENT_KINDS[StatementKind(value)], StatementKind(value).label)


def proposal_state(value: str) -> SafeString:
    return badge(*PROPOSAL_STATES[ProposalState(value)], ProposalState(value).label)


def terms_state(value: str) -> SafeString:
    return badge(*TERMS_STATES[TermsState(value)], TermsState(value).label)


def mail_state(value: str) -> SafeString:
    return badge(*MAIL_STATES[MailState(value)], MailState(value).label)


def request_state(value: str) -> SafeString:
    return badge(*REQUEST_STATES[RequestState(value)], RequestState(value).label)


def rule_state(value: str) -> SafeString:
    return badge(*RULE_STATES[StandingRuleState(value)], StandingRuleState(value).label)


def notice_state(value: str) -> SafeString:
    return badge(*NOTICE_STATES[NoticeState(value)], NoticeState(value).label)


def contradicted() -> SafeString:
    """Two departments answered one customer, and nobody has settled which answer stands."""
    return badge("critical", "call_split", _("Answered twice"))


def overdue() -> SafeString:
    return badge("critical", "alarm", _("Overdue"))


def distance(at: datetime, now: datetime) -> str:
    """How far away a moment is, in its largest unit: "in 2 days", "3 hours ago"."""
    if at >= now:
        return _("in %(time)s") % {"time": timeuntil(at, now, depth=1)}
    return _("%(time)s ago") % {"time": timesince(at, now, depth=1)}
