"""Which news reaches whom how: at once, in the daily digest, or not by mail; and how much mail is too much."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from approvals.choices import Delivery, MailEvent, NewsKind

# A mail of these comes at once whatever anybody chose.
MANDATORY = (NewsKind.TASK, NewsKind.DECISION, NewsKind.SECURITY)
CHOOSABLE = tuple(kind for kind in NewsKind if kind not in MANDATORY)

MOST_PER_HOUR = 20
MOST_LINES = 20
DIGEST_AT = time(8)

_INVITED = frozenset({"accountable", "lead", "contact", "mediator", "organizer", "left"})

# Who must act on it. To everybody else the same event is only told.
_ACTS: Mapping[MailEvent, frozenset[str]] = {
    MailEvent.CASE_OPENED: frozenset({"accountable", "lead"}),
    MailEvent.CASE_REMINDER: frozenset({"accountable", "lead"}),
    MailEvent.CASE_ASSIGNED: frozenset({"mediator"}),
    MailEvent.DECISION_REMINDER: frozenset({"mediator"}),
    MailEvent.CASE_WITHOUT_MEDIATOR: frozenset({"administrator"}),
    MailEvent.CASE_UNDECIDED: frozenset({"administrator"}),
    MailEvent.PROPOSAL_MADE: frozenset({"accountable", "lead"}),
    MailEvent.TERMS_PROPOSED: frozenset({"accountable", "lead"}),
    MailEvent.TERMS_COUNTERED: frozenset({"accountable", "lead"}),
    MailEvent.EXTENSION_ASKED: frozenset({"accountable", "lead"}),
    MailEvent.RULE_SUGGESTED: frozenset({"rule_judge"}),
    MailEvent.RULE_ANNOUNCED: frozenset({"accountable", "lead"}),
    MailEvent.CAMPAIGN_WITHOUT_LEAD: frozenset({"administrator"}),
    MailEvent.REVIEW_ASKED: frozenset({"reviewer"}),
    MailEvent.REVIEW_REMINDER: frozenset({"reviewer"}),
    MailEvent.REVIEW_OVERDUE: frozenset({"reviewer"}),
    MailEvent.CHANGES_ASKED: frozenset({"accountable", "lead"}),
    MailEvent.APPROVAL_FELL: frozenset({"reviewer"}),
    # Whoever is invited has it in their calendar or not: a line of a digest would come too late.
    MailEvent.MEETING_PROPOSED: _INVITED,
    MailEvent.MEETING_MOVED: _INVITED,
    MailEvent.MEETING_CANCELLED: _INVITED,
    MailEvent.REQUEST_HANDED_OVER: frozenset({"request_owner"}),
    MailEvent.REQUEST_REMINDER: frozenset({"request_owner"}),
    MailEvent.REQUEST_CONTRADICTED: frozenset({"request_lead"}),
    # Whoever goes on offering what was stopped promises what nobody keeps.
    MailEvent.BRIEFING_STOPPED: frozenset({"seller"}),
    MailEvent.BRIEFING_RESUMED: frozenset({"seller"}),
}

_KINDS: Mapping[MailEvent, NewsKind] = {
    MailEvent.CASE_OPENED: NewsKind.CASE,
    MailEvent.CASE_REMINDER: NewsKind.CASE,
    MailEvent.CASE_ESCALATED: NewsKind.CASE,
    MailEvent.CASE_ASSIGNED: NewsKind.CASE,
    MailEvent.DECISION_REMINDER: NewsKind.CASE,
    MailEvent.CASE_MEDIATOR_CHANGED: NewsKind.CASE,
    MailEvent.CASE_LEFT: NewsKind.CASE,
    MailEvent.CASE_DECIDED: NewsKind.DECISION,
    MailEvent.CASE_APPEALED: NewsKind.DECISION,
    MailEvent.CASE_ENFORCED: NewsKind.DECISION,
    MailEvent.CASE_OVERTAKEN: NewsKind.DECISION,
    MailEvent.CASE_VANISHED: NewsKind.CASE,
    MailEvent.CASE_AGREED: NewsKind.DECISION,
    MailEvent.TERMS_PROPOSED: NewsKind.CASE,
    MailEvent.TERMS_COUNTERED: NewsKind.CASE,
    MailEvent.TERMS_DECLINED: NewsKind.CASE,
    MailEvent.EXTENSION_ASKED: NewsKind.CASE,
    MailEvent.EXTENSION_GRANTED: NewsKind.CASE,
    MailEvent.EXTENSION_DECLINED: NewsKind.CASE,
    MailEvent.PROPOSAL_MADE: NewsKind.CASE,
    MailEvent.PROPOSAL_ACCEPTED: NewsKind.CASE,
    MailEvent.PROPOSAL_DECLINED: NewsKind.CASE,
    MailEvent.RULE_SUGGESTED: NewsKind.CASE,
    MailEvent.RULE_CHANGED: NewsKind.DECISION,
    MailEvent.RULE_ANNOUNCED: NewsKind.CASE,
    MailEvent.RULE_OBJECTED: NewsKind.CASE,
    MailEvent.RULE_LAPSED: NewsKind.CASE,
    MailEvent.CASE_WITHOUT_MEDIATOR: NewsKind.CASE,
    MailEvent.CASE_UNDECIDED: NewsKind.CASE,
    MailEvent.CAMPAIGN_WITHOUT_LEAD: NewsKind.REVIEW,
    MailEvent.REVIEW_ASKED: NewsKind.REVIEW,
    MailEvent.REVIEW_REMINDER: NewsKind.REVIEW,
    MailEvent.REVIEW_OVERDUE: NewsKind.REVIEW,
    MailEvent.CHANGES_ASKED: NewsKind.REVIEW,
    MailEvent.APPROVAL_FELL: NewsKind.REVIEW,
    MailEvent.COMMENT: NewsKind.COMMENT,
    MailEvent.MENTION: NewsKind.MENTION,
    MailEvent.STATEMENT_MADE: NewsKind.CASE,
    MailEvent.MEETING_PROPOSED: NewsKind.CASE,
    MailEvent.MEETING_MOVED: NewsKind.CASE,
    MailEvent.MEETING_CANCELLED: NewsKind.CASE,
    MailEvent.CAMPAIGN_MOVED: NewsKind.MOVE,
    MailEvent.CAMPAIGN_CANCELLED: NewsKind.MOVE,
    MailEvent.BRIEFING: NewsKind.BRIEFING,
    MailEvent.BRIEFING_STOPPED: NewsKind.BRIEFING,
    MailEvent.BRIEFING_RESUMED: NewsKind.BRIEFING,
    MailEvent.REQUEST_HANDED_OVER: NewsKind.REQUEST,
    MailEvent.REQUEST_WANDERS: NewsKind.REQUEST,
    MailEvent.REQUEST_REMINDER: NewsKind.REQUEST,
    MailEvent.REQUEST_OVERDUE: NewsKind.REQUEST,
    MailEvent.REQUEST_CONTRADICTED: NewsKind.REQUEST,
    MailEvent.REQUEST_SETTLED: NewsKind.REQUEST,
    MailEvent.DEVICE_TAKEN_AWAY: NewsKind.SECURITY,
    MailEvent.DIGEST: NewsKind.DIGEST,
}

# Who, of those that need not act, hears of it once a day as long as they choose nothing else.
_DIGESTED: Mapping[MailEvent, frozenset[str]] = {
    MailEvent.CASE_REMINDER: frozenset({"contact"}),
    MailEvent.COMMENT: frozenset({"watcher"}),
    MailEvent.CAMPAIGN_MOVED: frozenset({"watcher"}),
    MailEvent.BRIEFING: frozenset({"subscriber"}),
}

# Parts of people who only look on; what the others hear is about their own.
_ONLOOKERS = frozenset({"watcher", "subscriber", "administrator", "rule_judge"})


class Block(StrEnum):
    """The parts of a digest, in the order in which they are read."""

    WAITS = "waits"
    CHANGED = "changed"
    TOLD = "told"


def kind_of(event: str, part: str) -> NewsKind:
    """What kind of news the event is to somebody in this part (see Recipient; empty: not known, so taken for serious)."""
    acts = _ACTS.get(MailEvent(event), frozenset())
    return NewsKind.TASK if acts and (part in acts or not part) else _KINDS[MailEvent(event)]


def may_be_switched_off(event: str, part: str) -> bool:
    return kind_of(event, part) not in MANDATORY


def recommended(event: str, part: str) -> Delivery:
    """How it is told to who has chosen nothing."""
    return Delivery.DIGEST if part in _DIGESTED.get(MailEvent(event), frozenset()) else Delivery.AT_ONCE


def delivery(event: str, part: str, chosen: Mapping[str, str]) -> Delivery:
    """How this person hears of it. `chosen` is what they prefer for some kinds: {NewsKind: Delivery}."""
    kind = kind_of(event, part)
    if kind in MANDATORY:
        return Delivery.AT_ONCE
    wanted = Delivery(chosen.get(kind) or recommended(event, part))
    has_no_digest = chosen.get(NewsKind.DIGEST) == Delivery.NONE
    return Delivery.NONE if wanted == Delivery.DIGEST and has_no_digest else wanted


def choices_of(kind: NewsKind) -> tuple[Delivery, ...]:
    """What may be chosen for it: the digest itself is only taken or not, and what is mandatory is not chosen."""
    if kind in MANDATORY:
        return ()
    return (Delivery.NONE,) if kind == NewsKind.DIGEST else tuple(Delivery)


def block_of(event: str, part: str) -> Block:
    """Where a digest tells it."""
    if kind_of(event, part) == NewsKind.TASK:
        return Block.WAITS
    return Block.TOLD if part in _ONLOOKERS else Block.CHANGED


def may_wait(event: str, part: str) -> bool:
    """Whether a mail at once may become a line in the digest of its hour."""
    return event != MailEvent.DIGEST and may_be_switched_off(event, part)


def is_too_much(event: str, part: str, mails_this_hour: int) -> bool:
    """Whether one more mail has to wait for the digest of the hour, after so many to this person."""
    return may_wait(event, part) and mails_this_hour >= MOST_PER_HOUR


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def end_of_hour(now: datetime) -> datetime:
    return hour_of(now) + timedelta(hours=1)


def digest_day(now: datetime, zone: tzinfo) -> date:
    """The local date of the last moment at which digests were due."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= DIGEST_AT else local.date() - timedelta(days=1)


def next_digest(now: datetime, zone: tzinfo) -> datetime:
    """The first moment after `now` at which digests are due."""
    return datetime.combine(digest_day(now, zone) + timedelta(days=1), DIGEST_AT, tzinfo=zone)


def lines_shown(counts: Sequence[int], most: int = MOST_LINES) -> list[int]:
    """How many lines of each block fit: one for each in turn, so that a long block never crowds out another."""
    shown = [0] * len(counts)
    while sum(shown) < most and shown != list(counts):
        for place, count in enumerate(counts):
            if shown[place] < count and sum(shown) < most:
                shown[place] += 1
    return shown
