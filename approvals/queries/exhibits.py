"""The parts of the evidence in a case, as plain data. Everything a party may know, and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from approvals.models import Case, Proposal, Terms
from campaigns.queries.explanation import Explanation
from campaigns.rules.severity import Severity


@dataclass(frozen=True)
class OfferLine:
    """`audience` empty = every customer; `channels` empty = every channel; sizes are counts."""

    pk: int
    code: str
    name: str
    starts_on: date
    ends_before: date
    terms: str
    audience: str
    customers: int
    products: int
    channels: tuple[str, ...]
    held: bool
    live: bool
    withdrawn: bool

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class Side:
    pk: int
    code: str
    name: str
    department: str
    status: str
    status_label: str
    starts_on: date
    ends_before: date
    accountable: str
    contact: str
    offers: tuple[OfferLine, ...]

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class ThirdOffer:
    """An offer of neither side in a larger collision: its name and department are all that the parties read of it."""

    name: str
    department: str


@dataclass(frozen=True)
class OverlapFact:
    """One collision; `lefts` and `rights` are its offers of the first and of the second side, at least one each.

    `why` says which rule found it, in words; `severity` explains the score, that of the base fact as it is now: None
    where an offer has no products or customers left to compute it from.
    """

    pk: int
    lefts: tuple[OfferLine, ...]
    rights: tuple[OfferLine, ...]
    others: tuple[ThirdOffer, ...]
    starts_on: date
    ends_before: date
    days: int
    customers: int
    products: int
    score: int
    level: str
    state: str
    why: Explanation
    severity: Severity | None

    @property
    def left(self) -> OfferLine:
        return self.lefts[0]

    @property
    def right(self) -> OfferLine:
        return self.rights[0]

    @property
    def ends_on(self) -> date:
        return self.ends_before - timedelta(days=1)

    @property
    def has_rows(self) -> bool:
        """Whether pages list what its numbers count: while it stands, and of two offers."""
        return self.state in ("open", "settled") and len(self.lefts) + len(self.rights) + len(self.others) == 2


@dataclass(frozen=True)
class MeetingFacts:
    """All that was found between the same offers of both sides, the open and most severe first."""

    lefts: tuple[OfferLine, ...]
    rights: tuple[OfferLine, ...]
    found: tuple[OverlapFact, ...]


@dataclass(frozen=True)
class Totals:
    """Over the collisions that are open, else those allowed by decision; people and products counted once each."""

    collisions: int
    customers: int
    products: int
    days: int
    starts_on: date | None
    ends_before: date | None

    @property
    def ends_on(self) -> date | None:
        return self.ends_before and self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class RulingFacts:
    """`by`: the mediator, or everybody whose acceptance made it (`source` "agreed")."""

    source: str
    by: str
    at: datetime
    reason: str
    orders: tuple[str, ...]
    effect: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """`who` empty = the system; `what` is the proposal that it is about, in words; `changes` is {field: [before, after]}."""

    at: datetime
    who: str
    verb: str
    words: str
    what: str
    reason: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """`sides` alphabetically by department; `mediator_why` why they decide, in words; `passed_over` [(person, why)]; `because` why it closed, in words.

    `overlaps` are all collisions, the open and most severe first; `meetings` the same by the offers that meet in them.
    `proposals` and `terms` the newest first.
    """

    case: Case
    sides: tuple[Side, Side]
    overlaps: tuple[OverlapFact, ...]
    meetings: tuple[MeetingFacts, ...]
    totals: Totals
    mediator: str
    mediator_why: str
    passed_over: tuple[tuple[str, str], ...]
    because: str
    ruling: RulingFacts | None
    proposals: tuple[Proposal, ...]
    terms: tuple[Terms, ...]
    timeline: tuple[Step, ...]
    may_decide: bool
    may_open: bool
    may_escalate: bool
    may_appeal: bool
    may_step_aside: bool
    may_challenge: bool
    may_propose: bool
    may_negotiate: bool
