"""Which colleagues decide, and who hears about it: imports campaigns and customers, is imported by neither."""

from approvals.models.briefings import Briefing, BriefingRead
from approvals.models.cases import Case, CaseCollision
from approvals.models.comments import Comment, Retraction, Watch
from approvals.models.mediators import EscalationPolicy, Mediator
from approvals.models.meetings import Invitation, Meeting
from approvals.models.outbox import Mail
from approvals.models.precedents import Citation, Precedent
from approvals.models.preferences import NewsPreference
from approvals.models.profiles import StaffProfile
from approvals.models.proposals import Proposal
from approvals.models.recusals import Recusal
from approvals.models.requests import Answer, CustomerRequest, HandOver, Settlement
from approvals.models.reviews import Absence, ApprovalRule, Review, ReviewPolicy, Vote
from approvals.models.rulings import Ruling
from approvals.models.standing_rules import RuleNotice, StandingRule
from approvals.models.statements import Attachment, Statement, StatementRetraction
from approvals.models.terms import Acceptance, Extension, Terms
from approvals.models.timers import Timer
from approvals.models.working_time import SpecialDay, WorkingHours

__all__ = [
    "Absence",
    "Acceptance",
    "Answer",
    "ApprovalRule",
    "Attachment",
    "Briefing",
    "BriefingRead",
    "Case",
    "CaseCollision",
    "Citation",
    "Comment",
    "CustomerRequest",
    "EscalationPolicy",
    "Extension",
    "HandOver",
    "Invitation",
    "Mail",
    "Mediator",
    "Meeting",
    "NewsPreference",
    "Precedent",
    "Proposal",
    "Recusal",
    "Retraction",
    "Review",
    "ReviewPolicy",
    "RuleNotice",
    "Ruling",
    "Settlement",
    "SpecialDay",
    "StaffProfile",
    "StandingRule",
    "Statement",
    "StatementRetraction",
    "Terms",
    "Timer",
    "Vote",
    "Watch",
    "WorkingHours",
]
